/** Back up: the sealed keystore, the pins and the transcript into a folder of their own, read back and opened before it counts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStatement, type SigningKey } from '@kuramori/core';
import { jsonText, Misconfigured, readSecretBytes, replaceFile } from '@kuramori/program';
import { unlockAny, type Opened } from '../keystore.ts';
import { transcriptOf } from '../transcript.ts';
import { manifestIn, partsIn, readBackup, sha256, type Manifest } from './backup.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { serviceOf } from '../step/hsm.ts';

export async function backUp(
  ceremony: Ceremony,
  to: string,
  hsm: { readonly socket: string } | undefined,
): Promise<Ended> {
  const keys = await ceremony.open();
  const destination = [{ name: 'destination', value: to }];
  if (existsSync(manifestIn(to))) mustBeOurs(to, ceremony, keys);
  else {
    mustHoldNothing(to);
    // Before a byte leaves: a backup that was interrupted must be known too when the keys are destroyed.
    ceremony.note('begun', destination);
    copy(ceremony.folder, to, keys);
  }
  const backup = readBackup(to);
  const again = await unlockAny(
    join(to, 'keystore.json'),
    readSecretBytes(ceremony.at('passphrase')),
    await serviceOf(hsm),
  );
  again.lock();
  const what = [
    ...destination,
    { name: 'backup', value: backup.digest },
    ...backup.manifest.files.map(({ name, sha256: hash }) => ({ name, value: hash })),
  ];
  const last = ceremony.note('done', what);
  return ceremony.ended(last, what, [
    'it was read back, and opens with the passphrase',
    'the passphrase is not in it: it is kept elsewhere, by somebody else. Who has both has the keys',
    'the journal is not in it: a restored signer signs nothing until its watchtowers have shown it the newest one',
    ...(existsSync(join(to, 'pins.json')) ? [] : ['it holds no pins: back up again after pinning']),
  ]);
}

function copy(from: string, to: string, keys: Opened): void {
  const files = partsIn(from).map((name) => {
    const bytes = readFileSync(join(from, name));
    replaceFile(join(to, name), bytes);
    return { name, sha256: sha256(bytes) };
  });
  const manifest: Manifest = {
    v: 1,
    at: Date.now(),
    recordKey: keys.record.publicKey,
    chainKey: keys.chainKey,
    last: transcriptOf(from)?.last ?? '',
    files,
  };
  // Last: without it the rest is no backup.
  replaceFile(manifestIn(to), signed(keys.record, manifest));
}

function signed(key: SigningKey, manifest: Manifest): string {
  return `${jsonText({ manifest, signature: signStatement(key, 'backup', manifest) })}\n`;
}

/** An interrupted backup of ours, whole but for the word in the transcript, is taken for what it is; any other is left alone. */
function mustBeOurs(to: string, ceremony: Ceremony, keys: Opened): void {
  const { manifest } = readBackup(to);
  const same = (name: string) =>
    manifest.files.some(
      (one) => one.name === name && one.sha256 === sha256(readFileSync(join(ceremony.folder, name))),
    );
  const unchanged = partsIn(ceremony.folder).every((name) => name === 'ceremony.jsonl' || same(name));
  if (manifest.recordKey !== keys.record.publicKey || !unchanged)
    throw new Misconfigured(
      `${to}: holds another backup, and backups are never overwritten: name a new folder`,
    );
}

function mustHoldNothing(to: string): void {
  const known = new Set(['keystore.json', 'pins.json', 'ceremony.jsonl', 'manifest.json']);
  const other = readdirSync(to).find((name) => !known.has(name.replace(/\.next$/, '')));
  if (other !== undefined)
    throw new Misconfigured(`${join(to, other)}: is in the way: a backup has a folder of its own`);
}
