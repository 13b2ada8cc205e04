/** Checkpoint: what a signer's journal adds up to at a size, as C2SP tlog-checkpoint writes it; signed by it, cosigned by watchtowers. */
import { z } from 'zod';
import { PublicKeyHex, SignatureHex, type SigningKey } from './key.ts';
import {
  base64,
  cosignatureLine,
  cosignText,
  keyId,
  noteText,
  readNote,
  signedBy,
  signNote,
  timeOf,
  verifyCosignature,
  type Note,
  type NoteKey,
} from './note.ts';
import type { Network, Policy } from './policy.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Entries of the journal. */
  readonly size: number;
  readonly root: Buffer;
}

/**
 * The log's name, for ever: one network's signer with one record key. With another key it is another log, so that no
 * two houses that call a signer alike have logs of one name.
 */
export function originOf(network: Network, signer: string, recordKey: string): string {
  return `kuramori.${network}/journal/${signer}/${recordKey.slice(0, 16)}`;
}

/** Whose log an origin says that it is; undefined for none of ours. */
export function signerOf(origin: string): string | undefined {
  return /^kuramori\.(?:mainnet|testnet|devnet)\/journal\/([a-z0-9-]+)\/[0-9a-f]{16}$/.exec(origin)?.[1];
}

/** The signer's record key, as a note names it: type 0x01, named as the origin. */
export function logKey(network: Network, signer: string, recordKey: string): NoteKey {
  return { type: 'note', name: originOf(network, signer, recordKey), publicKey: recordKey };
}

/** A watchtower's key, as a cosignature names it: type 0x04. */
export function witnessKey(network: Network, watchtower: string): NoteKey & { readonly type: 'cosignature' } {
  const name = `kuramori.${network}/watchtower/${watchtower.slice(0, 16)}`;
  return { type: 'cosignature', name, publicKey: watchtower };
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Undefined for what is no checkpoint of ours: we write no further lines, and nobody could check what they say. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin, digits, encoded, end, ...more] = text.split('\n');
  if (!origin || !/^(?:0|[1-9][0-9]{0,14})$/.test(digits ?? '') || end !== '' || more.length > 0)
    return undefined;
  const root = base64(encoded ?? '');
  return root?.length === 32 ? { origin, size: Number(digits), root } : undefined;
}

/** A watchtower's word that it holds the whole journal up to the checkpoint, and that nothing else was ever there. */
export const Cosignature = z.strictObject({
  watchtower: PublicKeyHex,
  /** The checkpoint's text, three lines. */
  checkpoint: z.string().max(512),
  /** Unix seconds. */
  time: z.int().nonnegative(),
  signature: SignatureHex,
});
export type Cosignature = z.infer<typeof Cosignature>;

export function cosign(key: SigningKey, checkpoint: Checkpoint, time: number): Cosignature {
  const text = checkpointText(checkpoint);
  return {
    watchtower: key.publicKey,
    checkpoint: text,
    time,
    signature: cosignText(key, time, text),
  };
}

/** Whether the watchtower signed it; that it is a pinned one, and over which tree, is the caller's to ask. */
export function verifyCosigned({ watchtower, checkpoint, time, signature }: Cosignature): boolean {
  return verifyCosignature(watchtower, time, checkpoint, signature);
}

/** The file: the signer's own line first, then the watchtowers'. */
export function signedCheckpoint(
  network: Network,
  key: SigningKey,
  checkpoint: Checkpoint,
  cosignatures: readonly Cosignature[],
): string {
  const text = checkpointText(checkpoint);
  const lines = cosignatures.map(({ watchtower, time, signature }) =>
    cosignatureLine(witnessKey(network, watchtower), time, signature),
  );
  return noteText({ text, lines: [signNote(key, checkpoint.origin, text), ...lines] });
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}

/** Reads the file, and believes nothing of it yet. */
export function readSignedCheckpoint(bytes: string | Uint8Array): SignedCheckpoint | undefined {
  const note = readNote(bytes);
  const checkpoint = note && readCheckpoint(note.text);
  return note && checkpoint ? { note, checkpoint } : undefined;
}

/** Of pinned watchtowers, who cosigned it, and of whom a line is there that does not verify. */
export function cosignersOf(
  network: Network,
  watchtowers: readonly string[],
  { note }: SignedCheckpoint,
): { readonly cosigned: readonly string[]; readonly wrong: readonly string[] } {
  const verdicts = watchtowers.map((watchtower) => ({
    watchtower,
    verdict: signedBy(note, witnessKey(network, watchtower)),
  }));
  const those = (verdict: string) =>
    verdicts.filter((one) => one.verdict === verdict).map(({ watchtower }) => watchtower);
  return { cosigned: those('signed'), wrong: those('wrong') };
}

/** The cosignatures that stand in a file, of these watchtowers: to be written again below it. */
export function cosignaturesIn(
  network: Network,
  watchtowers: readonly string[],
  signed: SignedCheckpoint,
): readonly Cosignature[] {
  return cosignersOf(network, watchtowers, signed).cosigned.flatMap((watchtower) => {
    const key = witnessKey(network, watchtower);
    const line = signed.note.lines.find(({ name, id }) => name === key.name && id === keyId(key));
    const time = line && timeOf(line);
    if (!line || time === undefined) return [];
    const signature = line.signature.subarray(8).toString('hex');
    return [{ watchtower, checkpoint: signed.note.text, time, signature }];
  });
}

/** The record keys that a chain of policies pins for a signer, the newest first. */
export function recordKeysOf(policies: readonly Policy[], signer: string): readonly string[] {
  const keys = policies.toReversed().flatMap(({ signers }) => signers.filter(({ id }) => id === signer));
  return [...new Set(keys.map(({ recordKey }) => recordKey))];
}
