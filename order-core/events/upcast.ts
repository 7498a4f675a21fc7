import type { OrderEventType } from '../../protocol/index.ts';

type Data = Readonly<Record<string, unknown>>;

/**
 * Events are never rewritten: one that was stored in an older form is brought to the newest when it
 * is read. An entry says what turns version n, by its place from 0, into version n + 1.
 */
const UPCASTERS: Partial<Record<OrderEventType, readonly ((data: Data) => Data)[]>> = {
  // 2: how it is paid. Before there was cash, everything was paid by card.
  'order.placed': [(data) => ({ method: 'card', ...data })],
  'order.paid': [(data) => ({ method: 'card', ...data })],
  // 2: what the customer pays all the same. Before there was a policy, nothing.
  'order.cancelled': [(data) => ({ feeMinor: 0, ...data })],
  // 2: whom the stars are for. Before, nobody counted them.
  'order.rated': [(data) => ({ courierId: null, ...data })],
  // 2: which authorization was released. Before there were several, the first.
  'order.payment_voided': [(data) => ({ generation: 1, ...data })],
};

/** The version in which events of this type are stored now. */
export function versionOf(type: OrderEventType): number {
  return (UPCASTERS[type]?.length ?? 0) + 1;
}

/** @returns the data as the newest version has it */
export function upcast(type: OrderEventType, version: number, data: Data): Data {
  const steps = UPCASTERS[type] ?? [];
  return steps.slice(version - 1).reduce((older, step) => step(older), data);
}
