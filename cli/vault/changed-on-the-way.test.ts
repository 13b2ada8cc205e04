/** The folder for an offline machine: two builds are one, it needs nothing that is not in it, whoever changes a file of it is told, and nothing in it reaches a network. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionFlags, signerRooms } from '@kuramori/program';
import { root } from '../command.ts';
import { buildVault, type Built } from './build.ts';
import { hashesOf } from './measured.ts';

const at = mkdtempSync(join(tmpdir(), 'kuramori-offline-'));
const carried = join(at, 'carried');
let built: Built;
beforeAll(() => {
  built = buildVault(root, join(at, 'built'));
  // It runs elsewhere than it was made.
  renameSync(join(at, 'built'), carried);
}, 60_000);
afterAll(() => rmSync(at, { recursive: true, force: true }));

function start(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'kuramori-vault'), args, {
    encoding: 'utf8',
    cwd: at,
    input: '',
  });
  return { status, stdout, stderr };
}

describe('the folder', () => {
  it('is the same whoever builds it, and coreutils say so too', () => {
    const again = buildVault(root, join(at, 'again'));
    expect(again).toEqual(built);
    const list = readFileSync(join(carried, 'MANIFEST.sha256'));
    expect(createHash('sha256').update(list).digest('hex')).toBe(built.digest);
    // A link counts by where it leads, which coreutils cannot read as a file.
    const files = list
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.includes('node_modules/@kuramori/'));
    writeFileSync(join(at, 'files.sha256'), `${files.join('\n')}\n`);
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', join(at, 'files.sha256')], { cwd: carried });
    expect(files.length).toBeGreaterThan(100);
    for (const one of ['again', 'again.tar']) rmSync(join(at, one), { recursive: true });
  });

  it('has no package beside those that codecs and words need, no test, nothing of other rooms, and no path of where it was built', () => {
    expect(readdirSync(join(carried, 'node_modules'))).toEqual([
      '@fontsource',
      '@kuramori',
      '@noble',
      '@scure',
      'micro-eth-signer',
      'micro-packed',
      'qr',
      'zod',
    ]);
    expect(readdirSync(carried)).toEqual([
      'MANIFEST.sha256',
      'chains',
      'cli',
      'core',
      'kuramori-vault',
      'node',
      'node_modules',
      'package.json',
      'program',
      'signers',
    ]);
    const names = readFileSync(join(carried, 'MANIFEST.sha256'), 'utf8');
    expect(names).not.toMatch(/\.test\.ts|\/testing\/|\/node\/|signers\/cosigner/);
    for (const line of names.split('\n').filter((one) => /^[0-9a-f]{64} {2}(?!node$|node_modules)/.test(one)))
      expect(readFileSync(join(carried, line.slice(66)), 'utf8')).not.toContain(root);
  });

  it('is carried as one file, whose digest is sha256sum’s, and is the very folder once it is unpacked', () => {
    const tar = join(at, 'built.tar');
    expect(execFileSync('sha256sum', [tar], { encoding: 'utf8' }).split(' ')[0]).toBe(built.tar);
    const there = join(at, 'unpacked');
    mkdirSync(there);
    execFileSync('tar', ['-xf', tar, '-C', there]);
    expect(hashesOf(join(there, 'kuramori-vault'))).toEqual(hashesOf(carried));
    expect(start(join(there, 'kuramori-vault'), '--help')).toMatchObject({ status: 0 });
    rmSync(there, { recursive: true });
  });

  it('is not written over what is there', () => {
    expect(() => buildVault(root, carried)).toThrow('is there already: name a new folder');
  });
});

describe('on the offline machine', () => {
  it('says what it is, and finds no way out', () => {
    const { status, stdout, stderr } = start(carried, 'selftest');
    expect({ status, stderr }).toEqual({ status: 0, stderr: `kuramori-vault ${built.digest}\n` });
    expect(stdout.match(/ {2}refused$/gm)?.length).toBe(36);
    // SQLite is switched off, since it opens files past the flags for them.
    expect(stdout).toMatch(/a database in another’s file +not in this Node\n/);
  }, 30_000);

  it('makes keys, shares them onto paper, rehearses and tells their story, with nothing but itself', () => {
    const keys = join(at, 'keys');
    const present = ['--present', 'Aoki', '--present', 'Baba'];
    const made = start(carried, 'signer', 'create', keys, ...present, '--json');
    expect(made).toMatchObject({ status: 0 });
    expect(JSON.parse(made.stdout)).toMatchObject({ step: 'create', chainKey: expect.any(String) });
    const sticks = ['stick-1', 'stick-2', 'stick-3'].map((name) => join(at, name));
    for (const stick of sticks) mkdirSync(stick, { mode: 0o700 });
    const to = sticks.flatMap((stick) => ['--to', stick]);
    const onPaper = ['--shares', '2of3', ...to, '--although-together', '--paper', 'a4'];
    expect(start(carried, 'signer', 'share', keys, ...onPaper, ...present)).toMatchObject({ status: 0 });
    for (const stick of sticks) expect(readdirSync(stick)).toHaveLength(3);
    const told = () => start(carried, 'signer', 'transcript', keys);
    expect(told()).toMatchObject({ status: 0, stdout: expect.stringContaining('Aoki') });
    expect(told().stdout).toMatch(
      /\nshares: never rehearsed: a rehearsal is due; never tried: share-\d+-group-1-1, /,
    );
    const [one = '', two = ''] = sticks.map((stick) => join(stick, readdirSync(stick).sort()[2] ?? ''));
    const holders = ['--holder', 'Aoki', '--holder', 'Baba', ...present, '--present', 'Chiba'];
    expect(start(carried, 'signer', 'rehearse', keys, one, two, ...holders).stderr).toMatch(
      /come on one medium: whoever has it has all of them|is on a disk of this machine/,
    );
    const together = [...holders, '--although-together'];
    expect(start(carried, 'signer', 'rehearse', keys, one, two, ...together)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /it signs what this folder’s key signs[^]*rehearse: done\. Note on paper/,
      ),
    });
    expect(told().stdout).toMatch(
      /\nshares: last rehearsed on 20[0-9-]+; never tried: share-\d+-group-1-3\n/,
    );
  }, 30_000);

  it('refuses a request that is none in a line, and what is no command', () => {
    const request = join(at, 'request.json');
    writeFileSync(request, '{"policy":1}');
    expect(start(carried, 'rotate', join(at, 'nobody'), request)).toMatchObject({ status: 1, stdout: '' });
    expect(start(carried, 'rotate', join(at, 'nobody'), request).stderr).toContain('nobody: is no folder');
    const hsm = ['--hsm', '/run/hsm', '--wrapping-key', 'k'];
    expect(start(carried, 'signer', 'create', join(at, 'hsm'), ...hsm)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no HSM’s process on a machine without network'),
    });
    expect(start(carried, 'rotate')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('takes a folder, and a file or pictures'),
    });
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'a rule changed',
      (folder) => appendFileSync(join(folder, 'core', 'judge-rotation.ts'), '\n'),
      /core\/judge-rotation\.ts is changed/,
    ],
    [
      'a package added',
      (folder) => writeFileSync(join(folder, 'node_modules', 'zod', 'more.js'), ''),
      /node_modules\/zod\/more\.js is new/,
    ],
    ['a file gone', (folder) => rmSync(join(folder, 'signers', 'pins.ts')), /signers\/pins\.ts is gone/],
    [
      'a room that leads elsewhere',
      (folder) => {
        rmSync(join(folder, 'node_modules', '@kuramori', 'core'));
        cpSync(join(folder, 'core'), join(folder, 'node_modules', '@kuramori', 'core'), { recursive: true });
      },
      /node_modules\/@kuramori\/core/,
    ],
    [
      'the list itself',
      (folder) => writeFileSync(join(folder, 'MANIFEST.sha256'), 'nothing'),
      /MANIFEST\.sha256: is no list/,
    ],
  ])('%s: it does not start, and names it', (_, change, named) => {
    const folder = join(at, 'changed');
    // Node itself is large, and no part of what is changed here.
    cpSync(carried, folder, { recursive: true, verbatimSymlinks: true });
    change(folder);
    expect(start(folder, 'selftest')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(named),
    });
    rmSync(folder, { recursive: true });
  });
});

it('a process that may use the network is found out by the self-test', () => {
  const own = mkdtempSync(join(at, 'own-'));
  const flags = permissionFlags(root, own, { rooms: signerRooms, net: true, holdsKey: true });
  const args = [...flags, join(root, 'signers', 'offline', 'main.ts'), '/etc/passwd', at];
  const env = { NODE_NO_WARNINGS: '1' };
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: own, env });
  const { ways } = JSON.parse(stdout) as { ways: readonly { what: string; outcome: string }[] };
  const open = ways.filter(({ outcome }) => outcome === 'open').map(({ what }) => what);
  // By name and server, and listening: each kind of socket that Node has.
  expect(open).toHaveLength(21);
  expect(open).toEqual(
    expect.arrayContaining(['fetch', 'a WebSocket', 'a UDP datagram', 'looking up a name']),
  );
}, 30_000);
