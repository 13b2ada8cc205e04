import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { othersMayRead } from './modes.ts';
import { visibleLine } from './visible.ts';

const [newline, carriageReturn] = [0x0a, 0x0d];

/** What a process says, in one line, when it cannot start or go on; the message says what to do. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

/** Reads a JSON file by a strict schema. The error names the file, the field and what is wrong with it. */
export function readConfig<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  const read = schema.safeParse(readJson(file));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.join('.') || 'the whole file';
  // Whoever wrote the file chose its keys, and must not draw on the screen with them.
  throw new Misconfigured(visibleLine(`${file}: ${field}: ${issue ? whatIsWrong(issue) : 'is malformed'}`));
}

function whatIsWrong(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  return `Unrecognized key${issue.keys.length > 1 ? 's' : ''}: ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    // What JSON.parse says quotes the file, and a secret one may have been named by mistake.
    if (cause instanceof SyntaxError) throw new Misconfigured(`${file}: is not JSON`);
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

/** Reads a secret file of one line. Refuses one that others may read. */
export function readSecret(file: string): string {
  return readSecretBytes(file).toString('utf8');
}

/** The same as bytes, which can be wiped once they are used; a string stays in memory until something else needs the place. */
export function readSecretBytes(file: string): Buffer {
  const bytes = readOwn(file);
  const ending = bytes.at(-1) !== newline ? 0 : bytes.at(-2) === carriageReturn ? 2 : 1;
  const secret = bytes.subarray(0, bytes.length - ending);
  if (secret.length > 0 && !secret.includes(newline) && !secret.includes(carriageReturn)) return secret;
  bytes.fill(0);
  throw new Misconfigured(`${file}: must hold one line, the secret`);
}

/** Reads a file that nobody but its owner may read. */
export function readOwn(file: string): Buffer {
  try {
    const why = othersMayRead(file);
    if (why !== null) throw new Misconfigured(why);
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

/** Reads the seed of an Ed25519 key: a secret file of 64 hex digits. Whoever has used it wipes it. */
export function readSeed(file: string): Uint8Array {
  const digits = readSecretBytes(file);
  const seed = new Uint8Array(new ArrayBuffer(32));
  const wellFormed =
    digits.length === 64 && digits.every((digit) => '0123456789abcdef'.includes(String.fromCharCode(digit)));
  if (wellFormed)
    for (let at = 0; at < 32; at += 1) seed[at] = valueOf(digits[2 * at]) * 16 + valueOf(digits[2 * at + 1]);
  digits.fill(0);
  if (!wellFormed) throw new Misconfigured(`${file}: must be 32 bytes as lower-case hex`);
  return seed;
}

/** The value of one hex digit, given as its letter's code. */
function valueOf(digit = 0): number {
  return digit < 0x3a ? digit - 0x30 : digit - 0x57;
}

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'is not there: give the path of an existing file';
  if (code === 'EACCES' || code === 'ERR_ACCESS_DENIED')
    return 'may not be read by this process: check its owner, its mode and the permission flags';
  return message;
}
