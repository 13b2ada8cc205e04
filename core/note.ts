/** Note: text with signature lines, as C2SP signed-note writes it; and C2SP tlog-cosignature's v1, a witness's line below a log's. */
import { createHash } from 'node:crypto';
import { signText, verifyText, type SigningKey } from './key.ts';

/** signed-note: the assigned bytes. 1 signs the text, 4 a time and the text. */
const types = { note: 1, cosignature: 4 } as const;

/** A key that may have signed a note: the name and the id tell which line is its. */
export interface NoteKey {
  readonly type: keyof typeof types;
  readonly name: string;
  /** A raw Ed25519 public key, as hex. */
  readonly publicKey: string;
}

export interface NoteLine {
  readonly name: string;
  /** Four bytes as hex. */
  readonly id: string;
  readonly signature: Buffer;
}

export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly lines: readonly NoteLine[];
}

/** signed-note: SHA-256(name || 0x0A || type || public key)[:4]; tlog-cosignature: the same with 0x04. */
export function keyId({ type, name, publicKey }: NoteKey): string {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(types[type]))
    .update(publicKey, 'hex')
    .digest('hex')
    .slice(0, 8);
}

/** How a key is given to other tools: `<name>+<id>+<base64 of type and key>`. */
export function verifierKey(key: NoteKey): string {
  const bytes = Buffer.concat([Buffer.of(types[key.type]), Buffer.from(key.publicKey, 'hex')]);
  return `${key.name}+${keyId(key)}+${bytes.toString('base64')}`;
}

export function signNote(key: SigningKey, name: string, text: string): NoteLine {
  const id = keyId({ type: 'note', name, publicKey: key.publicKey });
  return { name, id, signature: Buffer.from(signText(key, 'checkpoint', text), 'hex') };
}

/** What a cosigner signs: two lines of its own, then the whole text of the note. `time`: Unix seconds. */
function cosigned(time: number, text: string): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

export function cosignText(key: SigningKey, time: number, text: string): string {
  return signText(key, 'cosignature', cosigned(time, text));
}

export function verifyCosignature(publicKey: string, time: number, text: string, signature: string): boolean {
  return verifyText(publicKey, 'cosignature', cosigned(time, text), signature);
}

/** A timestamped_signature: eight bytes of time, then the signature. */
export function cosignatureLine(
  key: NoteKey & { readonly type: 'cosignature' },
  time: number,
  signature: string,
): NoteLine {
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  return { name: key.name, id: keyId(key), signature: Buffer.concat([stamp, Buffer.from(signature, 'hex')]) };
}

/** When a cosignature's line says that it was made, in Unix seconds; undefined where it is none. */
export function timeOf({ signature }: NoteLine): number | undefined {
  if (signature.length !== 72) return undefined;
  const time = signature.readBigUInt64BE();
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : undefined;
}

/** Whether a key has signed the note. `wrong`: a line has its name and id, and does not verify. */
export function signedBy(note: Note, key: NoteKey): 'signed' | 'absent' | 'wrong' {
  const id = keyId(key);
  const lines = note.lines.filter((line) => line.name === key.name && line.id === id);
  if (lines.length === 0) return 'absent';
  return lines.every((line) => verifyLine(note.text, line, key)) ? 'signed' : 'wrong';
}

function verifyLine(text: string, line: NoteLine, key: NoteKey): boolean {
  if (key.type === 'note')
    return verifyText(key.publicKey, 'checkpoint', text, line.signature.toString('hex'));
  const time = timeOf(line);
  if (time === undefined) return false;
  return verifyCosignature(key.publicKey, time, text, line.signature.subarray(8).toString('hex'));
}

export function noteText({ text, lines }: Note): string {
  return `${text}\n${lines.map(lineText).join('')}`;
}

function lineText({ name, id, signature }: NoteLine): string {
  return `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;
}

/** More lines than any policy has watchtowers; signed-note asks for at least 16. */
const mostLines = 128;

/** Reads a note strictly; undefined for what is none. What its lines are worth, `signedBy` says. */
export function readNote(bytes: string | Uint8Array): Note | undefined {
  const whole = typeof bytes === 'string' ? bytes : utf8(bytes);
  // No control characters but newlines, and the last empty line parts text from signatures.
  // oxlint-disable-next-line no-control-regex
  if (whole === undefined || /[\u0000-\u0009\u000b-\u001f]/.test(whole)) return undefined;
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) return undefined;
  const below = whole.slice(end + 2, -1).split('\n');
  if (below.length > mostLines) return undefined;
  const lines: NoteLine[] = [];
  for (const text of below) {
    const line = readLine(text);
    if (!line) return undefined;
    lines.push(line);
  }
  return { text: whole.slice(0, end + 1), lines };
}

function readLine(text: string): NoteLine | undefined {
  // Names have neither spaces, Unicode's among them, nor a plus.
  const [, name, encoded] = /^— ([^\s+\u0085]+) ([A-Za-z0-9+/]+=*)$/u.exec(text) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = base64(encoded);
  if (!bytes || bytes.length < 5) return undefined;
  return { name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
}

/** RFC 4648 §4, and only as one writes it: with its padding, and no bit that means nothing set. */
export function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
