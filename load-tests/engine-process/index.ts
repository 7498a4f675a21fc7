/** A real engine in a process of its own: started, killed, started again, asked for its promises. */
export { EngineProcess, freePort, type EngineProcessOptions } from './engine-process.ts';
export { withOwnEngine } from './own-engine.ts';
export { checkInvariants } from './invariants.ts';
