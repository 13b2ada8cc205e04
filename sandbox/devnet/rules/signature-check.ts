import { verify, type Signature } from '@kuramori/chains/nem/codec';
import { isPointOfTheCurve } from './curve-point.ts';
import { illegal } from '../wire/failure.ts';
import { childrenOf, type Transaction } from '../wire/transaction.ts';

/** VerifiableEntity.verify, remembered: the pool looks at everything again after each block. */
export type SignatureCheck = (transaction: Transaction) => boolean;

export function openSignatureCheck(): SignatureCheck {
  const genuine = new Set<string>();
  const check = (transaction: Transaction): boolean => {
    if (!isGenuine(transaction)) return false;
    // The inner transaction is not signed; the wrapper's signature covers it.
    return childrenOf(transaction).every((child) => child.signature === null || check(child));
  };
  const isGenuine = ({ signer, bytes, hash, signature }: Transaction): boolean => {
    if (signature === null) throw new Error('signature check: there is no signature');
    const key = hash + signature;
    if (genuine.has(key)) return true;
    if (!verify(signer, bytes, signature as Signature)) {
      // A key that is no point makes NIS throw rather than refuse, once S is in range and the key not zero.
      if (isInRange(signature) && !/^0*$/.test(signer) && !isPointOfTheCurve(signer))
        throw illegal('not a valid Ed25519EncodedGroupElement.');
      return false;
    }
    if (genuine.size > 100_000) genuine.clear();
    genuine.add(key);
    return true;
  };
  return check;
}

const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

// Ed25519DsaSigner.isCanonicalSignature: 0 < S < the group's order.
function isInRange(signature: string): boolean {
  const s = BigInt(`0x${Uint8Array.fromHex(signature.slice(64)).toReversed().toHex()}`);
  return s > 0n && s < groupOrder;
}
