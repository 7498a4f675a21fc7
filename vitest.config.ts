import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '.hexfleet/**'],
    globalSetup: ['testing/postgres.setup.ts', 'web/build/pages.setup.ts'],
    // Processes, not threads: uWebSockets.js lives once in a process, and tests send signals.
    pool: 'forks',
    // The files that one process runs share what they import: to load it anew for each took a fifth of the run.
    isolate: false,
    // More than there are cores: most tests wait for processes and sockets.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // A second, as it is else, is short on a machine that runs four engines at once.
    expect: { poll: { timeout: 10_000 } },
  },
});
