import type { OrderView } from '../../protocol/index.ts';
import type { Report } from '../actors/messages.ts';
import { calibrationOf, type ToldTimes } from './calibration.ts';
import { measureOrders } from './measure.ts';
import type { ReplayOptions } from './options.ts';
import type { ReplayResult } from './report.ts';
import { distributionOf } from './statistics.ts';

/** Counts what the actors report. */
export class Tally {
  readonly #expected: number;
  readonly #targetMinutes: number;
  readonly #orderIds = new Map<string, string>();
  readonly #ended = new Set<string>();
  readonly #refused: Record<string, number> = {};
  readonly #latenciesMs: number[] = [];
  /** By order, oldest first. */
  readonly #told = new Map<string, ToldTimes[]>();
  #refusals = 0;
  #fixes = 0;

  /** @param targetMinutes click-to-door that the day wants to keep */
  constructor(expected: number, targetMinutes: number) {
    this.#expected = expected;
    this.#targetMinutes = targetMinutes;
  }

  get orderIds(): readonly string[] {
    return [...this.#orderIds.values()];
  }

  get ended(): number {
    return this.#ended.size + this.#refusals;
  }

  get isComplete(): boolean {
    return this.ended >= this.#expected;
  }

  take(report: Report): void {
    switch (report.kind) {
      case 'placed':
        this.#orderIds.set(report.reference, report.orderId);
        break;
      case 'refused':
        this.#refused[report.code] = (this.#refused[report.code] ?? 0) + 1;
        this.#refusals += 1;
        break;
      case 'ended':
        this.#ended.add(report.reference);
        break;
      case 'fixes':
        this.#fixes += report.sent;
        break;
      case 'positions':
        this.#latenciesMs.push(...report.latenciesMs);
        break;
      case 'estimated':
        this.#told.set(report.orderId, [...(this.#told.get(report.orderId) ?? []), report]);
        break;
      case 'heard':
        break;
    }
  }

  note(): string {
    const waiting = this.#orderIds.size - this.#ended.size;
    return `${this.#orderIds.size} placed, ${waiting} under way, ${this.#fixes} fixes`;
  }

  /** @param orders as the engine has them at the end */
  result(
    orders: readonly OrderView[],
    options: ReplayOptions,
  ): Omit<ReplayResult, 'engine_kills' | 'invariants' | 'wall_seconds'> {
    const figures = measureOrders(orders, options.speed);
    const cancelled: Record<string, number> = {};
    for (const { cancelReason } of orders) {
      if (cancelReason !== null) cancelled[cancelReason] = (cancelled[cancelReason] ?? 0) + 1;
    }
    const inTime = figures.clickToDoorMinutes.filter(
      (minutes) => minutes <= this.#targetMinutes,
    ).length;
    const done = ['DELIVERED', 'COMPLETED'];
    const unfinished = orders.filter((o) => ![...done, 'CANCELLED'].includes(o.state));
    return {
      day: options.day,
      speed: options.speed,
      seed: options.seed,
      placed: orders.length,
      delivered: orders.filter((order) => done.includes(order.state)).length,
      cancelled,
      refused: this.#refused,
      unfinished: unfinished.map((order) => order.reference ?? order.orderId),
      strategy: options.strategy,
      late_pct: orders.length === 0 ? 0 : 100 * (1 - inTime / orders.length),
      click_to_door_minutes: distributionOf(figures.clickToDoorMinutes),
      ready_to_pickup_minutes: distributionOf(figures.readyToPickupMinutes),
      assignment_minutes: distributionOf(figures.assignmentMinutes),
      eta_error_minutes: calibrationOf(orders, this.#told, options.speed),
      position_latency_ms: distributionOf(this.#latenciesMs),
      fixes_sent: this.#fixes,
    };
  }
}
