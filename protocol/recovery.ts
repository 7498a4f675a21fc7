import { z } from 'zod';
import type { Immutable } from './immutable.ts';

/**
 * Where in a topic's events somebody is. The engine remembers the newest events of each topic that is
 * listened to; a memory has an `epoch`, and its events are numbered from 1 without a gap. Another epoch
 * is another memory (the engine began anew, or nobody listened for long): its numbers mean nothing here.
 */
export const epochSchema = z.string().regex(/^[0-9a-f-]{36}$/, 'as a snapshot said it');

export const topicPositionSchema = z.strictObject({
  epoch: epochSchema,
  offset: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .describe('Of the last event that was seen; 0 before the first.'),
});
export type TopicPosition = Immutable<z.output<typeof topicPositionSchema>>;

/** `EPOCH.OFFSET`, as `?since=` of a WebSocket's address. Null when it is none. */
export function parsePosition(text: string): TopicPosition | null {
  const [epoch, offset = '', ...more] = text.split('.');
  if (more.length > 0 || !/^\d{1,15}$/.test(offset)) return null;
  const position = topicPositionSchema.safeParse({ epoch, offset: Number(offset) });
  return position.success ? position.data : null;
}

export const unsubscribeReasonSchema = z
  .enum(['order_ended', 'not_yours'])
  .describe(
    'Why, without having been asked: the order was delivered or cancelled some time ago, or ' +
      'somebody else carries it.',
  );
export type UnsubscribeReason = z.output<typeof unsubscribeReasonSchema>;
