/** Backup: a folder that opens with the passphrase elsewhere, and a signed manifest of what is in it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  digest,
  Hash,
  PublicKeyHex,
  readTranscript,
  retirementIn,
  SignatureHex,
  verifyStatement,
  type Transcript,
} from '@kuramori/core';
import { Misconfigured, readConfig } from '@kuramori/program';
import { publicHalves } from '../keystore.ts';
import { readPins } from '../pins.ts';

/** What may be in one; a passphrase never, and no journal, since that would reset limits. */
export const parts = ['keystore.json', 'pins.json', 'ceremony.jsonl'] as const;

export const Manifest = z.strictObject({
  v: z.literal(1),
  /** Milliseconds of Unix time. */
  at: z.int().nonnegative(),
  recordKey: PublicKeyHex,
  chainKey: z.string().min(1).max(128),
  /** The digest of the last entry of the transcript in it. */
  last: Hash,
  files: z.array(z.strictObject({ name: z.enum(parts), sha256: Hash })).min(2),
});
export type Manifest = z.infer<typeof Manifest>;

const SignedManifest = z.strictObject({ manifest: Manifest, signature: SignatureHex });

export interface Backup {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly files: ReadonlyMap<(typeof parts)[number], Uint8Array>;
  readonly transcript: Transcript;
}

export const manifestIn = (folder: string) => join(folder, 'manifest.json');

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Reads a backup and verifies every part of it against its manifest. Throws Misconfigured with the first file that is wrong. */
export function readBackup(folder: string): Backup {
  const file = manifestIn(folder);
  const { manifest, signature } = readConfig(file, SignedManifest);
  if (!verifyStatement(manifest.recordKey, 'backup', manifest, signature))
    throw new Misconfigured(
      `${file}: signature: is not ${manifest.recordKey}’s over this manifest: it was altered. Use another backup`,
    );
  const altered = (name: string, why: string) =>
    new Misconfigured(`${join(folder, name)}: ${why}: this backup was altered. Use another`);
  const files = new Map<(typeof parts)[number], Uint8Array>();
  for (const { name, sha256: wanted } of manifest.files) {
    const bytes = bytesOf(join(folder, name));
    if (!bytes) throw altered(name, 'is gone');
    if (sha256(bytes) !== wanted) throw altered(name, 'is not the file that the manifest names');
    files.set(name, bytes);
  }
  const more = readdirSync(folder).find(
    (name) => name !== 'manifest.json' && !manifest.files.some((one) => one.name === name),
  );
  if (more !== undefined) throw altered(more, 'is not in the manifest');
  const halves = publicHalves(join(folder, 'keystore.json'));
  if (halves.recordKey !== manifest.recordKey || halves.chainKey !== manifest.chainKey)
    throw altered('keystore.json', 'holds other keys than the manifest names');
  if (files.has('pins.json')) readPins(folder, manifest.recordKey);
  const transcript = readTranscript(linesOf(files.get('ceremony.jsonl')));
  if (transcript.kind === 'refused')
    throw altered('ceremony.jsonl', `line ${transcript.line}: ${transcript.why}`);
  if (transcript.recordKey !== manifest.recordKey || transcript.last !== manifest.last)
    throw altered('ceremony.jsonl', 'is another transcript than the manifest names');
  if (retirementIn(transcript)) throw altered('ceremony.jsonl', 'says that the keys are retired');
  return { manifest, digest: digest('backup', manifest), files, transcript };
}

/** Which of the parts a signer's folder has. */
export function partsIn(folder: string): readonly (typeof parts)[number][] {
  const there = new Set(readdirSync(folder));
  return parts.filter((name) => there.has(name));
}

function linesOf(bytes: Uint8Array | undefined): readonly string[] {
  return Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
}

function bytesOf(file: string): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch {
    return null; // told by the caller
  }
}
