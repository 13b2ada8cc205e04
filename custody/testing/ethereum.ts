/** A house on Ethereum: a real node, and somebody in front of it who may lie; Safes, forwarders and tokens on it; a relayer; and whatever else a custody has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Where } from '@kuramori/chains/http';
import { relayerOf, type Address } from '@kuramori/chains/ethereum/codec';
import { ethereumNode, openOurs, partsOf, type SafeParts } from '@kuramori/chains/ethereum/node';
import {
  ETH,
  relayerRoutes,
  type Asset,
  type EthereumWallet,
  type Policy,
  generateSigningKey,
} from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { ownerNamed, owners, secretNamed } from '../../chains/ethereum/codec/house.testing.ts';
import { deploySafe } from '../../chains/ethereum/testing/house.ts';
import { must, scene, type Scene, type Token } from '../../chains/ethereum/testing/scene.ts';
import { openJournal } from '../../relayer/journal.ts';
import { openPanel } from '../../relayer/panel.ts';
import { openRelayer, type Relayer } from '../../relayer/relayer.ts';
import { ethereumEye } from '../../watchtower/chains/ethereum.ts';
import type { Tower } from '../../watchtower/tower.ts';
import type { Counter } from '../branch.ts';
import { anyChain } from '../chains/chain.ts';
import { ethereumChain } from '../chains/ethereum/chain.ts';
import { round, type ScanState } from '../chain/scan.ts';
import { openRoom } from '../withdrawals/room.ts';
import { testHouse, type Options, type TestHouse } from './house.ts';
import { openRooms, until } from './rooms.ts';

export const ether = (text: number): bigint => BigInt(Math.round(text * 1_000_000)) * 10n ** 12n;
const gwei = 10n ** 9n;
/** The third co-signer's own, where there is one. */
const third = generateSigningKey();

export type Hex = `0x${string}`;

/** Without signers and watchtower: what comes in is all the same. */
export interface EthereumGround extends AsyncDisposable {
  readonly t: TestHouse;
  readonly scene: Scene;
  readonly hot: EthereumWallet;
  readonly cold: EthereumWallet;
  readonly relayer: Relayer;
  readonly relayerAccount: Address;
  readonly relayerAt: Where;
  /** The relayer answers nobody, until what is given back is called. */
  readonly hush: () => Promise<() => Promise<void>>;
  /** ERC-20s that the policy lists: as the standard says, and one that keeps a hundredth. */
  readonly tokens: readonly Token[];
  /** Blocks, until the newest that was there before is final. */
  readonly finalize: () => Promise<void>;
  readonly scan: () => Promise<ScanState>;
  readonly coins: (address: string) => Promise<bigint>;
  readonly units: (token: Token, address: string) => Promise<bigint>;
}

export interface Ethereum extends EthereumGround {
  readonly tower: Tower;
  /** Waits until the watchtower has seen what the nodes have. */
  readonly watched: () => Promise<void>;
  /** A signer answers nobody any more. */
  readonly silence: (id: string) => Promise<void>;
  /** What is wrong with the books by the watchtower, once it has held a new statement against the chain. */
  readonly compared: () => Promise<readonly string[]>;
}

type Given = Pick<Options, 'rules' | 'policy' | 'treasury' | 'house'> & {
  /** Names of contracts; the usual token is PlainToken. */
  readonly tokens?: readonly string[];
  /** Whether the third owner is online as well, as signer-3. */
  readonly third?: boolean;
  /** Another relayer is asked first, whose account has no coins. */
  readonly poor?: boolean;
};

const balanceOf = [
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ type: 'address' }],
    outputs: [{ type: 'uint256' }],
  },
] as const;

export async function openEthereumGround(
  given: Given & Pick<Options, 'signers' | 'wholeTower'> = {},
): Promise<EthereumGround> {
  const s = await scene({ spares: [] });
  const tokens: Token[] = [];
  for (const name of given.tokens ?? ['PlainToken']) tokens.push(await s.token(name));
  const online = (wallet: EthereumWallet, id: string): EthereumWallet => ({
    ...wallet,
    id,
    cosigners: wallet.cosigners.map((one, at) => ({
      ...one,
      signer: at < 2 || given.third === true ? `signer-${at + 1}` : null,
    })),
    evacuateTo: 'cold-eth',
  });
  const hot = online(s.hot, 'hot-eth');
  const deep = await deploySafe(s.chain, s.safes, {
    keys: ['d1', 'd2', 'd3'].map(ownerNamed),
    spares: [],
  });
  const cold: EthereumWallet = {
    ...deep,
    id: 'cold-eth',
    role: 'cold',
    cosigners: deep.cosigners.map((one) => ({ ...one, signer: null })),
    evacuateTo: null,
  };
  const secret = secretNamed('relayer');
  const account = relayerOf(secret);
  await s.chain.send(account as string as Hex, '0x', ether(10));
  const urls = [s.chain.url, s.liar.endpoint.url];
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-relayer-'));
  const journal = openJournal(join(folder, 'journal.jsonl'));
  const relayer = openRelayer(
    {
      network: 'devnet',
      wallets: [hot, cold],
      secret,
      account,
      journal,
      panel: openPanel([ethereumNode({ url: s.chain.url }, openOurs([hot, cold], 'devnet'))]),
      caps: {
        gasLimit: 400_000n,
        maxFeePerGas: 100n * gwei,
        maxPriorityFeePerGas: 3n * gwei,
        perDay: ether(5),
        sweepsPerDay: ether(2),
      },
      clock: { now: Date.now },
    },
    gwei,
    90_000,
  );
  const at = { socket: join(folder, 'socket') };
  const serve = () =>
    serveRoutes(at, relayerRoutes, {
      relay: relayer.relay,
      sweep: relayer.sweep,
      fate: relayer.fate,
      status: relayer.status,
    });
  let served = await serve();
  const poor = given.poor === true ? await openPoor([hot, cold], s.chain.url, folder) : null;
  const looking = setInterval(() => void relayer.round(), 100);
  const assets: readonly Asset[] = [ETH, ...tokens.map(({ asset }) => asset)];
  const scanFrom = Number(await s.chain.client.getBlockNumber());
  const counter = (policy: Policy): Counter => {
    const wallets = policy.wallets.filter((wallet) => wallet.chain === 'ethereum');
    const ours = openOurs(wallets, policy.network, assets.slice(1));
    return {
      hot,
      chain: anyChain(
        ethereumChain({
          nodes: urls.map((url) => ethereumNode({ url }, ours)),
          hot,
          ours,
          relayers: [...(poor ? [{ name: 'relayer 0', at: poor.at }] : []), { name: 'relayer 1', at }],
          least: new Map(assets.map((asset) => [asset, asset === ETH ? ether(0.01) : 1_000n])),
        }),
      ),
      confirmations: 1,
      scanFrom,
      minimumDeposit: ether(0.001),
      room: openRoom(),
    };
  };
  const t = await testHouse({
    ...given,
    // The nodes' clocks are the machine's.
    clock: {
      get ms() {
        return Date.now();
      },
      set ms(_: number) {
        throw new Error('the nodes’ clocks cannot be set');
      },
    },
    policy: (usual) => {
      const onEthereum: Policy = {
        ...usual,
        wallets: [hot, cold],
        signers: [
          ...usual.signers,
          ...(given.third === true ? [{ id: 'signer-3', recordKey: third.publicKey }] : []),
        ],
        rules: usual.rules.flatMap((rule) =>
          assets.map((asset) => ({
            ...rule,
            wallet: 'hot-eth',
            asset,
            perPayment: ether(50),
            rolling: { hours: 24, units: ether(200) },
            firstSeen: { hours: 24, shareBps: 10_000 },
            feeCap: 0n,
          })),
        ),
      };
      return given.policy?.(onEthereum) ?? onEthereum;
    },
    counters: (policy) => [counter(policy)],
  });
  return {
    t,
    scene: s,
    hot,
    cold,
    relayer,
    relayerAccount: account,
    relayerAt: at,
    async hush() {
      await served.close();
      return async () => {
        served = await serve();
      };
    },
    tokens,
    // Two epochs of one block each.
    finalize: async () => void (await s.anvil('anvil_mine', '0x3')),
    scan: () => round(t.house),
    coins: (address) => s.chain.client.getBalance({ address: address as Hex }),
    units: (token, address) =>
      s.chain.client.readContract({
        address: token.at,
        abi: balanceOf,
        functionName: 'balanceOf',
        args: [address as Hex],
      }),
    async [Symbol.asyncDispose]() {
      clearInterval(looking);
      await served.close();
      await poor?.[Symbol.asyncDispose]();
      journal[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
      await s[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A relayer that can pay for nothing. */
async function openPoor(wallets: readonly [EthereumWallet, EthereumWallet], url: string, folder: string) {
  const secret = secretNamed('poor relayer');
  const journal = openJournal(join(folder, 'poor.jsonl'));
  const fee = 100n * gwei;
  const caps = { gasLimit: 400_000n, maxFeePerGas: fee, maxPriorityFeePerGas: 3n * gwei };
  const relayer = openRelayer(
    {
      network: 'devnet',
      wallets,
      secret,
      account: relayerOf(secret),
      journal,
      panel: openPanel([ethereumNode({ url }, openOurs(wallets, 'devnet'))]),
      caps: { ...caps, perDay: ether(5), sweepsPerDay: ether(2) },
      clock: { now: Date.now },
    },
    gwei,
    90_000,
  );
  const { relay, sweep, fate, status } = relayer;
  const at = { socket: join(folder, 'poor') };
  const served = await serveRoutes(at, relayerRoutes, { relay, sweep, fate, status });
  return {
    at,
    async [Symbol.asyncDispose]() {
      await served.close();
      journal[Symbol.dispose]();
    },
  };
}

export async function openEthereum(given: Given = {}): Promise<Ethereum> {
  const ground = await openEthereumGround({ ...given, signers: true, wholeTower: true });
  const { t, scene: s } = ground;
  const eye = ethereumEye({
    nodesOf: (ours) => [s.chain.url, s.liar.endpoint.url].map((url) => ethereumNode({ url }, ours)),
    watchFrom: t.house.scanFrom,
    pollMs: 30,
    tipAgeSeconds: 86_400,
    owedSeconds: 90,
    lateSeconds: 180,
    safes: Object.fromEntries(
      await Promise.all(
        [ground.hot, ground.cold].map(async (wallet) => [wallet.address, await madeAs(s.chain.url, wallet)]),
      ),
    ),
    relayers: [ground.relayerAt],
  });
  const on = { chain: 'ethereum', network: 'devnet' } as const;
  const rooms = await openRooms(t, { keys: owners, records: [...t.records, third], on, eyes: [eye] });
  const watched = async () => {
    // The relayer sends again what a rewritten chain has lost, and there is one block more.
    let height = 0;
    const sees = () => rooms.tower.status().chains[0];
    const enough = (sees()?.rounds ?? 0) + 2;
    await until(
      () => `the watchtower to see block ${height}: ${JSON.stringify(sees())}`,
      async () => {
        height = Number(await s.chain.client.getBlockNumber({ cacheTime: 0 }));
        const now = sees();
        return (
          now?.blind === null && now.rounds >= enough && now.nodes.every((node) => node.height === height)
        );
      },
      20_000,
    );
  };
  await rooms.open();
  await watched();
  await t.house.journals.read(t.house);
  return {
    ...ground,
    tower: rooms.tower,
    watched,
    silence: rooms.silence,
    async compared() {
      const books = () => rooms.tower.status().books;
      const before = books().chains[0]?.compared ?? 0;
      // Block by block, since each is sampled while it is the newest.
      for (let blocks = 0; blocks < 12; blocks += 1) {
        await s.anvil('anvil_mine', '0x1');
        await watched();
        await round(t.house);
        const signed = await t.house.statements.state(t.house);
        if (signed) rooms.tower.totals(signed);
        if ((books().chains[0]?.compared ?? 0) > before + 3) return books().findings;
      }
      throw new Error(`not compared: ${JSON.stringify(books())}`);
    },
    async [Symbol.asyncDispose]() {
      await rooms[Symbol.asyncDispose]();
      await ground[Symbol.asyncDispose]();
    },
  };
}

/** What of a Safe nobody changes, as it stands. */
async function madeAs(url: string, wallet: EthereumWallet): Promise<SafeParts> {
  return partsOf(must(await ethereumNode({ url }, openOurs([wallet], 'devnet')).safe(wallet, 'latest')));
}
