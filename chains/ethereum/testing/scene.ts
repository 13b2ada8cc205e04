/** A scene: two Safes of ours, forwarders and tokens on a chain, whoever looks at it by a node, and somebody in front of that who may lie. */
import { ETH, type Asset, type EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, type Abi, type Hex } from 'viem';
import { made, owners } from '../codec/house.testing.ts';
import {
  combine,
  encodeSweep,
  forwarderOf,
  planPayment,
  safeHash,
  saltOf,
  sweepFactory,
  tokenAsset,
  type Address,
  type Flush,
  type PaymentPlan,
  type Planned,
} from '../codec/index.ts';
import {
  ethereumNode,
  openHoldings,
  openOurs,
  type EthereumNode,
  type Holdings,
  type Ours,
  type SeenBlock,
  type SeenTransaction,
} from '../node/index.ts';
import { liarBefore, type Liar } from '../../testing/liar.ts';
import type { Read } from '../../watched.ts';
import { startAnvil, type Anvil } from './anvil.ts';
import {
  boundOf,
  deployFactory,
  deploySafe,
  deploySafes,
  hex,
  ours as contract,
  signed,
  type Safes,
} from './house.ts';

export const tokenAbi = parseAbi([
  'function mint(address to, uint256 units)',
  'function balanceOf(address owner) view returns (uint256)',
  'function transfer(address to, uint256 units)',
  'function rebase(address owner, uint256 units)',
  'function forge(address from, address to, uint256 units)',
  'function pay(address to) payable',
  'function force(address to) payable',
  'function pass(address to, bytes data) payable',
  'function flush(address token)',
]);

/** For a function that is named elsewhere. */
const anyToken: Abi = tokenAbi;

export interface Token {
  readonly at: Hex;
  readonly asset: Asset;
}

export interface Scene extends AsyncDisposable {
  readonly chain: Anvil;
  readonly liar: Liar;
  readonly safes: Safes;
  readonly hot: EthereumWallet;
  readonly cold: EthereumWallet;
  /** Where anybody may have the forwarder of a customer of the hot Safe. */
  readonly place: (customer: string) => { readonly salt: string; readonly address: Hex };
  readonly token: (name: string) => Promise<Token>;
  /** Mined, as the payer's transaction. */
  readonly sends: (to: Hex, name: string, args: readonly unknown[], value?: bigint) => Promise<boolean>;
  readonly sweep: (...flushes: readonly Flush[]) => Promise<boolean>;
  /** As the node itself does what only test nodes do. */
  readonly anvil: (method: string, ...params: readonly unknown[]) => Promise<unknown>;
}

/** Final is what lies two epochs deep: of one block each. `born`: the spares that the Safes' guards let in, if not the usual one. */
export async function scene(born: { readonly spares?: readonly string[] } = {}): Promise<Scene> {
  const chain = await startAnvil(['--slots-in-an-epoch', '1']);
  const liar = await liarBefore({ endpoint: { url: chain.url } });
  const safes = await deploySafes(chain);
  const hot = await deploySafe(chain, safes, born);
  const cold = { ...(await deploySafe(chain, safes, born)), id: 'cold', role: 'cold' } as EthereumWallet;
  await deployFactory(chain);
  const sends: Scene['sends'] = async (to, functionName, args, value = 0n) => {
    const data = encodeFunctionData({ abi: anyToken, functionName, args });
    return (await chain.send(to, data, value)).ok;
  };
  return {
    chain,
    liar,
    safes,
    hot,
    cold,
    sends,
    place(customer) {
      const salt = saltOf('devnet', { exchange: 'kura', customer, number: 0 });
      return { salt, address: forwarderOf(hot.address as Address, salt) as string as Hex };
    },
    async token(name) {
      const at = await chain.deploy(contract(name));
      return { at, asset: tokenAsset(getAddress(at) as string as Address) };
    },
    async sweep(...flushes) {
      const data = hex(encodeSweep(hot.address as Address, flushes));
      return (await chain.send(getAddress(sweepFactory), data)).ok;
    },
    anvil: async (method, ...params) => {
      const response = await fetch(chain.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 0, method, params }),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
      if (error) throw new Error(`${method}: ${error.message}`);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await liar[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
    },
  };
}

/** One who looks: a client with what it knows, and what it has counted. */
export interface Looker {
  readonly ours: Ours;
  readonly client: EthereumNode;
  readonly holdings: Holdings;
  /** All blocks taken by the last look. */
  readonly look: () => Promise<readonly SeenBlock[]>;
  /** What they did with our wallets. */
  readonly seen: () => Promise<readonly SeenTransaction[]>;
}

export function lookerAt(
  url: string,
  { hot, cold }: Pick<Scene, 'hot' | 'cold'>,
  tokens: readonly Token[] = [],
  customers: readonly { readonly salt: string }[] = [],
  from = -1,
): Looker {
  const ours = openOurs(
    [hot, cold],
    'devnet',
    tokens.map(({ asset }) => asset),
  );
  for (const { salt } of customers) ours.know('hot', salt);
  const client = ethereumNode({ url }, ours);
  const holdings = openHoldings();
  const look = async (): Promise<readonly SeenBlock[]> => {
    const taken: SeenBlock[] = [];
    for (;;) {
      const blocks = must(await client.blocksAfter(holdings.tip()?.height ?? from));
      if (blocks.length === 0 && !holdings.tip()) break;
      // A chain that was rewritten may be as high as before.
      if (blocks.length === 0 && must(await client.at('latest')).hash === holdings.tip()?.hash) break;
      if (blocks.length === 0) stepBack();
      for (const block of blocks) {
        const took = holdings.take(block);
        if (took.kind === 'taken') {
          taken.push(block);
          continue;
        }
        if (took.kind === 'refused' && took.why === 'other-parent') stepBack();
        else throw new Error(`not taken: ${JSON.stringify(took)}`);
        break;
      }
    }
    holdings.finalize(must(await client.at('finalized')));
    return taken;
  };
  const stepBack = () => {
    if (!holdings.undo()) throw new Error('rewritten deeper than blocks are kept, or below what is final');
  };
  return {
    ours,
    client,
    holdings,
    look,
    seen: async () => (await look()).flatMap(({ transactions }) => transactions),
  };
}

export function must<T>(read: Read<T>): T {
  if (read.kind === 'failed') throw new Error(read.detail);
  return read.value;
}

/** A payment of a Safe's, planned and signed by its first two owners. */
export interface Payment {
  readonly planned: Planned;
  readonly calldata: Hex;
  /** The Safe's hash. */
  readonly hash: string;
}

export function payment(
  wallet: EthereumWallet,
  given: Pick<PaymentPlan, 'recipient' | 'units' | 'nonce'> & { readonly asset?: Asset },
): Payment {
  const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);
  return executionOf(wallet, made(planPayment({ wallet, network: 'devnet', keys, asset: ETH, ...given })));
}

export function executionOf(wallet: EthereumWallet, planned: Planned): Payment {
  const combined = combine(wallet, planned.plan, signed(planned));
  if (combined.kind === 'refused') throw new Error(combined.why);
  return { planned, calldata: hex(combined.calldata), hash: hashOf(planned) };
}

function hashOf(planned: Planned): string {
  return safeHash(boundOf(planned));
}
