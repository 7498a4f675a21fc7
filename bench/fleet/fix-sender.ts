import { encodeFixes, FIX_BYTES, type Fix, type Place } from '../../protocol/index.ts';
import { frameOf, type RawWebSocket } from './raw-web-socket.ts';

/** As a courier's app sends fixes: the engine's binary frames, or JSON as most apps do. */
export type FixEncoding = 'binary' | 'json';

const TEXT = 0x1;
const BINARY = 0x2;
const SPEED_MPS = 5;
const METERS_PER_DEGREE = 111_195;
/** Fixes in one direction; then the courier turns round. */
const LEG_FIXES = 400;

/** A courier who drives up and down its street, and says so. */
export class FixSender {
  readonly #socket: RawWebSocket;
  readonly #fix: Fix;
  readonly #home: Place;
  #sequence = 0;
  /** The binary frame for as many fixes as were sent last; changed in place. */
  #frame: Buffer<ArrayBuffer> | null = null;
  #fixes = 0;

  constructor(socket: RawWebSocket, home: Place) {
    this.#socket = socket;
    this.#home = home;
    const still = { speedMps: SPEED_MPS, headingDegrees: 0, accuracyMeters: 5 };
    this.#fix = { ...home, ...still, sequence: 0, atMs: 0 };
  }

  /**
   * One frame whose newest fix is of now.
   * @param intervalMs between two fixes
   */
  send(encoding: FixEncoding, fixes: number, at: { nowMs: number; intervalMs: number }): void {
    this.#socket.send(encoding === 'json' ? this.#json(at) : this.#binary(fixes, at));
  }

  #json(at: { nowMs: number; intervalMs: number }): Uint8Array {
    this.#drive(at.nowMs, at.intervalMs);
    return frameOf(TEXT, Buffer.from(JSON.stringify({ type: 'fix', fix: this.#fix })));
  }

  #binary(fixes: number, { nowMs, intervalMs }: { nowMs: number; intervalMs: number }): Uint8Array {
    if (this.#frame === null || this.#fixes !== fixes) {
      this.#fixes = fixes;
      this.#frame = frameOf(BINARY, encodeFixes(Array.from({ length: fixes }, () => this.#fix)));
    }
    const frame = this.#frame;
    const begin = frame.length - fixes * FIX_BYTES;
    for (let i = 0; i < fixes; i++) {
      const atMs = Math.floor(nowMs - (fixes - 1 - i) * intervalMs);
      this.#drive(atMs, intervalMs);
      const fixAt = begin + i * FIX_BYTES;
      frame.writeInt32LE(Math.round(this.#fix.lat * 1e7), fixAt);
      frame.writeUInt32LE(this.#sequence, fixAt + 8);
      frame.writeUInt32LE(atMs % 2 ** 32, fixAt + 12);
      frame.writeUInt16LE(Math.floor(atMs / 2 ** 32), fixAt + 16);
    }
    return frame;
  }

  #drive(atMs: number, intervalMs: number): void {
    const leg = this.#sequence % (2 * LEG_FIXES);
    const steps = leg < LEG_FIXES ? leg : 2 * LEG_FIXES - leg;
    const meters = (steps * SPEED_MPS * intervalMs) / 1000;
    this.#sequence += 1;
    this.#fix.lat = this.#home.lat + meters / METERS_PER_DEGREE;
    this.#fix.sequence = this.#sequence;
    this.#fix.atMs = atMs;
  }
}
