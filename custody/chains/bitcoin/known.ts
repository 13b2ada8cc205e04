/** Known: what this process must know of our wallets to read blocks: every address that was shown, and every coin that is there. */
import type { Ours } from '@kuramori/chains/bitcoin/node';
import { row, rows } from '@kuramori/ledger';
import { z } from 'zod';
import { walletsOf, type Branch } from '../../branch.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Highest = z.object({ number: integer.nullable() });
const Used = z.object({ wallet: z.string(), branch: z.literal([0, 1]), index: integer });

/** What other processes on this database, or this one before it was started again, have shown and booked. */
export async function catchUp({ pool, hot, ...branch }: Branch, ours: Ours, fresh: boolean): Promise<void> {
  const { number } = await row(
    pool,
    Highest,
    'select max(number) as number from custody.place where chain = $1',
    [hot.chain],
  );
  if (number !== null) ours.know(hot.id, 0, number);
  if (!fresh) return;
  const wallets = new Set(walletsOf({ ...branch, hot }).map(({ id }) => id));
  const used = await rows(
    pool,
    Used,
    'select wallet, branch, max(index) as index from custody.coin where chain = $1 group by wallet, branch',
    [hot.chain],
  );
  for (const { wallet, branch: of, index } of used) if (wallets.has(wallet)) ours.know(wallet, of, index);
  const brought = await rows(
    pool,
    z.object({ bytes: z.string() }),
    `select bytes from custody.brought b where chain = $1 and exists (
       select from custody.coin c where c.chain = b.chain and split_part(c.outpoint, ':', 1) = b.transaction
         and c.spent_by is null)`,
    [hot.chain],
  );
  for (const { bytes } of brought) ours.learn(bytes, false);
}
