const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The one spelling of an order's id, as the database gives it out: topics and maps are looked up by
 * it, and a client may write it in capitals.
 * @returns null for what cannot be the id of an order
 */
export function orderIdOf(text: string): string | null {
  return UUID.test(text) ? text.toLowerCase() : null;
}
