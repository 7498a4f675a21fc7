/**
 * The gateway: the edge where the apps are. REST and one WebSocket endpoint on one port; health and
 * metrics on another.
 *
 * In: requests, commands, fixes and subscriptions of clients, each with a token; committed events
 * (`publish`). Out: calls of the ports in `ports.ts`; answers, events and positions to clients.
 * `uws.ts` alone knows uWebSockets.js; everything else speaks the words of `edge.ts`.
 * May import runtime/, protocol/ and geo/.
 */
export { gatewayErrors } from './errors.ts';
export { Gateway, type GatewayDeps } from './gateway.ts';
export { mapOrigins } from './pages/content-security.ts';
export { readPages } from './pages/page-table.ts';
export { LiveMap } from './live-map/live-map.ts';
export { Outlet } from './socket/outlet.ts';
export { signToken } from './tokens.ts';
