/** A node whose disk is full: it ends with one line, has told nobody of a block that is not on the disk, and goes on where it was. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPrivateKey } from '@kuramori/chains/nem/codec';
import { replaceFile } from '@kuramori/program';
import { afterAll, afterEach, expect, it } from 'vitest';
import { limitDisk, mountDisk, type Disk } from '../../chaos/disk.ts';
import type { NodeConfigInput } from '../index.ts';
import { harvester, person, startTime } from './node-under-test.testing.ts';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'kuramori-node-'));
const dataFolder = join(folder, 'data');
const settings: NodeConfigInput = {
  port: 0,
  dataFolder,
  clockFile: join(folder, 'clock.json'),
  genesis: {
    network: 'mainnet',
    timestamp: startTime,
    harvester: harvester.publicKey,
    balances: [{ address: person('account').address, amount: '1000000' }],
  },
  harvest: { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 0 },
};
mkdirSync(dataFolder);
let minutes = 0;
/** A block may be only seconds ahead of the clock. */
function aMinutePasses(): void {
  minutes += 1;
  replaceFile(join(folder, 'clock.json'), JSON.stringify({ offsetMs: minutes * 60_000 }));
}
aMinutePasses();
writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
const mounted = mountDisk(dataFolder, 64 * 1024, 'kuramori-test');
const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(() => {
  mounted?.[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function start() {
  const child = spawn(
    process.execPath,
    [join(root, 'sandbox/devnet/main.ts'), join(folder, 'settings.json')],
    { cwd: root, env: { NODE_NO_WARNINGS: '1' } },
  );
  children.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const [line] = (await Promise.race([once(child.stdout, 'data'), exited.then(() => [errors])])) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const ask = async (path: string, method = 'GET') => {
    if (method === 'POST') aMinutePasses();
    const init = { method, headers: { 'content-type': 'application/json' } };
    const answer = await fetch(url + path, method === 'GET' ? init : { ...init, body: '{}' }).catch(
      () => null,
    );
    return answer?.ok === true ? ((await answer.json()) as { height: number }) : null;
  };
  const height = async () => (await ask('/chain/height'))?.height ?? 0;
  return { pid: child.pid ?? 0, exited, errors: () => errors, ask, height };
}

const limited: Disk | null = limitDisk(() => children.map(({ pid }) => pid ?? 0));
it.each([
  ['a small file system', mounted],
  ['a limit on file sizes', limited],
] as const)('by %s', async (_how, disk) => {
  // The other way must then be there.
  if (disk === null) return expect(mounted ?? limited).not.toBe(null);
  const node = await start();
  for (let made = 0; made < 5; made += 1) await node.ask('/devnet/control/harvest', 'POST');
  disk.fill();
  let told = await node.height();
  for (let asked = 0; asked < 200; asked += 1) {
    if ((await node.ask('/devnet/control/harvest', 'POST')) === null) break;
    told = await node.height();
  }
  expect(await node.exited).toBe(1);
  expect(node.errors().trimEnd().split('\n').at(-1)).toMatch(
    /^devnet: .*blocks\.jsonl: (disk full: free space at|the size limit of files is reached: .* free space at) .*, then start again$/,
  );
  disk.free();
  const again = await start();
  expect(await again.height()).toBe(told);
  await again.ask('/devnet/control/harvest', 'POST');
  expect(await again.height()).toBe(told + 1);
  // Not a line is glued to the half of another.
  for (const line of readFileSync(join(dataFolder, 'blocks.jsonl'), 'utf8').trimEnd().split('\n'))
    expect(() => JSON.parse(line) as unknown).not.toThrow();
  return undefined;
});
