import { HDKey } from '@scure/bip32';
import { Transaction as LibraryTransaction } from '@scure/btc-signer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressAt,
  combine,
  planPayments,
  psbtForOthers,
  readTransaction,
  signatureFromOthers,
  signaturesOf,
  type Coin,
  type Planned,
} from '../codec/index.ts';
import { meansOf } from '../codec/testing/coins.ts';
import { changed } from '../codec/testing/device.ts';
import { mustPlan, shareFor, signaturesBy } from '../codec/testing/signed.ts';
import { heldWallet } from '../codec/testing/wallet.ts';
import { electrumWith, hasElectrum, type Electrum } from './electrum.ts';
import { hasLitecoind, litecoinds, type Litecoind, type Litecoinds } from './litecoind.ts';

/** Of Bitcoin's regtest, two of three; Electrum has the second key, and the library the first. */
const held = heldWallet(2, [1, 2, 3], 'bitcoin', 'devnet');
const { wallet, keys, network } = held;
const [libraryKey = '', electrumKey = '', ours = ''] = keys.map(({ publicKey }) => publicKey);
const stranger = heldWallet(1, [9], 'bitcoin', 'devnet').wallet;
const payments = [{ address: addressAt(stranger, network, 0, 0), units: 12_000_000_000n }];
/** One beyond what any wallet looks at by itself: a customer's. */
const places = [
  [0, 0],
  [1, 3],
  [0, 70_000],
] as const;

describe.skipIf(!hasElectrum() || !hasLitecoind())('through Electrum and back (electrum, litecoind)', () => {
  let house: Litecoinds;
  let node: Litecoind;
  let electrum: Electrum;
  /** Into which the keys were pasted, without where they come from. */
  let pasted: Electrum;
  let planned: Planned;
  let asked: Uint8Array;
  /** What Electrum gives back: of the plan; of the plan that the library has signed; of what a thief made of it. */
  let back: string;
  let last: string;
  let thiefs: string;
  let addresses: readonly string[];

  beforeAll(async () => {
    house = await litecoinds();
    [node] = house.nodes;
    electrum = electrumWith(held, 1, 2);
    pasted = electrumWith(held, 1, 2, false);
    // The same keys and scripts as on Bitcoin's regtest: only addresses are written otherwise.
    const there = heldWallet(2, [1, 2, 3], 'litecoin', 'devnet').wallet;
    const coins: Coin[] = [];
    const previous: string[] = [];
    for (const [branch, index] of places) {
      const to = addressAt(there, network, branch, index);
      const [block] = (await node.call('generatetoaddress', 1, to)) as readonly string[];
      const { tx } = (await node.call('getblock', block, 2)) as {
        readonly tx: readonly { readonly txid: string; readonly hex: string }[];
      };
      for (const { txid, hex } of tx) {
        coins.push({ txid, vout: 0, units: 5_000_000_000n, branch, index });
        previous.push(hex);
      }
    }
    await node.call('generatetoaddress', 100, addressAt({ ...stranger, chain: 'litecoin' }, network, 0, 1));
    planned = mustPlan(planPayments({ ...meansOf(held, coins), lockTime: 0, payments }));
    const psbt = psbtForOthers(wallet, planned.plan, network, previous);
    if (psbt.kind === 'refused') throw new Error(psbt.why);
    asked = psbt.bytes;
    const altered = changed(asked, ({ global }) => {
      for (const output of global.unsignedTx?.outputs ?? [])
        if (output.amount === 12_000_000_000n) output.script = Uint8Array.of(0, 20, ...new Uint8Array(20));
    });
    const sign = (bytes: Uint8Array, by = electrum) => by.run('signtransaction', bytes.toBase64());
    const [listed, ...given] = await Promise.all([
      electrum.run('listaddresses'),
      sign(asked),
      sign(byLibrary(asked).toPSBT(), pasted),
      sign(altered),
    ]);
    addresses = JSON.parse(listed) as readonly string[];
    [back, last, thiefs] = given;
  }, 60_000);

  afterAll(async () => {
    electrum[Symbol.dispose]();
    pasted[Symbol.dispose]();
    await house[Symbol.asyncDispose]();
  });

  const master = HDKey.fromMasterSeed(new Uint8Array(32).fill(1)) as Parameters<
    LibraryTransaction['sign']
  >[0];
  const byLibrary = (psbt: Uint8Array) => {
    const library = LibraryTransaction.fromPSBT(psbt);
    expect(library.sign(master)).toBe(places.length);
    return library;
  };
  const accepts = async (transaction: string) => node.call('testmempoolaccept', [transaction]);
  const read = (key: string, given: string | Uint8Array) => {
    const one = signatureFromOthers(wallet, planned.plan, key, given);
    if (one.kind === 'refused') throw new Error(one.why);
    return one.signature;
  };

  it('as it was registered it has the same addresses', () => {
    const expected = (branch: 0 | 1, count: number) =>
      Array.from({ length: count }, (_, index) => addressAt(wallet, network, branch, index));
    expect(addresses).toEqual([...expected(0, 20), ...expected(1, 10)]);
  });

  it('its signature is ours to combine, and a node takes the transaction', async () => {
    const signature = read(electrumKey, back);
    const both = new Map([...signaturesBy(held, planned, [2]), [electrumKey, signature]]);
    const combined = combine(wallet, planned.plan, both);
    if (combined.kind === 'refused') throw new Error(combined.why);
    expect(await accepts(combined.transaction)).toMatchObject([{ allowed: true, txid: planned.id }]);
    const seen = signaturesOf(wallet, combined.transaction, planned.inputs);
    expect(new Set(seen?.signed.map(({ signer }) => signer))).toEqual(new Set([electrumKey, ours]));
    for (const key of [libraryKey, ours])
      expect(signatureFromOthers(wallet, planned.plan, key, back)).toMatchObject({
        why: 'input 0 is not signed by this key',
      });
  });

  it('another wallet’s library goes on where it ended', async () => {
    const library = byLibrary(Uint8Array.fromBase64(back));
    library.finalize();
    expect(await accepts(library.hex)).toMatchObject([{ allowed: true, txid: planned.id }]);
    for (const final of [library.toPSBT(), library.hex]) {
      expect(read(electrumKey, final)).toBe(read(electrumKey, back));
      expect(read(libraryKey, final)).toHaveLength(places.length * 128);
    }
  });

  it('where it signs last it gives the whole transaction, in which both signatures are found, though it knows the keys alone', async () => {
    expect(readTransaction(last)).toBeDefined();
    expect(await accepts(last)).toMatchObject([{ allowed: true, txid: planned.id }]);
    expect(read(electrumKey, last)).toBe(read(electrumKey, back));
    expect(read(libraryKey, last)).toHaveLength(places.length * 128);
  });

  it('what a thief made of the plan it signs, and that is refused here', () => {
    expect(signatureFromOthers(wallet, planned.plan, electrumKey, thiefs)).toMatchObject({
      why: expect.stringContaining('pays to another address') as string,
    });
  });

  it('its nonces are RFC 6979’s too, and another one where r would be long', () => {
    const [, key] = keys;
    const [theirs, mine] = [
      read(electrumKey, back),
      key?.sign(planned.plan, shareFor(planned, electrumKey)) ?? '',
    ];
    for (const at of places.keys()) {
      const part = (signature: string) => signature.slice(at * 128, (at + 1) * 128);
      const long = Number.parseInt(part(mine).slice(0, 2), 16) >= 0x80;
      expect(part(theirs) === part(mine), `input ${at}`).toBe(!long);
    }
  });
});
