import { App } from 'uWebSockets.js';
import { decodeFix, emptyFix, fixCount } from '../../protocol/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { listenBare } from '../fleet/bare-server.ts';
import type { PeerQuestion } from './contender.ts';

/** The floor: uWebSockets.js takes the same frames, reads each fix and counts it. */
const fix = emptyFix();
let fixes = 0;

answerQuestions(async (question: PeerQuestion) => {
  if (question.kind === 'count') return await Promise.resolve(fixes);
  return await listenBare(
    App(),
    {
      message: (_ws, bytes) => {
        const view = new DataView(bytes);
        const count = fixCount(view);
        for (let i = 0; i < count; i++) {
          decodeFix(view, i, fix);
          if (fix.lat !== 0) fixes += 1;
        }
      },
    },
    () => ({}),
  );
});
