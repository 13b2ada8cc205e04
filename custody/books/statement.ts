/** Statement: the ledger's totals at the cursor's block, read at one moment and signed by the books' own key. */
import { randomBytes } from 'node:crypto';
import {
  signStatement,
  type Asset,
  type AssetTotals,
  type Holding,
  type Plain,
  type SignedCode,
  type SignedTotals,
  type SigningKey,
  type Totals,
} from '@kuramori/core';
import type { CodeWatch } from '@kuramori/program';
import { bookTotals, inTransaction, type BookTotals, type Client } from '@kuramori/ledger';
import { readCursor } from '../chain/cursor.ts';
import type { House } from '../house.ts';
import { apartFrom, type Apart } from './apart.ts';

export interface Statements {
  /** Null before the first block is booked. */
  readonly state: (house: House) => Promise<SignedTotals | null>;
  /** This process's word for its own code; null before that is measured. */
  readonly code: (house: House) => SignedCode | null;
}

/** One at a time, however many ask: each reads every account. */
export function openStatements(key: SigningKey, watched: Pick<CodeWatch, 'state'> | null): Statements {
  const session = randomBytes(16).toString('hex');
  let making: Promise<SignedTotals | null> | undefined;
  async function make(house: House): Promise<SignedTotals | null> {
    const totals = await readTotals(house);
    return totals && { totals, signature: signStatement(key, 'books-totals', totals) };
  }
  return {
    state(house) {
      making ??= make(house).finally(() => (making = undefined));
      return making;
    },
    code({ policy, exchange, clock }) {
      const code = watched?.state() ?? null;
      if (code === null) return null;
      const statement = { network: policy.network, exchange: exchange.id, session, at: clock.now(), code };
      return { statement, signature: signStatement(key, 'custody-code', statement as unknown as Plain) };
    },
  };
}

export async function readTotals(house: House): Promise<Totals | null> {
  return inTransaction(house.pool, async (client) => {
    // Cursor, sums and what is open between them are of one moment; postings go on meanwhile.
    await client.query('set transaction isolation level repeatable read, read only');
    const at = house.clock.now();
    const blocks = await blocksOf(house, client);
    if (blocks.length === 0) return null;
    return {
      network: house.policy.network,
      exchange: house.exchange.id,
      at,
      ...(await totalsOf(house, client)),
      blocks,
    };
  });
}

/** The newest booked block of each chain of which one is booked, in the chains' order. */
async function blocksOf({ branches }: House, client: Client): Promise<Totals['blocks']> {
  const blocks: Totals['blocks'] = [];
  for (const { hot } of branches.toSorted((one, other) => (one.hot.chain < other.hot.chain ? -1 : 1))) {
    const { height, hash } = await readCursor(client, hot.chain);
    if (hash !== null) blocks.push({ chain: hot.chain, height, hash });
  }
  return blocks;
}

async function totalsOf(house: House, client: Client): Promise<Pick<Totals, 'sequence' | 'assets'>> {
  const { sequence, assets } = await bookTotals(client);
  const apart = await apartFrom(house, client);
  return { sequence, assets: assets.map((one) => assetTotals(house, one, apart)) };
}

function assetTotals(
  house: House,
  { holdings, ...sums }: BookTotals['assets'][number],
  apart: readonly Apart[],
): AssetTotals {
  const { asset } = sums;
  const kindOf = (wallet: string) => house.policy.wallets.find(({ id }) => id === wallet)?.role ?? 'hot';
  const booked = holdings.map(({ wallet, kind, units }): Holding => {
    const open = kind === kindOf(wallet) ? apartOf(apart, wallet, asset) : undefined;
    return { wallet, kind, units, leaving: [...(open?.leaving ?? [])], unsettled: open?.unsettled ?? 0n };
  });
  // A wallet of which nothing is booked any more, or yet.
  const bare = apart
    .filter((one) => one.asset === asset)
    .filter(({ wallet }) => !booked.some((other) => other.wallet === wallet && other.kind === kindOf(wallet)))
    .map(({ wallet, leaving, unsettled }): Holding => {
      return { wallet, kind: kindOf(wallet), units: 0n, leaving: [...leaving], unsettled };
    });
  return { ...sums, holdings: [...booked, ...bare] };
}

function apartOf(apart: readonly Apart[], wallet: string, asset: Asset): Apart | undefined {
  return apart.find((one) => one.wallet === wallet && one.asset === asset);
}
