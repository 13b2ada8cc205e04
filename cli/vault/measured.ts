/** Measured: the digest of a folder for an offline machine: SHA-256 of its list, which is as `sha256sum` writes one. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { digestOf, listOf, Misconfigured, readList } from '@kuramori/program';

/** Beside the folder's files, and no part of itself. */
export const listName = 'MANIFEST.sha256';

/** Every file's digest by its path; a link's is that of where it leads. */
export function hashesOf(folder: string): ReadonlyMap<string, string> {
  return new Map(
    pathsBelow(folder)
      .filter((path) => path !== listName)
      .map((path) => [path, hashOf(join(folder, path))]),
  );
}

function pathsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? pathsBelow(join(folder, entry.name)).map((path) => `${entry.name}/${path}`)
      : entry.name,
  );
}

function hashOf(path: string): string {
  const content = lstatSync(path).isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path);
  return createHash('sha256').update(content).digest('hex');
}

/** How many differences are named. */
const most = 10;

/** The digest of the folder, which is as it was built. Throws Misconfigured where a file is changed, gone or new. */
export function measured(folder: string): string {
  const file = join(folder, listName);
  const list = readList(readFileSync(file, 'utf8'));
  if (!list) throw new Misconfigured(`${file}: is no list: copy the folder anew from where it was built`);
  const found = hashesOf(folder);
  const names = [...new Set([...list.keys(), ...found.keys()])].toSorted();
  const wrong = names.flatMap((name) => {
    const [was, is] = [list.get(name), found.get(name)];
    if (was === is) return [];
    return `${name} is ${is === undefined ? 'gone' : was === undefined ? 'new' : 'changed'}`;
  });
  if (wrong.length > 0)
    throw new Misconfigured(
      `${folder}: is not as it was built: ${wrong.slice(0, most).join(', ')}${wrong.length > most ? `, and ${wrong.length - most} more` : ''}: copy it anew, and find out who changed it`,
    );
  return digestOf(listOf(found));
}
