import { secp256k1 } from '@noble/curves/secp256k1.js';
import { HDKey } from '@scure/bip32';
import { describe, expect, it } from 'vitest';
import { digestsOf } from './digest.ts';
import { toDer } from './ecdsa.ts';
import {
  bitcoin,
  descriptorOf,
  placeAt,
  planPayments,
  planSweep,
  readShare,
  readTransaction,
  signaturesOf,
  writeTransaction,
  type Transaction,
} from './index.ts';
import { chanceOf, seed, someAddress, someScript } from './testing/chance.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { mustPlan, shareFor, signedBy } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const chance = chanceOf(seed);
const { coins } = fundedBy(held, [5_000_000n, 4_000_000n]);
const means = meansOf(held, coins);
const planned = mustPlan(
  planPayments({ ...means, payments: [{ address: someAddress(chance, chain, network), units: 8_000_000n }] }),
);
const ours = signedBy(held, planned, [0, 2]);

/** What a thief with some of our keys makes of our coins: no order, no version, no kind of signature of ours. */
function stolen(
  seeds: readonly number[],
  /** Of all inputs, or of each. */
  kinds: number | readonly number[],
  /** So many outputs, and inputs of his own. */
  more = 0,
): { readonly hex: string; readonly transaction: Transaction } {
  const bare: Transaction = {
    version: 1,
    inputs: [
      ...coins.toReversed(),
      ...Array.from({ length: more }, (_, vout) => ({ txid: '77'.repeat(32), vout })),
    ].map(({ txid, vout }) => ({
      txid,
      vout,
      sequence: 0xffffffff,
      scriptSig: new Uint8Array(0),
      witness: [],
    })),
    outputs: [
      { units: 8_000_000n, script: someScript(chance) },
      ...Array.from({ length: more }, () => ({ units: 500n, script: someScript(chance) })),
    ],
    lockTime: 0,
  };
  const digestOf = digestsOf(bare);
  const inputs = bare.inputs.map((input, at) => {
    const coin = coins[coins.length - 1 - at];
    if (!coin) return { ...input, witness: [new Uint8Array(71), new Uint8Array(33)] };
    const { witnessScript } = placeAt(descriptor, coin.branch, coin.index);
    const sighash = typeof kinds === 'number' ? kinds : (kinds[at] ?? 1);
    const signatures = seeds.map((byte) => {
      const child = HDKey.fromMasterSeed(new Uint8Array(32).fill(byte)).derive(
        `m/48'/1'/0'/2'/${coin.branch}/${coin.index}`,
      );
      const digest = digestOf(at, witnessScript, coin.units, sighash);
      // A thief's wallet keeps to no lower s.
      const lowS = chance.below(2) === 0;
      return toDer(
        secp256k1.sign(digest, child.privateKey ?? new Uint8Array(0), { prehash: false, lowS }),
        sighash,
      );
    });
    return { ...input, witness: [new Uint8Array(0), ...signatures, witnessScript] };
  });
  const transaction = { ...bare, inputs };
  return { hex: writeTransaction(transaction).toHex(), transaction };
}

describe(`whose keys signed what is seen on the chain (SEED=${seed})`, () => {
  it('of our own transaction: each key’s share, as it was recorded', () => {
    const seen = signaturesOf(wallet, ours, coins);
    expect(seen?.spent.map(({ units }) => units).toSorted((a, b) => Number(a - b))).toEqual([
      4_000_000n,
      5_000_000n,
    ]);
    const expected = [0, 2]
      .map((at) => wallet.cosigners[at]?.publicKey ?? '')
      .map((key) => [key, shareFor(planned, key), [0, 1]]);
    const signed = seen?.signed.map(({ signer, bytes, inputs }) => [signer, bytes, inputs]);
    expect(signed).toHaveLength(2);
    expect(signed).toEqual(expect.arrayContaining(expected));
    for (const part of seen?.signed ?? []) expect(bitcoin.evidenceSigned(wallet, part, network)).toBe(true);
  });

  it.each([1, 2, 3, 0x81, 0x82, 0x83, 0x00, 0x41])(
    'of a thief’s, whatever the kind of signature: %i',
    (sighash) => {
      const { hex } = stolen([3, 1], sighash);
      const seen = signaturesOf(wallet, hex, coins);
      expect(seen?.spent).toHaveLength(2);
      expect(new Set(seen?.signed.map(({ signer }) => signer))).toEqual(
        new Set([wallet.cosigners[0]?.publicKey, wallet.cosigners[2]?.publicKey]),
      );
      for (const part of seen?.signed ?? []) {
        expect(bitcoin.evidenceSigned(wallet, part, network)).toBe(true);
        expect(readShare(part.bytes)).toMatchObject({ key: part.signer, sighash });
        // No signature of another kind passes for one that was recorded.
        expect(part.bytes.length % 2).toBe(0);
        expect(planned.shares.some(({ share }) => share === part.bytes)).toBe(false);
      }
    },
  );

  it('the same transaction as ours, signed in another way, is not what was recorded', () => {
    const transaction = readTransaction(ours);
    if (!transaction) throw new Error('ours cannot be read');
    const digestOf = digestsOf(transaction);
    const inputs = transaction.inputs.map((input, at) => {
      const coin = planned.inputs[at];
      if (!coin) throw new Error('no coin');
      const { witnessScript } = placeAt(descriptor, coin.branch, coin.index);
      const child = HDKey.fromMasterSeed(new Uint8Array(32).fill(1)).derive(
        `m/48'/1'/0'/2'/${coin.branch}/${coin.index}`,
      );
      const digest = digestOf(at, witnessScript, coin.units, 2);
      const signature = secp256k1.sign(digest, child.privateKey ?? new Uint8Array(0), { prehash: false });
      return {
        ...input,
        witness: [new Uint8Array(0), toDer(signature, 2), new Uint8Array(0), witnessScript],
      };
    });
    const seen = signaturesOf(wallet, writeTransaction({ ...transaction, inputs }).toHex(), coins);
    expect(seen?.signed).toHaveLength(1);
    const [part] = seen?.signed ?? [];
    expect(part?.signer).toBe(wallet.cosigners[0]?.publicKey);
    expect(planned.shares.map(({ share }) => share)).not.toContain(part?.bytes);
    expect(part && bitcoin.evidenceSigned(wallet, part, network)).toBe(true);
  });

  it.each([1, 2, 0x83])(
    'a theft of a thousand inputs and outputs is shown as shortly as any: kind %i',
    (kind) => {
      const [short, long] = [0, 1_000].map((more) => {
        const { hex } = stolen([3, 1], kind, more);
        return { hex, signed: signaturesOf(wallet, hex, coins, true)?.signed ?? [] };
      });
      expect(long?.hex.length).toBeGreaterThan(200_000);
      const sizes = (of: typeof short) => of?.signed.map((part) => part.bytes.length + part.signature.length);
      expect(sizes(long)).toEqual(sizes(short));
      expect(Math.max(...(sizes(long) ?? []))).toBeLessThan(1_000);
      for (const part of long?.signed ?? []) expect(bitcoin.evidenceSigned(wallet, part, network)).toBe(true);
      const home = (some: typeof coins) =>
        mustPlan(planSweep({ ...means, coins: some, to: wallet.address, final: true })).plan;
      expect(bitcoin.races(wallet, home(coins), long?.signed ?? [])).toBe(true);
      expect(bitcoin.races(wallet, home(coins.slice(1)), long?.signed ?? [])).toBe(true);
      // Of the first coin alone.
      const one = signaturesOf(wallet, long?.hex ?? '', coins)?.signed ?? [];
      expect(bitcoin.races(wallet, home(coins), one)).toBe(false);
    },
  );

  it('a theft whose inputs are signed by kinds of their own is shown whole all the same', () => {
    const { hex } = stolen([3, 1], [1, 0x81]);
    const signed = signaturesOf(wallet, hex, coins, true)?.signed ?? [];
    expect(signed).toHaveLength(4);
    const home = mustPlan(planSweep({ ...means, to: wallet.address, final: true })).plan;
    expect(bitcoin.races(wallet, home, signed)).toBe(true);
    for (const [at] of signed.entries())
      expect(bitcoin.races(wallet, home, signed.toSpliced(at, 1))).toBe(false);
  });

  it('what says nothing of its keys for one of the coins that it shows is no evidence', () => {
    const [part] = signaturesOf(wallet, stolen([3, 1], 1).hex, coins, true)?.signed ?? [];
    if (!part) throw new Error('no evidence');
    const each = part.signature.length / 2;
    const [one, other] = [part.signature.slice(0, each), part.signature.slice(each)];
    const signed = (signature: string) => bitcoin.evidenceSigned(wallet, { ...part, signature }, network);
    expect([one, other, other + one].map(signed)).toEqual([true, true, true]);
    // The signature of the other coin, under the first one's name.
    const bent = one.slice(0, 106) + other.slice(106);
    expect([bent, one + bent, ''].map(signed)).toEqual([false, false, false]);
    expect([one + one, other + one + other].map(signed)).toEqual([false, false]);
  });

  it('evidence with a bit flipped is none', () => {
    const [part] = signaturesOf(wallet, ours, coins, true)?.signed ?? [];
    if (!part) throw new Error('no evidence');
    for (const field of ['bytes', 'signature'] as const) {
      const bytes = Uint8Array.fromHex(part[field]);
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(
          bitcoin.evidenceSigned(wallet, { ...part, [field]: bytes.toHex() }, network),
          `${field} ${bit}`,
        ).toBe(false);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      }
      for (const changed of ['', 'zz', `${part[field]}00`, part[field].slice(2), part[field].toUpperCase()])
        expect(bitcoin.evidenceSigned(wallet, { ...part, [field]: changed }, network)).toBe(false);
    }
  });

  it('what is covered cannot be written in another way, and pass for what is not', () => {
    for (const part of signaturesOf(wallet, ours, coins)?.signed ?? [])
      for (const kind of ['00', '01', '02', '81'])
        expect(bitcoin.evidenceSigned(wallet, { ...part, bytes: part.bytes + kind }, network), kind).toBe(
          false,
        );
  });

  it('evidence is of this wallet, this network, and the key that it names', () => {
    const [part, second] = signaturesOf(wallet, ours, coins)?.signed ?? [];
    if (!part || !second) throw new Error('no evidence');
    expect(bitcoin.evidenceSigned(heldWallet(2, [1, 2, 4]).wallet, part, network)).toBe(false);
    expect(bitcoin.evidenceSigned(wallet, part, 'mainnet')).toBe(false);
    expect(bitcoin.evidenceSigned(wallet, { ...part, signer: second.signer }, network)).toBe(false);
    expect(bitcoin.evidenceSigned(wallet, { ...part, signature: second.signature }, network)).toBe(false);
    expect(bitcoin.evidenceSigned({ ...wallet, descriptor: '' }, part, network)).toBe(false);
  });

  it('what spends none of our coins is a stranger’s; what is no transaction is nobody’s', () => {
    expect(signaturesOf(wallet, ours, [])).toEqual({ spent: [], signed: [] });
    expect(signaturesOf(wallet, '00', coins)).toBeUndefined();
    // Ours is spent, and nobody of ours has signed: seen, all the same.
    const { transaction } = stolen([9, 8], 1);
    const seen = signaturesOf(wallet, writeTransaction(transaction).toHex(), coins);
    expect([seen?.spent.length, seen?.signed.length]).toEqual([2, 0]);
  });
});
