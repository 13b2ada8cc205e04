/** The thief's own tools hold against ours: keys along BIP 48, digests of BIP 143; and what two nonces give away, derived ones do not. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  descriptorOf,
  outpointText,
  placeAt,
  planSweep,
  readTransaction,
} from '@kuramori/chains/bitcoin/codec';
import { fundedBy, meansOf } from '../../../chains/bitcoin/codec/testing/coins.ts';
import { mustPlan, signedBy } from '../../../chains/bitcoin/codec/testing/signed.ts';
import { heldWallet } from '../../../chains/bitcoin/codec/testing/wallet.ts';
import { coinKey, numberOf, publicOf } from './keys.ts';
import { keysGivenAway, signaturesIn, signWithNonce, type Lock } from './nonces.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet } = held;
const descriptor = descriptorOf(wallet);
const { coins } = fundedBy(held, [5_000_000n]);
const [coin] = coins;
if (!coin) throw new Error('no coin');
const place = placeAt(descriptor, coin.branch, coin.index);
const lock: Lock = { units: coin.units, witnessScript: place.witnessScript };
const locks = new Map([[outpointText(coin), lock]]);
const keyOf = (byte: number) => coinKey(new Uint8Array(32).fill(byte), coin.branch, coin.index);

/** Our own signers' transaction of the coin, at a fee of its own. */
function ours(feeRate: bigint) {
  const planned = mustPlan(planSweep({ ...meansOf(held, coins), feeRate, to: wallet.address }));
  const transaction = readTransaction(signedBy(held, planned, [0, 1]));
  if (!transaction) throw new Error('ours cannot be read');
  return transaction;
}
const transactions = [2_000n, 3_000n, 4_000n].map(ours);

it('keys are those of the script', () => {
  const inScript = place.keys.map(({ publicKey }) => publicKey.toHex());
  for (const byte of [1, 2, 3]) expect(inScript).toContain(publicOf(keyOf(byte)).toString('hex'));
});

it('our signatures give no key away, of no pair', () => {
  const seen = transactions.flatMap((transaction) => signaturesIn(transaction, locks));
  expect(seen).toHaveLength(6);
  expect(keysGivenAway(seen)).toEqual([]);
});

describe('of a signer that chooses its own nonces', () => {
  const nonce = numberOf(randomBytes(31));
  const signs = (first: bigint, second: bigint) => {
    const key = keyOf(2);
    const seen = [first, second].flatMap((each, at) => {
      const transaction = transactions[at];
      const [input] = transaction?.inputs ?? [];
      if (!transaction || !input) throw new Error('no input');
      const signature = signWithNonce(key, each, transaction, 0, lock);
      const witness = [new Uint8Array(), signature, place.witnessScript];
      return signaturesIn({ ...transaction, inputs: [{ ...input, witness }] }, locks);
    });
    return keysGivenAway(seen).map((found) => found.equals(key));
  };

  it.each([
    ['repeated', nonce],
    ['counted up', nonce + 1n],
    ['counted down', nonce - 7n],
  ])('the key of nonces that are %s', (_, second) => {
    expect(signs(nonce, second)).toEqual([true]);
  });

  it('none, where they have nothing to do with each other', () => {
    expect(signs(nonce, numberOf(randomBytes(31)))).toEqual([]);
  });
});
