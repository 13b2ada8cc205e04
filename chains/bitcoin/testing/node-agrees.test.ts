import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressAt,
  addressOf,
  bitcoin,
  branchDescriptor,
  combine,
  descriptorOf,
  dustBelow,
  idOf,
  leastRate,
  placeAt,
  planCancellation,
  planChild,
  planConsolidation,
  planPayments,
  planReplacement,
  readPrevious,
  readTransaction,
  scriptOf,
  signaturesOf,
  writeTransaction,
  type Coin,
  type Means,
  type Planned,
} from '../codec/index.ts';
import { chanceOf, kinds, seed, someAddress, someScript, type Chance } from '../codec/testing/chance.ts';
import { mustPlan, shareFor, signaturesBy, signedBy, withSignatures } from '../codec/testing/signed.ts';
import { heldWallet } from '../codec/testing/wallet.ts';
import { hasLitecoind, litecoinds, type Litecoind, type Litecoinds } from './litecoind.ts';

const rounds = Number(process.env['KURAMORI_ROUNDS'] ?? 1000);
const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const stranger = addressAt(heldWallet(1, [9]).wallet, network, 0, 0);

interface Signed {
  readonly planned: Planned;
  /** The whole transaction, hex. */
  readonly signed: string;
  /** The plan with its signatures, base64. */
  readonly psbt: string;
}

interface Accepted {
  readonly allowed: boolean;
  readonly 'reject-reason'?: string;
  readonly vsize?: number;
  readonly fees?: { readonly base: number };
}

describe.skipIf(!hasLitecoind())(`a node agrees (litecoind; SEED=${seed})`, () => {
  let house: Litecoinds;
  let node: Litecoind;
  let other: Litecoind;
  /** The whole transaction whose outputs all coins are. */
  let funding: string;
  let coins: readonly Coin[];
  let means: Means;

  const accepts = async (transaction: string): Promise<Accepted> => {
    const [accepted] = (await node.call('testmempoolaccept', [transaction])) as readonly Accepted[];
    if (!accepted) throw new Error('testmempoolaccept said nothing');
    return accepted;
  };

  beforeAll(async () => {
    house = await litecoinds();
    [node, other] = house.nodes;
    const [first] = (await node.call('generatetoaddress', 1, wallet.address)) as readonly string[];
    await node.call('generatetoaddress', 100, stranger);
    const block = (await node.call('getblock', first, 2)) as {
      readonly tx: readonly { readonly txid: string; readonly vout: readonly { readonly value: number }[] }[];
    };
    const [coinbase] = block.tx;
    if (!coinbase) throw new Error('a block without a coinbase');
    const reward: Coin = { txid: coinbase.txid, vout: 0, units: 5_000_000_000n, branch: 0, index: 0 };
    const chance = chanceOf(seed);
    // Small ones and large ones, on both branches.
    const parts = Array.from({ length: 150 }, (_, at) => ({
      place: [at % 3 === 0 ? 1 : 0, at] as const,
      units: 30_000n + BigInt(chance.below(10 ** (5 + (at % 3)))) * 3n,
    }));
    const base = { wallet, network, feeRate: 1_000n, usualRate: 10_000n, change: 0, lockTime: 0 };
    const fanned = mustPlan(
      planPayments({
        ...base,
        coins: [reward],
        seed: 'fan',
        mostPlanBytes: 100_000,
        payments: parts.map(({ place, units }) => ({ address: addressAt(wallet, network, ...place), units })),
      }),
    );
    funding = signedBy(held, fanned, [0, 2]);
    await node.call('sendrawtransaction', funding);
    await node.call('generatetoaddress', 1, stranger);
    const outputs = readTransaction(funding)?.outputs ?? [];
    coins = parts.map(({ place: [branch, index], units }) => {
      const script = placeAt(descriptor, branch, index).script.toHex();
      const vout = outputs.findIndex((output) => output.script.toHex() === script);
      return { txid: fanned.id, vout, units, branch, index };
    });
    means = { ...base, coins, seed: 'x' };
  }, 60_000);

  afterAll(async () => {
    await house[Symbol.asyncDispose]();
  });

  it('on the checksum and the addresses of a descriptor (BIP 380, 383)', async () => {
    for (const branch of [0, 1] as const) {
      const text = branchDescriptor(descriptor, branch);
      const info = (await node.call('getdescriptorinfo', text.split('#')[0])) as Record<string, unknown>;
      expect([info['checksum'], info['isrange'], info['hasprivatekeys']]).toEqual([
        text.split('#')[1],
        true,
        false,
      ]);
      const theirs = await node.call('deriveaddresses', text, [0, 50]);
      expect(theirs).toEqual(
        Array.from({ length: 51 }, (_, index) => addressAt(wallet, network, branch, index)),
      );
    }
  });

  it('on addresses of every kind, both ways, and on every letter that is wrong', async () => {
    const chance = chanceOf(seed + 1);
    for (const kind of kinds)
      for (let round = 0; round < 20; round += 1) {
        const script = someScript(chance, kind);
        const address = addressOf(script, chain, network) ?? '';
        const said = (await node.call('validateaddress', address)) as Record<string, unknown>;
        expect([said['isvalid'], said['address'], said['scriptPubKey']]).toEqual([
          true,
          address,
          script.toHex(),
        ]);
        const at = chance.below(address.length);
        const letter = chance.of('023456789acdefghjklmnpqrstuvwxyz'.split(''));
        const changed = address.slice(0, at) + letter + address.slice(at + 1);
        const theirs = (await node.call('validateaddress', changed)) as Record<string, unknown>;
        const ours = scriptOf(changed, chain, network);
        expect(ours.kind === 'script', changed).toBe(theirs['isvalid']);
      }
  });

  it('on an old form of a script’s address, which is read to the new one', async () => {
    const old = '2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc';
    const said = (await node.call('validateaddress', old)) as Record<string, unknown>;
    expect(bitcoin.readAddress(old, chain, network)).toEqual({ kind: 'address', address: said['address'] });
    expect(said['address']).not.toBe(old);
  });

  it('on what is relayed at all: the least rate, and what is dust', async () => {
    const info = (await node.call('getnetworkinfo')) as Record<string, unknown>;
    expect([info['relayfee'], info['incrementalfee']]).toEqual([0.00001, 0.00001]);
    expect(leastRate).toBe(1_000n);
    const chance = chanceOf(seed + 2);
    for (const kind of kinds) {
      const script = someScript(chance, kind);
      const address = addressOf(script, chain, network) ?? '';
      const dust = dustBelow(script, chain);
      const payments = [{ address, units: dust }];
      const planned = mustPlan(planPayments({ ...means, payments }));
      expect(await accepts(signedBy(held, planned, [0, 1]))).toMatchObject({ allowed: true });
      const less = planPayments({ ...means, payments: [{ address, units: dust - 1n }] });
      expect(less).toMatchObject({ kind: 'refused', field: 'payments.0.units' });
      // Signed all the same, by somebody who does not look.
      const transaction = readTransaction(signedBy(held, planned, [0, 1]));
      if (!transaction) throw new Error('a transaction that cannot be read');
      const outputs = transaction.outputs.map((output) =>
        output.units === dust ? { ...output, units: dust - 1n } : output,
      );
      const dusty = writeTransaction({ ...transaction, outputs }).toHex();
      expect(await accepts(dusty)).toMatchObject({ allowed: false, 'reject-reason': 'dust' });
    }
  });

  it(
    `on ${rounds} random transactions, and on what is wrong with each once a bit is flipped`,
    { timeout: 600_000 },
    async () => {
      const chance = chanceOf(seed + 3);
      let inputs = 0;
      let changeless = 0;
      for (let done = 0; done < rounds;) {
        const batch: Signed[] = [];
        for (; batch.length < 25 && done < rounds; done += 1) batch.push(randomSigned(chance));
        const replies = await node.calls(
          batch.flatMap(({ planned, signed, psbt }) => [
            ['finalizepsbt', psbt] as const,
            ['testmempoolaccept', [signed]] as const,
            ['testmempoolaccept', [flipped(signed, chance)]] as const,
            ['decodepsbt', Buffer.from(planned.plan, 'hex').toString('base64')] as const,
          ]),
        );
        for (const [at, { planned, signed }] of batch.entries()) {
          const [finalized, accepted, altered, decoded] = replies.slice(at * 4, at * 4 + 4);
          expect(finalized).toEqual({ result: { hex: signed, complete: true } });
          const [said] = resultOf(accepted) as readonly Accepted[];
          expect(said, signed.slice(0, 200)).toMatchObject({ allowed: true, txid: planned.id });
          expect(Math.round((said?.fees?.base ?? 0) * 1e8)).toBe(Number(planned.fees));
          expect(said?.vsize).toBeLessThanOrEqual(planned.size);
          expect(said?.vsize).toBeGreaterThan(planned.size - 2 - planned.inputs.length * 2);
          const refusal =
            altered && 'result' in altered ? (altered.result as readonly Accepted[])[0] : undefined;
          expect(refusal?.allowed ?? false).toBe(false);
          expect(Math.round(((resultOf(decoded) as { fee: number }).fee ?? 0) * 1e8)).toBe(
            Number(planned.fees),
          );
          inputs += planned.inputs.length;
          if (planned.change === null) changeless += 1;
        }
      }
      expect(inputs).toBeGreaterThan(rounds);
      expect(changeless).toBeGreaterThan(0);
    },
  );

  /** Planned, explained and signed by two keys of three; and the same as a PSBT with their signatures. */
  function randomSigned(chance: Chance): Signed {
    const payments = Array.from({ length: 1 + chance.below(5) }, () => ({
      address: someAddress(chance, chain, network),
      units: 6_000n + BigInt(chance.below(10 ** (4 + chance.below(3)))),
    }));
    const some = coins.filter(() => chance.below(3) === 0);
    const result = planPayments({
      ...means,
      coins: some,
      payments,
      feeRate: 1_000n + BigInt(chance.below(40_000)),
      change: chance.below(1_000_000),
      lockTime: chance.below(2) * 100,
      seed: chance.bytes(8).toHex(),
    });
    // Small coins do not pay large sums: once more, with others.
    if (result.kind === 'refused') {
      expect(result.field).toBe('coins');
      return randomSigned(chance);
    }
    const { planned } = result;
    const signers = chance.of([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    const share = shareFor(planned, wallet.cosigners[signers[0] ?? 0]?.publicKey ?? '');
    const explained = bitcoin.explainShare(wallet, planned.plan, share, network, [funding]);
    expect(explained).toMatchObject({
      kind: 'spend',
      spend: { fees: planned.fees, transactionId: planned.id, from: wallet.address },
    });
    const signatures = signaturesBy(held, planned, signers);
    const combined = combine(wallet, planned.plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    return { planned, signed: combined.transaction, psbt: withSignatures(wallet, planned, signatures) };
  }

  it('that an amount lied about makes a signature worthless (BIP 143)', async () => {
    const [coin] = coins;
    if (!coin) throw new Error('no coin');
    const lied = { ...coin, units: coin.units + 1_000_000n };
    const payments = [{ address: stranger, units: lied.units - 500_000n }];
    const planned = mustPlan(planPayments({ ...means, coins: [lied], payments }));
    expect((await accepts(signedBy(held, planned, [0, 1]))).allowed).toBe(false);
    const share = planned.shares[0]?.share ?? '';
    expect(bitcoin.explainShare(wallet, planned.plan, share, network, [funding])).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('is said to hold') as string,
    });
  });

  it('on replacement, cancellation, a child that pays and consolidation (BIP 125)', async () => {
    const payments = [
      { address: stranger, units: 100_000n },
      { address: stranger, units: 50_000n },
    ];
    // The largest alone, so that there is change.
    const largest = coins.toSorted((one, two) => Number(two.units - one.units)).slice(0, 1);
    const first = mustPlan(planPayments({ ...means, coins: largest, payments, feeRate: 2_000n }));
    await node.call('sendrawtransaction', signedBy(held, first, [0, 1]));
    const again = { ...means, first: first.plan, replacedFees: first.fees, change: 1 };
    expect(planReplacement({ ...again, payments, feeRate: 1_900n })).toMatchObject({ field: 'feeRate' });
    const higher = (first.fees * 1_100n) / BigInt(first.size);
    for (const feeRate of [higher, higher * 2n, 30_000n]) {
      const next = mustPlan(planReplacement({ ...again, payments: payments.slice(1), feeRate }));
      expect(await accepts(signedBy(held, next, [1, 2])), `${feeRate}`).toMatchObject({ allowed: true });
      expect(bitcoin.conflict(wallet, first.plan, next.plan)).toBe(true);
    }
    // A child has come meanwhile: whoever does not count its fees is refused (rule 3).
    const forced = { ...means, parent: first.plan, coins: [], change: 2 };
    const child = mustPlan(planChild({ ...forced, feeRate: 20_000n }));
    await node.call('sendrawtransaction', signedBy(held, child, [0, 2]));
    const cheap = mustPlan(planCancellation({ ...again, feeRate: higher }));
    expect(await accepts(signedBy(held, cheap, [0, 1]))).toMatchObject({ allowed: false });
    const replacedFees = first.fees + child.fees;
    const cancelled = mustPlan(planCancellation({ ...again, replacedFees, feeRate: higher }));
    const transaction = signedBy(held, cancelled, [0, 1]);
    expect(await node.call('sendrawtransaction', transaction)).toBe(cancelled.id);
    expect(await node.call('getrawmempool')).toEqual([cancelled.id]);
    const seen = signaturesOf(wallet, transaction, coins);
    expect(seen?.signed.map(({ signer, bytes }) => [signer, bytes])).toEqual(
      expect.arrayContaining(
        [0, 1].map((at) => {
          const key = wallet.cosigners[at]?.publicKey ?? '';
          return [key, shareFor(cancelled, key)];
        }),
      ),
    );
    const rest = coins.filter(({ vout }) => !cancelled.inputs.some((input) => input.vout === vout));
    const consolidated = mustPlan(planConsolidation({ ...means, coins: rest, change: 5 }));
    expect(consolidated.inputs.length).toBeGreaterThan(15);
    expect(await accepts(signedBy(held, consolidated, [0, 1]))).toMatchObject({ allowed: true });
    // The neighbour has heard of it: a node tells in its own time, five seconds later in the mean.
    await expect.poll(() => other.call('getrawmempool'), { timeout: 60_000 }).toEqual([cancelled.id]);
  }, 90_000);

  it('on the ids of what it has mined, in every form that it gives', async () => {
    const hash = await node.call('getbestblockhash');
    const block = (await node.call('getblock', hash, 2)) as {
      readonly tx: readonly { readonly txid: string; readonly hex: string }[];
    };
    expect(block.tx.length).toBe(2);
    for (const { txid, hex } of block.tx) {
      expect(readPrevious(hex)?.id).toBe(txid);
      const read = readTransaction(hex);
      expect(read && idOf(read)).toBe(txid);
      expect(read && writeTransaction(read).toHex()).toBe(hex);
    }
  });
});

function resultOf(reply: { readonly result: unknown } | { readonly refused: string } | undefined): unknown {
  if (!reply || 'refused' in reply) throw new Error(`refused: ${reply?.refused}`);
  return reply.result;
}

function flipped(hex: string, chance: Chance): string {
  const bytes = Uint8Array.fromHex(hex);
  const bit = chance.below(bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toHex();
}
