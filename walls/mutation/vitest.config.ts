import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '../..');
const signers = [
  'dead-plan',
  'freeze-is-sticky',
  'journal-from-yesterday',
  'replayed-request',
  'thawed-behind-our-back',
  'turned-clock',
];

export default defineConfig({
  root,
  // Stryker's copy links node_modules, and those lead back to the original: judged must be what is mutated.
  resolve: { alias: { '@kuramori/core': join(root, 'core/index.ts') } },
  test: {
    include: [
      'core/**/*.test.ts',
      `signers/{${signers.join()}}.test.ts`,
      'cli/policy/tried-on-payments.test.ts',
    ],
    // Of the journal as a transparency log: slow, and about no judgement.
    exclude: ['core/{forged-checkpoint,shortened-log,canonical-bytes}.test.ts'],
    env: { KURAMORI_LOG: 'off' },
    // One worker for all: a mutant is switched on by name, and no test leaves anything behind.
    isolate: false,
    testTimeout: 30_000,
  },
});
