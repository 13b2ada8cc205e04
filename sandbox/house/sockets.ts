/** The folder of a house's Unix sockets: outside it, since a socket's path may have 107 bytes; the same at each start. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Misconfigured } from '@kuramori/program';

/** Makes it empty, mode 0700. What a killed sandbox left there goes; what somebody else put there stops the start. */
export function socketsFolder(house: string): string {
  const folder = join(
    tmpdir(),
    `kuramori-sockets-${createHash('sha256').update(house).digest('hex').slice(0, 16)}`,
  );
  if (existsSync(folder)) {
    const { uid } = lstatSync(folder);
    if (uid !== process.getuid?.())
      throw new Misconfigured(
        `${folder}: belongs to somebody else: remove it, or set TMPDIR to a folder of yours`,
      );
    rmSync(folder, { recursive: true });
  }
  // Not recursive: what appeared just now is not ours.
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}
