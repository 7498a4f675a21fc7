import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '.hexfleet/**'],
    globalSetup: ['testing/postgres.setup.ts', 'web/build/pages.setup.ts'],
    // Processes, not threads: uWebSockets.js lives once in a process, and tests send signals.
    pool: 'forks',
    // More than there are cores: most tests wait for processes and sockets.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
});
