import { buildPages } from './build-pages.ts';

/** The engines of the tests serve the pages as they are now. */
export default async function setup(): Promise<void> {
  await buildPages((line) => process.stderr.write(`${line}\n`));
}
