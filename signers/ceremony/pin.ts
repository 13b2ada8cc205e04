/** Pin: people see what the first policy names, say by its digest that it is the one the keepers signed, and the signer believes it from then on. */
import { existsSync } from 'node:fs';
import { canonicalText, keepersOf, newestOf } from '@kuramori/core';
import { jsonText, Misconfigured, typed, writeNew } from '@kuramori/program';
import { pinsIn, readPins, signPins, type Pins } from '../pins.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { confirms, fingerprintOf } from './fingerprint.ts';
import { policyIn } from './policy-file.ts';
import { actingBy, rolesOf } from './roles.ts';
import { wordsOf } from './shown.ts';

export async function pin(ceremony: Ceremony, file: string, confirm: string | undefined): Promise<Ended> {
  const keys = await ceremony.open();
  const recordKey = keys.record.publicKey;
  const chain = policyIn(file);
  const newest = newestOf(chain);
  const roles = rolesOf(newest.policy, { recordKey, chainKey: keys.chainKey });
  if (roles.length === 0)
    throw new Misconfigured(
      `${file}: version ${newest.policy.version}: ${unnamed(recordKey, keys.chainKey, actingBy(newest.policy, keys.chainKey))}`,
    );
  for (const line of wordsOf(newest.policy, roles)) ceremony.say(line);
  const answer =
    confirm ??
    (await typed(
      ceremony.say,
      'If all of this is so, type the first 20 digits of this version’s digest, as the keepers tell it (not from this machine):',
    ));
  if (!confirms(answer ?? '', newest.digest))
    throw new Misconfigured(
      `${file}: version ${newest.policy.version} is not the one whose digest was typed (its first 20 digits at least): nothing is pinned. Ask the keepers for both again`,
    );
  const { keys: keepers, quorum } = keepersOf(chain[0].policy);
  const [first, seen] = [chain[0].digest, newest.digest];
  const pins: Pins = { v: 1, recordKey, keys: [...keepers], quorum, first, seen };
  const already = writeOnce(ceremony.folder, pins, () => signPins(keys.record, pins));
  const what = [
    { name: 'policy', value: file },
    { name: 'first version', value: first },
    { name: 'version seen', value: seen },
    { name: 'keepers', value: `${quorum} of ${keepers.map((key) => fingerprintOf(key)).join(', ')}` },
    ...roles.map((value) => ({ name: 'this signer', value })),
  ];
  const last = ceremony.note('done', what);
  return ceremony.ended(last, what, [
    ...(already ? ['the very same was pinned before: nothing changed'] : []),
    'next: back-up, which now holds the pins too',
  ]);
}

/** Why a policy is none to pin, with what to do. `others`: signers that act by this chain key. */
function unnamed(recordKey: string, chainKey: string, others: readonly string[]): string {
  return others.length === 0
    ? `names neither the record key ${recordKey} nor the chain key ${chainKey}: it is not this signer’s policy`
    : `names this chain key as ${others.join(', ')}’s, and nowhere the record key ${recordKey}: if the chain key was recovered, the keepers must name this record key under a new name first, in its place`;
}

/** Says whether the very same were there already. A crash between them and the transcript is mended by pinning them again. */
function writeOnce(folder: string, pins: Pins, sign: () => ReturnType<typeof signPins>): boolean {
  const file = pinsIn(folder);
  if (!existsSync(file)) {
    writeNew(file, `${jsonText(sign())}\n`);
    return false;
  }
  if (canonicalText(readPins(folder, pins.recordKey)) === canonicalText(pins)) return true;
  throw new Misconfigured(
    `${file}: pins another line, or another version of it, and pins are final: for other keepers make a new signer, and let this one be rotated out`,
  );
}
