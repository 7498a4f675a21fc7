import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import type { FigureMinute } from '../../protocol/index.ts';
import { isDark } from '../design/theme.ts';
import { clockTime } from '../i18n/format.ts';
import { formatNumber, t } from '../i18n/locale.ts';
import type { MessageKey } from '../i18n/en.ts';
import { readPalette, type Palette } from '../map/palette.ts';
import type { CityDesk } from './city-desk.ts';

interface Line {
  readonly color: keyof Palette;
  readonly of: (minute: FigureMinute) => number | null;
}

interface Chart {
  readonly name: MessageKey;
  readonly lines: readonly Line[];
}

const CHARTS: readonly Chart[] = [
  {
    name: 'city.chart.orders',
    lines: [
      { color: 'accent', of: ({ placed }) => placed },
      { color: 'info', of: ({ delivered }) => delivered },
    ],
  },
  {
    name: 'city.chart.door',
    lines: [{ color: 'accent', of: ({ clickToDoorSeconds: { mean } }) => minutesOf(mean) }],
  },
  {
    name: 'city.chart.assignment',
    lines: [{ color: 'accent', of: ({ assignmentSeconds: { mean } }) => mean }],
  },
  {
    name: 'city.chart.lag',
    lines: [
      { color: 'warn', of: ({ eventLagMs: { max } }) => max },
      { color: 'accent', of: ({ eventLagMs: { mean } }) => mean },
    ],
  },
  { name: 'city.chart.sockets', lines: [{ color: 'accent', of: ({ sockets }) => sockets }] },
];
const HEIGHT = 88;
/** An engine that has just begun has little to show, at the end of this time. */
const SECONDS_MIN = 30 * 60;
const MINUTES_OF_A_LINE = 5;

/** How the last two hours went, minute by minute. */
export function Charts({ desk }: { desk: CityDesk }): JSX.Element {
  const minutes = desk.figures.value?.minutes ?? [];
  return (
    <div class="city-charts" role="group" aria-label={t('city.charts')}>
      {CHARTS.map((chart) => (
        <OneChart key={chart.name} chart={chart} minutes={minutes} />
      ))}
    </div>
  );
}

function OneChart({ chart, minutes }: { chart: Chart; minutes: readonly FigureMinute[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const dark = isDark.value;
  const data = useRef<UPlot.AlignedData>([[]]);
  data.current = dataOf(chart, minutes);
  const isShort = minutes.length < MINUTES_OF_A_LINE;
  useEffect(() => {
    let isGone = false;
    const draw = async (): Promise<void> => {
      const { Plot } = await import('./plot.ts');
      const { current } = place;
      if (isGone || current === null) return;
      plot.current = new Plot(
        optionsOf(chart, current.clientWidth, isShort),
        data.current,
        current,
      );
    };
    void draw();
    const resized = new ResizeObserver(([entry]) => {
      plot.current?.setSize({ width: entry?.contentRect.width ?? 0, height: HEIGHT });
    });
    if (place.current !== null) resized.observe(place.current);
    return () => {
      isGone = true;
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [chart, dark, isShort]);
  useEffect(() => plot.current?.setData(data.current), [minutes]);
  const newest = minutes.map((minute) => chart.lines[0]?.of(minute) ?? null).findLast(isThere);
  return (
    <figure class="city-chart">
      <figcaption class="row spread small">
        <span class="soft">{t(chart.name)}</span>
        <b class="digits">
          {newest === undefined ? '–' : formatNumber(Math.round(newest * 10) / 10)}
        </b>
      </figcaption>
      <div ref={place} class="city-plot" aria-hidden="true" />
    </figure>
  );
}

function isThere(value: number | null): value is number {
  return value !== null;
}

function minutesOf(seconds: number | null): number | null {
  return seconds === null ? null : seconds / 60;
}

/** By seconds since the Unix epoch, as the library wants it. */
function dataOf({ lines }: Chart, minutes: readonly FigureMinute[]): UPlot.AlignedData {
  return [minutes.map(({ atMs }) => atMs / 1000), ...lines.map(({ of }) => minutes.map(of))];
}

function optionsOf({ lines }: Chart, width: number, isShort: boolean): UPlot.Options {
  const palette = readPalette();
  const axis = { stroke: palette.ink, font: '11px system-ui', ticks: { show: false } };
  const grid = { stroke: palette.cellLine, width: 1 };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, 10, 0, 0],
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - SECONDS_MIN), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
    },
    axes: [
      {
        ...axis,
        size: 18,
        gap: 2,
        space: 70,
        grid: { show: false },
        values: (_plot, at) => at.map((seconds) => clockTime(seconds * 1000)),
      },
      { ...axis, size: 36, gap: 2, space: 28, grid },
    ],
    series: [
      {},
      ...lines.map(({ color }) => ({
        stroke: palette[color],
        width: 1.5,
        spanGaps: true,
        // One minute alone is no line.
        points: { show: isShort, size: 5, fill: palette[color] },
      })),
    ],
  };
}
