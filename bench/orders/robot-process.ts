import { seededRandom } from '../../runtime/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { count } from './load.ts';
import { somewhere } from './places.ts';
import { CourierRobot, RestaurantRobot, type RobotEvents } from './robots.ts';

/** The process of all restaurants and couriers. */
export type RobotQuestion =
  | {
      readonly kind: 'begin';
      readonly url: string;
      /** A token for each. */
      readonly restaurants: readonly string[];
      readonly couriers: readonly string[];
    }
  | { readonly kind: 'report' };

/** Since the last report. */
export interface RobotReport {
  /** Reference and wall clock, ms, of each delivery. */
  readonly delivered: readonly (readonly [reference: string, atMs: number])[];
  /** Refused commands, by code. */
  readonly refused: Readonly<Record<string, number>>;
}

const SEED = 2;
/** Sockets that connect at once. */
const ARRIVING_MAX = 32;

let delivered: [string, number][] = [];
let refused: Record<string, number> = {};

const events: RobotEvents = {
  delivered: (reference, atMs) => void delivered.push([reference, atMs]),
  refused: (code) => count(refused, code),
};

answerQuestions(async (question: RobotQuestion) => {
  if (question.kind === 'begin') return await begin(question);
  const report: RobotReport = { delivered, refused };
  delivered = [];
  refused = {};
  return report;
});

async function begin({
  url,
  restaurants,
  couriers,
}: Extract<RobotQuestion, { kind: 'begin' }>): Promise<null> {
  const random = seededRandom(SEED);
  const arrivals = [
    ...restaurants.map((token) => () => new RestaurantRobot({ url, token, events }).arrived()),
    ...couriers.map((token) => {
      const place = somewhere(random);
      return () => new CourierRobot({ url, token, events, place }).startShift();
    }),
  ].values();
  const lane = async (): Promise<void> => {
    for (const arrive of arrivals) await arrive();
  };
  await Promise.all(Array.from({ length: ARRIVING_MAX }, lane));
  return null;
}
