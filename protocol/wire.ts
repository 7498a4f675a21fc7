/**
 * What crosses the wire, without the schemas that check it: for programs that run in browsers, where
 * only msgpackr comes along. The types are those of index.ts.
 */
export * from './close-codes.ts';
export * from './codec.ts';
export * from './fix-frame.ts';
export * from './limits.ts';
export { TICKET_PROTOCOL_PREFIX } from './ticket-protocol.ts';
