/** Modes: who but its owner may read a file; and what to do about it, which on a USB stick is another thing than elsewhere. */
import { statfsSync, statSync } from 'node:fs';

/** File systems that keep no modes, by what Linux's statfs(2) calls them: what a file seems to have is the mount's. */
const modeless: ReadonlyMap<number, string> = new Map([
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
  [0x7366746e, 'NTFS'],
  // ntfs-3g and the older exFAT.
  [0x65735546, 'FUSE'],
  [0x9660, 'ISO 9660'],
]);

/** Null where nobody else may. Throws what the file system says. */
export function othersMayRead(path: string): string | null {
  const { mode } = statSync(path);
  return (mode & 0o077) === 0 ? null : told(path, mode, statfsSync(path).type);
}

/** `kind`: of file system, by number. */
export function told(path: string, mode: number, kind: number): string {
  const name = modeless.get(kind);
  const octal = (mode & 0o777).toString(8);
  return name === undefined
    ? `${path}: others may read this secret (mode ${octal}): chmod 600 it`
    : `${path}: others may read this secret (mode ${octal}), and its medium keeps no modes (${name}): mount it for this user alone: umount it, and mount -o umask=077,uid=${process.getuid?.() ?? 0} DEVICE FOLDER`;
}

/** Whether files there would be everybody's, though they are written for their owner alone; and what to do. Null where not. */
export function wouldBeRead(folder: string): string | null {
  const { mode } = statSync(folder);
  const { type } = statfsSync(folder);
  return modeless.has(type) && (mode & 0o077) !== 0 ? told(folder, mode, type) : null;
}
