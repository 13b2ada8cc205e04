/** A share or a passphrase on a stick whose file system keeps no modes: refused where others may read it, with what to do, which is not chmod. */
import { chmodSync, mkdtempSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readOwn, wouldBeRead } from './index.ts';
import { told } from './modes.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-modes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'share.txt');

describe('a file that others may read', () => {
  it.each([
    [0x4d44, 'FAT'],
    [0x2011bab0, 'exFAT'],
    [0x7366746e, 'NTFS'],
    [0x65735546, 'FUSE'],
    [0x15013346, 'UDF'],
    [0x9660, 'ISO 9660', 'mode=0400,dmode=0500'],
    [0xff534d42, 'CIFS', 'file_mode=0600,dir_mode=0700'],
    [0xfe534d42, 'SMB 2', 'file_mode=0600,dir_mode=0700'],
  ])(
    'on a medium of kind %i: says how to mount it, since chmod does nothing there',
    (kind, name, options = 'umask=077') => {
      const why = told('/media/aoi/share.txt', 0o100755, kind);
      expect(why).toMatch(
        /^\/media\/aoi\/share\.txt: others may read this secret \(mode 755\), .*umount it, and mount -o [a-z_=,0-7]+,uid=\d+ DEVICE FOLDER$/,
      );
      expect(why).toContain(`mount -o ${options},uid=`);
      expect(why).toContain(`(${name})`);
      expect(why).not.toContain('chmod');
    },
  );

  it('elsewhere: chmod', () => {
    writeFileSync(file, 'academic\n');
    chmodSync(file, 0o644);
    expect(() => readOwn(file)).toThrow(/share\.txt: others may read this secret \(mode 644\): chmod 600 it/);
    chmodSync(file, 0o600);
    expect(readOwn(file).toString()).toBe('academic\n');
  });
});

it('a folder of a disk that keeps modes takes files of their owner’s alone, whoever may look into it', () => {
  chmodSync(folder, 0o755);
  expect(statSync(folder).mode & 0o077).not.toBe(0);
  expect(statfsSync(folder).type).not.toBe(0x4d44);
  expect(wouldBeRead(folder)).toBeNull();
});
