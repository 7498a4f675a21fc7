import { expect, test } from 'vitest';
import type { Answer, IncomingRequest } from '../edge.ts';
import { acrossOrigins } from './cross-origin.ts';

const OK: Answer = { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{}' };

/** What a browser is answered that asks from a page of `origin`, and whether anything was done. */
async function asked(method: string, origin: string) {
  const answers: Answer[] = [];
  let handled = 0;
  const handle = acrossOrigins(['https://app.example'], (request) => {
    handled += 1;
    request.answer(OK);
    return Promise.resolve();
  });
  const request = {
    method,
    path: '/v1/status',
    headers: { origin },
    answer: (answer: Answer) => answers.push(answer),
  };
  await handle(request as unknown as IncomingRequest);
  return { answer: answers[0], handled };
}

test('a page of an allowed origin may ask, and reads the answer with its limits', async () => {
  const { answer, handled } = await asked('GET', 'https://app.example');
  expect(handled).toBe(1);
  expect(answer?.headers).toMatchObject({
    'Content-Type': 'application/json',
    'Access-Control-Allow-Origin': 'https://app.example',
    Vary: 'Origin',
  });
  expect(answer?.headers['Access-Control-Expose-Headers']).toContain('RateLimit');
});

test('its browser is told beforehand what it may send, and nothing is done', async () => {
  const { answer, handled } = await asked('OPTIONS', 'https://app.example');
  expect(handled).toBe(0);
  expect(answer).toMatchObject({ status: 204, body: '' });
  expect(answer?.headers['Access-Control-Allow-Headers']).toContain('Idempotency-Key');
  expect(answer?.headers['Access-Control-Allow-Credentials']).toBeUndefined();
});

test('strangers, look-alikes and apps that are no pages are told nothing of it', async () => {
  for (const origin of ['', 'null', 'https://app.example.evil', 'http://app.example']) {
    expect((await asked('GET', origin)).answer).toEqual(OK);
    expect((await asked('OPTIONS', origin)).handled).toBe(1);
  }
});
