import { join } from 'node:path';
import { seededRandom, sleep, systemClock } from '../../runtime/index.ts';
import { distributionOf } from '../replay/statistics.ts';
import { audit } from './audit.ts';
import { ChaosCity } from './city.ts';
import { Customers } from './customers.ts';
import { planFaults, type FaultPlan } from './faults.ts';
import { Injector } from './inject.ts';
import { Progress } from '../progress.ts';
import { countsOf, examplesOf, type ChaosResult } from './report.ts';
import { Robots } from './robots.ts';
import { isDelivered, settle, waitsForPerson, type Outcome } from './settle.ts';
import { Stage } from './stage.ts';

const TICK_MS = 500;

export interface ChaosCall {
  readonly seconds: number;
  readonly seed: number;
  readonly ordersPerSecond: number;
  /** An existing empty folder, for everything. */
  readonly dir: string;
  /** Instead of the plan that the seed gives. */
  readonly plan?: FaultPlan;
}

/**
 * Breaks what it can for so long, then looks whether anything was broken that must not be.
 * @returns null when `signal` ended it early
 */
export async function runChaos(call: ChaosCall, signal: AbortSignal): Promise<ChaosResult | null> {
  const startedAtMs = systemClock.monotonicMs();
  const stage = await Stage.start(call.dir);
  const robots = new Robots();
  const ended = new AbortController();
  try {
    const { seed, ordersPerSecond } = call;
    const where = { url: stage.url, jwtSecret: await stage.jwtSecret() };
    const city = new ChaosCity(where, { seed, ordersPerSecond });
    await city.provision();
    await robots.start(city);
    const customers = new Customers(city, AbortSignal.any([signal, ended.signal]));
    const injector = new Injector(stage, join(call.dir, 'faults.jsonl'));
    await storm(call, { stage, customers, injector, signal });
    if (signal.aborted) return null;
    const api = await city.api('operator', 'auditor');
    const outcome = await settle(customers.acknowledged, { stage, api, signal });
    await customers.askAgain();
    if (signal.aborted) return null;
    const { providerUrl } = stage;
    const findings = await audit(outcome, { customers, robots, api, providerUrl });
    const { failures, breakages: _shown, ...figures } = robots.figures;
    return {
      ...resultOf({ call, outcome, customers, injector, stage }),
      robots: figures,
      robot_failures: failures,
      invariants: countsOf(findings),
      examples: examplesOf(findings),
      wall_seconds: (systemClock.monotonicMs() - startedAtMs) / 1000,
    };
  } finally {
    ended.abort();
    robots.stop();
    await stage.stop();
  }
}

interface Acting {
  readonly stage: Stage;
  readonly customers: Customers;
  readonly injector: Injector;
}

/** Load and faults together; returns when both have ended and every customer has an answer. */
async function storm(
  call: ChaosCall,
  { stage, customers, injector, signal }: Acting & { readonly signal: AbortSignal },
): Promise<void> {
  const progress = new Progress(call.seconds, 'seconds');
  const startedAtMs = systemClock.monotonicMs();
  const elapsed = (): number => (systemClock.monotonicMs() - startedAtMs) / 1000;
  const timer = setInterval(() => progress.update(elapsed(), noteOf(customers, injector)), TICK_MS);
  const timeIsOver = new AbortController();
  const faultsAreOver = new AbortController();
  const time = sleep(call.seconds * 1000, signal).then(() => timeIsOver.abort());
  const breakThings = async (): Promise<void> => {
    const plan = call.plan ?? planFaults(call.seed);
    const signals = { over: timeIsOver.signal, broken: signal };
    await injector.run(plan, seededRandom(call.seed + 3), signals);
    await stage.ensureEngine();
    await time;
  };
  // Orders come for as long as faults do.
  const faults = breakThings().finally(() => faultsAreOver.abort());
  try {
    await Promise.all([customers.order(call.ordersPerSecond, faultsAreOver.signal), faults]);
  } finally {
    clearInterval(timer);
    progress.stop();
  }
}

function noteOf(customers: Customers, injector: Injector): string {
  const { acknowledged, waiting, retries } = customers;
  return `${acknowledged.length} orders, ${waiting} wait, ${retries} retries, ${injector.total} faults`;
}

function resultOf({
  call,
  outcome,
  customers,
  injector,
  stage,
}: Acting & {
  readonly call: ChaosCall;
  readonly outcome: Outcome;
}): Omit<ChaosResult, 'robots' | 'robot_failures' | 'invariants' | 'examples' | 'wall_seconds'> {
  const views = [...outcome.views.values()];
  const cancelled: Record<string, number> = {};
  for (const { cancelReason } of views) {
    if (cancelReason !== null) cancelled[cancelReason] = (cancelled[cancelReason] ?? 0) + 1;
  }
  const latency = distributionOf(customers.acknowledged.map(({ latencyMs }) => latencyMs));
  return {
    seed: call.seed,
    seconds: call.seconds,
    orders_per_second: call.ordersPerSecond,
    injected: injector.injected,
    acknowledged: customers.acknowledged.length,
    delivered: views.filter(isDelivered).length,
    cancelled,
    waiting_for_a_person: views.filter(waitsForPerson).length,
    held_back: customers.heldBack,
    acknowledgement_ms: { p50: latency.p50, p99: latency.p99 },
    retries: customers.repeated,
    engine_down_seconds: stage.downMs / 1000,
    postgres_back_by_itself: injector.postgresBack,
    complaints: stage.complaints,
  };
}
