/** A program that is not ours, as a process of the house: its own folder and user, a log, and an end in order wherever that is possible. */
import { spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ChainFailed, pause, until } from './house/chain.ts';
import type { HousePlan } from './house/plan.ts';
import type { Running } from './process.ts';

export interface Foreign {
  readonly name: string;
  /** The program, and what it is told. */
  readonly command: readonly [string, ...string[]];
  /** Anything but undefined once it is there; what it fails by says that it is not yet. */
  readonly answers: () => Promise<unknown>;
}

/**
 * It is no child that reads our end: where this process is killed, the kernel asks it to end. Killed as well it could lose the
 * newest of what it keeps, which nobody else has.
 */
export async function startForeign(
  plan: Pick<HousePlan, 'folder' | 'users' | 'ephemeral'>,
  { name, command, answers }: Foreign,
): Promise<Running> {
  const folder = foreignFolder(plan, name);
  const owner = plan.users?.(name);
  const logFile = join(folder, 'log');
  const out = openSync(logFile, 'a', 0o600);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], {
    stdio: ['ignore', out, out],
    cwd: folder,
    // It looks for a home, which another user's is not.
    env: { PATH: process.env['PATH'], HOME: folder },
    ...owner,
  });
  closeSync(out);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 127, signal: null }));
  });
  let gone = false;
  void exited.then(() => (gone = true));
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await until(`${name} to answer`, async () => {
      if (gone) throw new ChainFailed(`${name} ended before it answered: see ${logFile}`);
      return answers().catch(() => undefined);
    });
  } catch (cause) {
    await kill();
    throw cause;
  }
  return {
    name,
    pid: child.pid ?? 0,
    ready: {},
    exited,
    logFile,
    kill,
    async stop() {
      // What it keeps stands a kill; ended in order it need not read it all again.
      child.kill('SIGTERM');
      await Promise.race([exited, pause(plan.ephemeral ? 0 : 10_000)]);
      await kill();
    },
  };
}

/** Its own, made for it. */
export function foreignFolder(plan: Pick<HousePlan, 'folder' | 'users'>, name: string): string {
  const folder = join(plan.folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = plan.users?.(name);
  if (owner) chownSync(folder, owner.uid, owner.gid);
  return folder;
}
