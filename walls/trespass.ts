/** Finds trespasses: imports and globals that the table does not give to a file's room. */
import { parseSync } from 'oxc-parser';
import { rooms, testPackages, watchedGlobals, type Room } from './rooms.ts';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Trespass {
  readonly path: string;
  readonly what: string;
}

export function trespasses(files: readonly SourceFile[]): readonly Trespass[] {
  return files.flatMap(({ path, text }) => whatTrespasses(path, text).map((what) => ({ path, what })));
}

/** Test files and what only they use. */
export function isTest(path: string): boolean {
  return /\.(?:test|testing)\.tsx?$/.test(path) || path.split('/').includes('testing');
}

export function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function whatTrespasses(path: string, text: string): readonly string[] {
  const folder = roomOf(path);
  const room = folder === undefined ? undefined : rooms[folder];
  if (folder === undefined || room === undefined) return ['lies in no room'];
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) return [`cannot be parsed: ${parsed.errors[0]?.message}`];
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const specifiers = [
    ...staticImports
      // Of a type nothing runs: pages say in the desk's own types what they ask.
      .filter(
        ({ entries }) =>
          !(folder === 'console/pages' && entries.length > 0 && entries.every(({ isType }) => isType)),
      )
      .map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...dynamicImports.map(({ moduleRequest }) => literal(text.slice(moduleRequest.start, moduleRequest.end))),
  ];
  const found = specifiers.flatMap((specifier) =>
    specifier === undefined
      ? ['imports something that is not written out']
      : trespassOf(path, folder, room, specifier),
  );
  return [
    ...new Set([
      ...found,
      ...(isTest(path)
        ? []
        : globalsUsed(parsed.program)
            .filter((name) => !room.globals.includes(name))
            .map((name) => `uses the global ${name}`)),
    ]),
  ];
}

/** Rooms that reach nothing around them by a relative path. */
const apart: ReadonlySet<string> = new Set([
  'chains/nem/codec',
  'chains/bitcoin/codec',
  'chains/ethereum/codec',
  'watchtower/pager',
  'console/pages',
]);

function trespassOf(path: string, folder: string, room: Room, specifier: string): readonly string[] {
  const test = isTest(path);
  if (specifier.startsWith('.')) {
    const target = resolve(path, specifier);
    const [mine, theirs] = [path.split('/')[0], target.split('/')[0]];
    if (mine !== theirs) return test ? [] : [`reaches into ${target} by a relative path`];
    // A room of its own within another: the codec may not reach the network through a neighbour, nor the pager the tower's key.
    const owner = roomOf(target);
    if (apart.has(folder) && owner !== folder) return [`reaches out of its room into ${target}`];
    if (!test && isTest(target)) return [`uses ${target}, which is for tests`];
    return [];
  }
  if (specifier.startsWith('node:')) {
    const name = specifier.slice(5);
    return test || room.builtins.includes(name) ? [] : [`imports ${specifier}`];
  }
  if (specifier.startsWith('@kuramori/'))
    return test || room.rooms.includes(specifier) ? [] : [`imports ${specifier}`];
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (room.packages.includes(name) || (test && (testPackages as readonly string[]).includes(name))) return [];
  return [`imports ${specifier}`];
}

function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function literal(source: string): string | undefined {
  return /^(['"])([^'"\\]*)\1$/.exec(source.trim())?.[2];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Watched names that stand where they are read: not as a member, a key or a type. */
function globalsUsed(program: unknown): readonly string[] {
  const used = new Set<string>();
  const watched = new Set<string>([...watchedGlobals, 'globalThis', 'global']);
  function walk(value: unknown): void {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null || !('type' in value)) return;
    const node = value as Node;
    if (
      node.type.startsWith('TS') &&
      node.type !== 'TSAsExpression' &&
      node.type !== 'TSNonNullExpression' &&
      node.type !== 'TSSatisfiesExpression'
    )
      return;
    if (node.type === 'Identifier') {
      if (watched.has(String(node['name']))) used.add(String(node['name']));
      return;
    }
    const skip =
      node['computed'] === true
        ? []
        : node.type === 'MemberExpression'
          ? ['property']
          : node.type === 'Property' || node.type === 'PropertyDefinition'
            ? ['key']
            : [];
    for (const [key, child] of Object.entries(node))
      if (key !== 'type' && key !== 'typeAnnotation' && !skip.includes(key)) walk(child);
  }
  walk(program);
  return [...used];
}
