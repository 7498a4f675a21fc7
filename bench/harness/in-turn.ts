import { goOn } from './bench.ts';

/** Something that is measured once per repetition. */
export type Turn<Result> = () => Promise<Result>;

/**
 * Measures one after the other, A B A B ...: what slows the machine for a while slows both.
 * @returns of each repetition what A and B gave
 * @throws Interrupted between two turns when `signal` is aborted
 */
export async function inTurn<A, B>(
  turns: { readonly a: Turn<A>; readonly b: Turn<B> },
  repetitions: number,
  signal: AbortSignal,
): Promise<{ a: A; b: B }[]> {
  const results: { a: A; b: B }[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    goOn(signal);
    const a = await turns.a();
    goOn(signal);
    const b = await turns.b();
    results.push({ a, b });
  }
  return results;
}

/**
 * The same for any number: A B C A B C ...
 * @returns by repetition, what each gave in the sequence of the turns
 * @throws Interrupted between two turns when `signal` is aborted
 */
export async function allInTurn<Result>(
  turns: readonly Turn<Result>[],
  repetitions: number,
  signal: AbortSignal,
): Promise<Result[][]> {
  const results: Result[][] = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    const row: Result[] = [];
    for (const turn of turns) {
      goOn(signal);
      row.push(await turn());
    }
    results.push(row);
  }
  return results;
}
