/**
 * What every bench stands on: turns A B A B, medians with their spread, helper processes, CPU time,
 * cores of one's own, the machine's facts, and the report as a table and as JSON.
 * May import runtime/.
 */
export {
  goOn,
  type Bench,
  type BenchContext,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from './bench.ts';
export { childrenOf, cpuSecondsOf, cpuSecondsOfTree } from './cpu-time.ts';
export { answerQuestions, Helper } from './helper.ts';
export { allInTurn, inTurn } from './in-turn.ts';
export { readMachine } from './machine.ts';
export { benchOptions, callOf, helpText, type Call } from './options.ts';
export { choosePinning, pin, type Pinning } from './pinning.ts';
export { postmasterOf } from './postmaster.ts';
export { render, toJson } from './report.ts';
export { figureOf, percentile, type Figure } from './statistics.ts';
