/**
 * Branch: the house at one of its hot wallets: the chain, how deep a block must be there, and what may still leave. A chain has
 * one: what is read of its blocks is decided in one place. A wallet whose place another took is a retired branch: nobody is sent
 * there, what is under way leaves, and what is left follows (treasury/follow.ts).
 */
import {
  coinOn,
  depositWallet,
  heirOf,
  successorOf,
  type Asset,
  type ChainName,
  type Policy,
  type Wallet,
} from '@kuramori/core';
import { LedgerError } from '@kuramori/ledger';
import { Misconfigured } from '@kuramori/program';
import type { Chain } from './chains/chain.ts';
import type { House } from './house.ts';
import { everOnline } from './withdrawals/acting.ts';
import type { Room } from './withdrawals/room.ts';

/** What of a branch is not the whole house's. */
export interface Counter {
  /** The wallet that deposits come to and withdrawals leave from. */
  readonly hot: Wallet;
  readonly chain: Chain;
  /** How many blocks, its own included, a transaction needs before it is booked. */
  readonly confirmations: number;
  /** Blocks after this height are read when a database begins. */
  readonly scanFrom: number;
  /** Smallest units of the chain's coin; less is dust, and nobody's. */
  readonly minimumDeposit: bigint;
  /** What the policy's rolling limits still let leave. */
  readonly room: Room;
}

export interface Branch extends House, Counter {
  /** In which the chain takes its fees. */
  readonly coin: Asset;
  /** What it keeps books on: what the policy lets be paid out of it. */
  readonly assets: readonly Asset[];
}

/** The house with these branches; each of them is the whole house as well. */
export function openHouse(shared: Omit<House, 'branches' | 'retired'>, counters: readonly Counter[]): House {
  const [branches, retired]: [Branch[], Branch[]] = [[], []];
  const house: House = { ...shared, branches, retired };
  for (const counter of counters) {
    const { id, chain } = counter.hot;
    const assets = shared.policy.rules.flatMap(({ wallet, asset }) => (wallet === id ? asset : []));
    const among = successorOf(counter.hot) === undefined ? branches : retired;
    among.push({ ...house, ...counter, coin: coinOn(chain), assets });
  }
  return house;
}

/** Every branch out of which a payment may be under way. */
export function everyBranch({ branches, retired }: Pick<House, 'branches' | 'retired'>): readonly Branch[] {
  return [...branches, ...retired];
}

/** What anybody may send us and nobody listed is seen, kept in view, and not in the books. */
export function keepsBooks({ assets }: Pick<Branch, 'assets'>, asset: string): boolean {
  return assets.some((one) => one === asset);
}

/** The branch of a hot wallet. Throws where the house has none: a wallet that was ever one stays in policy and configuration. */
export function branchOf(house: Pick<House, 'branches' | 'retired'>, wallet: string): Branch {
  const found = everyBranch(house).find(({ hot }) => hot.id === wallet);
  if (!found) throw new LedgerError(`no branch of this house pays out of ${wallet}: put its chain back`);
  return found;
}

/** Where deposits of an asset come to and its withdrawals leave from; undefined where nobody holds it. */
export function branchFor({ branches, policy }: Pick<House, 'branches' | 'policy'>, asset: Asset) {
  const wallet = depositWallet(policy, asset);
  return wallet && branches.find(({ hot }) => hot.id === wallet.id);
}

/** The wallets of the branch's chain, hot and cold. */
export function walletsOf({ policy, hot }: Pick<Branch, 'policy' | 'hot'>): readonly Wallet[] {
  return policy.wallets.filter(({ chain }) => chain === hot.chain);
}

/** The hot wallet of each chain that the policy has payments for, and those that it took the place of. Throws a Misconfigured that names the field. */
export function hotWallets(
  policy: Policy,
  { signers }: Pick<House, 'signers'>,
  configured: readonly string[],
): ReadonlyMap<ChainName, Wallet> {
  const found = new Map<ChainName, Wallet>();
  for (const [index, { asset }] of policy.rules.entries()) {
    const wallet = depositWallet(policy, asset);
    if (!wallet) continue;
    const other = found.get(wallet.chain);
    if (other && other.id !== wallet.id)
      throw wrong(
        `policy: rules.${index}`,
        `${asset} is paid out of ${wallet.id}, and ${other.id} is on ${wallet.chain}, too: this custody has one hot wallet a chain`,
      );
    found.set(wallet.chain, wallet);
  }
  if (found.size === 0) throw wrong('policy', 'has no hot wallet that a rule is about');
  for (const [chain, { id }] of found)
    if (!configured.includes(chain))
      throw wrong(`chains.${chain}`, `is missing: the policy pays out of ${id}, which is there`);
  for (const wallet of [...found.values()].flatMap((hot) => [hot, ...retiredFor(policy, hot)]))
    for (const { signer } of everOnline(wallet))
      if (!signers.has(signer))
        throw wrong(
          'signers',
          `does not say where ${signer} listens, who holds a key of ${wallet.id}, or a spare`,
        );
  for (const chain of configured)
    if (!found.has(chain as ChainName))
      throw wrong(`chains.${chain}`, 'the policy pays out of no wallet there: take it out');
  return found;
}

/** The wallets whose place this one has taken. */
export function retiredFor<W extends Wallet>(policy: Policy, hot: W): readonly W[] {
  return policy.wallets.filter(
    (wallet): wallet is W =>
      wallet !== hot && wallet.chain === hot.chain && heirOf(policy, wallet).id === hot.id,
  );
}

function wrong(field: string, why: string): Misconfigured {
  return new Misconfigured(`${field}: ${why}`);
}
