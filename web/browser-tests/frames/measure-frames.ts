import type { Browser, CDPSession } from 'playwright-core';
import { courierSockets, Fleet } from '../../../bench/fleet/fleet.ts';
import { goOn, percentile } from '../../../bench/harness/index.ts';
import { BenchCity } from '../../../bench/orders/bench-city.ts';
import { required, sleep } from '../../../runtime/index.ts';
import { buildPages } from '../../build/build-pages.ts';
import { launchBrowser, Visitor } from '../browser.test-kit.ts';
import { scriptMsOfFrames, type TraceEvent } from './frames.ts';

/** Of the whole, at its beginning, after everybody has come; a trace of more fills the memory. */
const TRACE_SECONDS_MAX = 20;
const HEAP_READINGS = 6;
const MEGABYTE = 1024 * 1024;
const SCREEN = { viewport: { width: 1600, height: 950 }, reducedMotion: 'no-preference' } as const;
const CATEGORIES = [
  '-*',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'devtools.timeline.frame',
  'disabled-by-default-devtools.timeline.frame',
  'v8',
  'toplevel',
];

export interface FramesOptions {
  readonly couriers: number;
  /** Fixes a second, of all of them together. */
  readonly rate: number;
  readonly seconds: number;
  /** A folder for this run alone. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface FrameFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface FramesReport {
  readonly frames: number;
  readonly traceSeconds: number;
  /** By the thread's own clock, and by the one on the wall. */
  readonly scriptMs: Readonly<Record<'thread' | 'wall', FrameFigures>>;
  /** After a collection, one after the other over the whole time. */
  readonly heapMegabytes: readonly number[];
  readonly fixesPerSecond: number;
}

/**
 * What the operators' console costs its browser when a whole city moves: a real engine, couriers at real
 * sockets, and the browser's own trace.
 * @throws Error when the page complains of something; Interrupted when `signal` ended it
 */
export async function measureFrames(options: FramesOptions): Promise<FramesReport> {
  const { couriers, rate, seconds, directory, signal, say } = options;
  await buildPages(say);
  const city = await BenchCity.start({ couriers, directory, profile: undefined });
  let browser: Browser | null = null;
  let fleet: Fleet | null = null;
  try {
    await city.everybodyWorks();
    const { url } = city.engine.facts;
    const sockets = await courierSockets(couriers, (id) => city.token('courier', id));
    const where = { url, couriers: sockets, watchers: [] };
    fleet = await Fleet.connect(where, { pinning: null, signal });
    say(`${couriers} couriers are there`);
    browser = await launchBrowser();
    const console = await Console.open(browser, city, url);
    const load = { encoding: 'binary', rate, fixesPerFrame: 1 } as const;
    // Everybody is heard of once before anything is measured.
    await fleet.stream({ ...load, seconds: Math.max(2, Math.ceil((couriers * 1.2) / rate)) });
    await console.shows(couriers);
    goOn(signal);
    say(`all are on the map; ${seconds} s of ${rate} fixes a second ...`);
    const [moves, measured] = await Promise.all([
      fleet.stream({ ...load, seconds }),
      console.measure(browser, seconds, signal),
    ]);
    return reportOf(measured, moves.fixes / moves.seconds);
  } finally {
    await browser?.close();
    await fleet?.stop();
    await city.stop();
  }
}

interface Measured {
  readonly frameMs: Readonly<Record<'thread' | 'wall', readonly number[]>>;
  readonly traceSeconds: number;
  readonly heapBytes: readonly number[];
  readonly complaints: readonly string[];
}

/** The console in a browser, with everybody in view. */
class Console {
  readonly #visitor: Visitor;
  readonly #session: CDPSession;

  private constructor(visitor: Visitor, session: CDPSession) {
    this.#visitor = visitor;
    this.#session = session;
  }

  static async open(browser: Browser, city: BenchCity, url: string): Promise<Console> {
    const visitor = await Visitor.come(browser, url, SCREEN);
    await visitor.isSignedIn(city, 'operator', 'olga');
    await visitor.goTo('/city');
    await visitor.drawn();
    return new Console(visitor, await visitor.context.newCDPSession(visitor.page));
  }

  /** Waits until so many couriers are counted on the map. */
  async shows(couriers: number): Promise<void> {
    const hasText = new RegExp(`^${couriers.toLocaleString('en-GB')}$`);
    await this.#visitor.page.locator('.city-strip dd', { hasText }).first().waitFor();
  }

  async measure(browser: Browser, seconds: number, signal: AbortSignal): Promise<Measured> {
    const traceSeconds = Math.min(TRACE_SECONDS_MAX, seconds / 2);
    await browser.startTracing(this.#visitor.page, { categories: CATEGORIES });
    await sleep(traceSeconds * 1000, signal);
    const trace = await browser.stopTracing();
    const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
    const heapBytes: number[] = [];
    const restMs = (seconds - traceSeconds) * 1000;
    for (let reading = 0; reading < HEAP_READINGS && !signal.aborted; reading++) {
      if (reading > 0) await sleep(restMs / (HEAP_READINGS - 1), signal);
      heapBytes.push(await this.#heap());
    }
    goOn(signal);
    const complaints = await this.#visitor.leave();
    const frameMs = {
      thread: scriptMsOfFrames(traceEvents, 'thread'),
      wall: scriptMsOfFrames(traceEvents, 'wall'),
    };
    return { frameMs, traceSeconds, heapBytes, complaints };
  }

  /** What is left after everything was thrown away that nobody holds. */
  async #heap(): Promise<number> {
    await this.#session.send('HeapProfiler.collectGarbage');
    return (await this.#session.send('Runtime.getHeapUsage')).usedSize;
  }
}

function reportOf(measured: Measured, fixesPerSecond: number): FramesReport {
  const { frameMs, traceSeconds, heapBytes, complaints } = measured;
  if (complaints.length > 0) throw new Error(`the page complains: ${complaints.join('\n')}`);
  return {
    frames: frameMs.thread.length,
    traceSeconds,
    scriptMs: { thread: figuresOf(frameMs.thread), wall: figuresOf(frameMs.wall) },
    heapMegabytes: heapBytes.map((bytes) => bytes / MEGABYTE),
    fixesPerSecond,
  };
}

function figuresOf(frameMs: readonly number[]): FrameFigures {
  const at = (part: number): number => required(percentile(frameMs, part), 'a frame');
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
