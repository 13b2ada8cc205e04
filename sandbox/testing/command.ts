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

/** Commands of whoever runs a house: by its file, wherever they are given. */
export function commandsOf(houseFolder: () => string) {
  const tried = (...args: readonly string[]) =>
    kuramori([...args, '--house', join(houseFolder(), 'house.json')]);
  /** What it prints; throws where it fails. */
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await tried(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${out} ${err}`);
    return out;
  };
  return { tried, done };
}
