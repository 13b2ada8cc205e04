/** Coins: what of our wallets is in booked blocks, and what plans spend of it. Moves with the cursor, in its transaction. */
import { outpointText, type Coin } from '@kuramori/chains/bitcoin/codec';
import { broughtBy, matures, type Ours, type SeenBlock } from '@kuramori/chains/bitcoin/node';
import { row, rows, type Client } from '@kuramori/ledger';
import { Units, type ChainName } from '@kuramori/core';
import { z } from 'zod';

/** What blocks bring and take, in their order. */
export async function keepCoins(
  client: Client,
  chain: ChainName,
  ours: Ours,
  blocks: readonly SeenBlock[],
): Promise<void> {
  for (const { height, transactions } of blocks) {
    for (const seen of transactions) {
      const spent = seen.takes.flatMap(({ inputs }) =>
        inputs.flatMap((at) => {
          const input = seen.transaction.inputs[at];
          return input ? outpointText(input) : [];
        }),
      );
      if (spent.length > 0)
        await client.query(
          'update custody.coin set spent_by = $3, spent_height = $4 where chain = $1 and outpoint = any($2)',
          [chain, spent, seen.id, height],
        );
      const brought = broughtBy(seen, height);
      if (brought.length === 0) continue;
      await client.query(
        `insert into custody.coin (chain, outpoint, wallet, branch, index, units, height, matures)
           select $1, outpoint, wallet, branch, index, units, $2, $3
             from unnest($4::text[], $5::text[], $6::int[], $7::int[], $8::numeric[])
               c (outpoint, wallet, branch, index, units)`,
        [
          chain,
          height,
          matures[seen.origin],
          brought.map(outpointText),
          brought.map(({ wallet }) => wallet),
          brought.map(({ branch }) => branch),
          brought.map(({ index }) => index),
          brought.map(({ units }) => units.toString()),
        ],
      );
      await client.query(
        'insert into custody.brought (chain, transaction, bytes) values ($1, $2, $3) on conflict do nothing',
        [chain, seen.id, ours.previous(seen.id) ?? seen.hex],
      );
    }
  }
}

/** Blocks above the height are gone. */
export async function takeCoinsBack(client: Client, chain: ChainName, height: number): Promise<void> {
  await client.query('delete from custody.coin where chain = $1 and height > $2', [chain, height]);
  await client.query(
    'update custody.coin set spent_by = null, spent_height = null where chain = $1 and spent_height > $2',
    [chain, height],
  );
}

const Found = z.object({
  outpoint: z.string(),
  units: Units,
  branch: z.literal([0, 1]),
  index: z.int(),
});

/**
 * What no block has spent and no plan spends, but the plan `beside`, and is ripe at this height. Whatever is booked is deep enough.
 */
export async function freeCoins(
  client: Client,
  {
    chain,
    wallet,
    tip,
    beside,
  }: Readonly<{ chain: ChainName; wallet: string; tip: number; beside?: string | undefined }>,
): Promise<readonly Coin[]> {
  const found = await rows(
    client,
    Found,
    `select outpoint, units::text, branch, index from custody.coin c
       where wallet = $2 and spent_by is null
         and $3 - height + 1 >= matures
         and not exists (
           select from custody.reservation r
             where r.chain = $1 and r.outpoint = c.outpoint and r.digest is distinct from $4)
       order by outpoint`,
    [chain, wallet, tip, beside ?? null],
  );
  return found.map(({ outpoint, ...coin }) => ({ ...coin, ...outpointOf(outpoint) }));
}

/** The first index of change that no booked coin has. */
export async function nextChange(client: Client, wallet: string): Promise<number> {
  const { index } = await row(
    client,
    z.object({ index: z.int() }),
    'select coalesce(max(index), -1) + 1 as index from custody.coin where wallet = $1 and branch = 1',
    [wallet],
  );
  return index;
}

/** The whole transactions that brought these coins, each once. Throws where one is not kept. */
export async function broughtIn(
  client: Client,
  chain: ChainName,
  outpoints: readonly string[],
): Promise<readonly string[]> {
  const ids = [...new Set(outpoints.map((outpoint) => outpointOf(outpoint).txid))];
  const found = await rows(
    client,
    z.object({ bytes: z.string() }),
    'select bytes from custody.brought where chain = $1 and transaction = any($2) order by transaction',
    [chain, ids],
  );
  return found.map(({ bytes }) => bytes);
}

/** Whether a booked block spends one of these coins by another transaction than this. */
export async function spentOtherwise(
  client: Client,
  chain: ChainName,
  outpoints: readonly string[],
  transaction: string,
): Promise<boolean> {
  const found = await client.query(
    'select from custody.coin where chain = $1 and outpoint = any($2) and spent_by <> $3 limit 1',
    [chain, outpoints, transaction],
  );
  return found.rowCount === 1;
}

function outpointOf(text: string): { readonly txid: string; readonly vout: number } {
  const [txid = '', vout = ''] = text.split(':');
  return { txid, vout: Number(vout) };
}
