/** The map's colours, as the page's theme has them now. */
const NAMES = {
  ground: '--map-ground',
  cell: '--map-cell',
  cellLine: '--map-cell-line',
  zoneLine: '--map-zone-line',
  track: '--map-track',
  accent: '--accent',
  good: '--good',
  warn: '--warn',
  danger: '--danger',
  info: '--info',
  ink: '--ink',
} as const;
export type Palette = Readonly<Record<keyof typeof NAMES, string>>;

/** A custom property says `light-dark(...)`; which of the two holds only a real element's colour says. */
export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const entries = Object.entries(NAMES).map(([name, property]) => {
    probe.style.color = `var(${property})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}
