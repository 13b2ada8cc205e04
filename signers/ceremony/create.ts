/** Create: new keys into a folder that never had any. Whatever lies there already is nobody's to adopt: a stranger may have put it there. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { retirementIn } from '@kuramori/core';
import { Misconfigured, writeNew } from '@kuramori/program';
import { makeKeystore, makeWrapped, type On } from '../keystore.ts';
import { pinsIn } from '../pins.ts';
import { transcriptIn } from '../transcript.ts';
import type { Ceremony, Ended } from './ceremony.ts';
import { fingerprintOf } from './fingerprint.ts';
import { serviceOf } from './hsm.ts';

export async function create(
  ceremony: Ceremony,
  hsm: { readonly socket: string; readonly key: string } | undefined,
  on: On | undefined,
): Promise<Ended> {
  mustBeEmpty(ceremony);
  const [keystore, passphraseFile] = [ceremony.at('keystore.json'), ceremony.at('passphrase')];
  const passphrase = randomBytes(32).toString('base64url');
  writeNew(passphraseFile, `${passphrase}\n`);
  try {
    const given = [keystore, Buffer.from(passphrase)] as const;
    const service = await serviceOf(hsm);
    const keys =
      service && hsm ? await makeWrapped(...given, service, hsm.key, on) : makeKeystore(...given, on);
    ceremony.hold(keys);
    const { described } = keys.chain;
    const { recordKey, chainKey } = ceremony.ended('', [], []);
    const what = [
      { name: 'record key', value: recordKey },
      { name: 'chain key', value: chainKey ?? '' },
      // Where it comes from nobody can tell from the key.
      ...(described === undefined ? [] : [{ name: 'key in a descriptor', value: described }]),
      ...(on ? [{ name: 'signs for', value: `${on.chain}, ${on.network}` }] : []),
      { name: 'keystore', value: hsm ? `sealed, and wrapped by the HSM’s key ${hsm.key}` : 'sealed' },
    ];
    const last = ceremony.note('done', what);
    return ceremony.ended(last, what, [
      `read aloud and compare: record key ${fingerprintOf(recordKey)}, chain key ${fingerprintOf(chainKey ?? '')}`,
      `the passphrase is in ${passphraseFile}: a copy of it is kept by somebody who keeps no backup of the keystore`,
      'next: back-up, and pin once the keepers have signed the policy',
    ]);
  } catch (cause) {
    // Told to nobody: half of them would only stand in the way of the next try.
    for (const file of [transcriptIn(ceremony.folder), keystore, passphraseFile])
      rmSync(file, { force: true });
    throw cause;
  }
}

function mustBeEmpty(ceremony: Ceremony): void {
  const { folder, before } = ceremony;
  const retired = before && retirementIn(before);
  if (retired)
    throw new Misconfigured(
      `${folder}: was retired on ${new Date(retired.at).toISOString()}: name another folder`,
    );
  if (before)
    throw new Misconfigured(
      `${folder}: has keys already, and keys are never overwritten: name another folder`,
    );
  const left = [
    ceremony.at('keystore.json'),
    ceremony.at('passphrase'),
    pinsIn(folder),
    ceremony.at('journal.jsonl'),
  ].filter((file) => existsSync(file));
  const [first] = left;
  if (first !== undefined)
    throw new Misconfigured(
      `${first}: is there, and no transcript (ceremony.jsonl) says who made it. Where a making was interrupted, its keys were told to nobody: remove ${left.join(' and ')}, and give the command again. Else put the transcript back from a backup`,
    );
}
