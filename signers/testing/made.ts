/** Made: what ceremonies leave in a signer's folder, with a passphrase and a policy of the test's choice. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  beforeFirst,
  keepersOf,
  policyDigest,
  signCeremony,
  type CeremonyEntry,
  type Policy,
} from '@kuramori/core';
import type { Keys } from '../keystore.ts';
import { makeKeystore } from '../making.ts';
import { pinsIn, signPins, type Pins } from '../pins.ts';
import { transcriptIn } from '../transcript.ts';

export const present = ['Aoi', 'Ren'];

/** The entry that says that these keys were made. */
export function making(recordKey: string): CeremonyEntry {
  return {
    v: 1,
    seq: 1,
    prev: beforeFirst,
    at: 1_700_000_000_000,
    step: 'create',
    outcome: 'done',
    present,
    program: { code: 'c'.repeat(64), node: 'v26' },
    recordKey,
    what: [{ name: 'record key', value: recordKey }],
  };
}

/** New keys under a passphrase, and the transcript of their making. */
export function make(folder: string, passphrase = 'correct horse'): Keys {
  const keys = makeKeystore(join(folder, 'keystore.json'), Buffer.from(passphrase));
  writeFileSync(join(folder, 'passphrase'), `${passphrase}\n`, { mode: 0o600 });
  writeTranscript(folder, keys);
  return keys;
}

/** For keys that stand elsewhere. */
export function writeTranscript(folder: string, keys: Keys): void {
  const entry = signCeremony(keys.record, making(keys.record.publicKey));
  writeFileSync(transcriptIn(folder), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

export function pinsOf(recordKey: string, policy: Policy): Pins {
  const { keys, quorum } = keepersOf(policy);
  const first = policyDigest(policy);
  return { v: 1, recordKey, keys: [...keys], quorum, first, seen: first };
}

/** Has the signer believe the policy. */
export function pin(folder: string, { record }: Keys, policy: Policy): void {
  const signed = signPins(record, pinsOf(record.publicKey, policy));
  writeFileSync(pinsIn(folder), JSON.stringify(signed), { mode: 0o600 });
}
