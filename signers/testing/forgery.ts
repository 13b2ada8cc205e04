/** Forgery: a signed message signed by others, or as something else; and a lie that its own key signs. */
import type { Kind, SigningKey } from '@kuramori/core';
import { keyNamed, thief } from '../../core/testing/house.ts';
import { changesOf, fieldOf, put, type Change, type Shape, type Wire } from './change.ts';

/** Where a message carries a statement and who signed it. */
export interface SignedPart {
  /** The statement's own path; null where the message carries none, only the signature. */
  readonly statement: string | null;
  readonly signature: string;
  /** Where the signer's key stands; null where the message carries none. */
  readonly signer: string | null;
  readonly kind: Kind | 'request';
  readonly key: SigningKey;
  /** Signs what stands in a message at `statement`. */
  readonly sign: (message: Wire, by: SigningKey, kind: Kind | 'request') => string;
}

const kinds: readonly Kind[] = [
  'intent',
  'intent-id',
  'approval',
  'policy',
  'objection',
  'journal-entry',
  'countersignature',
  'chain-fact',
  'uncovered',
  'freeze',
  'thaw',
  'moment',
  'journal-head',
  'archive-heads',
  'voucher',
  'deposit-memo',
  'books-totals',
];

/** The same statement, signed by others, or as something else. */
export function* forgeriesOf(message: Wire, part: SignedPart): Generator<Change> {
  const { signature, signer, kind, key, sign } = part;
  const common = { field: fieldOf(signature), path: signature, malformed: false, signedAgain: false };
  for (const name of [
    'thief',
    'tower 1',
    'record 1',
    'record 2',
    'keeper 1',
    'operator',
    'exchange',
    'books',
  ]) {
    const by = keyNamed(name);
    if (by.publicKey === key.publicKey) continue;
    yield {
      ...common,
      change: `by ${name}`,
      message: () => put(message, signature, sign(message, by, kind)),
    };
  }
  if (signer !== null)
    yield {
      ...common,
      change: 'by the thief, in the thief’s own name',
      message: () => put(put(message, signature, sign(message, thief, kind)), signer, thief.publicKey),
    };
  for (const another of kinds)
    if (another !== kind)
      yield {
        ...common,
        change: `as ${another}`,
        message: () => put(message, signature, sign(message, key, another)),
      };
}

/** Each field of the statement changed, and signed again by its own key: a liar, not a forger. */
export function* liesOf(
  message: Wire,
  part: SignedPart,
  shapeAt: (path: string) => Shape,
): Generator<Change> {
  const { statement, signature, kind, key, sign } = part;
  if (statement === null) return;
  for (const change of changesOf(message, shapeAt, statement)) {
    // That each bit is signed is seen without the signature's help.
    if (change.malformed || change.path === signature || change.change.includes('bit ')) continue;
    const liar = () => {
      const lie = change.message();
      return put(lie, signature, sign(lie, key, kind));
    };
    yield { ...change, signedAgain: true, message: liar };
  }
}
