/** Restore: a backup and the passphrase, into a folder where nothing lives, on a clean machine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText, Misconfigured, readSecretBytes, writeNew } from '@kuramori/program';
import { unlockAny } from '../keystore.ts';
import { joined } from '../secret-bytes.ts';
import { selfTest } from '../self-test.ts';
import { transcriptIn } from '../transcript.ts';
import { readBackup } from './backup.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { fingerprintOf } from './fingerprint.ts';
import { serviceOf } from '../step/hsm.ts';

export async function restore(
  ceremony: Ceremony,
  from: string,
  passphraseFile: string,
  hsm: { readonly socket: string } | undefined,
): Promise<Ended> {
  const { folder } = ceremony;
  const living = [transcriptIn(folder), ceremony.at('journal.jsonl')].find((file) => existsSync(file));
  if (living !== undefined)
    throw new Misconfigured(
      `${living}: is there: a signer lives or lived in this folder. Restore into a new one`,
    );
  const backup = readBackup(from);
  const service = await serviceOf(hsm);
  const keys = await unlockAny(join(from, 'keystore.json'), readSecretBytes(passphraseFile), service);
  ceremony.hold(keys);
  selfTest(keys);
  const { recordKey, chainKey } = backup.manifest;
  const what = [
    { name: 'from', value: from },
    { name: 'backup', value: backup.digest },
    { name: 'record key', value: recordKey },
    { name: 'chain key', value: chainKey },
  ];
  const passphrase = readSecretBytes(passphraseFile);
  const line = joined(passphrase, Buffer.from('\n'));
  passphrase.fill(0);
  const files = new Map<string, Uint8Array>([['passphrase', line], ...backup.files]);
  const { signed, hash } = ceremony.entry('done', what, backup.transcript);
  // Last, and with its own entry at once: before it is there nothing starts.
  const before = Buffer.from(files.get('ceremony.jsonl') ?? []).toString('utf8');
  const transcript = `${before}${jsonText(signed)}\n`;
  files.delete('ceremony.jsonl');
  try {
    for (const [name, bytes] of files) writeOrMatch(join(folder, name), bytes);
  } finally {
    line.fill(0);
  }
  writeNew(transcriptIn(folder), transcript);
  return ceremony.ended(hash, what, [
    `read aloud and compare with the paper of the making: record key ${fingerprintOf(recordKey)}, chain key ${fingerprintOf(chainKey)}`,
    'the signer that this replaces must never run again: destroy its folder, or retire it',
    'it starts closed, and signs nothing until its watchtowers have shown it the newest journal',
    ...(backup.files.has('pins.json') ? [] : ['the backup holds no pins: pin before it is started']),
  ]);
}

/** A restore that was interrupted is given again; what others left there is not overwritten. */
function writeOrMatch(file: string, bytes: Uint8Array): void {
  if (!existsSync(file)) return writeNew(file, bytes);
  const there = readFileSync(file);
  const same = Buffer.compare(there, bytes) === 0;
  there.fill(0);
  if (!same)
    throw new Misconfigured(`${file}: is there, and not from this backup: restore into a new folder`);
}
