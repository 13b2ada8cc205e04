/** Starts one process of the house: its own folder, Node's permission flags, and no life beyond ours. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { permissionFlags, replaceFile, type Powers } from '@kuramori/program';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A Unix user and its group, by their numbers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ProcessSpec {
  readonly name: string;
  /** The program, from the project's root. */
  readonly entry: string;
  /** Where the project is whose code it runs; here, unless it says otherwise. */
  readonly tree?: string;
  /** Its own folder: made 0700, and the only place it may write. */
  readonly folder: string;
  /** Written to config.json in its folder and given as its argument; or plain arguments. */
  readonly config?: object;
  readonly args?: readonly string[];
  readonly powers: Powers;
  /** Whose process it is; ours where there is none. Its folder and all in it become this user's. */
  readonly user?: User | undefined;
  /** More flags for the program itself. */
  readonly flags?: readonly string[];
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly name: string;
  readonly pid: number;
  /** What it printed when it was ready. */
  readonly ready: Record<string, unknown>;
  /** Settles when the process is gone. */
  readonly exited: Promise<Ended>;
  readonly logFile: string;
  readonly stop: () => Promise<void>;
  /** kill -9, as a crash or a thief would. */
  readonly kill: () => Promise<void>;
}

/** What stops a process from starting, with the last line that it said. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

const patienceMs = 30_000;

/** Starts a process and waits for its ready line. */
export async function startProcess(spec: ProcessSpec): Promise<Running> {
  const { child, logFile } = launch(spec, ['--with-parent', ...(spec.flags ?? [])]);
  const exited = new Promise<Ended>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  const ready = await readyLine(spec.name, child, exited, logFile);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    ready,
    exited,
    logFile,
    kill: () => end('SIGKILL'),
    stop: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await end('SIGTERM');
      clearTimeout(late);
    },
  };
}

/** Runs a program to its end and gives back the line of JSON that it printed. */
export async function runProcess(spec: ProcessSpec): Promise<Record<string, unknown>> {
  const { child, logFile } = launch(spec, []);
  // Not `exit`, which may come before its last words are read; nor does such a program leave anybody who holds its output.
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = await readyLine(spec.name, child, ended, logFile);
  // Such a program has nothing more to do: it ends as soon as nothing holds it.
  await ended;
  return ready;
}

function launch(spec: ProcessSpec, flags: readonly string[]): { child: ChildProcess; logFile: string } {
  mkdirSync(spec.folder, { recursive: true, mode: 0o700 });
  const logFile = join(spec.folder, 'log.jsonl');
  const configFile = join(spec.folder, 'config.json');
  if (spec.config) writeConfig(configFile, `${JSON.stringify(spec.config, null, 2)}\n`);
  const log = openSync(logFile, 'a', 0o600);
  const args = [
    ...permissionFlags(spec.tree ?? root, spec.folder, spec.powers),
    join(spec.tree ?? root, spec.entry),
    ...(spec.config ? [configFile] : []),
    ...(spec.args ?? []),
    ...flags,
  ];
  if (spec.user) handOver(spec.folder, spec.user);
  const child = spawn(process.execPath, args, {
    ...spec.user,
    cwd: spec.folder,
    stdio: ['pipe', 'pipe', log],
    // No environment: no secret, path or option of ours leaks into a room.
    env: { NODE_NO_WARNINGS: '1' },
    // A Ctrl-C at the terminal is ours to hand on, in order.
    detached: true,
  });
  closeSync(log);
  child.stdin?.on('error', () => {}); // the process is gone; its exit tells the rest
  return { child, logFile };
}

/** What root wrote into the folder of a process must be its own, or it could not read it. */
function handOver(path: string, user: User): void {
  lchownSync(path, user.uid, user.gid);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    lchownSync(join(entry.parentPath, entry.name), user.uid, user.gid);
}

/** Whole or not at all; and not where it says the same already, so that a full disk is told by the process itself. */
function writeConfig(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) replaceFile(file, text);
}

function readyLine(
  name: string,
  child: ChildProcess,
  ended: Promise<Ended>,
  logFile: string,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new NotStarted(`${name}: not ready within ${patienceMs / 1000} s: ${lastLine(logFile)}`));
    }, patienceMs);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const line = text.split('\n').find((one) => one.startsWith('{"ready":true'));
      if (line === undefined || !text.includes('\n')) return;
      clearTimeout(late);
      resolve(JSON.parse(line) as Record<string, unknown>);
    });
    void ended.then(({ code, signal }) => {
      clearTimeout(late);
      reject(
        new NotStarted(
          `${name}: ended with ${signal ?? `code ${code}`} before it was ready: ${lastLine(logFile)}`,
        ),
      );
    });
  });
}

/** The last thing that a process said, for who reads it at three in the morning; on a full disk it could say nothing more. */
export function lastLine(logFile: string): string {
  const folder = dirname(logFile);
  try {
    if (statfsSync(folder).bavail === 0) return `disk full: free space at ${folder}, then start again`;
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    return (
      lines.findLast((line) => line !== '' && !line.startsWith('    at ')) ??
      `it said nothing: see ${logFile}`
    );
  } catch {
    return `see ${logFile}`;
  }
}
