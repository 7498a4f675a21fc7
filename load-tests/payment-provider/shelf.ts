/** A part of a list, newest first, and whether older ones follow. */
export interface Page<Item> {
  readonly data: Item[];
  readonly hasMore: boolean;
}

/** Objects in the order of their creation, found by id in O(1). */
export class Shelf<Item extends { readonly id: string }> {
  readonly #items: Item[] = [];
  readonly #positions = new Map<string, number>();

  get(id: string): Item | null {
    return this.#items[this.#positions.get(id) ?? -1] ?? null;
  }

  /** A new one goes to the end, a changed one stays where it was. */
  put(item: Item): void {
    const at = this.#positions.get(item.id) ?? this.#items.length;
    this.#positions.set(item.id, at);
    this.#items[at] = item;
  }

  /**
   * Newest first; at most `limit`, older than the item `afterId`.
   * @returns null when there is no item `afterId`
   */
  page(limit: number, afterId: string | null): Page<Item> | null {
    const end = afterId === null ? this.#items.length : this.#positions.get(afterId);
    if (end === undefined) return null;
    const start = Math.max(0, end - limit);
    return { data: this.#items.slice(start, end).toReversed(), hasMore: start > 0 };
  }

  newestFirst(): Item[] {
    return this.#items.toReversed();
  }
}
