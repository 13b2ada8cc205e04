/** The transcript on disk, beside the keystore: what was done with the keys, and whether they may still be used. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTranscript, retirementIn, type Transcript } from '@kuramori/core';
import { Misconfigured, reasonOf } from '@kuramori/program';

export const transcriptIn = (folder: string) => join(folder, 'ceremony.jsonl');

/** Reads and verifies the whole lines of a transcript; null where there is none. Throws Misconfigured. */
export function transcriptOf(folder: string): Transcript | null {
  const file = transcriptIn(folder);
  if (!existsSync(file)) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
  // What a crash tore was reported to nobody.
  const read = readTranscript(text.split('\n').slice(0, -1));
  if (read.kind === 'refused')
    throw new Misconfigured(
      `${file}: line ${read.line}: ${read.why}: this transcript was altered. Keep it as evidence, and restore the signer from a backup into a new folder`,
    );
  return read;
}

/** Throws Misconfigured where a signer's keys must not be used: nobody has written down their making, or they are retired. */
export function mustLive(folder: string): Transcript {
  const transcript = transcriptOf(folder);
  const file = transcriptIn(folder);
  if (transcript === null || transcript.recordKey === null)
    throw new Misconfigured(
      `${file}: is not there: the making of these keys was not finished, or somebody removed it. Restore the signer from a backup`,
    );
  const retired = retirementIn(transcript);
  if (retired)
    throw new Misconfigured(
      `${file}: these keys were retired on ${new Date(retired.at).toISOString()}: nothing starts here again`,
    );
  return transcript;
}

/** Throws Misconfigured where the transcript is another key's. */
export function mustBeOf(folder: string, transcript: Transcript, recordKey: string): void {
  if (transcript.recordKey !== recordKey)
    throw new Misconfigured(
      `${transcriptIn(folder)}: is of the key ${transcript.recordKey}, and the keystore holds ${recordKey}: put this signer’s own transcript back`,
    );
}
