import { join } from 'node:path';
import { defineConfig } from 'vite';
import { PAGES } from './pages.ts';

/** Keeps the shell of the courier app. */
const WORKER = 'courier-worker';

/** How the pages are built; `build/main.ts` runs it. */
export default defineConfig({
  root: import.meta.dirname,
  appType: 'mpa',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Workers are modules, and files of their own: a strict policy takes no blob.
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // Nothing is inlined: the policy of the pages allows no data in scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The map library is one file, and loaded when a map is shown.
    chunkSizeWarningLimit: 1_500,
    rolldownOptions: {
      input: [
        ...PAGES.map(({ name }) => join(import.meta.dirname, `${name}.html`)),
        join(import.meta.dirname, 'courier', `${WORKER}.ts`),
      ],
      output: {
        // A worker answers for the paths beside and under its own, and is asked for anew by its name.
        entryFileNames: ({ name }) => (name === WORKER ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
