import { describe, expect, it } from 'vitest';
import { idOf, writeTransaction, type Transaction } from '../codec/index.ts';
import { chanceOf, seed, someScript } from '../codec/testing/chance.ts';
import { readBlock } from './block.ts';
import { hash256, named, skimOne } from './wire.ts';

const chance = chanceOf(seed);
const empty = new Uint8Array(0);

/** A block of these transactions, with its root and its commitment, and its hash. */
function blockOf(transactions: readonly Transaction[], height: string) {
  const nothing = Buffer.alloc(32);
  const witnesses = [nothing, ...transactions.map((one) => hash256(writeTransaction(one)))];
  const commitment = hash256(Buffer.concat([rootOf(witnesses), nothing])).toString('hex');
  const coinbase: Transaction = {
    version: 2,
    inputs: [
      {
        txid: '00'.repeat(32),
        vout: 0xffffffff,
        sequence: 0xffffffff,
        scriptSig: Uint8Array.fromHex(`${height}0101`),
        witness: [nothing],
      },
    ],
    outputs: [
      { units: 5_000_000_000n, script: someScript(chance) },
      { units: 0n, script: Uint8Array.fromHex(`6a24aa21a9ed${commitment}`) },
    ],
    lockTime: 0,
  };
  return wholeOf([coinbase, ...transactions]);
}

function wholeOf(all: readonly Transaction[]) {
  const header = Buffer.alloc(80, 7);
  rootOf(all.map((one) => Buffer.from(Uint8Array.fromHex(idOf(one)).toReversed()))).copy(header, 36);
  const bytes = Buffer.concat([header, Buffer.of(all.length), ...all.map(writeTransaction)]);
  return { bytes, hex: bytes.toString('hex'), hash: named(hash256(header)), previous: '07'.repeat(32) };
}

function rootOf(row: readonly Buffer[]): Buffer {
  const [first] = row;
  if (row.length <= 1) return first ?? Buffer.alloc(32);
  const pairs = Array.from({ length: Math.ceil(row.length / 2) }, (_, at) => row.slice(at * 2, at * 2 + 2));
  return rootOf(
    pairs.map(([left, right = left]) => hash256(Buffer.concat([left, right].flatMap((one) => one ?? [])))),
  );
}

function someTransaction(outputs = 1 + chance.below(3)): Transaction {
  const scripts = [someScript(chance), someScript(chance)];
  return {
    version: 2,
    lockTime: chance.below(1_000),
    inputs: Array.from({ length: 1 + chance.below(3) }, () => ({
      txid: chance.bytes(32).toHex(),
      vout: chance.below(300),
      sequence: chance.below(2 ** 32),
      scriptSig: empty,
      witness: [chance.bytes(chance.below(3)), chance.bytes(71), chance.bytes(300)],
    })),
    outputs: Array.from({ length: outputs }, () => ({
      units: BigInt(chance.below(1_000_000)),
      script: chance.of(scripts),
    })),
  };
}

describe(`a block whose bytes are not those of its hash (SEED=${seed})`, () => {
  const height = 840_000;
  const pushed = '0340d10c';
  const transactions = [someTransaction(), someTransaction()];
  const block = blockOf(transactions, pushed);

  it('is read where they are', () => {
    const read = readBlock(block.hex, block.hash, height, 'bitcoin');
    expect(read).toMatchObject({ hash: block.hash, previous: block.previous, time: 0x07070707 });
    expect(typeof read === 'string' ? read : read.transactions.slice(1).map(({ id }) => id)).toEqual(
      transactions.map(idOf),
    );
  });

  it('is refused with any bit of it flipped', () => {
    const taken: number[] = [];
    for (let bit = 0; bit < block.bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(block.bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (typeof readBlock(flipped.toString('hex'), block.hash, height, 'bitcoin') !== 'string')
        taken.push(bit);
    }
    expect(block.bytes.length).toBeGreaterThan(700);
    expect(taken).toEqual([]);
  });

  it('is refused cut off at any byte', () => {
    const taken: number[] = [];
    for (let length = 0; length < block.bytes.length; length += 1) {
      const cut = block.hex.slice(0, length * 2);
      if (typeof readBlock(cut, block.hash, height, 'litecoin') !== 'string') taken.push(length);
    }
    expect(taken).toEqual([]);
  });

  // CScript << nHeight (Core: script.h): up to 16 an opcode, beyond little-endian, and a byte for the sign where its bit is taken.
  it.each([
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [255, '02ff00'],
    [256, '020001'],
    [432, '02b001'],
    [32_767, '02ff7f'],
    [32_768, '03008000'],
    [840_000, '0340d10c'],
  ])('is refused at another height than %i, which it says as %s (BIP 34)', (own, script) => {
    const { hex, hash } = blockOf([], script);
    expect(readBlock(hex, hash, own, 'bitcoin')).toMatchObject({ hash });
    for (const other of [own - 1, own + 1, own + 256].filter((one) => one > 0))
      expect(readBlock(hex, hash, other, 'bitcoin')).toBe(`says that it is at another height than ${other}`);
  });

  it('is refused with a transaction of 64 bytes, which may be two hashes of the tree (CVE-2017-12842)', () => {
    const short: Transaction = {
      version: 2,
      lockTime: 0,
      inputs: [{ txid: 'ab'.repeat(32), vout: 0, sequence: 0, scriptSig: empty, witness: [] }],
      outputs: [{ units: 1n, script: Uint8Array.of(0x51, 0x51, 0x51, 0x51) }],
    };
    expect(writeTransaction(short).length).toBe(64);
    const { hex, hash } = blockOf([short], pushed);
    expect(readBlock(hex, hash, height, 'bitcoin')).toBe('has a transaction of 64 bytes');
  });

  it('is refused where witnesses stand that nothing commits to', () => {
    const coinbase = { ...someTransaction(), lockTime: 0 };
    const [input] = coinbase.inputs;
    if (!input) throw new Error('no input');
    const none: Transaction = {
      ...coinbase,
      inputs: [
        {
          ...input,
          txid: '00'.repeat(32),
          vout: 0xffffffff,
          scriptSig: Uint8Array.fromHex(pushed),
          witness: [],
        },
      ],
    };
    const bare = wholeOf([none]);
    expect(readBlock(bare.hex, bare.hash, height, 'bitcoin')).toMatchObject({ hash: bare.hash });
    const { hex, hash } = wholeOf([none, ...transactions]);
    expect(readBlock(hex, hash, height, 'bitcoin')).toBe('has witnesses to which nothing commits');
    const two = wholeOf([none, { ...none, lockTime: 1 }]);
    expect(readBlock(two.hex, two.hash, height, 'bitcoin')).toBe('makes coins twice');
    const zero = wholeOf(transactions);
    expect(readBlock(zero.hex, zero.hash, height, 'bitcoin')).toBe('its first transaction makes no coins');
  });

  it('has no MWEB behind it on Bitcoin', () => {
    const hex = `${block.hex}00`;
    expect(readBlock(hex, block.hash, height, 'bitcoin')).toBe('goes on after its last transaction');
    expect(readBlock(hex, block.hash, height, 'litecoin')).toBe('goes on after its last transaction');
  });

  it('its transactions are cut as the codec cuts them, and a length in a longer form is none', () => {
    for (let round = 0; round < 100; round += 1) {
      const transaction = someTransaction(1 + chance.below(300));
      const hex = writeTransaction(transaction).toHex();
      const skimmed = skimOne(hex);
      expect([skimmed?.id, skimmed?.hex(), skimmed?.form]).toEqual([idOf(transaction), hex, 'plain']);
      expect(skimmed?.inputs.map(({ outpoint }) => outpoint)).toEqual(
        transaction.inputs.map(({ txid, vout }) => `${txid}:${vout}`),
      );
      expect(skimmed?.outputs.map(({ units, script }) => [units, script])).toEqual(
        transaction.outputs.map(({ units, script }) => [units, script.toHex()]),
      );
      expect(skimOne(`${hex}00`)).toBe(undefined);
      expect(skimOne(hex.slice(0, -2))).toBe(undefined);
      const inputs = hex.slice(12, 14);
      expect(skimOne(`${hex.slice(0, 12)}fd${inputs}00${hex.slice(14)}`)).toBe(undefined);
    }
  });
});
