/** A lookout with a Safe beside NEM's wallets: one real node behind two who may lie, two more co-signers, and two relayers. */
import {
  entryHash,
  ETH,
  relayerRoutes,
  signerRoutes,
  type Asset,
  type EthereumWallet,
  type Policy,
  type SignedEntry,
  type WatchtowerStatus,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  checksummed,
  combine,
  planPayment,
  readPlan,
  safeHash,
  type Address,
  type PaymentPlan,
  type Planned,
} from '@kuramori/chains/ethereum/codec';
import { ethereumNode, openOurs, partsOf, type SafeParts } from '@kuramori/chains/ethereum/node';
import { serveRoutes } from '@kuramori/program';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liarBefore, type Liar } from '../../chains/testing/liar.ts';
import { made, ownerNamed, spare } from '../../chains/ethereum/codec/house.testing.ts';
import { deploySafe } from '../../chains/ethereum/testing/house.ts';
import { must, scene, type Scene, type Token } from '../../chains/ethereum/testing/scene.ts';
import { intentFor, keyNamed, partOf, requestFor } from '../../core/testing/house.ts';
import { account, openHere, type Here } from '../../relayer/testing/desk.ts';
import { keysOf } from '../../signers/keystore.ts';
import { ruleOf } from '../../signers/testing/counter.ts';
import { policy as deskPolicy } from '../../signers/testing/desk.ts';
import { ethereumEye, type EthereumEyeParts } from '../chains/ethereum.ts';
import { lookout, until, type Lookout, type Options } from './lookout.ts';

export type Hex = `0x${string}`;

export const ether = (coins: number): bigint => BigInt(Math.round(coins * 1_000_000)) * 10n ** 12n;
export const alice = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359';
export const thief = checksummed('00000000000000000000000000000000badf00d1');
/** Two online, and one whose key is a spare. */
const signerIds = ['signer-3', 'signer-4', 'signer-5'];
const payers = signerIds.slice(0, 2);
const chainKeys = () => [ownerNamed('owner 1'), ownerNamed('owner 2'), spare];
const recordKeys = signerIds.map((id) => keyNamed(`record of ${id}`));
const coldKeys = ['d1', 'd2', 'd3'].map(ownerNamed);

export interface Chain extends AsyncDisposable {
  readonly s: Scene;
  readonly liars: readonly [Liar, Liar];
  /** Two that count. */
  readonly tokens: readonly [Token, Token];
  readonly hot: EthereumWallet;
  readonly cold: EthereumWallet;
  readonly policy: Policy;
  readonly made: Readonly<Record<string, SafeParts>>;
  /** Two relayers with an account each; the first is this one. */
  readonly relayer: Here;
  readonly relayerAt: { readonly socket: string };
  readonly mine: (blocks?: number) => Promise<void>;
  /** Blocks come when they are asked for, or with each transaction. */
  readonly automine: (on: boolean) => Promise<void>;
  /** Whatever calldata, to the Safe, by an account of nobody's; not waited for. Gives the transaction's hash. */
  readonly sends: (calldata: Hex, to?: string, gas?: bigint) => Promise<string>;
  readonly height: () => Promise<number>;
  /** The hot Safe's next. */
  readonly number: () => Promise<bigint>;
  /** What it has now. */
  readonly units: (address: string, asset: Asset) => Promise<bigint>;
  /** What somebody with both co-signers' keys has executed: its calldata. */
  readonly stolen: (payment: Pick<PaymentPlan, 'units' | 'nonce'> & { readonly asset?: Asset }) => {
    readonly calldata: Hex;
    readonly plan: string;
  };
}

/**
 * A hot Safe with 100 coins, 1,000 units of one token and 5 of another, and a cold one with keys of its own. `born`: the guard of
 * the hot one lets in others than the policy's spare.
 */
export async function ethereum({
  guarded = true,
  contracts = ['PlainToken', 'SilentToken'],
  born = { spares: [spare.publicKey], vaults: [ownerNamed('owner 3').publicKey] },
}: {
  readonly guarded?: boolean;
  readonly contracts?: readonly [string, string];
  readonly born?: { readonly spares: readonly string[]; readonly vaults: readonly string[] };
} = {}): Promise<Chain> {
  const s = await scene();
  const liars = [s.liar, await liarBefore({ endpoint: { url: s.chain.url } })] as const;
  const bare = await deploySafe(s.chain, s.safes, { guarded, ...born });
  const hot: EthereumWallet = {
    ...bare,
    id: 'hot-eth',
    evacuateTo: 'cold-eth',
    spares: [{ publicKey: spare.publicKey, signer: 'signer-5' }],
    cosigners: bare.cosigners.map((one, at) => ({ ...one, signer: payers[at] ?? null })),
  };
  const deep = await deploySafe(s.chain, s.safes, { keys: coldKeys, spares: [] });
  const cold: EthereumWallet = {
    ...deep,
    id: 'cold-eth',
    role: 'cold',
    evacuateTo: null,
    cosigners: deep.cosigners.map((one) => ({ ...one, signer: null })),
  };
  const tokens = [await s.token(contracts[0]), await s.token(contracts[1])] as const;
  const safe = hot.address as Hex;
  await s.chain.send(safe, '0x', ether(100));
  await s.sends(tokens[0].at, 'mint', [safe, 1_000n]);
  await s.sends(tokens[1].at, 'mint', [safe, 5n]);
  await s.chain.send(account as string as Hex, '0x', ether(10));
  const client = ethereumNode({ url: s.chain.url }, openOurs([hot, cold], 'devnet'));
  const parts: Record<string, SafeParts> = {};
  for (const wallet of [hot, cold])
    parts[wallet.address] = partsOf(must(await client.safe(wallet, 'latest')));
  const assets = [ETH, ...tokens.map(({ asset }) => asset)];
  const policy: Policy = {
    ...deskPolicy,
    signers: [
      ...deskPolicy.signers,
      ...signerIds.map((id, at) => ({ id, recordKey: recordKeys[at]?.publicKey ?? '' })),
    ],
    wallets: [...deskPolicy.wallets, hot, cold],
    rules: [...deskPolicy.rules, ...assets.map((asset) => ({ wallet: hot.id, asset, ...ruleOf(ether) }))],
    // Of the second token five units are worth more than all the coins.
    values: [
      { asset: ETH, yen: 400_000n, per: 10n ** 18n },
      { asset: tokens[0].asset, yen: 150n, per: 1n },
      { asset: tokens[1].asset, yen: 100_000_000n, per: 1n },
    ],
  };
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-relayer-'));
  const relayer = openHere({ ...s, hot, cold });
  const relayerAt = { socket: join(folder, 'socket') };
  const server = await serveRoutes(relayerAt, relayerRoutes, relayer.relayer);
  return {
    s,
    liars,
    tokens,
    hot,
    cold,
    policy,
    made: parts,
    relayer,
    relayerAt,
    async mine(blocks = 1) {
      await s.anvil('anvil_mine', `0x${blocks.toString(16)}`);
    },
    async automine(on) {
      await s.anvil('evm_setAutomine', on);
    },
    async sends(calldata, to = hot.address, gas = 3_000_000n) {
      const { client: payer, payer: from } = s.chain;
      const sent = { account: from, to: to as Hex, data: calldata, gas };
      return (await payer.sendTransaction(sent)).slice(2);
    },
    height: async () => Number(await s.chain.client.getBlockNumber({ cacheTime: 0 })),
    number: async () => must(await client.safe(hot, 'latest')).nonce,
    async units(address, asset) {
      // A block may come between the node's two answers: then the one is not proven by the other.
      let read = await client.units(address as Address, asset, 'latest');
      for (let more = 0; more < 5 && read.kind === 'failed'; more += 1)
        read = await client.units(address as Address, asset, 'latest');
      return must(read) ?? -1n;
    },
    stolen({ asset = ETH, ...given }) {
      const keys = hot.cosigners.slice(0, 2).map(({ publicKey }) => publicKey);
      const planned = made(
        planPayment({ wallet: hot, network: 'devnet', keys, asset, recipient: thief, ...given }),
      );
      return { plan: planned.plan, calldata: signedWith(hot, planned) };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      relayer[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
      await liars[1][Symbol.asyncDispose]();
      await s[Symbol.asyncDispose]();
    },
  };
}

/** By the keys themselves, whatever records say. */
function signedWith(wallet: EthereumWallet, { plan, shares }: Planned): Hex {
  const signatures = new Map(
    shares.map(({ key, share }) => {
      const at = wallet.cosigners.findIndex(({ publicKey }) => publicKey === key);
      return [key, ownerNamed(`owner ${at + 1}`).sign(plan, share)] as const;
    }),
  );
  const combined = combine(wallet, plan, signatures);
  if (combined.kind === 'refused') throw new Error(combined.why);
  return `0x${combined.calldata}`;
}

export interface Paid {
  readonly planned: Planned;
  readonly calldata: Hex;
  /** The Safe's hash. */
  readonly id: string;
}

type Request = ReturnType<typeof requestFor>;

export interface Watch extends AsyncDisposable {
  readonly l: Lookout;
  readonly sees: () => WatchtowerStatus['chains'][number];
  /** Until both chains are seen to their ends, and every signer is open. */
  readonly seeing: () => Promise<void>;
  /** The whole way of a withdrawal, as custody goes it, but the last step. */
  readonly paid: (
    units: bigint,
    nonce: bigint,
    more?: { readonly asset?: Asset; readonly request?: Request },
  ) => Promise<Paid>;
  readonly request: (units: bigint, asset?: Asset) => Request;
  /** What the tower states it has. */
  readonly held: (wallet: string, asset?: Asset) => Promise<bigint>;
}

/** `from`: the height after which it looks. */
export async function watch(
  chain: Chain,
  from: number,
  options: Options & { readonly eye?: Partial<EthereumEyeParts> } = {},
): Promise<Watch> {
  const { hot, policy } = chain;
  const parts: EthereumEyeParts = {
    nodesOf: (ours) => chain.liars.map(({ endpoint }) => ethereumNode(endpoint, ours)),
    watchFrom: from,
    pollMs: 30,
    // The test's clock stands in January; blocks are of today.
    tipAgeSeconds: 10 * 366 * 86_400,
    owedSeconds: 90,
    lateSeconds: 180,
    safes: chain.made,
    relayers: [chain.relayerAt],
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
          keysOf(recordKeys[at] ?? keyNamed(''), chainKeys()[at] ?? spare, {
            chain: 'ethereum',
            network: 'devnet',
          }),
      })),
      eyes: [ethereumEye(parts)],
    },
  });
  const sees = () => {
    const found = l
      .tower()
      .status()
      .chains.find((one) => one.chain === 'ethereum');
    if (!found) throw new Error('it watches Ethereum');
    return found;
  };
  const request = (units: bigint, asset: Asset = ETH) =>
    requestFor({ to: alice, units, asset, feeCap: 0n, at: l.clock.ms });

  async function recorded(planned: Planned, by: string, asked: Request, asset: Asset): Promise<SignedEntry> {
    const where = l.sockets.get(by);
    const nonce = await call(where, signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error(JSON.stringify(nonce));
    const fact = await l.tower().fact({ wallet: hot.id, asset, nonces: [nonce.nonce], plans: [] });
    if (fact.kind !== 'fact') throw new Error(`${fact.why}: ${fact.detail}`);
    const key = hot.cosigners.find(({ signer }) => signer === by)?.publicKey;
    const answer = await call(where, signerRoutes.propose, {
      kind: 'payment',
      wallet: hot.id,
      intents: [partOf(asked, intentFor(asked, hot.id))],
      plan: planned.plan,
      share: planned.shares.find((one) => one.key === key)?.share ?? '',
      facts: [fact.fact],
    });
    if (answer.kind !== 'recorded') throw new Error(toldBy(answer));
    return answer.record;
  }

  return {
    l,
    sees,
    request,
    async seeing() {
      await l.seeing();
      await until(
        'the watchtower to see Ethereum',
        async () => {
          const height = await chain.height();
          const { blind, nodes } = sees();
          return blind === null && nodes.every((node) => node.height === height);
        },
        20_000,
      );
    },
    async paid(units, nonce, { asset = ETH, request: asked = request(units, asset) } = {}) {
      const keys = hot.cosigners.slice(0, 2).map(({ publicKey }) => publicKey);
      const planned = made(
        planPayment({ wallet: hot, network: 'devnet', nonce, keys, asset, recipient: alice, units }),
      );
      const signatures = new Map<string, string>();
      for (const id of payers) {
        const record = await recorded(planned, id, asked, asset);
        const word = await l.tower().countersign(record);
        if (word.kind !== 'countersigned') throw new Error(`${word.why}: ${word.detail}`);
        const released = await call(l.sockets.get(id), signerRoutes.release, {
          entry: entryHash(record.entry),
          countersignatures: [word.countersignature],
        });
        if (released.kind !== 'signed') throw new Error(toldBy(released));
        const key = hot.cosigners.find(({ signer }) => signer === id)?.publicKey ?? '';
        signatures.set(key, released.signature);
      }
      const combined = combine(hot, planned.plan, signatures);
      if (combined.kind === 'refused') throw new Error(combined.why);
      const read = readPlan(planned.plan);
      if (read.kind === 'refused') throw new Error(read.why);
      return { planned, calldata: `0x${combined.calldata}`, id: safeHash(read.bound) };
    },
    async held(wallet, asset = ETH) {
      const asked = { wallet, asset, nonces: ['0'.repeat(32)], plans: [], purpose: 'evacuation' as const };
      const fact = await l.tower().fact(asked);
      return fact.kind === 'fact' ? fact.fact.fact.balance.units : -1n;
    },
    [Symbol.asyncDispose]: () => l[Symbol.asyncDispose](),
  };
}

function toldBy(answer: { readonly detail: string; readonly why?: string }): string {
  return `${answer.why ?? ''} ${answer.detail}`;
}

export { until };
