import { runInstance } from './run-instance.ts';

// Piscina calls a module's default export with what was given to `run`.
export default runInstance;
