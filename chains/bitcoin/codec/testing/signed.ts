/** Plans signed by test keys. */
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import type { BitcoinWallet } from '@kuramori/core';
import { toDer } from '../ecdsa.ts';
import { combine, descriptorOf, placeAt, type Planned, type PlanResult } from '../index.ts';
import { split } from '../sign.ts';
import type { Held } from './wallet.ts';

export function mustPlan(result: PlanResult): Planned {
  if (result.kind === 'refused') throw new Error(`not planned: ${result.field} ${result.why}`);
  return result.planned;
}

export function shareFor({ shares }: Pick<Planned, 'shares'>, key: string): string {
  const share = shares.find((one) => one.key === key)?.share;
  if (share === undefined) throw new Error('a plan without a share of the key');
  return share;
}

/** The signatures of some of a wallet's keys, by their numbers. */
export function signaturesBy(
  { keys }: Held,
  planned: Planned,
  signers: readonly number[],
): ReadonlyMap<string, string> {
  return new Map(
    signers.map((at) => {
      const key = keys[at];
      if (!key) throw new Error(`no key ${at}`);
      return [key.publicKey, key.sign(planned.plan, shareFor(planned, key.publicKey))];
    }),
  );
}

/** The whole signed transaction, hex. */
export function signedBy(held: Held, planned: Planned, signers: readonly number[]): string {
  const combined = combine(held.wallet, planned.plan, signaturesBy(held, planned, signers));
  if (combined.kind === 'refused') throw new Error(`not combined: ${combined.why}`);
  return combined.transaction;
}

/** The plan with signatures as PSBTs carry them, base64: what a node finalizes by itself. Written by the library. */
export function withSignatures(
  wallet: BitcoinWallet,
  planned: Planned,
  signatures: ReadonlyMap<string, string>,
): string {
  const descriptor = descriptorOf(wallet);
  const psbt = RawPSBTV0.decode(Uint8Array.fromHex(planned.plan));
  for (const [at, input] of psbt.inputs.entries()) {
    const coin = planned.inputs[at];
    if (!coin) throw new Error('an input without its coin');
    const { keys } = placeAt(descriptor, coin.branch, coin.index);
    input.partialSig = [...signatures].map(([extended, signature]) => {
      const key = keys.find(({ of }) => descriptor.keys[of]?.extended === extended);
      const one = split(signature)?.[at];
      if (!key || !one) throw new Error('a signature of nobody');
      return [Uint8Array.from(key.publicKey), Uint8Array.from(toDer(one, 1))];
    });
  }
  return Buffer.from(RawPSBTV0.encode(psbt)).toString('base64');
}
