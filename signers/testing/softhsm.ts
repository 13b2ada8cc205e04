/** A SoftHSM (Debian's softhsm2) with a token of its own in a temporary folder, and its process. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const library = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));

/** Whether the machine has it. `.ci/run` installs it, and demands it by KURAMORI_REQUIRE_SOFTHSM. */
export const hasSoftHsm = (): boolean => {
  const there =
    library !== undefined && spawnSync('softhsm2-util', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!there && process.env['KURAMORI_REQUIRE_SOFTHSM'] === '1')
    throw new Error('SoftHSM is required and not here: apt-get install softhsm2');
  return there;
};

export interface SoftHsm extends Disposable {
  readonly folder: string;
  readonly socket: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pin: string;
  readonly configFile: string;
  /** Makes a key in the token by the project's own program; gives the line of JSON that it printed, or throws its last word. */
  readonly make: (kind: 'wrapping' | 'secp256k1', label: string) => Record<string, unknown>;
  /** Starts the HSM's process and waits until it is ready. */
  readonly start: () => Promise<{ readonly child: ChildProcess; readonly ready: Record<string, unknown> }>;
}

export function softHsm(): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-hsm-'));
  const at = (name: string) => join(folder, name);
  mkdirSync(at('tokens'));
  writeFileSync(at('softhsm2.conf'), `directories.tokendir = ${at('tokens')}\nlog.level = ERROR\n`);
  const environment = { SOFTHSM2_CONF: at('softhsm2.conf') };
  const pin = '1234';
  const init = ['--init-token', '--free', '--label', 'kuramori', '--so-pin', '12345678', '--pin', pin];
  const made = spawnSync('softhsm2-util', init, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`softhsm2-util: ${made.stderr}`);
  writeFileSync(at('pin'), `${pin}\n`, { mode: 0o600 });
  writeFileSync(
    at('config.json'),
    JSON.stringify({ socket: at('socket'), library, environment, token: 'kuramori', pin: at('pin') }),
  );
  const code = ['package.json', 'node_modules', 'core', 'program', 'chains', 'signers'];
  const flags = [
    '--permission',
    '--allow-net',
    '--allow-ffi',
    ...[...code.map((name) => join(root, name)), folder].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}`,
  ];
  const options = { cwd: folder, env: { NODE_NO_WARNINGS: '1', PATH: '/usr/bin:/bin' } };
  const program = (name: string) => [...flags, join(root, 'signers/hsm', name), at('config.json')];
  return {
    folder,
    socket: at('socket'),
    environment,
    pin,
    configFile: at('config.json'),
    make(kind, label) {
      const done = spawnSync(process.execPath, [...program('make.ts'), kind, label], {
        ...options,
        encoding: 'utf8',
      });
      if (done.status !== 0) throw new Error(done.stderr.trimEnd().split('\n').at(-1));
      return JSON.parse(done.stdout) as Record<string, unknown>;
    },
    async start() {
      const child = spawn(process.execPath, program('main.ts'), options);
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [unknown];
      if (!(first instanceof Buffer)) throw new Error(said.trimEnd().split('\n').at(-1));
      return { child, ready: JSON.parse(first.toString()) as Record<string, unknown> };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
