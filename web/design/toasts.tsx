import { signal } from '@preact/signals';
import type { JSX } from 'preact';

/** Short news that need no answer, told to screen readers too. */
interface Toast {
  readonly key: number;
  readonly text: string;
  readonly tone: 'plain' | 'danger';
}

const SHOWN_MS = 6_000;
/** More at once nobody reads. */
const TOASTS_MAX = 3;

const toasts = signal<readonly Toast[]>([]);
let key = 0;

export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  key += 1;
  const one = { key, text, tone };
  toasts.value = [...toasts.value, one].slice(-TOASTS_MAX);
  setTimeout(() => {
    toasts.value = toasts.value.filter((other) => other !== one);
  }, SHOWN_MS);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ key, text, tone }) => (
        <div key={key} class="toast" data-tone={tone}>
          {text}
        </div>
      ))}
    </div>
  );
}
