/** Identity: the digest of the code that a ceremony runs, so that two machines can be compared before a key is made. */
import { dirname, join } from 'node:path';
import { measuring, Misconfigured, unread } from '@kuramori/program';

/** Mark → hash: a process that holds several steps hashes each file once. */
const known = new Map<string, string>();

/**
 * What `kuramori release` publishes for co-signers, whose rooms are a ceremony's too, and Node's version. Throws Misconfigured
 * where a file cannot be read.
 */
export function identity(root = dirname(dirname(import.meta.dirname))): {
  readonly code: string;
  readonly node: string;
} {
  const work = measuring({ root, kind: 'cosigner', node: process.execPath }, known);
  let step = work.next();
  while (step.done !== true) step = work.next();
  const { digest, hashes } = step.value;
  const missing = [...hashes].find(([, hash]) => hash === unread);
  if (missing)
    throw new Misconfigured(`${join(root, missing[0])}: cannot be read: run npm ci, as who may read it`);
  return { code: digest, node: process.version };
}
