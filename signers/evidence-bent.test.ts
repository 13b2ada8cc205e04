/** Whoever sees an honest payment shows it bent: with a script where a witness input has none, the signature stays and the bytes are in no record. */
import { describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import {
  bitcoin,
  descriptorOf,
  planPayments,
  readPlan,
  shareOf,
  type Coin,
  type Transaction,
} from '@kuramori/chains/bitcoin/codec';
import {
  addressOf,
  asked,
  brought,
  cold,
  hot,
  keyOf,
  means,
  must,
  network,
  planned,
} from './testing/bitcoin.ts';
import { counter, whyNot } from './testing/counter.ts';

/** As a signature is shown: outpoint, sequence, branch, index, amount, r and s. */
function shownOf({ txid, vout, branch, index, units }: Coin, signature: string): string {
  const hex = (value: number | bigint, bytes: number) => value.toString(16).padStart(2 * bytes, '0');
  return `${txid}${hex(vout, 4)}fffffffd${hex(branch, 1)}${hex(index, 4)}${hex(units, 8)}${signature}`;
}

function read(plan: string): Transaction {
  const found = readPlan(descriptorOf(hot), plan);
  if (found.kind === 'refused') throw new Error(found.why);
  return found.psbt.transaction;
}

describe('evidence made of what a record covers', () => {
  it('a script in an input, which no signature binds, makes no other bytes', () => {
    const { coins } = brought(500_000_000n, 700_000_000n);
    const plan = must(
      planPayments({ ...means(coins), payments: [{ address: addressOf('alice'), units: 400_000_000n }] }),
    );
    const { share } = asked(plan, 1);
    const key = keyOf('c1');
    const first = key.sign(plan.plan, share).slice(0, 128);
    const [coin] = plan.inputs;
    if (!coin) throw new Error('no input');
    const evidence = { signer: key.publicKey, signature: shownOf(coin, first) };
    expect(bitcoin.evidenceSigned(hot, { ...evidence, bytes: share }, network)).toBe(true);
    const transaction = read(plan.plan);
    const bent = {
      ...transaction,
      inputs: transaction.inputs.map((input) => ({ ...input, scriptSig: Uint8Array.of(0x51) })),
    };
    expect(shareOf(bent, key.publicKey)).toBe(share);
    // And nothing that it binds is another.
    for (const changed of [
      { ...transaction, version: 1 },
      { ...transaction, lockTime: transaction.lockTime + 1 },
      { ...transaction, outputs: transaction.outputs.toReversed() },
      { ...transaction, inputs: transaction.inputs.map((input) => ({ ...input, sequence: 0 })) },
    ]) {
      const bytes = shareOf(changed, key.publicKey);
      expect(bytes).not.toBe(share);
      expect(bitcoin.evidenceSigned(hot, { ...evidence, bytes }, network)).toBe(false);
    }
  });

  it('what a co-signer itself has let go, bent, sends nothing home', () => {
    const rule = {
      perPayment: 2_000_000_000n,
      rolling: { hours: 24, units: 6_000_000_000n },
      firstSeen: { hours: 24, shareBps: 10_000 },
      feeCap: 1_000_000n,
    };
    const keys = () => [keyOf('c1'), keyOf('c2')];
    using here = counter({ hot, cold, assets: [LTC], keys, balance: 10_000_000_000n, rule });
    const { previous, coins } = brought(500_000_000n, 700_000_000n);
    const plan = planned(coins.slice(0, 1), [{ address: addressOf('alice'), units: 400_000_000n }]);
    const ask = here.ask(1, asked(plan, 1), [here.request({ to: addressOf('alice'), units: 400_000_000n })]);
    const signature = here.signed(1, ask, [previous]);
    if (typeof signature !== 'string') throw new Error(signature.detail);
    const [coin] = plan.inputs;
    if (!coin) throw new Error('no input');
    const transaction = read(plan.plan);
    const bent = shareOf({ ...transaction, version: 1 }, keyOf('c1').publicKey);
    here.freeze();
    const all = 1_200_000_000n;
    const home = planned(coins, [{ address: cold.address, units: all - 100_000n }], 5_000n);
    const stolen = {
      bytes: bent,
      signer: keyOf('c1').publicKey,
      signature: shownOf(coin, signature.slice(0, 128)),
    };
    const moved = { units: all - 100_000n, number: 1 };
    const go = here.home(1, { ...asked(home, 1), fees: home.fees }, moved, stolen);
    expect(whyNot(here.signed(1, go, [previous]))).not.toBe('signed');
  });
});
