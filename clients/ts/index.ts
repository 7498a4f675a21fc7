/**
 * The SDK: how programs speak with the engine. `HexfleetApi` is REST, `HexfleetSocket` the WebSocket
 * that reconnects by itself. In: a URL and a token. Out: typed answers and messages of protocol/.
 * Runs in browsers too: of runtime/ and protocol/ it may import what runs there, and types.
 */
export { CouriersInArea } from './couriers-in-area.ts';
export { HexfleetApi, type ApiOptions } from './api.ts';
export type { TokenSource } from './access-token.ts';
export { ApiError, ConnectionLost } from './errors.ts';
export {
  HexfleetSocket,
  type Command,
  type ConnectionState,
  type SocketOptions,
} from './socket.ts';
export { newRequestId } from './request-id.ts';
