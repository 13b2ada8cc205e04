import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPrivateKey } from '@kuramori/chains/nem/codec';
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeConfigInput } from '../index.ts';
import { harvester, person, startTime } from './node-under-test.testing.ts';

const root = new URL('../../..', import.meta.url).pathname;
const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true }));
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exited: Promise<number | null>;
}

/** Starts main.ts with these settings, allowed nothing but loopback, its own code and its data folder. */
function run(settings: object): Run {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-process-'));
  folders.push(folder);
  const file = join(folder, 'settings.json');
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder);
  writeFileSync(file, JSON.stringify({ ...usual, dataFolder, ...settings }));
  const permissions = ['--permission', '--allow-net', `--allow-fs-read=${root}`, `--allow-fs-read=${folder}`];
  const flags = [...permissions, `--allow-fs-write=${dataFolder}`, '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, join(root, 'sandbox/devnet/main.ts'), file], {
    cwd: root,
  });
  children.push(child);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, exited };
}

const usual: Omit<NodeConfigInput, 'dataFolder'> = {
  port: 0,
  genesis: {
    network: 'mainnet',
    timestamp: startTime,
    harvester: harvester.publicKey,
    balances: [{ address: person('account').address, amount: '1000000' }],
  },
  harvest: { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 0 },
};

async function ready({ output, errors, exited }: Run): Promise<string> {
  await Promise.race([expect.poll(output, { timeout: 10_000 }).toContain('\n'), exited]);
  const line: unknown = JSON.parse(output() === '' ? errors() : output());
  expect(line).toEqual({ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[0-9]+$/) });
  return Object(line).url;
}

describe('the process', () => {
  it('says when it listens, and stops at SIGTERM', async () => {
    const started = run({});
    const url = await ready(started);
    expect(await (await fetch(`${url}/chain/height`)).json()).toEqual({ height: 1 });
    const made = await fetch(`${url}/devnet/control/harvest`, { method: 'POST' });
    expect(await made.json()).toMatchObject({ height: 2 });
    started.child.kill('SIGTERM');
    expect(await started.exited).toBe(0);
    expect(started.errors()).toBe('');
  });

  it('stops with its parent if it is told to', async () => {
    const started = run({ exitWithParent: true });
    await ready(started);
    started.child.stdin?.end();
    expect(await started.exited).toBe(0);
  });

  it('names the port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exited, errors } = run({ port });
    expect(await exited).toBe(1);
    expect(errors()).toBe(`devnet: port ${port} of 127.0.0.1 is in use\n`);
    server.close();
  });

  it.each([
    [{ host: '0.0.0.0' }, 'devnet: host: must be one of 127.0.0.1, ::1, localhost\n'],
    [{ peers: ['http://example.org:7890'] }, 'devnet: peers.0: must be on loopback\n'],
    [{ port: 'x' }, 'devnet: port: Invalid input: expected number, received string\n'],
    [{ prot: 1 }, 'devnet: settings: Unrecognized key: "prot"\n'],
    [
      { harvest: { privateKey: '11'.repeat(32) } },
      'devnet: harvest.privateKey: is not the key of genesis.harvester\n',
    ],
  ])('names the field of a bad setting: %j', async (settings, message) => {
    const { exited, errors, output } = run(settings);
    expect(await exited).toBe(1);
    expect(errors()).toBe(message);
    expect(output()).toBe('');
  });

  it('names a bad address of the genesis', async () => {
    const balances = [{ address: 'TCIARMFTTWRO3CH6OB43YGQVCV362KXJ4VKON7ZK', amount: '5' }];
    const { exited, errors } = run({ genesis: { ...usual.genesis, balances } });
    expect(await exited).toBe(1);
    expect(errors()).toBe('devnet: genesis.balances.0.address: is no mainnet address: wrong-network\n');
  });
});
