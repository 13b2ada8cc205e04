/** Retire: the keys' last signature says that they are destroyed; then they are. */
import { existsSync } from 'node:fs';
import { keepersOf, retirementIn, standing, writersOf, type Policy, type PolicyChain } from '@kuramori/core';
import { Misconfigured, readJson, typed } from '@kuramori/program';
import { openJournal } from '../journal.ts';
import type { Opened } from '../keystore.ts';
import { pinsIn, readPins, readPinned } from '../pins.ts';
import { transcriptOf } from '../transcript.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { destroyKeys } from './destroy.ts';
import { confirms } from './fingerprint.ts';
import { policyIn } from './policy-file.ts';
import { rolesOf } from './roles.ts';

export interface Retiring {
  readonly policy?: string | undefined;
  readonly althoughNamed: boolean;
  readonly confirm?: string | undefined;
}

export async function retire(ceremony: Ceremony, asked: Retiring): Promise<Ended> {
  const { before } = ceremony;
  const said = before && retirementIn(before);
  // Interrupted after its last word: the rest needs no key.
  if (!said) await say(ceremony, asked);
  destroyKeys(ceremony);
  const transcript = transcriptOf(ceremony.folder);
  const backups = [...new Set(transcript ? backupsIn(transcript.entries.map(({ entry }) => entry)) : [])];
  const what = backups.map((value) => ({ name: 'backup', value }));
  return ceremony.ended(transcript?.last ?? '', what, [
    'keystore and passphrase were overwritten and removed. On an SSD, a copy-on-write file system or a snapshot the old bytes may still be there: only destroying the medium, or its own encryption’s key, is sure',
    backups.length === 0
      ? 'the transcript knows of no backup; whatever copy there is must be destroyed too'
      : `these backups hold the keys still, and must be destroyed too, with every copy of the passphrase: ${backups.join(', ')}`,
    'a co-signer that still runs holds its keys in memory: stop it',
  ]);
}

/** The last entry, by the key itself. Once it is on the disk the folder is retired, whatever is still in it. */
async function say(ceremony: Ceremony, { policy, althoughNamed, confirm }: Retiring): Promise<void> {
  const keys = await ceremony.open();
  const named = namedBy(ceremony, keys, policy);
  if (named.length > 0 && !althoughNamed)
    throw new Misconfigured(
      `${policy}: still names these keys (${named.join('; ')}): take them out of the policy first and let it come to count, or say --although-named`,
    );
  const recordKey = keys.record.publicKey;
  const answer =
    confirm ??
    (await typed(
      ceremony.say,
      `To destroy the keys in ${ceremony.folder} for good, type the first 20 digits of its record key, from the paper of its making:`,
    ));
  if (!confirms(answer ?? '', recordKey))
    throw new Misconfigured(
      `${ceremony.folder}: what was typed is not the record key of this folder (its first 20 digits at least): nothing is destroyed`,
    );
  ceremony.note('done', [
    { name: 'record key', value: recordKey },
    { name: 'chain key', value: keys.chainKey },
    ...named.slice(0, 32).map((value) => ({ name: 'although named', value })),
  ]);
}

/** Where the versions that count name the keys. */
function namedBy(ceremony: Ceremony, keys: Opened, file: string | undefined): readonly string[] {
  const recordKey = keys.record.publicKey;
  if (file === undefined) {
    if (existsSync(pinsIn(ceremony.folder)))
      throw new Misconfigured(`${ceremony.folder}: has pinned a policy: give its newest file with --policy`);
    return [];
  }
  return counting(ceremony, keys, chainFor(ceremony.folder, recordKey, file)).flatMap((policy) =>
    rolesOf(policy, { recordKey, chainKey: keys.chainKey }).map(
      (role) => `version ${policy.version}: ${role}`,
    ),
  );
}

/** A signer that never pinned believes no keepers; the file's own are good enough to hold it back. */
export function chainFor(folder: string, recordKey: string, file: string): PolicyChain {
  if (!existsSync(pinsIn(folder))) return policyIn(file);
  const read = readPinned(readJson(file), readPins(folder, recordKey));
  if (read.kind === 'refused') throw new Misconfigured(`${file}: ${read.field}: ${read.why}`);
  return read.chain;
}

/**
 * The versions that count now. A journal knows when each was taken up; where there is none, the longest wait from the moment
 * that the keeper gave it, every one of them having objected.
 */
function counting(ceremony: Ceremony, keys: Opened, chain: PolicyChain): readonly Policy[] {
  const file = ceremony.at('journal.jsonl');
  const id = signerIn(chain, keys.record.publicKey);
  if (id !== undefined && existsSync(file)) {
    using journal = openJournal(file, id, keys.record);
    return standing(chain, journal.history().policies, Date.now());
  }
  const longest = chain.map(({ policy, digest }) => ({
    digest,
    at: policy.issued * 1000,
    objectors: chain.flatMap((one) => keepersOf(one.policy).keys),
  }));
  return standing(chain, longest, Date.now());
}

function signerIn(chain: PolicyChain, recordKey: string): string | undefined {
  const signers = chain.flatMap(({ policy }) => writersOf(policy));
  return signers.find((signer) => signer.recordKey === recordKey)?.id;
}

/** Where copies went, begun or finished. */
function backupsIn(entries: readonly { readonly what: Ended['what'] }[]): readonly string[] {
  return entries.flatMap(({ what }) =>
    what.filter(({ name }) => ['destination', 'pages', 'from'].includes(name)).map(({ value }) => value),
  );
}
