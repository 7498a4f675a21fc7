import type { PlanTask } from '../matcher.ts';
import { plan } from './plan.ts';

// Piscina calls a module's default export with what was given to `run`.
export default ({ snapshot, strategy }: PlanTask): ReturnType<typeof plan> =>
  plan(snapshot, strategy);
