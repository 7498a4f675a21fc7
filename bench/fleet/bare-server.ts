import { us_socket_local_port, type TemplatedApp, type WebSocketBehavior } from 'uWebSockets.js';

/**
 * uWebSockets.js as a peer begins with it: one route for WebSockets on a free port of 127.0.0.1, tokens
 * not looked at.
 * @returns its port
 */
export async function listenBare<Data>(
  app: TemplatedApp,
  behavior: Omit<WebSocketBehavior<Data>, 'upgrade'>,
  dataOf: (path: string) => Data,
): Promise<number> {
  app.ws<Data>('/*', {
    ...behavior,
    upgrade: (response, request, context) => {
      response.upgrade(
        dataOf(request.getUrl()),
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
  });
  return await new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (token) => {
      if (token === false) reject(new Error('there is no free port'));
      else resolve(us_socket_local_port(token));
    });
  });
}
