import { expect, test } from 'vitest';
import type { ServerMessage } from '../../protocol/index.ts';
import { MessageFan } from './message-fan.ts';

const message = (atMs: number): ServerMessage => ({ type: 'token_expires', atMs });

test('what came before anybody listened is told to the first, in order, and only to the first', () => {
  const fan = new MessageFan();
  fan.tell(message(1));
  fan.tell(message(2));
  const first: ServerMessage[] = [];
  const second: ServerMessage[] = [];
  fan.listen((one) => first.push(one));
  fan.listen((one) => second.push(one));
  fan.tell(message(3));
  expect(first).toEqual([message(1), message(2), message(3)]);
  expect(second).toEqual([message(3)]);
});

test('who has ended hears no more, and nothing is kept for a second time', () => {
  const fan = new MessageFan();
  const heard: ServerMessage[] = [];
  fan.listen((one) => heard.push(one))();
  fan.tell(message(1));
  fan.listen((one) => heard.push(one));
  expect(heard).toEqual([]);
});

test('what is kept is bounded: the oldest goes', () => {
  const fan = new MessageFan();
  for (let i = 0; i < 600; i++) fan.tell(message(i));
  const heard: ServerMessage[] = [];
  fan.listen((one) => heard.push(one));
  expect(heard).toHaveLength(500);
  expect(heard[0]).toEqual(message(100));
});
