import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/**/*.test.ts'],
    exclude: ['node_modules/**', '.kuramori/**'],
    globalSetup: ['sandbox/testing/postgres.ts'],
    env: { KURAMORI_LOG: 'off' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
