/** Somebody changes code on a host: under a running process, by every way that leaves a file looking as it was. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, hashing, listOf, measuring, readList, unread } from './code/digest.ts';
import { codeFiles, type Tree } from './code/files.ts';
import { inSlices } from './code/slices.ts';
import { watchCode, type CodeWatch } from './code/watch.ts';

let root: string;
let tree: Tree;
const at = (name: string) => join(root, name);
function write(name: string, text: string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

/** A project as small as can be: a co-signer's rooms, a package, and one inside of that. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kuramori-code-'));
  write('package.json', '{}');
  for (const room of ['program', 'chains']) write(`${room}/package.json`, '{}');
  write('core/package.json', JSON.stringify({ dependencies: { zod: '1' } }));
  write('core/judge.ts', 'deny');
  write('core/limits.ts', 'most');
  write('signers/package.json', JSON.stringify({ dependencies: { '@kuramori/core': '1' } }));
  write('signers/cosigner/main.ts', 'sign');
  write(
    'node_modules/zod/package.json',
    JSON.stringify({
      dependencies: { inner: '1' },
      optionalDependencies: { native: '1' },
      peerDependencies: { tool: '1' },
      peerDependenciesMeta: { tool: { optional: true } },
    }),
  );
  write('node_modules/zod/index.js', 'parse');
  write('node_modules/zod/node_modules/inner/package.json', '{}');
  write('node_modules/unrelated/index.js', 'other');
  write('bin/node', 'node itself');
  mkdirSync(at('node_modules/@kuramori'));
  symlinkSync('../../core', at('node_modules/@kuramori/core'));
  tree = { root, kind: 'cosigner', node: at('bin/node') };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = () => [...codeFiles(tree)].map(({ name }) => name).toSorted();
async function measure() {
  const measured = await inSlices(measuring(tree), 0);
  if (!measured) throw new Error('was told to end');
  return measured;
}
const digest = async () => (await measure()).digest;

describe('what is measured', () => {
  it('is Node, the rooms and the packages that they declare, each file once', () => {
    expect(names()).toEqual([
      'chains/package.json',
      'core/judge.ts',
      'core/limits.ts',
      'core/package.json',
      'node',
      'node_modules/zod/index.js',
      'node_modules/zod/node_modules/inner/package.json',
      'node_modules/zod/package.json',
      'package.json',
      'program/package.json',
      'signers/cosigner/main.ts',
      'signers/package.json',
    ]);
  });

  it('is by whatever a package declares: an optional one once it is there, and one that is missing', async () => {
    const before = await digest();
    write('node_modules/tool/index.js', 'of no interest');
    expect(await digest()).toBe(before);
    write('node_modules/native/index.js', 'loaded by whoever finds it');
    expect(names()).toContain('node_modules/native/index.js');
    expect(await digest()).not.toBe(before);
    rmSync(at('node_modules/native'), { recursive: true });
    rmSync(at('node_modules/zod'), { recursive: true });
    expect((await measure()).hashes.get('node_modules/zod')).toBe(unread);
  });

  it('is this project’s: the rooms as npm has installed them', () => {
    const [real] = [join(import.meta.dirname, '..')];
    const all = [...codeFiles({ root: real, kind: 'cosigner', node: process.execPath })];
    expect(all.length).toBeGreaterThan(500);
    expect(all.filter(({ stats }) => stats === null)).toEqual([]);
    expect(all.filter(({ name }) => name.startsWith('custody/') || name.includes('/vite'))).toEqual([]);
  });
});

describe('the digest', () => {
  it('is what sha256sum says, and sorted by bytes, whatever order a disk gives', async () => {
    const { hashes, digest: ours } = await measure();
    const list = listOf(hashes);
    expect(listOf(new Map([...hashes].toReversed()))).toBe(list);
    const lines = [...hashes.keys()].map((name) => (name === 'node' ? 'bin/node' : name)).join('\0');
    const theirs = execFileSync('sh', ['-c', 'tr "\\0" "\\n" | LC_ALL=C sort | xargs sha256sum'], {
      cwd: root,
      input: lines,
      encoding: 'utf8',
    });
    const sorted = theirs.replace('  bin/node\n', '  node\n').split('\n').filter(Boolean);
    expect(list.split('\n').filter(Boolean).toSorted()).toEqual(sorted.toSorted());
    expect(digestOf(list)).toBe(ours);
    expect(readList(list)).toEqual(new Map(readList(list)));
    expect(Object.fromEntries(readList(list) ?? [])).toEqual(Object.fromEntries(hashes));
  });

  it('is the same wherever the project lies, and whatever times and modes its files have', async () => {
    const before = await digest();
    const elsewhere = `${root}-moved`;
    renameSync(root, elsewhere);
    root = elsewhere;
    tree = { root, kind: 'cosigner', node: at('bin/node') };
    chmodSync(at('core/judge.ts'), 0o600);
    expect(await digest()).toBe(before);
  });

  const attacks: readonly (readonly [what: string, act: () => void])[] = [
    ['one letter changed', () => writeFileSync(at('core/judge.ts'), 'dEny')],
    ['another Node', () => writeFileSync(at('bin/node'), 'node, and more')],
    ['a file renamed', () => renameSync(at('core/judge.ts'), at('core/judgf.ts'))],
    [
      'two files that take each other’s place',
      () => {
        renameSync(at('core/judge.ts'), at('core/x'));
        renameSync(at('core/limits.ts'), at('core/judge.ts'));
        renameSync(at('core/x'), at('core/limits.ts'));
      },
    ],
    ['a file more', () => write('core/deep/in/there.ts', '')],
    ['a file less', () => rmSync(at('core/limits.ts'))],
    [
      'a package beside a room, found before the right one',
      () => write('core/node_modules/zod/index.js', 'x'),
    ],
    ['a file behind a room’s back', () => symlinkSync('/etc/hostname', at('core/link.ts'))],
    [
      'a room’s link that leads away',
      () => {
        rmSync(at('node_modules/@kuramori/core'));
        mkdirSync(at('elsewhere'));
        copyFileSync(at('core/package.json'), at('elsewhere/package.json'));
        symlinkSync('../../elsewhere', at('node_modules/@kuramori/core'));
      },
    ],
    ['a name that would be two lines of the list', () => write(`core/a\n${'0'.repeat(64)}  b`, '')],
    ['a pipe, which nobody writes to', () => execFileSync('mkfifo', [at('core/pipe')])],
    ['a folder that leads back into itself', () => symlinkSync('..', at('core/round'))],
  ];
  it.each(attacks)('%s: is another one', async (_, act) => {
    const before = await digest();
    act();
    expect(await digest()).not.toBe(before);
  });

  it('a link counts as what it leads to', async () => {
    const before = await digest();
    renameSync(at('core/judge.ts'), at('judge.ts'));
    symlinkSync('../judge.ts', at('core/judge.ts'));
    expect(await digest()).toBe(before);
    write('judge.ts', 'allow');
    expect(await digest()).not.toBe(before);
  });

  it('a name cannot pose as two, nor be lost in a list', () => {
    const odd = new Map([
      ['a\nb', unread],
      ['c\\n', unread],
      ['d\r', unread],
    ]);
    expect(listOf(odd).split('\n')).toHaveLength(4);
    expect(readList(listOf(odd))).toEqual(odd);
    for (const bad of ['', 'x\n', `${unread}  a`, `${unread} a\n`]) expect(readList(bad), bad).toBeNull();
  });
});

describe('a process that runs', () => {
  let watch: CodeWatch;
  afterEach(() => watch[Symbol.dispose]());
  async function until(what: string, look: () => boolean): Promise<void> {
    const began = performance.now();
    while (!look()) {
      if (performance.now() - began > 10_000) throw new Error(`waited for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  const files = () => watch.state()?.changed.map(({ file }) => file) ?? [];
  async function watching(): Promise<void> {
    watch = watchCode(tree, () => 7, { everyMs: 50, restMs: 0 });
    await until('the digest', () => watch.state() !== null);
  }

  it('says what its code is, and nothing else while nobody changes it', async () => {
    await watching();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(watch.state()).toEqual({ digest: await digest(), measuredAt: 7, changed: [] });
  });

  it('sees an edit, and keeps the digest that it started with', async () => {
    const before = await digest();
    await watching();
    write('core/judge.ts', 'allow');
    await until('the change', () => files().includes('core/judge.ts'));
    expect(watch.state()).toEqual({
      digest: before,
      measuredAt: 7,
      changed: [{ file: 'core/judge.ts', at: 7 }],
    });
  });

  it('sees one of the same size whose time is put back, in place and by another file', async () => {
    write('stamp', '');
    for (const name of ['core/judge.ts', 'core/limits.ts'])
      execFileSync('touch', ['-r', at('stamp'), at(name)]);
    await watching();
    const before = ['core/judge.ts', 'core/limits.ts'].map((name) => statSync(at(name)));
    write('core/judge.ts', 'evil');
    write('core/other', 'evil');
    renameSync(at('core/other'), at('core/limits.ts'));
    for (const name of ['core/judge.ts', 'core/limits.ts'])
      execFileSync('touch', ['-r', at('stamp'), at(name)]);
    // The first look of those who look: nothing is to be seen.
    expect(['core/judge.ts', 'core/limits.ts'].map((name) => statSync(at(name)).size)).toEqual(
      before.map(({ size }) => size),
    );
    expect(statSync(at('core/judge.ts')).mtimeMs).toBe(before[0]?.mtimeMs);
    await until('both', () => files().includes('core/judge.ts') && files().includes('core/limits.ts'));
  });

  it('sees a new file, one that is gone, a package put before another, and Node itself', async () => {
    await watching();
    write('signers/cosigner/more.ts', 'x');
    rmSync(at('core/limits.ts'));
    write('core/node_modules/zod/index.js', 'x');
    write('bin/node', 'another');
    await until('all', () => files().length === 4);
    expect(files().toSorted()).toEqual([
      'core/limits.ts',
      'core/node_modules/zod/index.js',
      'node',
      'signers/cosigner/more.ts',
    ]);
  });

  it('says nothing of modes and times alone', async () => {
    await watching();
    chmodSync(at('core/judge.ts'), 0o600);
    execFileSync('touch', [at('core/limits.ts')]);
    write('core/last.ts', '');
    await until('a real one', () => files().length > 0);
    expect(files()).toEqual(['core/last.ts']);
  });

  it('keeps the newest sixteen, each once, and long names by their ends', async () => {
    await watching();
    const deep = `core/${'long/'.repeat(60)}end.ts`;
    for (let count = 0; count < 40; count += 1) write(`core/${count}.ts`, '');
    await until('them', () => files().length === 16);
    write(deep, '');
    await until('the deep one', () => files().at(-1)?.endsWith('/end.ts') === true);
    expect(files()).toHaveLength(16);
    expect(Math.max(...files().map(({ length }) => length))).toBeLessThanOrEqual(255);
  });

  it('misses nothing that is changed while it still measures', async () => {
    write('bin/node', 'x'.repeat(64 * 1024 * 1024));
    watch = watchCode(tree, () => 7, { everyMs: 50, restMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(watch.state()).toBeNull();
    write('core/judge.ts', 'evil');
    await until('the digest', () => watch.state() !== null);
    expect(files()).toEqual(['core/judge.ts']);
  });

  it('lets others work: no slice is long, however large a file', () => {
    write('bin/node', 'x'.repeat(8 * 1024 * 1024));
    const [node] = codeFiles(tree);
    if (!node) throw new Error('no Node');
    expect([...hashing(node)].length).toBeGreaterThan(16);
    expect(readFileSync(at('bin/node')).length).toBe(8 * 1024 * 1024);
  });
});
