/** The same with its memory closed, for core-dump.test.ts. */
import '@kuramori/program/closed';
import { found } from './waits.ts';

if (found === 'open' && process.permission) process.exit(3);
