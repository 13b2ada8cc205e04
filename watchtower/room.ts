/** Room: how long a plan may be, so that its record, with all that is shown beside it, is still a leaf of the log. */
import { mostLeafBytes, type Policy, type Wallet } from '@kuramori/core';
import type { SignedPart } from '@kuramori/chains/watched';

/** Below it there is no plan of one coin, of any wallet. Bytes. */
export const leastRoom = 2_000;

/** What a record has whatever it is of: its head and signature, the intent, a share, all names of fields. Bytes of JSON. */
const fixed = 2_900;
/** The same of each piece of evidence, of a watchtower's word on it, of a fact, and of one head in a word. */
const [eachPiece, eachWord, eachFact, eachHead] = [150, 500, 900, 130];

/** The most bytes that a plan may have whose record shows this evidence, with the word of every watchtower; below `leastRoom` there is none. */
export function roomFor(
  { watchtowers: { keys }, signers }: Pick<Policy, 'watchtowers' | 'signers'>,
  { cosigners }: Pick<Wallet, 'cosigners'>,
  evidence: readonly Pick<SignedPart, 'bytes' | 'signer' | 'signature'>[],
): number {
  const heads = signers.reduce((sum, { id }) => sum + eachHead + id.length, 0);
  const pieces = evidence.reduce(
    (sum, { bytes, signer, signature }) =>
      sum + eachPiece + bytes.length + signer.length + signature.length + keys.length * (eachWord + heads),
    0,
  );
  const control = cosigners.reduce((sum, { publicKey }) => sum + publicKey.length + 40, 0);
  const left = mostLeafBytes - fixed - pieces - keys.length * (eachFact + control);
  return Math.floor(left / 2);
}
