import { signal } from '@preact/signals';

/** Light or dark: as the reader's system has it, or as they chose here. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** A matter of taste, and no secret. */
const KEPT_AS = 'hexfleet.theme';
const SYSTEM = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>('system');
/** What is seen now. */
export const isDark = signal(SYSTEM.matches);

export function beginTheme(): void {
  SYSTEM.addEventListener('change', () => show(theme.value));
  const kept = localStorage.getItem(KEPT_AS);
  show(THEMES.find((known) => known === kept) ?? 'system');
}

export function chooseTheme(wanted: Theme): void {
  localStorage.setItem(KEPT_AS, wanted);
  show(wanted);
}

function show(wanted: Theme): void {
  const { dataset } = document.documentElement;
  if (wanted === 'system') delete dataset['theme'];
  else dataset['theme'] = wanted;
  theme.value = wanted;
  isDark.value = wanted === 'system' ? SYSTEM.matches : wanted === 'dark';
}
