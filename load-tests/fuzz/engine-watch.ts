import { readFile } from 'node:fs/promises';
import { isProcessAlive, systemClock } from '../../runtime/index.ts';
import type { EngineProcess } from '../engine-process/index.ts';

const MEGABYTE = 1_000_000;
const COMPLAINTS_MAX = 10;

interface Sample {
  readonly atMs: number;
  readonly megabytes: number;
}

/** Whether the engine lives, how much memory it has, and what it complains of. */
export class EngineWatch {
  readonly #engine: EngineProcess;
  readonly #logFile: string;
  readonly #pid: number;
  readonly #samples: Sample[] = [];
  #logBegin = 0;

  constructor(engine: EngineProcess, logFile: string) {
    this.#engine = engine;
    this.#logFile = logFile;
    this.#pid = engine.facts.pid;
  }

  /** What was logged before is not looked at. */
  async begin(): Promise<void> {
    this.#logBegin = (await readFile(this.#logFile)).length;
  }

  get isAlive(): boolean {
    return isProcessAlive(this.#pid);
  }

  /** @returns its memory now, MB */
  async sample(): Promise<number> {
    const page = await (await fetch(new URL('/metrics', this.#engine.facts.opsUrl))).text();
    const bytes = /^process_resident_memory_bytes (\S+)/m.exec(page)?.[1];
    const megabytes = Math.round(Number(bytes) / MEGABYTE);
    this.#samples.push({ atMs: systemClock.monotonicMs(), megabytes });
    return megabytes;
  }

  /** The median between these two times, monotonic; MB. */
  memoryBetween(fromMs: number, toMs: number): number {
    const sizes = this.#samples
      .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
      .map(({ megabytes }) => megabytes)
      .sort((a, b) => a - b);
    return sizes[Math.floor(sizes.length / 2)] ?? 0;
  }

  get memoryMax(): number {
    return Math.max(0, ...this.#samples.map(({ megabytes }) => megabytes));
  }

  /** Lines of the log that say that something went wrong which was not thought of. */
  async complaints(): Promise<readonly string[]> {
    const log = (await readFile(this.#logFile)).subarray(this.#logBegin).toString();
    const lines = log.split('\n').filter((line) => line !== '' && isComplaint(line));
    return lines.slice(0, COMPLAINTS_MAX);
  }
}

/** What is no entry of the log was written by Node itself. */
function isComplaint(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: string };
    return level !== 'info' && level !== 'warn' && level !== 'debug' && level !== 'trace';
  } catch {
    return true;
  }
}
