import { HDKey } from '@scure/bip32';
import { SigHash, Transaction as LibraryTransaction } from '@scure/btc-signer';
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import { describe, expect, it } from 'vitest';
import { concat } from './bytes.ts';
import { digestsOf } from './digest.ts';
import { fromStrictDer, toDer, verify } from './ecdsa.ts';
import {
  bitcoin,
  combine,
  descriptorOf,
  placeAt,
  planPayments,
  psbtForOthers,
  readTransaction,
  signatureFromOthers,
  writeTransaction,
} from './index.ts';
import { mostBytes } from './received.ts';
import { chanceOf, seed, someAddress } from './testing/chance.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { changed, signedByDevice, transactionIn, type Odd } from './testing/device.ts';
import { mustPlan, shareFor, signaturesBy } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';

/** Two of three: ours, one in a device, one in another. */
const held = heldWallet(2, [1, 2, 3], 'bitcoin', 'devnet');
const { wallet, keys, network, chain } = held;
const [, ours = ''] = keys.map(({ publicKey }) => publicKey);
const descriptor = descriptorOf(wallet);
const chance = chanceOf(seed);
const { coins, previous } = fundedBy(held, [5_000_000n, 4_000_000n]);
const payments = [{ address: someAddress(chance, chain, network), units: 8_000_000n }];
const planned = mustPlan(planPayments({ ...meansOf(held, coins), payments }));
const { plan } = planned;

const asked = psbtForOthers(wallet, plan, network, previous);
if (asked.kind === 'refused') throw new Error(asked.why);
const deviceSeed = 2;
const given = (odd: Odd = {}, psbt: Uint8Array = asked.bytes) => signedByDevice(psbt, deviceSeed, odd);
const honest = given();

const read = (bytes: string | Uint8Array, key = ours, of = plan) =>
  signatureFromOthers(wallet, of, key, bytes);
const refusal = (bytes: string | Uint8Array, key = ours) => {
  const one = read(bytes, key);
  return one.kind === 'refused' ? one.why : 'taken';
};
const expected = read(honest);

/** A thief's output in place of the payment. */
const elsewhere: Odd['signs'] = (transaction) => ({
  ...transaction,
  outputs: transaction.outputs.map((output) =>
    output.units === 8_000_000n
      ? { ...output, script: Uint8Array.of(0, 20, ...new Uint8Array(20).fill(7)) }
      : output,
  ),
});
const changeElsewhere: Odd['signs'] = (transaction) => ({
  ...transaction,
  outputs: transaction.outputs.map((output) =>
    output.units === 8_000_000n ? output : { ...output, script: placeAt(descriptor, 1, 2).script },
  ),
});

describe(`what a device gives back (SEED=${seed})`, () => {
  it('is taken where it signed just the plan, and makes the whole transaction with one of ours', () => {
    if (expected.kind === 'refused') throw new Error(expected.why);
    expect(bitcoin.verifyShare(ours, plan, shareFor(planned, ours), expected.signature)).toBe(true);
    const both = new Map([...signaturesBy(held, planned, [0]), [ours, expected.signature]]);
    const combined = combine(wallet, plan, both);
    expect(combined).toMatchObject({ kind: 'transaction', id: planned.id });
  });

  it.each<[string, Odd, string]>([
    ['signs another transaction', { signs: elsewhere }, 'does not verify'],
    ['signs another and says so', { signs: elsewhere, returns: elsewhere }, 'pays to another address'],
    ['says another, and signed ours', { returns: elsewhere }, 'pays to another address'],
    ['sends change elsewhere', { signs: changeElsewhere, returns: changeElsewhere }, 'another address'],
    [
      'leaves an output out',
      { returns: (one) => ({ ...one, outputs: one.outputs.slice(1) }) },
      '2 inputs and 1 outputs, and not 2 inputs and 2 outputs',
    ],
    [
      'pays less',
      { returns: (one) => ({ ...one, outputs: one.outputs.map((o) => ({ ...o, units: o.units - 1n })) }) },
      'and not',
    ],
    ['swaps the outputs', { returns: (one) => ({ ...one, outputs: one.outputs.toReversed() }) }, 'output 0'],
    ['swaps the inputs', { returns: (one) => ({ ...one, inputs: one.inputs.toReversed() }) }, 'another coin'],
    [
      'makes it final',
      { returns: (one) => ({ ...one, inputs: one.inputs.map((i) => ({ ...i, sequence: 0xffffffff })) }) },
      'sequence 4294967295',
    ],
    ['waits', { returns: (one) => ({ ...one, lockTime: 6 }) }, 'lock time 6, and not 5'],
    ['is of version 1', { returns: (one) => ({ ...one, version: 1 }) }, 'version 1, and not 2'],
    ['takes an input for more', { units: (units) => units + 1n }, 'input 0 has a signature that does not'],
    ['signs no output', { sighash: SigHash.NONE }, 'input 0 has a signature of SIGHASH_NONE'],
    ['signs one output', { sighash: SigHash.SINGLE }, 'of SIGHASH_SINGLE'],
    ['signs one input', { sighash: SigHash.ALL_ANYONECANPAY }, 'of SIGHASH_ALL|ANYONECANPAY'],
    ['signs one of each', { sighash: SigHash.SINGLE_ANYONECANPAY }, 'of SIGHASH_SINGLE|ANYONECANPAY'],
    ['signs by a kind of its own', { sighash: 0 }, 'of an unknown kind, 0'],
    ['signs with the upper s', { upperS: true }, 'has the upper s'],
    ['signs one input of two', { only: [0] }, 'input 1 is not signed by this key'],
    ['signs nothing', { only: [] }, 'input 0 is not signed by this key'],
  ])('a device that %s is refused', (_, odd, why) => {
    expect(refusal(given(odd))).toContain(why);
  });

  type Raw = Parameters<Parameters<typeof changed>[1]>[0];
  const first = ({ inputs }: Raw) => {
    const [input] = inputs;
    const [signature] = input?.partialSig ?? [];
    if (!input || !signature) throw new Error('a signed input');
    return { input, signature };
  };
  const other = placeAt(descriptor, 0, 7).keys[0]?.publicKey ?? new Uint8Array(0);
  const named = (at: number) =>
    Uint8Array.from(
      placeAt(descriptor, planned.inputs[0]?.branch ?? 0, planned.inputs[0]?.index ?? 0).keys.find(
        ({ of }) => of === at,
      )?.publicKey ?? new Uint8Array(0),
    );
  const bytes = (...values: readonly number[]) => Uint8Array.from(values);

  it.each<[string, (raw: Raw) => void, string]>([
    [
      'a signature moved to another input',
      ({ inputs: [one, two] }) => {
        if (!one || !two) throw new Error('two inputs');
        one.partialSig = [[named(1), two.partialSig?.[0]?.[1] ?? bytes()]];
      },
      'input 0 has the signature of input 1',
    ],
    [
      'one key’s signature under another’s name',
      (raw) => {
        const { input, signature } = first(raw);
        input.partialSig = [[named(2), signature[1]]];
      },
      'has the signature of one key under another’s name',
    ],
    [
      'a signature under the name of a stranger',
      (raw) => {
        const { input, signature } = first(raw);
        input.partialSig = [[Uint8Array.from(other), signature[1]]];
      },
      'a key that its script does not count',
    ],
    [
      'a bad signature of another key beside a good one',
      (raw) => {
        const { input, signature } = first(raw);
        input.partialSig = [signature, [named(2), raw.inputs[1]?.partialSig?.[0]?.[1] ?? bytes()]];
      },
      'has the signature of input 1',
    ],
    [
      'another kind of signature, asked for',
      (raw) => (first(raw).input.sighashType = SigHash.ALL_ANYONECANPAY),
      'asks for SIGHASH_ALL|ANYONECANPAY',
    ],
    [
      'another amount, said',
      (raw) => {
        const { input } = first(raw);
        if (input.witnessUtxo) input.witnessUtxo = { ...input.witnessUtxo, amount: 1n };
      },
      'is said to hold 1, and holds',
    ],
    [
      'another address, said',
      (raw) => {
        const { input } = first(raw);
        const script = Uint8Array.from(placeAt(descriptor, 0, 9).script);
        if (input.witnessUtxo) input.witnessUtxo = { ...input.witnessUtxo, script };
      },
      'is said to be of another address',
    ],
    [
      'another transaction that it spends',
      ({ inputs: [one, two] }) => {
        if (one && two?.nonWitnessUtxo) one.nonWitnessUtxo = two.nonWitnessUtxo;
      },
      'has another transaction for the one that it spends',
    ],
    [
      'another witness script',
      (raw) => (first(raw).input.witnessScript = bytes(0x51)),
      'another witness script',
    ],
    [
      'a script of its own',
      (raw) => (first(raw).input.finalScriptSig = bytes(0x51)),
      'only a witness belongs',
    ],
    [
      'a witness of another script',
      (raw) => (first(raw).input.finalScriptWitness = [bytes(), first(raw).signature[1], bytes(0x51)]),
      'a witness that is none of its script',
    ],
    [
      'a witness of a thousand good signatures',
      (raw) => {
        const { input, signature } = first(raw);
        const many = Array.from({ length: 1_000 }, () => signature[1]);
        input.finalScriptWitness = [bytes(), ...many, input.witnessScript ?? bytes()];
      },
      'a witness that is none of its script',
    ],
    [
      'something else than a signature',
      (raw) => (first(raw).input.partialSig = [[named(1), bytes(48, 6, 2, 1, 1, 2, 1, 1, 1)]]),
      'does not verify',
    ],
  ])('%s is refused', (_, change, why) => {
    expect(refusal(changed(honest, change))).toContain(why);
  });

  it('a change output that is said to be somebody else’s changes nothing of what was signed', () => {
    const lied = changed(honest, ({ outputs }) => {
      for (const output of outputs) delete output.witnessScript;
      outputs.reverse();
    });
    expect(read(lied)).toEqual(expected);
    // And to a device it never says so: what it is given follows from the plan.
    const raw = RawPSBTV0.decode(asked.bytes);
    const back = raw.outputs.map(({ bip32Derivation, witnessScript }) => [
      bip32Derivation?.length,
      witnessScript?.length,
    ]);
    const { outputs } = transactionIn(raw);
    expect(back).toEqual(
      outputs.map(({ units }) => (units === 8_000_000n ? [undefined, undefined] : [3, 105])),
    );
  });

  it('a key of another wallet, or of a plan of another, is refused', () => {
    const stranger = heldWallet(2, [4, 5, 6], 'bitcoin', 'devnet');
    expect(refusal(honest, stranger.keys[0]?.publicKey ?? '')).toBe('key: is no key of the wallet');
    expect(refusal(honest, keys[0]?.publicKey)).toBe('input 0 is not signed by this key');
    const others = mustPlan(
      planPayments({
        ...meansOf(held, coins.slice(0, 1)),
        payments: payments.map((one) => ({ ...one, units: 1_000_000n })),
      }),
    );
    expect(read(honest, ours, others.plan)).toMatchObject({
      why: expect.stringContaining('is of another transaction than the plan') as string,
    });
    expect(read(honest, ours, '00')).toMatchObject({ why: expect.stringContaining('plan: ') as string });
  });
});

describe('what other wallets make of it on the way', () => {
  it('the library signs it as a device does, and finalizes it', () => {
    const library = LibraryTransaction.fromPSBT(asked.bytes);
    const sign = (byte: number) =>
      library.sign(HDKey.fromMasterSeed(new Uint8Array(32).fill(byte)) as Parameters<typeof library.sign>[0]);
    expect(sign(2)).toBe(2);
    const signed = library.toPSBT();
    expect(read(signed).kind).toBe('signature');
    expect(sign(1)).toBe(2);
    library.finalize();
    const final = library.toPSBT();
    expect(RawPSBTV0.decode(final).inputs[0]).not.toHaveProperty('partialSig');
    // Each key's signature is found in what is final, and in the transaction itself.
    expect(read(final)).toEqual(read(signed));
    expect(read(library.hex)).toEqual(read(signed));
    expect(read(Buffer.from(library.hex, 'hex'))).toEqual(read(signed));
    expect(read(final, keys[0]?.publicKey).kind).toBe('signature');
    expect(read(final, keys[2]?.publicKey)).toMatchObject({ why: 'input 0 is not signed by this key' });
    // With a script beside the witness it has another id, and no node takes it.
    const whole = readTransaction(library.hex);
    if (!whole) throw new Error('no transaction');
    const inputs = whole.inputs.map((input) => ({ ...input, scriptSig: Uint8Array.of(0x51) }));
    expect(read(writeTransaction({ ...whole, inputs }))).toMatchObject({
      why: expect.stringContaining('input 0 has a script where only a witness belongs') as string,
    });
  });

  it('as text of any kind that files and messages have', () => {
    const base64 = honest.toBase64();
    const lines = base64.replaceAll(/.{64}/g, '$&\r\n');
    const asFile = new TextEncoder().encode(`${base64}\n`);
    for (const one of [base64, lines, honest.toHex(), honest.toHex().toUpperCase(), honest, asFile])
      expect(read(one)).toEqual(expected);
  });

  it('with fields of its own, and without those that say nothing new', () => {
    const bare = changed(honest, ({ global, inputs, outputs }) => {
      global.unknown = [[{ type: 0xfc, key: Uint8Array.of(4, 0x61, 0x62, 0x63, 0x64, 1) }, Uint8Array.of(9)]];
      delete global.xpub;
      for (const input of inputs) {
        delete input.nonWitnessUtxo;
        delete input.witnessUtxo;
        delete input.witnessScript;
        delete input.bip32Derivation;
        delete input.sighashType;
        input.unknown = [[{ type: 0xfc, key: Uint8Array.of(1) }, Uint8Array.of(2)]];
      }
      for (const output of outputs) delete output.bip32Derivation;
    });
    expect(read(bare)).toEqual(expected);
  });

  it('of two devices in turn', () => {
    const both = signedByDevice(honest, 3);
    expect(read(both)).toEqual(expected);
    expect(read(both, keys[2]?.publicKey).kind).toBe('signature');
  });
});

describe('rubbish for an answer', () => {
  it('every truncation is refused, and every extension', () => {
    for (let length = 0; length < honest.length; length += 1)
      expect(read(honest.subarray(0, length)).kind, `${length}`).toBe('refused');
    for (const more of [[0], [0, 0], [1], [0xff]])
      expect(read(concat(honest, Uint8Array.from(more))).kind).toBe('refused');
    const base64 = honest.toBase64();
    for (let length = 0; length < base64.length; length += 97)
      expect(read(base64.slice(0, length)).kind, `${length}`).toBe('refused');
  });

  it('a flipped bit is refused, or in something that says nothing; never in the transaction or a signature', () => {
    const raw = RawPSBTV0.decode(honest);
    const signatures = raw.inputs.flatMap(({ partialSig = [] }) => partialSig.map(([, der]) => der));
    const counts = [writeTransaction(transactionIn(raw)), ...signatures].map((part) => {
      const from = honest.toHex().indexOf(part.toHex()) / 2;
      return { from, to: from + part.length };
    });
    let passed = 0;
    for (let bit = chance.below(61); bit < honest.length * 8; bit += 61) {
      const bent = honest.slice();
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const one = read(bent);
      if (one.kind === 'refused') continue;
      expect(one, `bit ${bit}`).toEqual(expected);
      expect(counts.some(({ from, to }) => bit >> 3 >= from && bit >> 3 < to)).toBe(false);
      passed += 1;
    }
    expect(passed).toBeGreaterThan(0);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['a word', 'hello', 'is neither base64 nor hex'],
    ['bytes of chance', chance.bytes(300), 'is no PSBT'],
    ['base64 of chance', chance.bytes(300).toBase64(), 'is no PSBT'],
    ['the magic alone', '70736274ff', 'no unsigned transaction'],
    ['what is too long', new Uint8Array(mostBytes + 1).fill(0xff), 'no PSBT of ours leads to more'],
    ['what is far too long', 'A'.repeat(mostBytes * 2 + 1), 'no PSBT of ours leads to more'],
    ['the plan itself, unsigned', plan, 'input 0 is not signed by this key'],
    ['what it was given', asked.base64, 'input 0 is not signed by this key'],
    ['zeros', new Uint8Array(1_000), 'is no PSBT'],
  ])('%s is refused', (_, one, why) => {
    expect(refusal(one)).toContain(why);
  });

  it('a key twice in a map is refused, whichever comes first', () => {
    // The signature of input 0 once more, with another value: BIP 174 allows neither order.
    const raw = RawPSBTV0.decode(honest);
    const [key, der] = raw.inputs[0]?.partialSig?.[0] ?? [new Uint8Array(0), new Uint8Array(0)];
    const pairOf = (value: Uint8Array) =>
      concat(Uint8Array.of(34, 2), key, Uint8Array.of(value.length), value).toHex();
    const one = pairOf(der);
    expect(honest.toHex().split(one)).toHaveLength(2);
    for (const pair of [one + one, one + pairOf(der.slice(0, -1)), pairOf(der.slice(0, -1)) + one])
      expect(refusal(honest.toHex().replace(one, pair))).toBe('has a key twice in its map 1 (BIP 174)');
  });

  it('a PSBT of version 2 is told to be written as 0', () => {
    const second = LibraryTransaction.fromPSBT(honest).toPSBT(2);
    expect(refusal(second)).toContain('let the other wallet write version 0');
  });

  it('what is no strict DER is none', () => {
    const short = toDer(
      Uint8Array.from({ length: 64 }, () => 1),
      1,
    );
    expect(fromStrictDer(short)).toHaveProperty('signature');
    // A zero before a number that needs none (BIP 66).
    const padded = concat(Uint8Array.of(0x30, 0x45, 0x02, 0x21, 0), short.subarray(4));
    expect(typeof fromStrictDer(padded)).toBe('string');
    expect(typeof fromStrictDer(new Uint8Array(0))).toBe('string');
  });

  it('this test would notice a reader that takes what verifies by its own kind', () => {
    const raw = RawPSBTV0.decode(given({ sighash: SigHash.NONE }));
    const { witnessScript, partialSig, witnessUtxo } = raw.inputs[0] ?? {};
    const [key, der] = partialSig?.[0] ?? [];
    const signed = fromStrictDer(der ?? new Uint8Array(0));
    if (typeof signed === 'string' || !key || !witnessScript || !witnessUtxo) throw new Error('unsigned');
    const digest = digestsOf(transactionIn(raw))(0, witnessScript, witnessUtxo.amount, signed.sighash);
    expect(verify(key, digest, signed.signature)).toBe(true);
  });
});
