import { answerOf, type Answer } from './answers.ts';
import type { Books } from './books.ts';
import type { Refusal } from './objects.ts';
import type { Operations } from './operations.ts';
import { invalid, noSuch, noSuchPath } from './refusals.ts';
import type { Page } from './shelf.ts';

const PAGE_DEFAULT = 10;
const PAGE_MAX = 100;
const OBJECT_PATH = /^\/v1\/(payment_intents|refunds)\/([\w-]+)$/;

/** One object; or a list, newest first, in pages that begin after `starting_after`. */
export function read(url: URL, operations: Operations, books: Books): Answer {
  const { pathname, searchParams } = url;
  const [, kind, id] = OBJECT_PATH.exec(pathname) ?? [];
  if (id !== undefined) {
    return kind === 'refunds'
      ? answerOf(books.refunds.get(id) ?? noSuch('refund', id))
      : answerOf(operations.intent(id) ?? noSuch('payment_intent', id, 'intent'));
  }
  if (pathname === '/v1/payment_intents') {
    return listOf(url, (limit, after) => operations.intents(limit, after));
  }
  if (pathname !== '/v1/refunds') return answerOf(noSuchPath('GET', pathname));
  const intentId = searchParams.get('payment_intent');
  if (intentId !== null && operations.intent(intentId) === null) {
    return answerOf(noSuch('payment_intent', intentId, 'payment_intent'));
  }
  const shelf = intentId === null ? books.refunds : books.refundsOf(intentId);
  return listOf(url, (limit, after) => shelf.page(limit, after));
}

function listOf(
  { pathname, searchParams }: URL,
  pageOf: (limit: number, afterId: string | null) => Page<object> | null,
): Answer {
  const limit = Number(searchParams.get('limit') ?? PAGE_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    return answerOf(invalid('limit', `Invalid integer between 1 and ${PAGE_MAX}`));
  }
  const after = searchParams.get('starting_after');
  const page = pageOf(limit, after);
  if (page === null) return answerOf(noneToStartAfter(pathname, after ?? ''));
  const { data, hasMore } = page;
  return { status: 200, body: { object: 'list', url: pathname, data, has_more: hasMore } };
}

function noneToStartAfter(pathname: string, id: string): Refusal {
  const kind = pathname === '/v1/refunds' ? 'refund' : 'payment_intent';
  return noSuch(kind, id, 'starting_after');
}
