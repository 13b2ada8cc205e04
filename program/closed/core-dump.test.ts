/** A process that holds a key leaves no core dump, opens no debugger, and shows its memory to nobody of its own user. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const folder = mkdtempSync(join(tmpdir(), 'kuramori-core-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Waits for ever; the closed one after it has closed its memory. */
const [closed, open] = ['waits-closed.ts', 'waits.ts'].map((name) => join(here, '..', 'testing', name)) as [
  string,
  string,
];

/** Under a shell that allows the largest dump: the process must forbid it by itself. */
async function start(program: string, flags: readonly string[] = []) {
  const line = [
    '-c',
    'ulimit -c unlimited 2>/dev/null; exec "$@"',
    'sh',
    process.execPath,
    ...flags,
    program,
  ];
  const child = spawn('/bin/sh', line, { cwd: folder, env: { NODE_NO_WARNINGS: '1' } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, said }));
  await Promise.race([once(child.stdout, 'data'), ended]);
  return { child, ended };
}

async function coresAfter(program: string, signal: NodeJS.Signals): Promise<readonly string[]> {
  const { child, ended } = await start(program);
  child.kill(signal);
  expect(await ended).toMatchObject({ signal });
  return readdirSync(folder).filter(
    (name) => name.startsWith('core') && rmSync(join(folder, name)) === undefined,
  );
}

const pattern =
  process.platform === 'linux' ? readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim() : '';
const limits = spawnSync('/bin/sh', ['-c', 'ulimit -Hc'], { encoding: 'utf8' }).stdout.trim();
/** Else the kernel gives the dump to a program or a folder elsewhere, and the control could not be seen. */
const dumpsHere = /^core[^/]*$/.test(pattern) && limits === 'unlimited';

describe.skipIf(!dumpsHere)('where the machine writes core dumps', () => {
  it.each(['SIGABRT', 'SEGV', 'SIGQUIT'] as const)('none is left after %s', async (name) => {
    const signal = name === 'SEGV' ? 'SIGSEGV' : name;
    expect(await coresAfter(closed, signal)).toEqual([]);
  });

  it('and an open process leaves one, so the test would see it', async () => {
    expect(await coresAfter(open, 'SIGABRT')).toHaveLength(1);
  });
});

describe.skipIf(process.platform !== 'linux')('a closed process', () => {
  it('says that it may not be dumped, to file, pipe or socket, and may not raise the limit again', async () => {
    const { child, ended } = await start(closed);
    const { pid } = child;
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size +0 +0 /m);
    const owner = spawnSync('stat', ['-c', '%U', `/proc/${pid}/mem`], { encoding: 'utf8' }).stdout.trim();
    // What is not dumpable belongs to root in proc(5), whoever runs it.
    expect(owner).toBe('root');
    child.kill();
    await ended;
  });

  it('opens no debugger at SIGUSR1', async () => {
    const { child, ended } = await start(closed);
    child.kill('SIGUSR1');
    await once(child.stderr, 'data');
    child.kill();
    const { said } = await ended;
    expect(said).toMatch(/no debugger here/);
    expect(said).not.toMatch(/listening/);
  });

  it('has given up the way to native code before the next import runs', async () => {
    const read = `--allow-fs-read=${root}`;
    const { child, ended } = await start(closed, ['--permission', '--allow-ffi', read]);
    child.kill();
    expect((await ended).said).toMatch(/native code: ERR_ACCESS_DENIED/);
    const free = await start(open, ['--permission', '--allow-ffi', read]);
    free.child.kill();
    expect((await free.ended).said).toMatch(/native code: open/);
  });

  it.each([
    ['--inspect=0', /--inspect=0 would show its memory: start it without/],
    ['--heapsnapshot-signal=SIGUSR2', /would show its memory/],
    ['--report-on-signal', /would show its memory/],
    ['--cpu-prof', /would show its memory/],
    ['--abort-on-uncaught-exception', /would show its memory/],
    ['--permission', /give --allow-ffi beside --permission/],
  ])('does not start with %s', async (flag, line) => {
    const { ended } = await start(closed, [
      flag,
      ...(flag === '--permission' ? [`--allow-fs-read=${root}`] : []),
    ]);
    const { code, said } = await ended;
    expect(code).toBe(1);
    expect(said).toMatch(line);
  });
});

/** The caller changes its user first, so that the process is of a user without powers. */
const asNobody = process.getuid?.() === 0 && process.platform === 'linux';

describe.skipIf(!asNobody)('another process of the same user (tried where the test is root)', () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  function reads(pid: number | undefined): boolean {
    const script = `head -c 1 /proc/${pid}/environ >/dev/null 2>&1 && ls -l /proc/${pid}/exe >/dev/null 2>&1 && exec 3</proc/${pid}/mem`;
    return spawnSync('/bin/sh', ['-c', script], nobody).status === 0;
  }
  function startAs(program: string) {
    return spawn(process.execPath, [program], { ...nobody, cwd: '/', env: { NODE_NO_WARNINGS: '1' } });
  }

  it('reads the memory of an open one, and not of a closed one', async () => {
    for (const [program, readable] of [
      [open, true],
      [closed, false],
    ] as const) {
      const child = startAs(program);
      await once(child.stdout, 'data');
      expect(reads(child.pid), program).toBe(readable);
      child.kill();
    }
  });
});
