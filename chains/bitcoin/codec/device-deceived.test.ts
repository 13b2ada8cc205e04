import { Transaction as LibraryTransaction } from '@scure/btc-signer';
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import { describe, expect, it } from 'vitest';
import {
  addressAt,
  descriptorOf,
  descriptorOfKeys,
  idOf,
  placeAt,
  planPayments,
  psbtForOthers,
  readPrevious,
  readTransaction,
  registrationOf,
  writeTransaction,
} from './index.ts';
import { payloadOf } from './extended-key.ts';
import { chanceOf, seed, someAddress } from './testing/chance.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { mustPlan } from './testing/signed.ts';
import { heldWallet, type Held } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3], 'bitcoin', 'devnet');
const { wallet, network, chain } = held;
const chance = chanceOf(seed);
const { coins, previous } = fundedBy(held, [5_000_000n, 4_000_000n]);
const payments = [{ address: someAddress(chance, chain, network), units: 8_000_000n }];
const planned = mustPlan(planPayments({ ...meansOf(held, coins), payments }));
const { plan } = planned;
const given = (of = plan, proofs = previous, to = wallet) => psbtForOthers(to, of, network, proofs);

describe(`what a device is given (SEED=${seed})`, () => {
  const psbt = given();
  if (psbt.kind === 'refused') throw new Error(psbt.why);

  it('proves every amount, and shows what comes back, to whoever reads it by another wallet’s library', () => {
    expect(Uint8Array.fromBase64(psbt.base64)).toEqual(psbt.bytes);
    expect(LibraryTransaction.fromPSBT(psbt.bytes).id).toBe(planned.id);
    const raw = RawPSBTV0.decode(psbt.bytes);
    expect(RawPSBTV0.encode(raw).toHex()).toBe(psbt.bytes.toHex());
    expect(raw.global.xpub).toHaveLength(3);
    for (const [at, { txid, vout, units, branch, index }] of planned.inputs.entries()) {
      const { keys, script, witnessScript } = placeAt(descriptorOf(wallet), branch, index);
      const input = raw.inputs[at];
      expect(input?.sighashType).toBe(1);
      expect(input?.witnessUtxo).toEqual({ amount: units, script });
      expect(input?.nonWitnessUtxo?.outputs[vout]).toEqual({ amount: units, script });
      expect(input?.witnessScript).toEqual(witnessScript);
      expect(input?.bip32Derivation?.map(([key, { path }]) => [key.toHex(), path])).toEqual(
        keys.map(({ publicKey, path }) => [publicKey.toHex(), path]),
      );
      expect(previous.map((hex) => readPrevious(hex)?.id)).toContain(txid);
    }
    expect(raw.outputs.filter(({ bip32Derivation }) => bip32Derivation)).toHaveLength(1);
  });

  it('the transactions that it spends go without witnesses, whatever form a node gave them in', () => {
    const bare = previous.map((hex) => {
      const one = readTransaction(hex);
      if (!one) throw new Error('no transaction');
      return writeTransaction({ ...one, inputs: one.inputs.map((input) => ({ ...input, witness: [] })) });
    });
    expect(
      given(
        plan,
        bare.map((one) => one.toHex()),
      ),
    ).toEqual(psbt);
  });

  it('no amount that nobody proves, no plan that we would not sign', () => {
    const why = (one: ReturnType<typeof given>) => (one.kind === 'refused' ? one.why : 'given');
    expect(why(given(plan, previous.slice(1)))).toContain('is not given');
    expect(why(given(plan, []))).toContain('is not given');
    expect(why(given(plan, ['zz']))).toContain('cannot be read');
    expect(why(given(plan.slice(0, -2)))).toContain('plan: ');
    expect(why(given(plan, previous, heldWallet(2, [1, 2, 4], 'bitcoin', 'devnet').wallet))).toContain(
      'is not at',
    );
    // The thief says that a coin holds less, so that the rest would be fees.
    const [first, ...rest] = previous;
    const whole = readTransaction(first ?? '');
    if (!whole) throw new Error('no transaction');
    const lied = {
      ...whole,
      outputs: whole.outputs.map((output) => ({ ...output, units: output.units + 1n })),
    };
    expect(idOf(lied)).not.toBe(idOf(whole));
    expect(why(given(plan, [writeTransaction(lied).toHex(), ...rest]))).toContain('is not given');
  });

  it('no more than is read when it comes back', () => {
    const [coin] = fundedBy(held, [5_000_000n]).coins;
    const spare = { units: 1_000n, script: new Uint8Array(9_000) };
    const outputs = Array.from({ length: 50 }, (_, at) => ({
      ...spare,
      ...(at < 6 ? { units: 3_000_000n, script: placeAt(descriptorOf(wallet), 0, 0).script } : {}),
    }));
    const large = { ...readTransaction(previous[0] ?? ''), version: 2, lockTime: 0, inputs: [], outputs };
    const one = { ...large, inputs: readTransaction(previous[0] ?? '')?.inputs ?? [] };
    const many = Array.from({ length: 6 }, (_, vout) => ({
      ...coin,
      txid: idOf(one),
      vout,
      units: 3_000_000n,
      branch: 0 as const,
      index: 0,
    }));
    const spending = mustPlan(
      planPayments({
        ...meansOf(held, many),
        payments: payments.map((to) => ({ ...to, units: 17_000_000n })),
      }),
    );
    expect(given(spending.plan, [writeTransaction(one).toHex()])).toMatchObject({
      why: expect.stringContaining('spend coins of smaller transactions') as string,
    });
  });
});

describe('a wallet as others are told of it', () => {
  const registered = (of: Held, name = 'Kuramori hot') => {
    const one = registrationOf(of.wallet, of.network, name);
    if (one.kind === 'refused') throw new Error(one.why);
    return one.registration;
  };

  it('is this one and no other: whatever text is read leads to the same descriptor', () => {
    const { descriptor, branches, firstAddress, bitcoin } = registered(held);
    expect(descriptor).toBe(wallet.descriptor);
    expect(branches.map((one) => one.includes('<0;1>'))).toEqual([false, false]);
    expect(firstAddress).toBe(addressAt(wallet, network, 0, 0));
    const [head = '', ...each] = bitcoin?.file.trimEnd().split('\n\n') ?? [];
    expect(head).toBe('Name: Kuramori hot\nPolicy: 2 of 3\nFormat: P2WSH');
    const described = each.map((lines) => {
      const [, path = '', fingerprint = '', extended = ''] =
        /^Derivation: m(.*)\n([0-9A-F]{8}): (\w+)$/.exec(lines) ?? [];
      return `[${fingerprint.toLowerCase()}${path.replaceAll("'", 'h')}]${extended}/<0;1>/*`;
    });
    expect(descriptorOfKeys(2, described)).toMatchObject({ descriptor: { text: descriptor } });
    // BIP 388: each @n/** stands for the key of that number, on both branches.
    const { template = '', keys: named = [] } = bitcoin?.policy ?? {};
    const body = template.replaceAll(/@(\d+)\/\*\*/g, (_, at: string) => `${named[Number(at)]}/<0;1>/*`);
    expect(`${body.replaceAll("'", 'h')}#${descriptor.split('#')[1]}`).toBe(descriptor);
    const points = (keys: readonly string[]) => keys.map((key) => payloadOf(key)?.subarray(4).toHex());
    expect(points(bitcoin?.slip132 ?? [])).toEqual(points(held.keys.map(({ publicKey }) => publicKey)));
  });

  it('by the versions of its network; on Litecoin, where neither is defined, by its descriptor alone', () => {
    const keysOf = (of: Held) => registered(of).bitcoin?.slip132.map((key) => key.slice(0, 4));
    expect(keysOf(held)).toEqual(['Vpub', 'Vpub', 'Vpub']);
    expect(keysOf(heldWallet(2, [1, 2, 3], 'bitcoin', 'mainnet'))).toEqual(['Zpub', 'Zpub', 'Zpub']);
    expect(registered(heldWallet(2, [1, 2, 3])).bitcoin).toBeUndefined();
  });

  it.each(['', ' hot', 'hot ', 'a name that is too long', 'hot\nPolicy: 1 of 3', '蔵守'])(
    'a name that a device would read as something else is refused: %j',
    (name) => {
      expect(registrationOf(wallet, network, name).kind).toBe('refused');
    },
  );
});
