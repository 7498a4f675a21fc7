/**
 * Every message on the wire, described once: REST routes and bodies, WebSocket messages, binary frames of
 * fixes and positions, topics, limits, close codes and the errors of the conversation. Pure: schemas,
 * types and codecs.
 * May import runtime/ only.
 */
export * from './actor.ts';
export * from './catalogue.ts';
export * from './city-desk.ts';
export * from './close-codes.ts';
export * from './codec.ts';
export * from './courier-events.ts';
export * from './dispatch.ts';
export * from './errors.ts';
export * from './fix-frame.ts';
export * from './frame-layouts.ts';
export * from './immutable.ts';
export * from './limits.ts';
export * from './live-map.ts';
export * from './messages.ts';
export * from './notifications.ts';
export * from './orders.ts';
export * from './pages.ts';
export * from './places.ts';
export * from './position-frame.ts';
export * from './positions.ts';
export * from './recovery.ts';
export * from './rest.ts';
export * from './server-messages.ts';
export * from './sessions.ts';
export * from './ticket-protocol.ts';
