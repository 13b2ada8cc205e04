import { describe, expect, it } from 'vitest';
import { addressAt, addressOf, bitcoin, descriptorOf, placeAt, shareOf } from './index.ts';
import { mostChange, readPlan, writePlan, type Draft } from './draft.ts';
import { readPsbt, writePsbt } from './psbt.ts';
import { fundedBy } from './testing/coins.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const { coins, previous } = fundedBy(held, [10_000_000n]);
const thief = descriptorOf(heldWallet(2, [7, 8, 9]).wallet);
const key = wallet.cosigners[0]?.publicKey ?? '';
const customer = { script: placeAt(thief, 0, 0).script, units: 4_000_000n, change: null };

function explain(plan: string) {
  const read = readPsbt(plan);
  if (read.kind === 'refused') throw new Error(read.why);
  return bitcoin.explainShare(wallet, plan, shareOf(read.psbt.transaction, key), network, previous);
}

function drafted(...outputs: Draft['outputs']): string {
  return writePlan(descriptor, { lockTime: 0, inputs: coins, outputs: [customer, ...outputs], final: false });
}

/** The plan with its second output paying another script, whatever is said of it. */
function redirected(script: Uint8Array): string {
  const read = readPsbt(drafted(change(3)));
  if (read.kind === 'refused') throw new Error(read.why);
  const { psbt } = read;
  const outputs = psbt.transaction.outputs.map((output) =>
    output.units === 5_990_000n ? { ...output, script } : output,
  );
  return writePsbt({ ...psbt, transaction: { ...psbt.transaction, outputs } });
}

const change = (index: number) => ({
  script: placeAt(descriptor, 1, index).script,
  units: 5_990_000n,
  change: index,
});

describe('change', () => {
  it('of our own branch 1 does not leave', () => {
    expect(explain(drafted(change(3)))).toMatchObject({
      kind: 'spend',
      spend: { outputs: [{ units: 4_000_000n }], fees: 10_000n },
    });
  });

  it('that pays a thief is refused, though the plan says that it is ours', () => {
    expect(explain(redirected(placeAt(thief, 1, 3).script))).toMatchObject({
      kind: 'refused',
      why: 'plan: output 1 is said to be change, and pays to somebody else',
    });
    // Even to another place of our own: what is said must be so.
    expect(explain(redirected(placeAt(descriptor, 1, 4).script)).kind).toBe('refused');
  });

  it('that pays a thief and does not say that it is ours is an output', () => {
    const output = { ...change(3), script: placeAt(thief, 1, 3).script, change: null };
    const address = addressOf(output.script, chain, network);
    expect(explain(drafted(output))).toMatchObject({
      spend: { outputs: [{ address: expect.any(String) as string }, { address, units: 5_990_000n }] },
    });
  });

  it('to an address that receives is an output, and so is one at branch 1 that is not said to be change', () => {
    for (const branch of [0, 1] as const) {
      const output = { script: placeAt(descriptor, branch, 3).script, units: 5_990_000n, change: null };
      expect(explain(drafted(output))).toMatchObject({
        spend: { outputs: [{}, { address: addressAt(wallet, network, branch, 3), units: 5_990_000n }] },
      });
    }
    const read = readPsbt(drafted(change(3)));
    if (read.kind === 'refused') throw new Error(read.why);
    const place = placeAt(descriptor, 0, 3);
    const outputs = read.psbt.outputs.map((one) => (one.length === 0 ? one : place.keys));
    const transaction = {
      ...read.psbt.transaction,
      outputs: read.psbt.transaction.outputs.map((one) =>
        one.units === 5_990_000n ? { ...one, script: place.script } : one,
      ),
    };
    expect(readPlan(descriptor, writePsbt({ ...read.psbt, transaction, outputs }))).toMatchObject({
      why: 'output 1 is said to be change, and is not of branch 1',
    });
  });

  it('where nobody would look for it is refused', () => {
    expect(explain(drafted(change(mostChange - 1))).kind).toBe('spend');
    expect(explain(drafted(change(mostChange)))).toMatchObject({
      why: expect.stringContaining('its change is at index 1000000') as string,
    });
    expect(explain(drafted(change(2 ** 31 - 1))).kind).toBe('refused');
  });

  it('twice, in dust, or in fees is refused', () => {
    const half = { ...change(3), units: 2_000_000n };
    expect(explain(drafted(half, { ...change(4), units: 3_990_000n }))).toMatchObject({
      why: 'plan: has change twice',
    });
    expect(explain(drafted({ ...change(3), units: 100n }))).toMatchObject({
      why: expect.stringContaining('dust') as string,
    });
    // Left to the miners: more than any node takes for a fee.
    expect(explain(drafted())).toMatchObject({
      why: expect.stringContaining('a node takes that for a mistake') as string,
    });
    expect(explain(drafted({ ...change(3), units: 5_999_999n }))).toMatchObject({
      why: expect.stringContaining('for which no node relays it') as string,
    });
    expect(explain(drafted({ ...change(3), units: 6_000_001n }))).toMatchObject({
      why: expect.stringContaining('and its inputs hold') as string,
    });
    expect(explain(drafted({ ...change(3), units: 2n ** 63n }))).toMatchObject({
      why: expect.stringContaining('more than there is') as string,
    });
  });

  it('beside a script that no address has is refused', () => {
    const data = { script: Uint8Array.of(0x6a, 2, 1, 2), units: 10_000n, change: null };
    expect(explain(drafted(data, { ...change(3), units: 5_980_000n }))).toMatchObject({
      why: expect.stringContaining('pays to a script that has no address') as string,
    });
  });
});
