/** `kuramori` as a person gives it, in a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root, type User } from '../process.ts';

export interface Given {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `user`: as whom, where root may choose. */
export function kuramori(args: readonly string[], user?: User): Promise<Given> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'cli', 'main.ts'), ...args],
      { ...user, cwd: '/', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
      (cause, out, err) => resolve({ code: typeof cause?.code === 'number' ? cause.code : 0, out, err }),
    );
  });
}
