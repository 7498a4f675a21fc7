import { z } from 'zod';
import { runCommand } from '../../runtime/index.ts';
import { buildPages } from './build-pages.ts';

/** `npm run pages`; also before `npm start`, `npm run demo` and the tests. */
const HELP = `Usage: npm run pages

Builds the pages into web/dist, when something that they are made of has changed since.

Exit code: 0; 2 when they cannot be built.
`;

await runCommand({
  help: HELP,
  options: z.object({}),
  async run() {
    // On standard error: what a program prints on its standard output is its own.
    await buildPages((line) => process.stderr.write(`${line}\n`));
    return true;
  },
});
