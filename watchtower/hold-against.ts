/** Holds a statement of the books against itself and against the chain. Whatever it explains must be seen here as well. */
import {
  coinOn,
  type Asset,
  type AssetTotals,
  type ChainName,
  type Holding,
  type IncidentEvent,
  type Leaving,
  type Policy,
  type Totals,
} from '@kuramori/core';
import type { Sample } from './sample.ts';

export interface Finding {
  /** One is told once for each `once`. */
  readonly key: string;
  readonly once: string;
  readonly event: IncidentEvent;
  readonly fields: { readonly [name: string]: unknown };
}

/** One chain's, at the block that a statement names of it. */
export interface Eyes {
  readonly policy: Policy;
  readonly chain: ChainName;
  /** What of an asset left a wallet by a transaction in the blocks that a statement may explain itself by; undefined where none did. */
  readonly paid: (wallet: string, asset: Asset, transaction: string, height: number) => bigint | undefined;
  /** Whether a rewrite may still be what it is explained by: false where that was said for too many blocks. */
  readonly lasts: (holding: string, unsettled: bigint, height: number) => boolean;
}

/** A holding as far as it can be followed here. */
interface Followed {
  readonly wallet: string;
  /** What the chain must show of it. */
  readonly expected: bigint;
  /** What claims can be held against. */
  readonly sure: bigint;
  /** Payments that it names and nobody made. */
  readonly denied: readonly string[];
}

/** Of which no statement says anything. */
const none: Omit<AssetTotals, 'asset'> = { claims: 0n, due: 0n, own: 0n, holdings: [] };

/** A block of a chain, as a statement names it. */
export type Stated = Totals['blocks'][number];

/** Whether the chain of an asset is this one: `litecoin:ltc` is of litecoin. */
function isOn(chain: ChainName, asset: Asset): boolean {
  return asset.startsWith(`${chain}:`);
}

/**
 * What a statement says of one chain's assets, at the block that it names of that chain. `chain`: null where this block was not
 * sampled, and so nothing is known about it. `untold`: tokens that did not tell what wallets have.
 */
export function holdAgainst(
  eyes: Eyes,
  { assets }: Pick<Totals, 'assets'>,
  block: Stated,
  sample: Sample | undefined,
): {
  readonly sums: readonly Finding[];
  readonly chain: readonly Finding[] | null;
  readonly untold: readonly Asset[];
} {
  const coin = coinOn(eyes.chain);
  // Whoever leaves one out has not hidden it.
  const listed = eyes.policy.rules.flatMap(({ asset }) => (isOn(eyes.chain, asset) ? asset : []));
  const stated = new Map<Asset, Omit<AssetTotals, 'asset'>>([coin, ...listed].map((asset) => [asset, none]));
  for (const { asset, ...sums } of assets) if (isOn(eyes.chain, asset)) stated.set(asset, sums);
  const sums: Finding[] = [];
  const chain: Finding[] = [];
  const untold: Asset[] = [];
  for (const [asset, of] of stated) {
    const followed = of.holdings
      .filter(({ kind }) => kind !== 'in-transit')
      .map((one) => follow(eyes, asset, one, block.height));
    sums.push(...outOfBalance(asset, of), ...short(asset, of, followed));
    if (!sample) continue;
    const balances = asset === coin ? sample.balances : sample.tokens?.get(asset);
    if (balances) chain.push(...apart(eyes, asset, block, followed, balances));
    else untold.push(asset);
  }
  return { sums, chain: sample ? chain : null, untold };
}

/** What books say of coins on chains that nobody here watches: they are on no chain that anybody could look at. */
export function holdUnwatched({ assets }: Pick<Totals, 'assets'>, watched: readonly ChainName[]): Finding[] {
  return assets
    .filter(({ asset }) => !watched.some((chain) => isOn(chain, asset)))
    .flatMap(({ asset, ...of }) => {
      const units = of.holdings.reduce((sum, one) => sum + one.units, 0n);
      const fields = { asset, wallets: of.holdings.slice(0, 8).map(({ wallet }) => wallet), units };
      return [
        ...outOfBalance(asset, of),
        ...short(asset, of, []),
        ...(units === 0n
          ? []
          : [finding(`unnamed ${asset}`, `${units}`, 'books hold coins in no wallet', fields)]),
      ];
    });
}

function follow({ paid, lasts }: Eyes, asset: Asset, holding: Holding, height: number): Followed {
  const { wallet, kind, units, unsettled } = holding;
  const sum = (all: readonly Leaving[]) => all.reduce((total, one) => total + one.units, 0n);
  const denied = holding.leaving.filter((one) => paid(wallet, asset, one.transaction, height) !== one.units);
  const believed = lasts(`${kind} ${wallet}`, unsettled, height) ? unsettled : 0n;
  return {
    wallet,
    expected: units - believed - (sum(holding.leaving) - sum(denied)),
    sure: units - (unsettled > 0n ? unsettled : 0n) - sum(denied),
    denied: denied.map(({ transaction }) => transaction),
  };
}

/** Double entry: whoever changed one balance past the postings changed one side. */
function outOfBalance(asset: Asset, { claims, due, own, holdings }: Omit<AssetTotals, 'asset'>): Finding[] {
  const held = holdings.reduce((sum, { units }) => sum + units, 0n);
  const difference = held + due - claims - own;
  if (difference === 0n) return [];
  return [
    finding(`balance ${asset}`, `${difference}`, 'books do not balance', {
      asset,
      holdings: held,
      due,
      claims,
      own,
      difference,
    }),
  ];
}

/**
 * Customers are owed more than is there. What is in transit, or in blocks that are gone, is on no chain and counts for
 * nothing; what is leaving is still among the claims that it pays.
 */
function short(
  asset: Asset,
  { claims }: Omit<AssetTotals, 'asset'>,
  followed: readonly Followed[],
): Finding[] {
  const held = followed.reduce((sum, { sure }) => sum + sure, 0n);
  if (claims <= held) return [];
  return [
    finding(`claims ${asset}`, `${claims - held}`, 'claims above holdings', {
      asset,
      claims,
      held,
      short: claims - held,
    }),
  ];
}

function apart(
  { policy, chain: of }: Pick<Eyes, 'policy' | 'chain'>,
  asset: Asset,
  { height, hash }: Stated,
  followed: readonly Followed[],
  balances: ReadonlyMap<string, bigint>,
): Finding[] {
  const wallets = policy.wallets.filter((wallet) => wallet.chain === of);
  const found = wallets.flatMap(({ id }) => {
    const ours = followed.filter(({ wallet }) => wallet === id);
    const books = ours.reduce((sum, { expected }) => sum + expected, 0n);
    const chain = balances.get(id) ?? 0n;
    const difference = books - chain;
    if (difference === 0n) return [];
    const denied = ours.flatMap((one) => one.denied).slice(0, 8);
    return finding(`apart ${asset} ${id}`, `${difference}`, 'books and chain apart', {
      wallet: id,
      asset,
      height,
      block: hash,
      books,
      chain,
      difference,
      ...(denied.length > 0 ? { paymentsThatNobodyMade: denied } : {}),
    });
  });
  // Coins that nobody watches are on no chain that anybody could look at.
  const unnamed = followed.filter(
    ({ wallet, expected }) => expected !== 0n && !wallets.some(({ id }) => id === wallet),
  );
  if (unnamed.length === 0) return found;
  const fields = {
    asset,
    wallets: unnamed.slice(0, 8).map(({ wallet }) => wallet),
    units: unnamed.reduce((sum, { expected }) => sum + expected, 0n),
  };
  return [...found, finding(`unnamed ${asset}`, `${fields.units}`, 'books hold coins in no wallet', fields)];
}

function finding(key: string, once: string, event: IncidentEvent, fields: Finding['fields']): Finding {
  return { key, once, event, fields };
}
