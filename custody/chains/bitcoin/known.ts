/** Known: what this process must know of our wallets to read blocks: every address that was shown, and every coin that is there. */
import type { Ours } from '@kuramori/chains/bitcoin/node';
import { rows } from '@kuramori/ledger';
import { z } from 'zod';
import { walletsOf, type Branch } from '../../branch.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Highest = z.object({ wallet: z.string(), number: integer });
const Used = z.object({ wallet: z.string(), branch: z.literal([0, 1]), index: integer });

/** What other processes on this database, or this one before it was started again, have shown and booked. */
export async function catchUp({ pool, hot, ...branch }: Branch, ours: Ours, fresh: boolean): Promise<void> {
  const wallets = new Set(walletsOf({ ...branch, hot }).map(({ id }) => id));
  const shown = await rows(
    pool,
    Highest,
    'select wallet, max(number) as number from custody.place where chain = $1 group by wallet',
    [hot.chain],
  );
  for (const { wallet, number } of shown) if (wallets.has(wallet)) ours.know(wallet, 0, number);
  if (!fresh) return;
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
