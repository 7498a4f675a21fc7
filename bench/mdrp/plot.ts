import type { DayCourse, MinuteSample } from './run-instance.ts';

/** All of it in CSS pixels. */
const WIDTH = 900;
const PANEL_HEIGHT = 240;
const PANEL = { left: 64, right: 24, top: 56, bottom: 48 } as const;
const PLOT_WIDTH = WIDTH - PANEL.left - PANEL.right;
const PLOT_HEIGHT = PANEL_HEIGHT - PANEL.top - PANEL.bottom;
const HEADER_HEIGHT = 40;

/** Width of a bar of the histogram. */
const BIN_MINUTES = 2;
/** Distances of ticks that people read well, times a power of ten; hours have their own. */
const STEPS = [1, 2, 5, 10];
const TICKS_MAX = 6;

/** Light by default; a viewer that is dark, and says so, gets the other colours. */
const STYLE = `
.page { fill: #ffffff }
text { fill: #1f2933; font: 13px system-ui, sans-serif }
.title { font-size: 17px; font-weight: 600 }
.panel { font-weight: 600 }
.tick { fill: #52606d; font-size: 12px }
.grid { stroke: #d9dee3; stroke-width: 1 }
.axis { stroke: #7b8794; stroke-width: 1 }
.bar { fill: #2f6fb0 }
.line { stroke: #2f6fb0; stroke-width: 1.5; fill: none }
.area { fill: #2f6fb0; fill-opacity: 0.2 }
.target { stroke: #c2410c; stroke-width: 1.5; stroke-dasharray: 5 4 }
.target-label { fill: #c2410c }
@media (prefers-color-scheme: dark) {
.page { fill: #14181d }
text { fill: #e4e7eb }
.tick { fill: #9aa5b1 }
.grid { stroke: #2b333c }
.axis { stroke: #7b8794 }
.bar { fill: #6aa9e9 }
.line { stroke: #6aa9e9 }
.area { fill: #6aa9e9 }
.target { stroke: #fb923c }
.target-label { fill: #fb923c }
}`;

/** A scale of one axis, from data to pixels of the plot. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** A drawing of the day in three panels, by itself: no script, no font, nothing from elsewhere. */
export function plotDay(instance: string, course: DayCourse): string {
  const height = HEADER_HEIGHT + 3 * PANEL_HEIGHT;
  const samples = course.samples.filter(isInUse(course.samples));
  const panels = [
    clickToDoorPanel(course),
    dayPanel('Orders that wait for a courier', samples, (sample) => sample.waitingOrders),
    dayPanel('Idle couriers', samples, (sample) => sample.idleCouriers),
  ];
  const placed = panels.map(
    (panel, i) =>
      `<g transform="translate(0 ${HEADER_HEIGHT + i * PANEL_HEIGHT})">\n${panel}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
      `width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escape(instance)}: click-to-door, waiting orders and idle couriers</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${PANEL.left}" y="32">${escape(instance)}</text>`,
    ...placed,
    '</svg>\n',
  ].join('\n');
}

/** The part of the day in which anything is there to be seen. */
function isInUse(samples: readonly MinuteSample[]): (sample: MinuteSample) => boolean {
  const busy = samples.filter((s) => s.waitingOrders > 0 || s.idleCouriers > 0);
  const [from, to] = [busy[0]?.minute ?? 0, busy.at(-1)?.minute ?? 0];
  return ({ minute }) => from <= minute && minute <= to;
}

function clickToDoorPanel({ clickToDoorMinutes, targetMinutes }: DayCourse): string {
  const longest = clickToDoorMinutes.reduce((a, b) => Math.max(a, b), targetMinutes);
  const bins = Array.from({ length: Math.floor(longest / BIN_MINUTES) + 1 }, () => 0);
  for (const minutes of clickToDoorMinutes) {
    const bin = Math.floor(minutes / BIN_MINUTES);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const x = axis(0, bins.length * BIN_MINUTES, (at) => `${at} min`);
  const y = axis(
    0,
    bins.reduce((a, b) => Math.max(a, b), 1),
  );
  const bars = bins.map((count, bin) => {
    const left = across(x, bin * BIN_MINUTES);
    const top = down(y, count);
    const width = across(x, (bin + 1) * BIN_MINUTES) - left - 1;
    const box = `x="${pixels(left)}" y="${pixels(top)}" width="${pixels(width)}"`;
    return count === 0
      ? ''
      : `<rect class="bar" ${box} height="${pixels(PANEL.top + PLOT_HEIGHT - top)}"/>`;
  });
  const target = pixels(across(x, targetMinutes));
  return [
    heading(`Click-to-door of the ${clickToDoorMinutes.length} delivered orders`),
    frame(x, y),
    ...bars.filter((bar) => bar !== ''),
    `<line class="target" x1="${target}" x2="${target}" y1="${PANEL.top - 6}" ` +
      `y2="${PANEL.top + PLOT_HEIGHT}"/>`,
    `<text class="target-label" x="${target}" y="${PANEL.top - 10}" text-anchor="middle">` +
      `target ${targetMinutes} min</text>`,
  ].join('\n');
}

function dayPanel(
  title: string,
  samples: readonly MinuteSample[],
  valueOf: (sample: MinuteSample) => number,
): string {
  const [from, to] = [samples[0]?.minute ?? 0, samples.at(-1)?.minute ?? 0];
  const x = hours(from, Math.max(to, from + 60));
  const y = axis(
    0,
    samples.map(valueOf).reduce((a, b) => Math.max(a, b), 1),
  );
  const points = samples.map(
    (sample) => `${pixels(across(x, sample.minute))} ${pixels(down(y, valueOf(sample)))}`,
  );
  const [start, end] = [pixels(across(x, from)), pixels(across(x, to))];
  const ground = PANEL.top + PLOT_HEIGHT;
  const drawn = [
    `<path class="area" d="M${start} ${ground} L${points.join(' L')} L${end} ${ground} Z"/>`,
    `<path class="line" d="M${points.join(' L')}"/>`,
  ];
  return [heading(title), frame(x, y), ...(points.length === 0 ? [] : drawn)].join('\n');
}

function heading(text: string): string {
  return `<text class="panel" x="${PANEL.left}" y="${PANEL.top - 28}">${escape(text)}</text>`;
}

/** Grid, axis and ticks; what is drawn later lies on top. */
function frame(x: Axis, y: Axis): string {
  const [left, right] = [PANEL.left, PANEL.left + PLOT_WIDTH];
  const ground = PANEL.top + PLOT_HEIGHT;
  const rows = y.ticks.map(({ at, label }) => {
    const row = pixels(down(y, at));
    return (
      `<line class="grid" x1="${left}" x2="${right}" y1="${row}" y2="${row}"/>` +
      `<text class="tick" x="${left - 8}" y="${row}" dy="4" text-anchor="end">${label}</text>`
    );
  });
  const columns = x.ticks.map(({ at, label }) => {
    const column = pixels(across(x, at));
    return (
      `<line class="axis" x1="${column}" x2="${column}" y1="${ground}" y2="${ground + 5}"/>` +
      `<text class="tick" x="${column}" y="${ground + 20}" text-anchor="middle">${label}</text>`
    );
  });
  const base = `<line class="axis" x1="${left}" x2="${right}" y1="${ground}" y2="${ground}"/>`;
  return [...rows, ...columns, base].join('\n');
}

/** Ticks at round numbers; whole ones, since everything that is counted here is whole. */
function axis(from: number, to: number, label: (at: number) => string = String): Axis {
  const power = 10 ** Math.max(0, Math.floor(Math.log10((to - from) / TICKS_MAX)));
  const step = STEPS.map((s) => s * power).find((s) => (to - from) / s <= TICKS_MAX) ?? 10 * power;
  const ticks: { at: number; label: string }[] = [];
  for (let at = from; at <= to; at += step) ticks.push({ at, label: label(at) });
  return { from, to, ticks };
}

/** Ticks at full hours of the day. */
function hours(from: number, to: number): Axis {
  const step = Math.max(60, Math.ceil((to - from) / 60 / 12) * 60);
  const ticks: { at: number; label: string }[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    ticks.push({ at, label: `${String(at / 60).padStart(2, '0')}:00` });
  }
  return { from, to, ticks };
}

function across({ from, to }: Axis, value: number): number {
  return PANEL.left + ((value - from) / (to - from)) * PLOT_WIDTH;
}

function down({ from, to }: Axis, value: number): number {
  return PANEL.top + PLOT_HEIGHT * (1 - (value - from) / (to - from));
}

/** A tenth is as fine as a screen shows. */
function pixels(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
