import { signal, type ReadonlySignal } from '@preact/signals';

/**
 * Which view of a page is shown: what stands behind `#/` in the address, so that the browser's own back
 * and forward work, and a reload shows the same.
 */
const current = signal(viewIn(location.hash));
addEventListener('hashchange', () => {
  current.value = viewIn(location.hash);
  scrollTo({ top: 0 });
});

/** `#/order/17` is `['order', '17']`. */
export const route: ReadonlySignal<readonly string[]> = current;

/** For links. */
export function hrefOf(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function goTo(...parts: readonly string[]): void {
  location.hash = hrefOf(...parts);
}

function viewIn(hash: string): readonly string[] {
  const parts = hash.replace(/^#\/?/, '').split('/');
  return parts.filter((part) => part !== '').map(decode);
}

/** Somebody may have typed it. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
