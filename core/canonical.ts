/** One way to write a value as bytes, so that a digest means the same to everybody. RFC 8785 (JCS), without fractions. */
import { createHash } from 'node:crypto';

export type Plain =
  | string
  | boolean
  | null
  | number
  | bigint
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined };

/**
 * Canonical text: keys sorted by UTF-16 code unit (RFC 8785 §3.2.3), no white space, bigint as a decimal string,
 * absent and `undefined` the same, -0 as 0 (§3.2.2.3). Throws on a number that is not a safe integer and on a lone
 * surrogate; the schemas let neither through.
 */
export function canonicalText(value: Plain): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} has no canonical form`);
    return String(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('a text with a lone surrogate has no canonical form');
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Plain) => canonicalText(item)).join(',')}]`;
  const record = value as { readonly [key: string]: Plain | undefined };
  let members = '';
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${canonicalText(key)}:${canonicalText(member)}`;
  }
  return `{${members}}`;
}

/** What a digest is of. Each kind has its own prefix, so that no signature over one can stand for another. */
export type Kind =
  | 'intent'
  | 'intent-id'
  | 'approval'
  | 'policy'
  | 'objection'
  | 'journal-entry'
  | 'countersignature'
  | 'covering'
  | 'chain-fact'
  | 'uncovered'
  | 'freeze'
  | 'thaw'
  | 'moment'
  | 'rotation'
  | 'journal-head'
  | 'archive-heads'
  | 'voucher'
  | 'deposit-memo'
  | 'books-totals'
  | 'custody-code'
  | 'ceremony'
  | 'pins'
  | 'backup';

/** SHA-256 over `kuramori/<kind>/1`, a zero byte and the canonical text; 64 hex digits. */
export function digest(kind: Kind, value: Plain): string {
  return createHash('sha256').update(`kuramori/${kind}/1\0`).update(canonicalText(value)).digest('hex');
}

/** SHA-256 of raw bytes given as hex: how bytes to be signed are named in a record. */
export function bytesDigest(hex: string): string {
  return createHash('sha256').update(hex, 'hex').digest('hex');
}

/** What stands where a chain of digests begins. */
export const beforeFirst = '0'.repeat(64);
