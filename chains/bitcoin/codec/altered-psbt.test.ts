import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import { describe, expect, it } from 'vitest';
import { readPlan } from './draft.ts';
import { addressAt, bitcoin, descriptorOf, planPayments, placeAt, shareOf } from './index.ts';
import { readPsbt, writePsbt, type Psbt } from './psbt.ts';
import { chanceOf, seed, someAddress } from './testing/chance.ts';
import { fundedBy } from './testing/coins.ts';
import { mustPlan } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const chance = chanceOf(seed);
const { coins, previous } = fundedBy(held, [100_000n, 200_000n, 50_000n]);
const means = {
  wallet,
  network,
  coins,
  feeRate: 3_000n,
  usualRate: 9_000n,
  change: 7,
  lockTime: 90,
  seed: 's',
};
const thief = someAddress(chance, chain, network);
const planned = mustPlan(planPayments({ ...means, payments: [{ address: thief, units: 270_000n }] }));
const { plan } = planned;
const share = planned.shares[0]?.share ?? '';
const key = wallet.cosigners[0]?.publicKey ?? '';

const explain = (changed: string, of = share) => bitcoin.explainShare(wallet, changed, of, network, previous);
const honest = JSON.stringify(explain(plan), bigints);

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function* flips(hex: string): Iterable<[number, string]> {
  const bytes = Uint8Array.fromHex(hex);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield [bit, bytes.toHex()];
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
}

function psbtOf(hex: string): Psbt {
  const read = readPsbt(hex);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.psbt;
}

describe(`an altered plan (SEED=${seed})`, () => {
  it('the unaltered one is explained, and is what the library reads and writes', () => {
    expect(planned.inputs.length).toBeGreaterThan(1);
    expect(planned.change).not.toBeNull();
    expect(explain(plan)).toMatchObject({
      kind: 'spend',
      spend: { outputs: [{ address: thief, units: 270_000n }] },
    });
    expect(RawPSBTV0.encode(RawPSBTV0.decode(Uint8Array.fromHex(plan))).toHex()).toBe(plan);
  });

  it('every flipped bit is refused for the share, and what is read at all means something else', () => {
    let read = 0;
    for (const [bit, changed] of flips(plan)) {
      const meant = readPlan(descriptor, changed);
      if (meant.kind === 'refused') continue;
      expect(explain(changed).kind, `bit ${bit}`).toBe('refused');
      read += 1;
      const other = explain(changed, shareOf(meant.psbt.transaction, key));
      expect(JSON.stringify(other, bigints), `bit ${bit}`).not.toBe(honest);
    }
    // Outpoints, lock time, foreign outputs: bits that are a plan's own to choose.
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan((plan.length / 2) * 8 * 0.4);
  });

  it('every flipped bit of the share is refused', () => {
    const explained = [...flips(share)].filter(([, changed]) => explain(plan, changed).kind !== 'refused');
    expect(explained).toEqual([]);
  });

  it('every truncation and extension is refused', () => {
    for (let length = 0; length < plan.length; length += 2)
      expect(readPlan(descriptor, plan.slice(0, length)).kind).toBe('refused');
    for (const tail of ['00', '0000', 'ff', plan])
      expect(readPlan(descriptor, plan + tail).kind).toBe('refused');
    expect(readPlan(descriptor, plan.toUpperCase()).kind).toBe('refused');
    expect(readPlan(descriptor, `${plan}0`).kind).toBe('refused');
  });

  const raw = () => RawPSBTV0.decode(Uint8Array.fromHex(plan));
  const keyBytes = placeAt(descriptor, 0, 0).keys[0]?.publicKey ?? new Uint8Array(0);
  const bytes = (...values: readonly number[]) => Uint8Array.from(values);
  const first = (change: (input: ReturnType<typeof raw>['inputs'][number]) => void) => {
    const psbt = raw();
    const [input] = psbt.inputs;
    if (input) change(input);
    return RawPSBTV0.encode(psbt).toHex();
  };

  it.each([
    ['another kind of signature', first((input) => (input.sighashType = 2)), 'which kind of signature'],
    ['SIGHASH_ALL, written out', first((input) => (input.sighashType = 1)), 'which kind of signature'],
    [
      'a signature',
      first((input) => (input.partialSig = [[Uint8Array.from(keyBytes), bytes(48, 6, 2, 1, 1, 2, 1, 1, 1)]])),
      'witness script is due',
    ],
    ['a redeem script', first((input) => (input.redeemScript = bytes(0x51))), 'witness script is due'],
    ['a final witness', first((input) => (input.finalScriptWitness = [bytes(1)])), 'of type 8'],
    ['no witness script', first((input) => delete input.witnessScript), 'witness script is due'],
    ['no derivation', first((input) => delete input.bip32Derivation), 'does not say where'],
    ['a derivation less', first((input) => input.bip32Derivation?.pop()), 'its own contents'],
    [
      'a field nobody knows',
      first((input) => (input.unknown = [[{ type: 0xe0, key: bytes(1) }, bytes(2)]])),
      'of type 224',
    ],
  ])('%s is refused', (_, changed, why) => {
    expect(changed).not.toBe(plan);
    expect(readPlan(descriptor, changed)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });

  const psbt = psbtOf(plan);
  const altered = (change: Partial<Psbt['transaction']>, rest: Partial<Psbt> = {}) =>
    writePsbt({ ...psbt, ...rest, transaction: { ...psbt.transaction, ...change } });
  const { inputs, outputs } = psbt.transaction;

  it.each([
    ['version 1', altered({ version: 1 }), 'its own contents'],
    ['a time as lock time', altered({ lockTime: 500_000_000 }), 'lockTime is a time'],
    [
      'not replaceable',
      altered({ inputs: inputs.map((input) => ({ ...input, sequence: 0xfffffffe })) }),
      'may not be replaced, and is more than one output',
    ],
    [
      'a relative lock',
      altered({ inputs: inputs.map((input) => ({ ...input, sequence: 144 })) }),
      'its own contents',
    ],
    [
      'a script already',
      altered({ inputs: inputs.map((input) => ({ ...input, scriptSig: bytes(0x51) })) }),
      'its own contents',
    ],
    [
      'inputs in another order',
      altered({ inputs: inputs.toReversed() }, { inputs: psbt.inputs.toReversed() }),
      'its own contents',
    ],
    [
      'outputs in another order',
      altered({ outputs: outputs.toReversed() }, { outputs: psbt.outputs.toReversed() }),
      'its own contents',
    ],
    ['no output', altered({ outputs: [] }, { outputs: [] }), 'has no output'],
    [
      'one coin twice',
      altered(
        { inputs: [...inputs, ...inputs.slice(0, 1)] },
        { inputs: [...psbt.inputs, ...psbt.inputs.slice(0, 1)] },
      ),
      'spends one output twice',
    ],
    [
      'another threshold',
      altered(
        {},
        {
          inputs: psbt.inputs.map((input) => ({
            ...input,
            witnessScript: bytes(0x51, ...input.witnessScript.subarray(1)),
          })),
        },
      ),
      'its own contents',
    ],
    [
      'another fingerprint',
      altered(
        {},
        {
          inputs: psbt.inputs.map((input) => ({
            ...input,
            derivations: input.derivations.map((one) => ({ ...one, fingerprint: 1 })),
          })),
        },
      ),
      'its own contents',
    ],
    [
      'another path, whose end is ours',
      altered(
        {},
        {
          inputs: psbt.inputs.map((input) => ({
            ...input,
            derivations: input.derivations.map((one) => ({ ...one, path: one.path.slice(1) })),
          })),
        },
      ),
      'its own contents',
    ],
  ])('%s is refused', (_, changed, why) => {
    expect(readPlan(descriptor, changed)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });

  it('of another wallet is refused', () => {
    const other = heldWallet(2, [1, 2, 4]).wallet;
    expect(bitcoin.explainShare(other, plan, share, network, previous)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('is not at') as string,
    });
    expect(bitcoin.conflict(other, plan, plan)).toBe(false);
    expect(bitcoin.conflict(wallet, plan, plan)).toBe(true);
    expect(addressAt(wallet, network, 0, 0)).toBe(wallet.address);
  });

  it('this test would notice a reader that ignores a field', () => {
    const lax = (hex: string) => RawPSBTV0.decode(Uint8Array.fromHex(hex)).global.unsignedTx?.outputs.length;
    expect(lax(first((input) => (input.sighashType = 2)))).toBe(lax(plan));
  });
});
