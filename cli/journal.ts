/** `kuramori journal`: a signer's journal verified offline, shown, and proofs that an entry stands in it. */
import { statSync } from 'node:fs';
import {
  formatAmount,
  growthText,
  thawDigest,
  leafOf,
  proofText,
  readPolicy,
  readSignedCheckpoint,
  SignedEntry,
  type Entry,
  type Intent,
  type PolicyChain,
} from '@kuramori/core';
import { z } from 'zod';
import { print, refuse, say, text, wholeNumber, type Command } from './command.ts';
import type { Damage } from './journal/entries.ts';
import { bytesOf, readFolder } from './journal/folder.ts';
import { canonicalOf, linesOf, verifyFile, verifyJournal, type Verified } from './journal/verify.ts';

export const journalCommand: Command = {
  usage: `kuramori journal verify PATH [PATH] [--policy FILE --keepers FILE] [--since CHECKPOINT] [--json]
                                                    the tiles, the journal's own file, or one against the other; offline
kuramori journal verify --proof FILE [--policy FILE --keepers FILE] [--since CHECKPOINT] [--json]
                                                    a proof alone: that an entry is in a journal, or that one only grew
kuramori journal prove TILES NUMBER                 the proof that entry NUMBER is in it (C2SP tlog-proof)
kuramori journal prove TILES --since CHECKPOINT     the proof that it only grew since (C2SP tlog-witness)
kuramori journal show PATH [--from N] [--json]      its entries, one a line
  PATH is a signer's folder of tiles (C2SP tlog-tiles), or its journal.jsonl. --policy is the file that signers read, and
  --keepers a JSON file with {"keys": [...], "quorum": N}, a signer's pins.json, or a watchtower's configuration: without them
  nobody's signature can be checked, and that is said. --since is a checkpoint that you kept. docs/journal.md says more.`,
  options: {
    json: { type: 'boolean' },
    policy: { type: 'string' },
    keepers: { type: 'string' },
    proof: { type: 'string' },
    since: { type: 'string' },
    from: { type: 'string' },
  },
  run: (options, [name = '', ...rest]) => {
    const json = options['json'] === true;
    const wrong = (what: string) => refuse(`journal: ${what}\n\n${journalCommand.usage}`);
    const [since, proof] = [text(options['since']), text(options['proof'])];
    const [policy, keepers] = [text(options['policy']), text(options['keepers'])];
    const call = (): number => {
      if ((policy === null) !== (keepers === null))
        return wrong('--policy and --keepers go together: a policy is what its keepers have signed');
      const chain = policy === null ? null : chainOf(policy, keepers ?? '');
      const [path, other, ...more] = rest;
      if (name === 'verify' && proof !== null)
        return rest.length > 0
          ? wrong('verify: --proof is a file of its own')
          : told(verifyFile(proof, chain, since), json);
      if (path === undefined || more.length > 0) return wrong(`'${name}' takes a path`);
      if (name === 'verify') return verify(path, other ?? null, chain, since, json);
      if (name === 'show' && other === undefined) return show(path, text(options['from']) ?? undefined, json);
      if (name === 'prove' && (other === undefined) !== (since === null))
        return other === undefined ? proveGrowth(path, since ?? '') : prove(path, other);
      return wrong(`'${[name, ...rest].join(' ')}' is no call of it`);
    };
    return Promise.resolve(call());
  },
};

const Keepers = z.strictObject({ keys: z.array(z.string()).min(1), quorum: z.int().positive() });
const Configured = z.object({ keepers: Keepers }).transform(({ keepers }) => keepers);
/** What a signer has pinned. */
const Pinned = z.object({ pins: z.object(Keepers.shape) }).transform(({ pins }) => pins);

function jsonOf(file: string): unknown {
  const bytes = bytesOf(file);
  if (!bytes) throw new Error(`${file}: is not there`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Error(`${file}: is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function chainOf(policy: string, keepers: string): PolicyChain {
  const pinned = z.union([Keepers, Configured, Pinned]).safeParse(jsonOf(keepers));
  if (!pinned.success)
    throw new Error(
      `${keepers}: must be {"keys": [...], "quorum": N}, a signer's pins.json, or a configuration with "keepers"`,
    );
  const read = readPolicy(jsonOf(policy), pinned.data);
  if (read.kind === 'refused') throw new Error(`${policy}: ${read.field}: ${read.why}`);
  return read.chain;
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`${path}: is not there`);
  return found.isDirectory();
}

function verify(
  path: string,
  other: string | null,
  chain: PolicyChain | null,
  since: string | null,
  json: boolean,
): number {
  const paths = other === null ? [path] : [path, other];
  const [folder, file] = [paths.find(isFolder) ?? null, paths.find((one) => !isFolder(one)) ?? null];
  if (other !== null && (folder === null || file === null))
    return refuse('journal: verify: two paths are a folder of tiles and the file of the same journal');
  if (since !== null && folder === null) return refuse('journal: verify: --since needs the folder of tiles');
  return told(verifyJournal({ folder, file, chain, since }), json);
}

/** As many lines as somebody reads. */
const mostLines = 100;

function told(verified: Verified, json: boolean): number {
  const { holds, damage, notChecked, origin, entries, signedBy, cosignedBy } = verified;
  if (json) print(JSON.stringify(verified));
  else {
    for (const { where, what } of damage.slice(0, mostLines)) say(`${where}: ${what}`);
    if (damage.length > mostLines) say(`and ${damage.length - mostLines} more`);
    if (holds) {
      const times = [verified.first, verified.last].map((at) =>
        at === null ? '–' : new Date(at).toISOString(),
      );
      print(`holds: ${origin ?? 'a journal'}: ${entries} entries, ${times[0]} to ${times[1]}`);
      if (verified.root !== null) print(`root ${verified.root}`);
      if (signedBy !== null) print(`signed by ${signedBy}`);
      for (const one of cosignedBy) print(`cosigned by ${one}`);
    }
    for (const what of notChecked) print(`not checked: ${what}`);
  }
  return holds ? 0 : 1;
}

/** What no proof can be made of: each damage a line. */
function spoilt(damage: readonly Damage[]): number {
  for (const { where, what } of damage.slice(0, mostLines)) say(`${where}: ${what}`);
  return 1;
}

function prove(path: string, number: string): number {
  const damage: Damage[] = [];
  const { leaves, tree, text: checkpoint } = readFolder(path, damage);
  const seq = wholeNumber('number', number, 0, 1, leaves.length);
  if (damage.length > 0) return spoilt(damage);
  const leaf = typeof seq === 'number' ? leaves[seq - 1] : undefined;
  if (!leaf) return refuse(`journal: prove: there is no entry ${number}: it has ${leaves.length}`);
  process.stdout.write(proofText(tree, leaf, Number(seq) - 1, leaves.length, checkpoint));
  return 0;
}

function proveGrowth(path: string, since: string): number {
  const damage: Damage[] = [];
  const { leaves, tree, signed, text: checkpoint } = readFolder(path, damage);
  const bytes = bytesOf(since);
  const older = bytes && readSignedCheckpoint(bytes)?.checkpoint;
  if (!older) damage.push({ where: since, what: bytes ? 'is no signed checkpoint' : 'is not there' });
  else if (older.origin !== signed?.checkpoint.origin || older.size > leaves.length)
    damage.push({
      where: since,
      what: `is of ${older.origin} with ${older.size} entries: not of before this journal`,
    });
  else if (!tree.root(older.size).equals(older.root))
    damage.push({ where: since, what: `had another root of the first ${older.size} entries` });
  if (!older || damage.length > 0) return spoilt(damage);
  process.stdout.write(growthText(tree, older.size, leaves.length, checkpoint));
  return 0;
}

function show(path: string, first: string | boolean | undefined, json: boolean): number {
  const from = wholeNumber('from', first, 1, 1, Number.MAX_SAFE_INTEGER);
  if (typeof from === 'string') return refuse(`journal: show: ${from}`);
  const damage: Damage[] = [];
  const texts = isFolder(path)
    ? readFolder(path, damage).leaves.map((leaf) => leaf?.toString('utf8') ?? '')
    : linesOf(path, damage).map(canonicalOf);
  const entries = texts.slice(from - 1).flatMap((one) => {
    const read = SignedEntry.safeParse(parse(one));
    return read.success ? [read.data] : [];
  });
  for (const { where, what } of damage) say(`${where}: ${what}`);
  if (json) print(`{"entries":[${entries.map((one) => leafOf(one).toString('utf8')).join()}]}`);
  else for (const { entry } of entries) print(lineOf(entry));
  return damage.length === 0 && entries.length === Math.max(0, texts.length - from + 1) ? 0 : 1;
}

function parse(one: string): unknown {
  try {
    return JSON.parse(one);
  } catch {
    return undefined;
  }
}

function lineOf({ seq, at, grounds, body }: Entry): string {
  const by = grounds.length === 0 ? '' : `  by ${grounds.join(', ')}`;
  return `${String(seq).padStart(9)}  ${new Date(at).toISOString()}  ${whatOf(body)}${by}`;
}

function whatOf(body: Entry['body']): string {
  switch (body.kind) {
    case 'payment':
      return body.intents.map(({ intent }) => intentText(intent)).join('; ');
    case 'evacuation':
      return intentText(body.intent);
    case 'rotation': {
      const { wallet, remove, add } = body.rotation.rotation;
      return `rotation of ${wallet}: ${add} in the place of ${remove}`;
    }
    case 'freeze':
      return `freeze by ${body.freeze.freeze.by}: ${body.freeze.freeze.why}`;
    case 'thaw':
      return `thaw ${thawDigest(body.thaw)} is taken up, and lifts at ${new Date(body.due).toISOString()}: ${JSON.stringify(body.thaw.thaw.cause)}`;
    case 'thawed':
      return `thaw ${body.thaw} lifts what it names`;
    case 'policy':
      return 'a version of the policy is taken up';
    case 'objection':
      return `${body.objection.objection.keeper} objects to a version of the policy`;
    case 'ceremony': {
      const { step, outcome, present } = body.ceremony.entry;
      return `${step}: ${outcome}, before ${present.join(', ')}, by the transcript of the keys`;
    }
    default:
      return body satisfies never;
  }
}

function intentText({ reason, wallet, destination, amount, asset }: Intent): string {
  return `${reason} of ${formatAmount(amount, asset)} ${asset} from ${wallet} to ${destination.address}`;
}
