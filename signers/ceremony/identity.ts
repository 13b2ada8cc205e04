/** Identity: a digest of the source that a signer's process reads, so that two machines can be compared before a key is made. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { signerRooms } from '@kuramori/program';

const root = dirname(dirname(import.meta.dirname));
/** What the signers' rooms import from npm (walls/rooms.ts), where npm may have put it. */
const packages = [
  '@fontsource/sawarabi-gothic',
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@scure/bip39',
  'qr',
  'zod',
].flatMap((name) => [`node_modules/${name}`, `signers/node_modules/${name}`]);

/** Over each file's path and digest, sorted; tests are not part of it, since no process loads them. */
export function identity(): { readonly code: string; readonly node: string } {
  const ours = signerRooms
    .flatMap((room) => filesIn(join(root, room), /\.(?:ts|json)$/))
    .filter((file) => !/\.test\.ts$|\/testing\/|\/node_modules\//.test(relative(root, file)));
  const theirs = packages.flatMap((folder) => filesIn(join(root, folder), /\.(?:js|cjs|json|woff)$/));
  const hash = createHash('sha256');
  for (const file of [...ours, ...theirs].sort())
    hash.update(
      `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${relative(root, file)}\n`,
    );
  return { code: hash.digest('hex'), node: process.version };
}

function filesIn(folder: string, loadable: RegExp): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && loadable.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
