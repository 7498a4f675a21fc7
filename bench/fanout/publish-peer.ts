import { App } from 'uWebSockets.js';
import {
  decodeFix,
  emptyFix,
  fixCount,
  newPositionFrame,
  writePosition,
} from '../../protocol/index.ts';
import { listenBare } from '../fleet/bare-server.ts';
import { answerQuestions } from '../harness/index.ts';

/** Of a courier: the order that it carries, and the message for its watchers. */
interface Carried {
  readonly topic: string;
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
}

/**
 * uWebSockets.js as its own examples have it: watchers subscribe to a topic, each fix is published to
 * the topic of its order. The bytes out are the engine's; nothing is checked, stored or estimated.
 */
const fix = emptyFix();
const ETA_SECONDS = 600;

answerQuestions(async () => {
  const app = App();
  return await listenBare<{ carried: Carried | null }>(
    app,
    {
      message: (ws, bytes, isBinary) => {
        const { carried } = ws.getUserData();
        if (!isBinary || carried === null) return void ws.subscribe(Buffer.from(bytes).toString());
        const view = new DataView(bytes);
        if (fixCount(view) === 0) return;
        decodeFix(view, 0, fix);
        writePosition(carried.view, fix, ETA_SECONDS);
        app.publish(carried.topic, carried.frame, true);
      },
    },
    (path) => ({ carried: carriedOf(path) }),
  );
});

/** @param path `/COURIER/ORDER` of a courier; anything else is a watcher's */
function carriedOf(path: string): Carried | null {
  const [, courierId, orderId] = path.split('/');
  if (courierId === undefined || orderId === undefined) return null;
  const frame = newPositionFrame(orderId, courierId);
  return { topic: `order:${orderId}`, frame, view: new DataView(frame.buffer) };
}
