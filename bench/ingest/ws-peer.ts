import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerQuestions } from '../harness/index.ts';
import { readJsonFix } from './json-fix.ts';
import type { PeerQuestion } from './contender.ts';

/** `ws` with JSON: each fix is parsed and counted. */
let fixes = 0;

answerQuestions(async (question: PeerQuestion) => {
  if (question.kind === 'count') return fixes;
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      if (readJsonFix(data.toString()) !== null) fixes += 1;
    });
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
});
