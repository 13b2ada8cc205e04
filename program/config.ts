import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';

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
  const unknown = issue?.code === 'unrecognized_keys' ? ` (${issue.keys.join(', ')})` : '';
  throw new Misconfigured(`${file}: ${field}: ${issue?.message ?? 'is malformed'}${unknown}`);
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not JSON (${cause.message})` : reasonOf(cause);
    throw new Misconfigured(`${file}: ${why}`, { cause });
  }
}

/** Reads a secret file of one line. Refuses one that others may read. */
export function readSecret(file: string): string {
  try {
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0) {
      throw new Misconfigured(
        `${file}: others may read this secret (mode ${(mode & 0o777).toString(8)}): chmod 600 it`,
      );
    }
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (secret === '' || /[\r\n]/.test(secret))
      throw new Misconfigured(`${file}: must hold one line, the secret`);
    return secret;
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'is not there: give the path of an existing file';
  if (code === 'EACCES' || code === 'ERR_ACCESS_DENIED')
    return 'may not be read by this process: check its owner, its mode and the permission flags';
  return message;
}
