/**
 * Somebody edits code on a host, in a house of real processes that run from a copy of this tree: whoever runs tells it before
 * it is started again, and whoever was started with it is of no release.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pagerRoutes, signerRoutes, watchtowerRoutes, type Code } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { codeOf, type CodeKind } from '@kuramori/program';
import { copyCode } from '../program/testing/copy-code.ts';
import { until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';
import { root } from './process.ts';

let folder: string;
/** The host whose code is changed; the second co-signer stands on another. */
let host: string;
let house: House;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-release-'));
  // The rooms' users must read what they run.
  chmodSync(folder, 0o755);
  host = join(folder, 'host');
  copyCode(host, Object.keys(codeOf) as CodeKind[]);
  house = await openHouse(
    {
      ...servingHouse(join(folder, 'house')),
      ephemeral: true,
      treeOf: (process) => (process === 'signer-2' ? root : host),
    },
    { step: () => {} },
  );
}, 150_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function codeOfSigner(): Promise<Code | null> {
  const status = await call(whereOf(house.plan, 'signer-1'), signerRoutes.status, {});
  return status.kind === 'status' ? status.code : null;
}
async function tower() {
  const status = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(JSON.stringify(status));
  return status;
}
const signsOf = async (event: string) => (await tower()).signs.filter((sign) => sign.startsWith(event));
const told = (): readonly {
  readonly event: string;
  readonly process?: string;
  readonly files?: string[];
}[] => {
  const file = join(house.plan.folder, 'watchtower', 'incident.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as { event: string });
};
const [ofNoRelease, changed] = [
  'a process runs code of no release',
  'code was changed under a running process',
];
const patience = 180_000;

it(
  'as it was released, wherever it lies, it is what the house has pinned',
  async () => {
    const { cosigner, watchtower } = await house.plan.release;
    const code = await until(
      'the co-signer to know its code',
      async () => (await codeOfSigner()) ?? undefined,
    );
    expect([code.digest]).toEqual(cosigner);
    const own = await until('the watchtower to know its own', async () => (await tower()).code ?? undefined);
    expect([own.digest]).toEqual(watchtower);
    for (const name of ['custody', 'pager'] as const) {
      const log = house.running.get(name)?.logFile ?? '';
      const pinned = (await house.plan.release)[name][0] ?? 'none';
      const isMeasured = async () => (readFileSync(log, 'utf8').includes(pinned) ? true : undefined);
      await until(`${name} to know its own`, isMeasured);
    }
    expect(await signsOf(ofNoRelease)).toEqual([]);
    expect(await signsOf(changed)).toEqual([]);
  },
  patience,
);

it(
  'an edit under processes that run is told of each of them, before any is started again, and freezes nothing',
  async () => {
    writeFileSync(
      join(host, 'core/judge.ts'),
      `${readFileSync(join(host, 'core/judge.ts'), 'utf8')}// mine now\n`,
    );
    const processes = () =>
      told()
        .filter(({ event, files }) => event === changed && files?.includes('core/judge.ts') === true)
        .flatMap(({ process }) => process?.replace(/^custody .*/, 'custody') ?? []);
    // A look every ten seconds, custody's word every five; and a machine that is busy with tests.
    await until(
      'all who run it to be told',
      async () => (new Set(processes()).size === 4 ? true : undefined),
      45_000,
    );
    expect(processes().toSorted()).toEqual(['custody', 'signer-1', 'the pager', 'this watchtower']);
    expect((await tower()).frozen).toBeNull();
    const pages = await until('a page', async () => {
      const answer = await call(whereOf(house.plan, 'pager'), pagerRoutes.pages, { all: true });
      return answer.kind === 'pages' && answer.pages.some(({ topic }) => topic === changed)
        ? answer
        : undefined;
    });
    expect(pages.kind).toBe('pages');
  },
  patience,
);

it(
  'so is a package’s file of the same size whose time was put back, and a file more beside what is loaded',
  async () => {
    const file = join(host, 'node_modules/zod/index.js');
    const stamp = join(folder, 'stamp');
    execFileSync('touch', ['-r', file, stamp]);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    );
    execFileSync('touch', ['-r', stamp, file]);
    appendFileSync(join(host, 'signers/cosigner/more.ts'), 'export const x = 1;\n');
    await until('the co-signer to see both', async () => {
      const files = (await codeOfSigner())?.changed.map((one) => one.file) ?? [];
      const both = ['node_modules/zod/index.js', 'signers/cosigner/more.ts'];
      return both.every((one) => files.includes(one)) ? true : undefined;
    });
    // As it was, so that it can be started.
    writeFileSync(file, text);
  },
  patience,
);

it(
  'started with it, the co-signer is of no release',
  async () => {
    const { cosigner } = await house.plan.release;
    await house.restart('signer-1');
    const code = await until(
      'the co-signer to know its code',
      async () => (await codeOfSigner()) ?? undefined,
    );
    expect(code.changed).toEqual([]);
    expect(cosigner).not.toContain(code.digest);
    const said = await until('the watchtower to tell', async () =>
      told().find(({ event, process }) => event === ofNoRelease && process === 'signer-1'),
    );
    expect(said).toMatchObject({ digest: code.digest, pinned: cosigner });
  },
  patience,
);

it(
  'from outside, by another checkout, the files are named',
  async () => {
    const lists = join(folder, 'lists');
    const run = (...args: readonly string[]) => {
      const ran = spawnSync(process.execPath, [join(root, 'cli/main.ts'), 'release', ...args], {
        encoding: 'utf8',
        env: { NODE_NO_WARNINGS: '1' },
      });
      return { code: ran.status, out: ran.stdout.trim(), err: ran.stderr.trim().split('\n') };
    };
    const published = run('--json', '--manifest', lists);
    expect(published).toMatchObject({ code: 0, err: [''] });
    const digests = JSON.parse(published.out) as Record<CodeKind, string>;
    expect(await house.plan.release).toEqual(
      Object.fromEntries(Object.entries(digests).map(([kind, digest]) => [kind, [digest]])),
    );
    const { cosigner } = digests;
    const here = ['verify', '--room', 'cosigner', '--digest', cosigner, '--node', process.execPath];
    expect(run(...here)).toMatchObject({ code: 0 });
    const manifest = join(lists, 'cosigner.sha256');
    const there = run(...here, '--root', host, '--manifest', manifest, '--json');
    expect(there.code).toBe(1);
    expect(there.err).toEqual(['changed: core/judge.ts', 'added: signers/cosigner/more.ts']);
    expect(JSON.parse(there.out)).toMatchObject({
      same: false,
      differ: [{ what: 'changed' }, { what: 'added' }],
    });
    expect(run(...here, '--root', join(folder, 'nowhere')).code).toBe(1);
    // Whoever gives another list, or half a digest, is told so.
    const [first] = run(...here, '--manifest', join(lists, 'custody.sha256')).err;
    expect(first).toMatch(/custody\.sha256: is the list of .* take that release’s own/);
    expect(run('verify', '--room', 'cosigner', '--digest', 'abc')).toMatchObject({ code: 2 });
    expect(run('verify', '--room', 'ledger', '--digest', cosigner)).toMatchObject({ code: 2 });
    // With other tools: Node lies where it lies.
    const list = readFileSync(manifest, 'utf8').replace('  node\n', `  ${process.execPath}\n`);
    const checked = spawnSync('sha256sum', ['--check', '--quiet'], {
      cwd: root,
      input: list,
      encoding: 'utf8',
    });
    expect([checked.status, checked.stdout]).toEqual([0, '']);
  },
  patience,
);
