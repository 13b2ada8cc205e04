/** A lookout with a wallet on Litecoin beside NEM's: two real nodes, each behind somebody who may lie, and two more co-signers. */
import {
  entryHash,
  LTC,
  signerRoutes,
  type BitcoinWallet,
  type EvacuationAsk,
  type Policy,
  type SignedEntry,
  type WatchtowerStatus,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  addressAt,
  combine,
  planPayments,
  planReplacement,
  readTransaction,
  type Coin,
  type Payment,
  type Planned,
} from '@kuramori/chains/bitcoin/codec';
import { bitcoinNode } from '@kuramori/chains/bitcoin/node';
import { liarBefore, type Liar } from '../../chains/testing/liar.ts';
import { heldWallet } from '../../chains/bitcoin/codec/testing/wallet.ts';
import { litecoinds, type Litecoind } from '../../chains/bitcoin/testing/litecoind.ts';
import { made } from '../../chains/bitcoin/testing/scene.ts';
import { intentFor, keyNamed, partOf, requestFor } from '../../core/testing/house.ts';
import { keysOf } from '../../signers/keystore.ts';
import * as bitcoin from '../../signers/testing/bitcoin.ts';
import { ruleOf } from '../../signers/testing/counter.ts';
import { policy as deskPolicy } from '../../signers/testing/desk.ts';
import { bitcoinEye, type BitcoinEyeParts } from '../chains/bitcoin.ts';
import { lookout, until, type Lookout, type Options } from './lookout.ts';

export const ltc = (coins: number): bigint => BigInt(Math.round(coins * 100_000_000));
const signerIds = ['signer-3', 'signer-4'];
const recordKeys = signerIds.map((id) => keyNamed(`record of ${id}`));
const chainKeys = () => ['c1', 'c2'].map(bitcoin.keyOf);

export const hot: BitcoinWallet = {
  ...bitcoin.hot,
  id: 'hot-ltc',
  evacuateTo: 'cold-ltc',
  cosigners: bitcoin.hot.cosigners.map((one, at) => ({ ...one, signer: signerIds[at] ?? null })),
};
export const cold: BitcoinWallet = { ...bitcoin.cold, id: 'cold-ltc' };
export const [alice, bob, thief] = ['alice', 'bob', 'thief'].map(bitcoin.addressOf) as [
  string,
  string,
  string,
];

export const policy: Policy = {
  ...deskPolicy,
  signers: [
    ...deskPolicy.signers,
    ...signerIds.map((id, at) => ({ id, recordKey: recordKeys[at]?.publicKey ?? '' })),
  ],
  wallets: [...deskPolicy.wallets, hot, cold],
  rules: [...deskPolicy.rules, { wallet: hot.id, asset: LTC, ...ruleOf(ltc) }],
};

export interface Proven extends Coin {
  /** The whole transaction that brought it. */
  readonly previous: string;
}

export interface Chain extends AsyncDisposable {
  readonly nodes: readonly [Litecoind, Litecoind];
  readonly liars: readonly [Liar, Liar];
  /** To nobody's address, or to one; on the first node, or on another. */
  readonly mine: (blocks: number, address?: string, node?: Litecoind) => Promise<readonly string[]>;
  readonly height: () => Promise<number>;
  readonly agreed: () => Promise<void>;
  /** So many coins of 40 for the hot wallet, of one transaction, in a block. */
  readonly fund: (coins: number) => Promise<readonly Proven[]>;
  /** Nothing waits at either node any more: what comes after this height is of one test alone. */
  readonly cleared: () => Promise<number>;
  readonly send: (hex: string, node?: Litecoind) => Promise<void>;
  readonly confirmations: (id: string) => Promise<number>;
  readonly pool: (node?: Litecoind) => Promise<readonly string[]>;
}

/** Nodes that know of no transaction but what waits, as most do. */
export async function litecoin(): Promise<Chain> {
  const house = await litecoinds(['-txindex=0']);
  const [first, second] = house.nodes;
  const liars = [await liarBefore(first), await liarBefore(second)] as const;
  let mined = 0;
  const mine: Chain['mine'] = async (blocks, address, node = first) => {
    mined += 1;
    const to = address ?? bitcoin.addressOf(`miner ${mined}`);
    return (await node.call('generatetoaddress', blocks, to)) as readonly string[];
  };
  const best = (node: Litecoind) => node.call('getbestblockhash');
  const agreed = () =>
    until('both to have one chain', async () => (await best(first)) === (await best(second)), 20_000);
  const bank = heldWallet(1, [7, 8]);
  const bankAddress = addressAt(bank.wallet, bank.network, 0, 0);
  const rewards = await mine(45, bankAddress);
  await mine(100);
  await agreed();
  let spent = 0;
  async function reward(): Promise<Coin> {
    const hash = rewards[spent++];
    const { tx } = (await first.call('getblock', hash, 2)) as {
      readonly tx: readonly { readonly txid: string; readonly hex: string }[];
    };
    const [output] = readTransaction(tx[0]?.hex ?? '')?.outputs ?? [];
    if (!tx[0] || !output) throw new Error('the bank has no more');
    return { txid: tx[0].txid, vout: 0, units: output.units, branch: 0, index: 0 };
  }
  return {
    nodes: house.nodes,
    liars,
    mine,
    agreed,
    height: async () => Number(await first.call('getblockcount')),
    async fund(count) {
      const coins: Coin[] = [];
      for (let at = 0; at < count; at += 1) coins.push(await reward());
      const { hex, id } = made(
        bank,
        coins.map(() => ({ address: hot.address, units: ltc(40) })),
        { coins },
        [0],
      );
      await first.call('sendrawtransaction', hex);
      await mine(1);
      await agreed();
      const outputs = readTransaction(hex)?.outputs ?? [];
      return outputs.flatMap(({ units }, vout) =>
        units === ltc(40) ? { txid: id, vout, units, branch: 0 as const, index: 0, previous: hex } : [],
      );
    },
    async cleared() {
      const waits = async () => {
        const pools = await Promise.all(house.nodes.map((node) => node.call('getrawmempool')));
        return (pools as readonly (readonly string[])[]).some((pool) => pool.length > 0);
      };
      while (await waits()) {
        await mine(1);
        await agreed();
      }
      return Number(await first.call('getblockcount'));
    },
    async send(hex, node = first) {
      await node.call('sendrawtransaction', hex);
    },
    async confirmations(id) {
      const tip = Number(await first.call('getblockcount'));
      for (let height = tip; height > Math.max(0, tip - 60); height -= 1) {
        const hash = await first.call('getblockhash', height);
        const { tx } = (await first.call('getblock', hash, 1)) as { readonly tx: readonly string[] };
        if (tx.includes(id)) return tip - height + 1;
      }
      return 0;
    },
    pool: async (node = first) => (await node.call('getrawmempool')) as readonly string[],
    async [Symbol.asyncDispose]() {
      for (const liar of liars) await liar[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

export interface Watch extends AsyncDisposable {
  readonly l: Lookout;
  readonly sees: () => WatchtowerStatus['chains'][number];
  /** Until both chains are seen to their ends, and every signer is open. */
  readonly seeing: () => Promise<void>;
  /** The whole way of a withdrawal, as custody goes it, but the last step: gives the transaction. */
  readonly paid: (
    coins: readonly Proven[],
    payments: readonly Payment[],
    more?: { readonly feeRate?: bigint; readonly change?: number },
  ) => Promise<Paid>;
  /** The same intents by other coins, which no honest custody would plan. */
  readonly paidAgain: (first: Paid, feeRate: bigint) => Promise<Paid>;
  /** Another transaction for the same payments, which takes the first one's place. */
  readonly replaced: (first: Paid, feeRate: bigint) => Promise<Paid>;
  /** What the first signer has recorded as going home. */
  readonly evacuations: () => Promise<readonly EvacuationAsk[]>;
  readonly recorded: (
    planned: Planned,
    by: string,
    requests: readonly Request[],
    proofs: readonly string[],
  ) => Promise<SignedEntry>;
}

type Request = ReturnType<typeof requestFor>;

export interface Paid {
  readonly planned: Planned;
  readonly hex: string;
  readonly id: string;
  readonly coins: readonly Proven[];
  readonly payments: readonly Payment[];
  readonly requests: readonly Request[];
}

/** `from`: the height after which it looks. */
export async function watch(
  chain: Chain,
  from: number,
  options: Options & { readonly eye?: Partial<BitcoinEyeParts> } = {},
): Promise<Watch> {
  const parts: BitcoinEyeParts = {
    chain: 'litecoin',
    nodesOf: (ours) => chain.liars.map(({ endpoint }) => bitcoinNode(endpoint, 'litecoin', ours)),
    watchFrom: from,
    pollMs: 30,
    // The test's clock stands in January; blocks are of today.
    tipAgeSeconds: 10 * 366 * 86_400,
    deadDepth: 6,
    gap: 20,
    usualRate: 20_000,
    ...options.eye,
  };
  const l = await lookout({
    policy,
    signs: { balanceFalls: {} },
    ...options,
    beside: {
      signers: signerIds.map((id, at) => ({
        id,
        recordKey: recordKeys[at] ?? keyNamed(''),
        keys: () =>
          keysOf(recordKeys[at] ?? keyNamed(''), chainKeys()[at] ?? bitcoin.keyOf(''), {
            chain: 'litecoin',
            network: 'devnet',
          }),
      })),
      eyes: [bitcoinEye(parts)],
    },
  });
  const sees = () => {
    const found = l
      .tower()
      .status()
      .chains.find((one) => one.chain === 'litecoin');
    if (!found) throw new Error('it watches Litecoin');
    return found;
  };

  async function recorded(
    planned: Planned,
    by: string,
    requests: readonly Request[],
    proofs: readonly string[],
  ) {
    const where = l.sockets.get(by);
    const nonce = await call(where, signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error(JSON.stringify(nonce));
    const fact = await l.tower().fact({ wallet: hot.id, nonces: [nonce.nonce], plans: [] });
    if (fact.kind !== 'fact') throw new Error(`${fact.why}: ${fact.detail}`);
    const key = hot.cosigners.find(({ signer }) => signer === by)?.publicKey;
    const answer = await call(where, signerRoutes.propose, {
      kind: 'payment',
      wallet: hot.id,
      intents: requests.map((request) => partOf(request, intentFor(request, hot.id))),
      plan: planned.plan,
      share: planned.shares.find((one) => one.key === key)?.share ?? '',
      facts: [fact.fact],
      previous: [...new Set(proofs)],
    });
    if (answer.kind !== 'recorded') throw new Error(toldBy(answer));
    return answer.record;
  }

  async function signedBy(planned: Planned, requests: readonly Request[], proofs: readonly string[]) {
    const signatures = new Map<string, string>();
    for (const id of signerIds) {
      const record = await recorded(planned, id, requests, proofs);
      const word = await l.tower().countersign(record);
      if (word.kind !== 'countersigned') throw new Error(`${word.why}: ${word.detail}`);
      const released = await call(l.sockets.get(id), signerRoutes.release, {
        entry: entryHash(record.entry),
        countersignatures: [word.countersignature],
      });
      if (released.kind !== 'signed') throw new Error(toldBy(released));
      signatures.set(hot.cosigners.find(({ signer }) => signer === id)?.publicKey ?? '', released.signature);
    }
    const combined = combine(hot, planned.plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    return { hex: combined.transaction, id: combined.id };
  }

  return {
    l,
    sees,
    async seeing() {
      await l.seeing();
      await until(
        'the watchtower to see Litecoin',
        async () => {
          const height = await chain.height();
          const { blind, nodes } = sees();
          return blind === null && nodes.every((node) => node.height === height);
        },
        20_000,
      );
    },
    recorded,
    async evacuations() {
      const answer = await call(l.sockets.get(signerIds[0] ?? ''), signerRoutes.journal, { from: 1 });
      if (answer.kind !== 'entries') throw new Error(JSON.stringify(answer));
      return answer.entries.flatMap(({ entry: { body } }) => (body.kind === 'evacuation' ? body : []));
    },
    async paid(coins, payments, { feeRate = 20_000n, change = 3 } = {}) {
      const requests = payments.map(({ address, units }) =>
        requestFor({ to: address, units, asset: LTC, feeCap: ltc(0.01), at: l.clock.ms }),
      );
      const planned = bitcoin.must(
        planPayments({ ...bitcoin.means(coins, feeRate), wallet: hot, change, payments }),
      );
      const proofs = coins.map(({ previous }) => previous);
      return { planned, ...(await signedBy(planned, requests, proofs)), coins, payments, requests };
    },
    async paidAgain(first, feeRate) {
      const planned = bitcoin.must(
        planPayments({
          ...bitcoin.means(first.coins, feeRate),
          wallet: hot,
          change: 4,
          payments: first.payments,
        }),
      );
      const proofs = first.coins.map(({ previous }) => previous);
      return { ...first, planned, ...(await signedBy(planned, first.requests, proofs)) };
    },
    async replaced(first, feeRate) {
      const planned = bitcoin.must(
        planReplacement({
          ...bitcoin.means([], feeRate),
          wallet: hot,
          first: first.planned.plan,
          replacedFees: first.planned.fees,
          payments: first.payments,
        }),
      );
      const proofs = first.coins.map(({ previous }) => previous);
      return { ...first, planned, ...(await signedBy(planned, first.requests, proofs)) };
    },
    [Symbol.asyncDispose]: () => l[Symbol.asyncDispose](),
  };
}

/** Why somebody did not do what he was asked. */
function toldBy(answer: { readonly detail: string; readonly why?: string }): string {
  return `${answer.why ?? ''} ${answer.detail}`;
}

/** What a thief with both co-signers' keys makes of coins. */
export function stolen(
  coins: readonly Coin[],
  payments: readonly Payment[],
  feeRate = 20_000n,
): { readonly hex: string; readonly id: string; readonly planned: Planned } {
  const planned = bitcoin.must(planPayments({ ...bitcoin.means(coins, feeRate), wallet: hot, payments }));
  return { ...signedWith(planned), planned };
}

/** What the thief puts in the place of a payment: it spends the same, and pays another. */
export function replacedBy(first: Paid, payments: readonly Payment[], feeRate: bigint) {
  return stolen(first.planned.inputs, payments, feeRate);
}

/** By the keys themselves, whatever records say. */
function signedWith(planned: Planned): { readonly hex: string; readonly id: string } {
  const signatures = new Map(
    chainKeys().map((key, at) => {
      const share = planned.shares.find((one) => one.key === hot.cosigners[at]?.publicKey)?.share ?? '';
      return [key.publicKey, key.sign(planned.plan, share)] as const;
    }),
  );
  const combined = combine(hot, planned.plan, signatures);
  if (combined.kind === 'refused') throw new Error(combined.why);
  return { hex: combined.transaction, id: combined.id };
}

export { until };
