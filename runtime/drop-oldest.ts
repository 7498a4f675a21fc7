/** What remembers in the order in which it was told: `Map` and `Set`. */
interface Remembered<Key> {
  readonly size: number;
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/**
 * Bounds what is remembered: beyond `max`, those go that came first. Who must not go is deleted and
 * set again before. O(1) when it is called after each addition.
 */
export function dropOldest<Key>(remembered: Remembered<Key>, max: number): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= max) return;
    remembered.delete(oldest);
  }
}
