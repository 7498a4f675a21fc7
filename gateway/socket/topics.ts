import type { CityId } from '../../runtime/index.ts';
import type { Topic } from '../../protocol/index.ts';
import type { Session } from './session.ts';

/** A topic is known by its city too: ids repeat from city to city. */
export function topicKey(cityId: CityId | string, { kind, id }: Topic): string {
  return `${cityId}/${kind}:${id}`;
}

const NOBODY: ReadonlySet<Session> = new Set();

/** Who listens to what, in this process. */
export class Topics {
  readonly #listeners = new Map<string, Set<Session>>();

  /** @returns those that listen now; the set changes as they come and go */
  listeners(key: string): ReadonlySet<Session> {
    return this.#listeners.get(key) ?? NOBODY;
  }

  add(key: string, session: Session): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) this.#listeners.set(key, new Set([session]));
    else listeners.add(session);
  }

  remove(key: string, session: Session): void {
    const listeners = this.#listeners.get(key);
    listeners?.delete(session);
    if (listeners?.size === 0) this.#listeners.delete(key);
  }
}
