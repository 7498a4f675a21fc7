/**
 * The pages: what people use, built from this folder by vite into `web/dist`, served by the gateway.
 *
 * In: nothing but the public protocol, by the SDK in clients/ (`live/engine.ts`), and a session
 * (`session/`). Out: HTML, scripts and styles with their hash in their names. `design/` is what everything
 * looks like, `i18n/` what it says, `map/` where things are; each page has a folder of its own.
 * May import clients/, and of runtime/ and protocol/ what runs in browsers (portable.ts, wire.ts) and types.
 *
 * A page is a row here, `NAME.html` beside this file, and a folder with its entry.
 */
export interface PageRow {
  /** `NAME.html`, served as `/NAME`; `index` as `/`. */
  readonly name: string;
  /** Who uses it; null: whoever is nobody yet. */
  readonly role: 'customer' | 'restaurant' | 'courier' | 'operator' | null;
}

export const PAGES: readonly PageRow[] = [
  { name: 'index', role: null },
  { name: 'track', role: 'customer' },
  { name: 'restaurant', role: 'restaurant' },
  { name: 'courier', role: 'courier' },
  { name: 'city', role: 'operator' },
];

/** Where the page of a role is. */
export function pathOf({ name }: PageRow): string {
  return name === 'index' ? '/' : `/${name}`;
}
