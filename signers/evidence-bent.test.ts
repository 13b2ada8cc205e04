/** Whoever sees an honest payment shows it bent: with a script where a witness input has none, the signature stays and the bytes are in no record. */
import { describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import {
  bitcoin,
  planPayments,
  readShare,
  readTransaction,
  writeTransaction,
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

describe('evidence made of what a record covers', () => {
  it('a script in an input, which no signature binds, makes other bytes: they are no evidence', () => {
    const { coins } = brought(500_000_000n, 700_000_000n);
    const plan = must(
      planPayments({ ...means(coins), payments: [{ address: addressOf('alice'), units: 400_000_000n }] }),
    );
    const { share } = asked(plan, 1);
    const key = keyOf('c1');
    const first = key.sign(plan.plan, share).slice(0, 128);
    const coin = plan.inputs[0];
    if (!coin) throw new Error('no input');
    const shown = new Uint8Array(81);
    const view = new DataView(shown.buffer);
    view.setUint32(0, 0);
    view.setUint8(4, coin.branch);
    view.setUint32(5, coin.index);
    view.setBigUint64(9, coin.units);
    shown.set(Uint8Array.fromHex(first), 17);
    const evidence = { signer: key.publicKey, signature: shown.toHex() };
    expect(bitcoin.evidenceSigned(hot, { ...evidence, bytes: share }, network)).toBe(true);
    const unsigned = readShare(share)?.unsigned ?? '';
    const transaction = readTransaction(unsigned);
    if (!transaction) throw new Error('no transaction');
    const bent =
      writeTransaction({
        ...transaction,
        inputs: transaction.inputs.map((input) => ({ ...input, scriptSig: Uint8Array.of(0x51) })),
      }).toHex() + share.slice(unsigned.length);
    expect(bent).not.toBe(share);
    expect(bitcoin.evidenceSigned(hot, { ...evidence, bytes: bent }, network)).toBe(false);
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
    const { share } = asked(plan, 1);
    const ask = here.ask(1, asked(plan, 1), [here.request({ to: addressOf('alice'), units: 400_000_000n })]);
    const signature = here.signed(1, ask, [previous]);
    if (typeof signature !== 'string') throw new Error(signature.detail);
    const shown = new Uint8Array(81);
    const view = new DataView(shown.buffer);
    view.setUint8(4, 0);
    view.setUint32(5, coins[0]?.index ?? 0);
    view.setBigUint64(9, coins[0]?.units ?? 0n);
    shown.set(Uint8Array.fromHex(signature.slice(0, 128)), 17);
    // One input: its empty script's length, and then one byte of script.
    const at = 2 * (4 + 1 + 36);
    const bent = `${share.slice(0, at)}0151${share.slice(at + 2)}`;
    here.freeze();
    const all = 1_200_000_000n;
    const home = planned(coins, [{ address: cold.address, units: all - 100_000n }], 5_000n);
    const stolen = { bytes: bent, signer: keyOf('c1').publicKey, signature: shown.toHex() };
    const moved = { units: all - 100_000n, number: 1 };
    const go = here.home(1, { ...asked(home, 1), fees: home.fees }, moved, stolen);
    expect(whyNot(here.signed(1, go, [previous]))).not.toBe('signed');
  });
});
