/**
 * The SDK: how programs speak with the engine. `HexfleetApi` is REST, `HexfleetSocket` the WebSocket
 * that reconnects by itself. In: a URL and a token. Out: typed answers and messages of protocol/.
 * May import runtime/ and protocol/.
 */
export { CouriersInArea } from './couriers-in-area.ts';
export { HexfleetApi, type ApiOptions } from './api.ts';
export { ApiError, ConnectionLost } from './errors.ts';
export {
  HexfleetSocket,
  type Command,
  type ConnectionState,
  type SocketOptions,
} from './socket.ts';
