import { describe, expect, it } from 'vitest';
import { addressAt, bitcoin, combine, placeAt, descriptorOf, planPayments, readPrevious } from './index.ts';
import { readPlan, writePlan, type Coin } from './draft.ts';
import { readPsbt } from './psbt.ts';
import { shareOf } from './share.ts';
import { fundedBy } from './testing/coins.ts';
import { mustPlan, signaturesBy } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network } = held;
const descriptor = descriptorOf(wallet);
const { coins, previous } = fundedBy(held, [5_000_000n, 7_000_000n]);
const to = addressAt(heldWallet(1, [9]).wallet, network, 0, 0);
const means = {
  wallet,
  network,
  coins,
  feeRate: 2_000n,
  usualRate: 2_000n,
  change: 0,
  lockTime: 0,
  seed: '',
};
const planned = mustPlan(planPayments({ ...means, payments: [{ address: to, units: 11_000_000n }] }));
const key = wallet.cosigners[0]?.publicKey ?? '';

/** Explains a plan with its own share. */
function explain(plan: string, given: readonly string[] | undefined) {
  const read = readPsbt(plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return bitcoin.explainShare(wallet, plan, shareOf(read.psbt.transaction, key), network, given);
}

function why(plan: string, given: readonly string[] | undefined): string | undefined {
  const explained = explain(plan, given);
  return explained.kind === 'refused' ? explained.why : undefined;
}

/** The same transaction, with other amounts told of its inputs. */
function lied(...told: readonly bigint[]): string {
  const inputs = planned.inputs.map((coin, at): Coin => ({ ...coin, units: told[at] ?? coin.units }));
  const read = readPlan(descriptor, planned.plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return writePlan(descriptor, { ...read.draft, inputs });
}

describe('an amount is only what the spent transaction says', () => {
  it('the truth is explained', () => {
    expect(lied()).toBe(planned.plan);
    expect(why(planned.plan, previous)).toBeUndefined();
    expect(why(planned.plan, [...previous, ...previous].toReversed())).toBeUndefined();
  });

  it('the two lies that make one transaction pay everything as fees', () => {
    // BIP 143 binds only the amount of the input that is signed. Each of two signings is told the truth of one input and less of
    // the other, so that the fees look small; both signatures together are valid, and what was hidden is fees.
    const [first = 0n, second = 0n] = planned.inputs.map(({ units }) => units);
    for (const plan of [lied(first, second - 900_000n), lied(first - 900_000n, second)]) {
      // Both sign what they are asked for when nobody looks at the previous transactions …
      const signed = signaturesBy(held, { ...planned, plan }, [0, 1]);
      expect(combine(wallet, plan, signed).kind).toBe('transaction');
      // … which is why they are looked at.
      expect(why(plan, previous)).toContain('is said to hold');
    }
  });

  it('without the transactions nothing is explained', () => {
    expect(why(planned.plan, undefined)).toContain('is not given');
    expect(why(planned.plan, [])).toContain('is not given');
    expect(why(planned.plan, previous.slice(1))).toContain('is not given');
    expect(why(planned.plan, [...previous, ''])).toBe('previous: transaction 2 cannot be read');
  });

  it('every flipped bit of them is refused, but of what their ids do not commit to', () => {
    const [hex = '', ...others] = previous;
    const bytes = Uint8Array.fromHex(hex);
    const read: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (why(planned.plan, [bytes.toHex(), ...others]) === undefined) read.push(bit >> 3);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
    // The flag, and the witness: one byte with its two lengths.
    const witness = bytes.length - 4 - 3;
    expect([...new Set(read)].every((at) => at === 5 || (at >= witness && at < witness + 3))).toBe(true);
  });

  it('whatever form a node gives them in: bare, with witnesses, with what MWEB adds', () => {
    const [hex = ''] = previous;
    const whole = readPrevious(hex);
    const bare = hex.slice(0, 8) + hex.slice(12, -14) + hex.slice(-8);
    expect(readPrevious(bare)).toEqual(whole);
    // Flag 8, and between outputs and lock time what only Litecoin's nodes read (LIP 3).
    const mweb = `${hex.slice(0, 8)}0008${hex.slice(12, -14)}00${hex.slice(-8)}`;
    expect(readPrevious(mweb)).toEqual(whole);
    expect(why(planned.plan, [mweb, ...previous.slice(1)])).toBeUndefined();
    expect(readPrevious(`${bare.slice(0, -8)}00${bare.slice(-8)}`)).toBeUndefined();
    expect(readPrevious('zz')).toBeUndefined();
  });

  it('an output that the transaction has not, or that is somebody else’s', () => {
    const [coin, other] = planned.inputs;
    if (!coin || !other) throw new Error('two inputs');
    const outputs = [{ script: placeAt(descriptor, 0, 0).script, units: 4_000_000n, change: null }];
    const plan = (changed: Partial<Coin>) =>
      writePlan(descriptor, { lockTime: 0, inputs: [{ ...coin, ...changed }], outputs, final: false });
    const explained = (changed: string) => explain(changed, previous);
    expect(explained(plan({}))).toMatchObject({ kind: 'spend' });
    expect(explained(plan({ vout: 2 }))).toMatchObject({
      why: expect.stringContaining('spends output 2') as string,
    });
    expect(explained(plan({ vout: 0, units: 1_000n }))).toMatchObject({ kind: 'refused' });
    expect(explained(plan({ index: coin.index + 2 }))).toMatchObject({
      why: expect.stringContaining('and is not') as string,
    });
  });
});
