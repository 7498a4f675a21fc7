import { App, us_socket_local_port } from 'uWebSockets.js';
import { answerQuestions } from '../harness/index.ts';

/** What the engine answered; the peer says the same bytes to everybody. */
export interface SameBytes {
  readonly read: string;
  readonly placed: string;
}

/** uWebSockets.js as its own examples have it: nothing is checked, read or stored. */
answerQuestions(async ({ read, placed }: SameBytes): Promise<number> => {
  const app = App();
  app.get('/v1/orders/:orderId', (response) => {
    response.writeHeader('Content-Type', 'application/json').end(read);
  });
  app.post('/v1/orders', (response) => {
    response.onAborted(() => undefined);
    response.onData((_chunk, isLast) => {
      if (!isLast) return;
      response.cork(() => {
        response.writeStatus('201 Created').writeHeader('Content-Type', 'application/json');
        response.end(placed);
      });
    });
  });
  return await new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (token) => {
      if (token === false) reject(new Error('there is no free port'));
      else resolve(us_socket_local_port(token));
    });
  });
});
