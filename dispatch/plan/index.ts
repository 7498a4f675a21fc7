/**
 * The planner: a pure function from what is known of a city to who is asked to carry what. Knows
 * nothing of databases, sockets or time zones. Runs in matcher threads and in the benchmark.
 */
export { travelMinutes } from './optimal/stops.ts';
export { plan, type Strategy } from './plan.ts';
export { NOBODY, type Plan, type PlanSnapshot } from './snapshot.ts';
