import { styleText } from 'node:util';
import type { Report } from '../actors/messages.ts';

/** What people want to hear of an order; everything else is on the status line, or nowhere. */
const TOLD: Readonly<Record<string, string>> = {
  'order.paid': 'paid',
  'order.confirmed': 'the restaurant cooks',
  'order.assigned': 'a courier comes for it',
  'order.picked_up': 'on its way',
  'order.delivered': 'at the door',
  'order.cancelled': 'cancelled',
};
/** Positions that the latency is taken over. */
const LATENCIES_MAX = 1_000;

/** The demo's terminal: what happens, line by line, and how the city is doing, on the last. */
export class Screen {
  readonly #isTerminal = process.stdout.isTTY;
  #latenciesMs: number[] = [];
  #placed = 0;
  #delivered = 0;
  #cancelled = 0;
  #fixes = 0;
  #fixesBefore = 0;
  #fixesPerSecond = 0;
  /** What stands on the last line of a terminal. */
  #status = '';

  get delivered(): number {
    return this.#delivered;
  }

  say(text: string): void {
    if (this.#isTerminal) process.stdout.write(`\r\x1b[K${text}\n${this.#status}`);
    else process.stdout.write(`${text}\n`);
  }

  take(report: Report): void {
    switch (report.kind) {
      case 'placed':
        this.#placed += 1;
        break;
      case 'refused':
        this.say(styleText('red', `  ${report.reference}: refused, ${report.code}`));
        break;
      case 'heard':
        this.#tell(report);
        break;
      case 'ended':
        if (report.state === 'CANCELLED') this.#cancelled += 1;
        else this.#delivered += 1;
        break;
      case 'fixes':
        this.#fixes += report.sent;
        break;
      case 'positions':
        this.#latenciesMs = [...this.#latenciesMs, ...report.latenciesMs].slice(-LATENCIES_MAX);
        break;
      case 'estimated':
        break;
    }
  }

  /** @param seconds since the last call */
  showStatus(seconds: number): void {
    this.#fixesPerSecond = Math.round((this.#fixes - this.#fixesBefore) / seconds);
    this.#fixesBefore = this.#fixes;
    const underWay = this.#placed - this.#delivered - this.#cancelled;
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const p99 = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)];
    const parts = [
      `${this.#placed} placed`,
      `${underWay} under way`,
      styleText('green', `${this.#delivered} delivered`),
      `${this.#cancelled} cancelled`,
      `${this.#fixesPerSecond} fixes/s`,
      ...(p99 === undefined ? [] : [`on the map after ${p99} ms (p99)`]),
    ];
    if (!this.#isTerminal) return this.say(parts.join('  '));
    this.#status = parts.join('  ');
    process.stdout.write(`\r\x1b[K${this.#status}`);
  }

  /** The status line goes: from now on only what is said counts. */
  endStatus(): void {
    if (this.#isTerminal) process.stdout.write('\r\x1b[K');
    this.#status = '';
  }

  #tell(report: Extract<Report, { kind: 'heard' }>): void {
    const text = TOLD[report.event];
    if (text === undefined) return;
    const courier = report.courierId === null ? '' : `  ${report.courierId}`;
    const line = `  ${report.reference.padEnd(10)} ${report.restaurantName.padEnd(15)} ${text}${courier}`;
    this.say(report.event === 'order.delivered' ? styleText('green', line) : line);
  }
}
