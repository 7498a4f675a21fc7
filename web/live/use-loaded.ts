import { useCallback, useEffect, useState } from 'preact/hooks';
import { sayFailure } from '../i18n/failures.ts';

/** What is asked of the engine for a view, and what to show meanwhile. */
export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly reason: string; readonly retry: () => void }
  | { readonly state: 'here'; readonly value: Value; readonly reload: () => void };

/**
 * @param load asked anew when something of `about` changes; an answer that came too late is dropped
 */
export function useLoaded<Value>(
  load: () => Promise<Value>,
  about: readonly unknown[],
): Loaded<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  useEffect(() => {
    let isCurrent = true;
    const show = (next: Loaded<Value>): void => {
      if (isCurrent) setLoaded(next);
    };
    load().then(
      (value) => show({ state: 'here', value, reload: again }),
      (error: unknown) => {
        const retry = (): void => {
          setLoaded({ state: 'loading' });
          again();
        };
        show({ state: 'failed', reason: sayFailure(error), retry });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [...about, attempt]);
  return loaded;
}
