/** Verify: everything about a journal that can be checked offline, and what could not be. */
import { join } from 'node:path';
import {
  canonicalText,
  cosignersOf,
  logKey,
  originOf,
  readGrowth,
  readProof,
  readSignedCheckpoint,
  recordKeysOf,
  signedBy,
  signerOf,
  verifierKey,
  verifyGrowth,
  verifyProof,
  witnessKey,
  type Network,
  type NoteKey,
  type Policy,
  type PolicyChain,
  type SignedCheckpoint,
  type SignedEntry,
} from '@kuramori/core';
import { checkEntries, type Damage } from './entries.ts';
import { bytesOf, pathOf, readFolder } from './folder.ts';

export interface Verified {
  readonly holds: boolean;
  readonly damage: readonly Damage[];
  /** Each a sentence. */
  readonly notChecked: readonly string[];
  readonly origin: string | null;
  readonly entries: number;
  /** Milliseconds of Unix time; null without entries. */
  readonly first: number | null;
  readonly last: number | null;
  readonly root: string | null;
  /** As other tools take them (C2SP signed-note, "Verifier keys"). */
  readonly signedBy: string | null;
  readonly cosignedBy: readonly string[];
}

const withoutPolicy =
  "who signed: neither the signer's signatures nor the watchtowers', since no --policy says whose they must be";
const notTheJudgement =
  'whether each decision was right: for that, kuramori policy simulate, with this journal';

export interface Given {
  readonly folder: string | null;
  /** The journal as the signer writes it, one entry a line. */
  readonly file: string | null;
  readonly chain: PolicyChain | null;
  /** A checkpoint that was kept from before. */
  readonly since: string | null;
}

export function verifyJournal({ folder, file, chain, since }: Given): Verified {
  const damage: Damage[] = [];
  const notChecked = [notTheJudgement];
  const read = folder === null ? null : readFolder(folder, damage);
  const origin = read?.signed?.checkpoint.origin ?? null;
  const entries = checkEntries(origin === null ? undefined : signerOf(origin), chain, damage);
  const size = read?.leaves.length ?? 0;
  for (const [index, leaf] of (read?.leaves ?? []).entries()) {
    if (leaf) entries.take(leaf, join(folder ?? '', `${pathOf('entries', index, size)}: entry ${index + 1}`));
    else entries.skip();
  }
  if (file !== null) {
    for (const [index, line] of linesOf(file, damage).entries()) {
      const where = `${file}: line ${index + 1}`;
      if (index >= size) entries.take(canonicalOf(line), where);
      else if (read?.leaves[index] && canonicalOf(line) !== read.leaves[index].toString('utf8'))
        damage.push({ where, what: `is another entry than entry ${index + 1} of ${folder}` });
    }
    const held = linesOf(file, []).length;
    if (held < size)
      damage.push({
        where: file,
        what: `has ${held} entries, and the checkpoint beside it speaks of ${size}`,
      });
  }
  entries.end();
  if (folder === null)
    notChecked.push('whether it is whole and the only one: no checkpoint was given, only its file');
  if (!chain) notChecked.push(withoutPolicy);
  const signatures = read?.signed
    ? checkSignatures(join(folder ?? '', 'checkpoint'), read.signed, chain, entries.under(), damage)
    : nobody;
  if (since !== null && read?.signed) {
    const older = olderOf(since, damage);
    if (older && signatures.key && signedBy(older.note, signatures.key) !== 'signed')
      damage.push({ where: since, what: 'has no signature of this signer that verifies' });
    if (older) heldSince(since, older, read.signed, read.tree, damage);
  }
  const taken = entries.taken();
  return {
    holds: damage.length === 0,
    damage,
    notChecked,
    origin,
    entries: taken.length,
    first: taken[0]?.entry.at ?? null,
    last: taken.at(-1)?.entry.at ?? null,
    root: read?.signed?.checkpoint.root.toString('hex') ?? null,
    signedBy: signatures.signedBy,
    cosignedBy: signatures.cosignedBy,
  };
}

interface Signatures {
  readonly key: NoteKey | null;
  readonly signedBy: string | null;
  readonly cosignedBy: readonly string[];
}
const nobody: Signatures = { key: null, signedBy: null, cosignedBy: [] };

/** `under`: the version whose watchtowers must be a quorum. */
function checkSignatures(
  where: string,
  signed: SignedCheckpoint,
  chain: PolicyChain | null,
  under: Policy | undefined,
  damage: Damage[],
): Signatures {
  if (!chain || !under) return nobody;
  const { network, watchtowers } = under;
  const key = keyOf(network, chain, signed.checkpoint.origin);
  if (!key) {
    damage.push({ where, what: `is of ${signed.checkpoint.origin}, and the policy names no such signer` });
    return nobody;
  }
  const own = signedBy(signed.note, key);
  if (own !== 'signed')
    damage.push({
      where,
      what: own === 'absent' ? 'is not signed by its signer' : "its signer's signature does not verify",
    });
  const { cosigned, wrong } = cosignersOf(network, watchtowers.keys, signed);
  for (const one of wrong)
    damage.push({ where, what: `the cosignature of watchtower ${one} does not verify` });
  if (cosigned.length < watchtowers.quorum)
    damage.push({
      where,
      what: `${cosigned.length} of the ${watchtowers.quorum} watchtowers that it takes have cosigned it: nobody else may hold this journal`,
    });
  return {
    key,
    signedBy: own === 'signed' ? verifierKey(key) : null,
    cosignedBy: cosigned.map((one) => verifierKey(witnessKey(network, one))),
  };
}

/** The key that the policy pins for the log of that name. */
function keyOf(network: Network, chain: PolicyChain, origin: string): NoteKey | undefined {
  const signer = signerOf(origin) ?? '';
  const policies = chain.map(({ policy }) => policy);
  const recordKey = recordKeysOf(policies, signer).find((key) => originOf(network, signer, key) === origin);
  return recordKey === undefined ? undefined : logKey(network, signer, recordKey);
}

function olderOf(file: string, damage: Damage[]): SignedCheckpoint | undefined {
  const bytes = bytesOf(file);
  const older = bytes ? readSignedCheckpoint(bytes) : undefined;
  if (!older) damage.push({ where: file, what: bytes ? 'is no signed checkpoint' : 'is not there' });
  return older;
}

function heldSince(
  where: string,
  { checkpoint: older }: SignedCheckpoint,
  { checkpoint }: SignedCheckpoint,
  tree: { readonly root: (size: number) => Buffer },
  damage: Damage[],
): void {
  if (older.origin !== checkpoint.origin)
    damage.push({ where, what: `is of ${older.origin}, and not of ${checkpoint.origin}` });
  else if (older.size > checkpoint.size)
    damage.push({ where, what: `spoke of ${older.size} entries, and now there are ${checkpoint.size}` });
  else if (!tree.root(older.size).equals(older.root))
    damage.push({
      where,
      what: `had another root of the first ${older.size} entries: this journal was rewritten since`,
    });
}

/** What a proof file holds, whichever it is: that an entry is in the journal, or that the journal only grew since `since`. */
export function verifyFile(
  file: string,
  chain: PolicyChain | null,
  since: string | null,
): Verified & { readonly entry: SignedEntry | null } {
  const damage: Damage[] = [];
  const notChecked = chain ? [] : [withoutPolicy];
  const text = bytesOf(file)?.toString('utf8');
  if (text === undefined) throw new Error(`${file}: is not there`);
  const [proof, growth] = [readProof(text), readGrowth(text)];
  const signed = proof?.signed ?? growth?.signed;
  const entries = checkEntries(signerOf(signed?.checkpoint.origin ?? ''), chain, damage);
  let entry: SignedEntry | null = null;
  if (proof) {
    // Its number and what came before it are not in this file; the place below the root is.
    entries.skip();
    entry = entries.take(proof.leaf, `${file}: entry ${proof.index + 1}`) ?? null;
    if (entry && entry.entry.seq !== proof.index + 1)
      damage.push({
        where: file,
        what: `holds entry ${entry.entry.seq}, and proves the place of entry ${proof.index + 1}`,
      });
    if (!verifyProof(proof))
      damage.push({ where: file, what: 'the entry is not below the root of the checkpoint' });
  } else if (growth) {
    const older = since === null ? undefined : olderOf(since, damage);
    if (since === null)
      damage.push({
        where: file,
        what: 'proves that a journal grew: --since names the checkpoint that was kept',
      });
    if (older && !verifyGrowth(growth, older))
      damage.push({ where: file, what: `does not lead from ${since} to its own checkpoint` });
  } else damage.push({ where: file, what: 'is no proof' });
  const under = entry ? entries.under() : chain?.at(-1)?.policy;
  const signatures = signed ? checkSignatures(file, signed, chain, under, damage) : nobody;
  return {
    holds: damage.length === 0,
    damage,
    notChecked,
    origin: signed?.checkpoint.origin ?? null,
    entries: signed?.checkpoint.size ?? 0,
    first: entry?.entry.at ?? null,
    last: entry?.entry.at ?? null,
    root: signed?.checkpoint.root.toString('hex') ?? null,
    signedBy: signatures.signedBy,
    cosignedBy: signatures.cosignedBy,
    entry,
  };
}

/** The lines of a signer's own file. */
export function linesOf(file: string, damage: Damage[]): readonly string[] {
  const bytes = bytesOf(file);
  if (!bytes) {
    damage.push({ where: file, what: 'is not there' });
    return [];
  }
  const lines = bytes.toString('utf8').split('\n');
  const torn = lines.pop() ?? '';
  if (torn !== '')
    damage.push({
      where: file,
      what: `ends in the middle of line ${lines.length + 1}: ${torn.length} letters of it`,
    });
  return lines;
}

/** The file is written as JSON comes; what is signed and hashed is the canonical form. */
export function canonicalOf(line: string): string {
  try {
    return canonicalText(JSON.parse(line));
  } catch {
    return line;
  }
}
