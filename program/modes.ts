/** Modes: who but its owner may read a file; and what to do about it, which on a USB stick is another thing than elsewhere. */
import { statfsSync, statSync } from 'node:fs';

interface Modeless {
  readonly name: string;
  /** Of mount(8), for files that are their owner's alone. */
  readonly options: string;
}

/** File systems that keep no modes, by what Linux's statfs(2) calls them: what a file seems to have is the mount's. */
const modeless: ReadonlyMap<number, Modeless> = new Map([
  [0x4d44, masked('FAT')],
  [0x2011bab0, masked('exFAT')],
  [0x7366746e, masked('NTFS')],
  // ntfs-3g and the older exFAT.
  [0x65735546, masked('FUSE')],
  [0x15013346, masked('UDF')],
  [0x9660, { name: 'ISO 9660', options: 'mode=0400,dmode=0500' }],
  [0xff534d42, shared('CIFS')],
  [0xfe534d42, shared('SMB 2')],
]);

function masked(name: string): Modeless {
  return { name, options: 'umask=077' };
}

function shared(name: string): Modeless {
  return { name, options: 'file_mode=0600,dir_mode=0700' };
}

/** Null where nobody else may. Throws what the file system says. */
export function othersMayRead(path: string): string | null {
  const { mode } = statSync(path);
  return (mode & 0o077) === 0 ? null : told(path, mode, statfsSync(path).type);
}

/** `kind`: of file system, by number. */
export function told(path: string, mode: number, kind: number): string {
  const medium = modeless.get(kind);
  const octal = (mode & 0o777).toString(8);
  return medium === undefined
    ? `${path}: others may read this secret (mode ${octal}): chmod 600 it`
    : `${path}: others may read this secret (mode ${octal}), and its medium keeps no modes (${medium.name}): mount it for this user alone: umount it, and mount -o ${medium.options},uid=${process.getuid?.() ?? 0} DEVICE FOLDER`;
}

/** Whether files there would be everybody's, though they are written for their owner alone; and what to do. Null where not. */
export function wouldBeRead(folder: string): string | null {
  const { mode } = statSync(folder);
  const { type } = statfsSync(folder);
  return modeless.has(type) && (mode & 0o077) !== 0 ? told(folder, mode, type) : null;
}
