import { Loop, type Clock, type Logger, type TimeScale } from '../runtime/index.ts';
import { hasLongEnded, mayWatchEnded } from './socket/topic-access.ts';
import type { Topics } from './socket/topics.ts';

/** How often topics are looked at, in city seconds; a pass over 20,000 of them takes a millisecond. */
const CHECK_SECONDS = 30;
const CHECK_MS_MIN = 500;

interface EndedTopicsDeps {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
}

/** Closes the topics of orders that ended some time ago to those who may only watch live ones. */
export function closeEndedTopics({ topics, clock, timeScale }: EndedTopicsDeps): void {
  const nowMs = clock.nowMs();
  for (const [key, memory, listeners] of topics.listened()) {
    if (!hasLongEnded(memory.endedAtMs, nowMs, timeScale)) continue;
    const name = key.slice(key.indexOf('/') + 1);
    for (const listener of listeners) {
      if (!mayWatchEnded(listener.actor)) listener.exclude(name, 'order_ended');
    }
  }
}

export function endedTopicsLoop(deps: EndedTopicsDeps, log: Logger): Loop {
  return new Loop({
    name: 'ended topics',
    round: () => {
      closeEndedTopics(deps);
      return Promise.resolve(false);
    },
    idleMs: Math.max(CHECK_MS_MIN, deps.timeScale.wallMs(CHECK_SECONDS)),
    log,
  });
}
