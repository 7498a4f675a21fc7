/** A token, or what gives a good one whenever it is asked. */
export type TokenSource = string | (() => string | Promise<string>);

export async function currentToken(source: TokenSource): Promise<string> {
  return typeof source === 'string' ? source : await source();
}
