import { expect, test } from 'vitest';
import { scriptMsOfFrames, type TraceEvent } from './frames.ts';

const at = (name: string, ts: number, dur?: number, tid = 1): TraceEvent => ({
  name,
  ph: dur === undefined ? 'I' : 'X',
  ts,
  pid: 1,
  tid,
  ...(dur === undefined ? {} : { dur }),
});
const main = (tid: number): TraceEvent => ({
  ...at('thread_name', 0, undefined, tid),
  args: { name: 'CrRendererMain' },
});

test('script counts once, in the frame in which it ran', () => {
  const events = [
    main(1),
    main(2),
    at('BeginMainThreadFrame', 10_000),
    at('FireAnimationFrame', 11_000, 3_000),
    at('FunctionCall', 11_500, 1_000),
    at('TimerFire', 19_000, 2_000),
    at('Paint', 15_000, 3_000),
    at('FunctionCall', 12_000, 9_000, 3),
    at('BeginMainThreadFrame', 20_000),
    at('EventDispatch', 25_000, 500),
    at('BeginMainThreadFrame', 30_000),
    at('FunctionCall', 31_000, 9_000),
  ];
  // With half of the processor.
  const shared = events.map((event) => ({
    ...event,
    tts: event.ts / 2,
    tdur: (event.dur ?? 0) / 2,
  }));
  expect(scriptMsOfFrames(events, 'wall')).toEqual([4, 1.5]);
  expect(scriptMsOfFrames(shared, 'wall')).toEqual([4, 1.5]);
  expect(scriptMsOfFrames(shared, 'thread')).toEqual([2, 0.75]);
});

test('a trace without frames has none', () => {
  expect(scriptMsOfFrames([main(1), at('FunctionCall', 1, 2)], 'wall')).toEqual([]);
  expect(scriptMsOfFrames([], 'thread')).toEqual([]);
});
