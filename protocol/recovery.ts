import { z } from 'zod';

/**
 * Where in a topic's events somebody is. The engine remembers the newest events of each topic that is
 * listened to; a memory has an `epoch`, and its events are numbered from 1 without a gap. Another epoch
 * is another memory (the engine began anew, or nobody listened for long): its numbers mean nothing here.
 */
export interface TopicPosition {
  readonly epoch: string;
  /** Of the last event that was seen; 0 before the first. */
  readonly offset: number;
}

const EPOCH = /^[0-9a-f-]{36}$/;
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

export const topicPositionSchema: z.ZodType<TopicPosition> = z.strictObject({
  epoch: z.string().regex(EPOCH, 'as a snapshot said it'),
  offset: z.number().int().min(0).max(OFFSET_MAX),
});

/** `EPOCH.OFFSET`, as `?since=` of a WebSocket's address. Null when it is none. */
export function parsePosition(text: string): TopicPosition | null {
  const [epoch, offset = '', ...more] = text.split('.');
  if (more.length > 0 || !/^\d{1,15}$/.test(offset)) return null;
  const position = topicPositionSchema.safeParse({ epoch, offset: Number(offset) });
  return position.success ? position.data : null;
}

/** Why a topic is not told any more, without having been asked. */
export type UnsubscribeReason =
  /** The order was delivered or cancelled, some time ago. */
  | 'order_ended'
  /** The order is carried by somebody else. */
  | 'not_yours';
