/** A process on a full disk: what it has said is on the disk, it ends with one line that says what to do, and goes on once there is room. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { mountDisk } from '../sandbox/chaos/disk.ts';
import { openLines, replaceBeside, replaceFile, writeNew } from './index.ts';

const program = join(dirname(fileURLToPath(import.meta.url)), 'testing/fills.ts');
const folder = mkdtempSync(join(tmpdir(), 'kuramori-full-'));
/** Not everybody may mount one; a limit on file sizes is there for all. */
const disk = mountDisk(folder, 256 * 1024, 'kuramori-test');
const onDisk = it.skipIf(disk === null);
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
afterAll(() => {
  disk?.[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The numbers of the lines that it said to be on the disk. */
  readonly said: readonly number[];
  readonly ready: { readonly cut: number; readonly began: number };
  readonly errors: readonly string[];
}

/** Runs it; its log goes to a file on the same disk, or to us. `limit` in 512 bytes: where no disk can be mounted. */
async function fills(log: string | null, limit?: number, ms = 60_000): Promise<Ended> {
  const args = [program, join(folder, 'lines')];
  const inShell = ['-c', `ulimit -S -f ${limit}; exec "$@"`, 'sh', process.execPath, ...args];
  const descriptor = log === null ? null : openSync(log, 'a');
  const child = spawn(
    limit === undefined ? process.execPath : '/bin/sh',
    limit === undefined ? args : inShell,
    {
      stdio: ['ignore', 'pipe', descriptor ?? 'pipe'],
      env: { NODE_NO_WARNINGS: '1' },
    },
  );
  if (descriptor !== null) closeSync(descriptor);
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const late = setTimeout(() => child.kill('SIGKILL'), ms);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  clearTimeout(late);
  const [ready = '{}', ...numbers] = out.trimEnd().split('\n');
  return {
    code,
    signal,
    said: numbers.map(Number),
    ready: JSON.parse(ready) as Ended['ready'],
    errors: err.trimEnd().split('\n'),
  };
}

const linesOn = (file: string) => readFileSync(file, 'utf8').split('\n');

/** Everything that was said is there, whole and in its order, and nothing else but a torn line that nobody was told of. */
function expectKept(file: string, said: readonly number[]): void {
  const whole = linesOn(file).slice(0, -1);
  expect(whole.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(said);
}

describe('a file of lines on a disk that is full', () => {
  onDisk(
    'really: one line that names the file and the folder, nothing lost, the torn line cut off at the next start',
    async () => {
      const first = await fills(null);
      expect(first).toMatchObject({ code: 1, signal: null });
      expect(first.errors.at(-1)).toBe(
        `fills: ${folder}/lines: disk full: free space at ${folder}, then start again`,
      );
      expect(first.said.length).toBeGreaterThan(50);
      expectKept(join(folder, 'lines'), first.said);
      const torn = linesOn(join(folder, 'lines')).at(-1)?.length ?? 0;
      expect(torn).toBeGreaterThan(0);

      // Started again before there is room: refused again, and nothing spoilt.
      const early = await fills(null);
      expect(early).toMatchObject({ code: 1, ready: { cut: torn, began: first.said.length } });
      expect(early.errors.at(-1)).toContain('disk full: free space at');
      expectKept(join(folder, 'lines'), [...first.said, ...early.said]);
    },
  );

  it('by a limit on file sizes: an error of the write, and no death by a signal', async () => {
    const first = await fills(null, 200);
    expect(first).toMatchObject({ code: 1, signal: null });
    expect(first.errors.at(-1)).toMatch(/lines: the size limit of files is reached: .*then start again$/);
    expect(first.said.length).toBeGreaterThan(20);
    expectKept(join(folder, 'lines'), first.said);
    const second = await fills(null, 300);
    expect(second.ready.began).toBe(first.said.length);
    expectKept(join(folder, 'lines'), [...first.said, ...second.said]);
  });
});

describe('a log on a disk that is full', () => {
  it('is given up, and does not end what it is about', async () => {
    // The log outgrows its limit long before the lines do: they are what it writes about.
    const file = join(folder, 'log');
    spawnSync('/bin/sh', ['-c', `head -c 102400 /dev/zero | tr '\\0' x > '${file}'`]);
    const ended = await fills(file, 200);
    expect(ended.signal).toBe(null);
    expect(ended.said.length).toBeGreaterThan(20);
    expect(readFileSync(file).length).toBe(102_400);
  });
});

describe('files that are written whole', () => {
  const big = 'x'.repeat(512 * 1024);

  onDisk('a replaced one stays what it was, and a new one that never was whole is not left behind', () => {
    const [old, made] = [join(folder, 'old'), join(folder, 'made')];
    replaceFile(old, 'old');
    expect(() => replaceFile(old, big)).toThrow(
      `${old}.next: disk full: free space at ${folder}, then start again`,
    );
    expect(readFileSync(old, 'utf8')).toBe('old');
    rmSync(`${old}.next`);
    expect(() => writeNew(made, big)).toThrow('disk full');
    // An empty file of that name would stand in the way of the key for ever.
    expect(existsSync(made)).toBe(false);
    writeNew(made, 'key');
    expect(readFileSync(made, 'utf8')).toBe('key');
  });

  onDisk(
    'one that is replaced beside other work stays what it was, and leaves no half of itself',
    async () => {
      const [old, below] = [join(folder, 'old'), join(folder, 'a', 'b', 'made')];
      await replaceBeside(old, 'old');
      await replaceBeside(below, Buffer.from('made'));
      await expect(replaceBeside(old, big)).rejects.toThrow(
        `${old}: disk full: free space at ${folder}, then start again`,
      );
      await expect(replaceBeside(below, big)).rejects.toThrow('disk full');
      expect(readdirSync(folder).sort()).toEqual(['a', 'old']);
      expect(readdirSync(dirname(below))).toEqual(['made']);
      expect([readFileSync(old, 'utf8'), readFileSync(below, 'utf8')]).toEqual(['old', 'made']);
    },
  );

  onDisk('an open file takes nothing more once a write has failed, also when there is room again', () => {
    const file = join(folder, 'lines');
    using lines = openLines(file);
    lines.append({ n: 1 });
    disk?.fill();
    expect(() => lines.append({ big })).toThrow('disk full');
    disk?.free();
    expect(() => lines.append({ n: 2 })).toThrow(/an earlier write failed/);
    using again = openLines(file);
    expect(again.lines).toEqual(['{"n":1}']);
    again.append({ n: 2 }, { n: 3 });
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });
});
