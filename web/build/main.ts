import { parseArgs } from 'node:util';
import { buildPages } from './build-pages.ts';

/** `npm run pages`; also before `npm start`, `npm run demo` and the tests. */
const HELP = `Usage: npm run pages

Builds the pages into web/dist, when something that they are made of has changed since.
`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
// On standard error: what a program prints on its standard output is its own.
if (values.help === true) process.stdout.write(HELP);
else await buildPages((line) => process.stderr.write(`${line}\n`));
