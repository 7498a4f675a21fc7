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
  expect(scriptMsOfFrames(events)).toEqual([4, 1.5]);
});

test('a trace without frames has none', () => {
  expect(scriptMsOfFrames([main(1), at('FunctionCall', 1, 2)])).toEqual([]);
  expect(scriptMsOfFrames([])).toEqual([]);
});
