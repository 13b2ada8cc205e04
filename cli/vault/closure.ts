/** Closure: every file that a program loads, found by the imports that stand in it. Packages come whole, as npm installed them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { Misconfigured } from '@kuramori/program';

/** What an offline machine is carried, by paths from the root. */
export interface Closure {
  readonly files: readonly string[];
  /** Rooms that are reached by their names: a link in node_modules leads to each. */
  readonly rooms: readonly string[];
}

const Package = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
});
const own = '@kuramori/';
// Our own sources, one form of quote: format and lint see to both.
const imports = /^(?:import|export)\b[^;']*?\bfrom '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)/gm;
// Fonts are read by their names, and not imported.
const loadable = /\.(?:js|cjs|mjs|json|woff)$|^LICENSE/;

/** `read`: packages whose files a room reads without importing them. Throws Misconfigured where something is not there. */
export function closureOf(
  root: string,
  entries: readonly string[],
  read: readonly (readonly [by: string, name: string])[],
): Closure {
  const files = new Set(['package.json']);
  const rooms = new Set<string>();
  const folders = new Set<string>();

  function visit(file: string): void {
    if (files.has(file)) return;
    files.add(file);
    files.add(join(file.split('/')[0] ?? '', 'package.json'));
    for (const [, from, bare, called] of readFileSync(join(root, file), 'utf8').matchAll(imports)) {
      const name = from ?? bare ?? called ?? '';
      if (name.startsWith('node:')) continue;
      if (name.startsWith('.')) visit(join(dirname(file), name));
      else if (name.startsWith(own)) visit(inRoom(name));
      else take(packageOf(name), dirname(file));
    }
  }

  function inRoom(name: string): string {
    const [, room = '', ...rest] = name.split('/');
    rooms.add(room);
    const found = createRequire(join(root, 'package.json')).resolve(name);
    const path = relative(root, found);
    if (path.startsWith('..') || !existsSync(found))
      throw new Misconfigured(`${name}: ${rest.join('/')} leads out of the project: run npm ci`);
    return path;
  }

  /** As Node looks for it: beside who asks, then in each folder above. */
  function take(name: string, from: string): void {
    const folder = above(from).find((one) => existsSync(join(root, one, 'node_modules', name)));
    if (folder === undefined)
      throw new Misconfigured(`${from}: imports ${name}, which is not there: run npm ci`);
    const path = join(folder, 'node_modules', name);
    if (folders.has(path)) return;
    folders.add(path);
    for (const file of filesBelow(join(root, path))) files.add(join(path, file));
    const { dependencies } = Package.parse(
      JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')),
    );
    for (const one of Object.keys(dependencies)) take(one, path);
  }

  for (const entry of entries) visit(entry);
  for (const [by, name] of read) take(name, by);
  return { files: [...files].toSorted(), rooms: [...rooms].toSorted() };
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function above(folder: string): readonly string[] {
  return folder === '.' ? ['.'] : [folder, ...above(dirname(folder))];
}

/** Packages that lie inside of it come when they are asked for. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory())
      return entry.name === 'node_modules'
        ? []
        : filesBelow(join(folder, entry.name)).map((file) => join(entry.name, file));
    return loadable.test(entry.name) ? entry.name : [];
  });
}
