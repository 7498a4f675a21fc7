import {
  CRASH_POINTS,
  randomInteger,
  randomPick,
  seededRandom,
  type CrashPoint,
  type Random,
} from '../../runtime/index.ts';

/** What is done to the engine and its database. Times in wall milliseconds. */
export type EngineFault =
  | { readonly kind: 'crash_point'; readonly point: CrashPoint; readonly pass: number }
  | { readonly kind: 'kill_engine'; readonly ms: number }
  | { readonly kind: 'pause_engine'; readonly ms: number }
  | { readonly kind: 'stop_postgres'; readonly ms: number };

/** What `POST /_faults` of the provider counts down; see payment-provider/faults.ts. */
export type Lie = 'failRequests' | 'loseAnswers' | 'answerTwice' | 'failAfterEffect';

/** What is done to the payment provider. */
export type ProviderFault =
  | { readonly kind: 'kill_provider'; readonly ms: number }
  | { readonly kind: 'pause_provider'; readonly ms: number }
  | { readonly kind: 'provider_lies'; readonly lie: Lie; readonly requests: number }
  | { readonly kind: 'provider_slow'; readonly delayMs: number; readonly ms: number };

export type Fault = EngineFault | ProviderFault;

/** By what name a fault is counted. */
export function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'crash_point':
      return `crash_at:${fault.point}`;
    case 'provider_lies':
      return `provider:${fault.lie}`;
    case 'kill_engine':
    case 'pause_engine':
    case 'stop_postgres':
    case 'kill_provider':
    case 'pause_provider':
    case 'provider_slow':
      return fault.kind;
  }
}

/**
 * Two rows of faults that run beside each other, so that a dying engine also meets a lying provider.
 * `first` are all injected, however long that takes; `rest` until the time is over.
 */
export interface FaultPlan {
  readonly engine: { readonly first: readonly EngineFault[]; readonly rest: Iterable<EngineFault> };
  readonly provider: {
    readonly first: readonly ProviderFault[];
    readonly rest: Iterable<ProviderFault>;
  };
}

/** The passes of most points come by the dozen a second; deadlines pass more seldom. */
const PASS_MAX = 25;
const TIMER_PASS_MAX = 2;

/** Every crash point and a stop of PostgreSQL once, then chance; the same seed gives the same rows. */
export function planFaults(seed: number): FaultPlan {
  const random = seededRandom(seed);
  const crashes = CRASH_POINTS.map((point) => crashAt(point, random));
  const first: readonly EngineFault[] = [...crashes, { kind: 'stop_postgres', ms: 500 }];
  return {
    engine: { first, rest: engineFaults(random) },
    provider: { first: [], rest: providerFaults(seededRandom(seed + 1)) },
  };
}

function crashAt(point: CrashPoint, random: Random): EngineFault {
  const most = point === 'timer-found' ? TIMER_PASS_MAX : PASS_MAX;
  return { kind: 'crash_point', point, pass: randomInteger(random, 1, most) };
}

function* engineFaults(random: Random): Generator<EngineFault> {
  for (;;) {
    const kind = randomPick(random, [
      'crash_point',
      'kill_engine',
      'kill_engine',
      'pause_engine',
      'stop_postgres',
    ] as const);
    if (kind === 'crash_point') yield crashAt(randomPick(random, CRASH_POINTS), random);
    else if (kind === 'pause_engine') yield { kind, ms: randomInteger(random, 1_000, 5_000) };
    else yield { kind, ms: randomInteger(random, 0, 1_500) };
  }
}

const LIES = ['failRequests', 'loseAnswers', 'answerTwice', 'failAfterEffect'] as const;

function* providerFaults(random: Random): Generator<ProviderFault> {
  for (;;) {
    const kind = randomPick(random, [
      'kill_provider',
      'pause_provider',
      'provider_lies',
      'provider_lies',
      'provider_slow',
    ] as const);
    if (kind === 'provider_lies') {
      yield { kind, lie: randomPick(random, LIES), requests: randomInteger(random, 1, 50) };
    } else if (kind === 'provider_slow') {
      const delayMs = randomInteger(random, 100, 6_000);
      yield { kind, delayMs, ms: randomInteger(random, 500, 3_000) };
    } else {
      yield { kind, ms: randomInteger(random, 500, 3_000) };
    }
  }
}
