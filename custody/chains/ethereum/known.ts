/** Known: the addresses that customers were shown, by whichever custody, before a block is read in which something may come to them. */
import { saltOf } from '@kuramori/chains/ethereum/codec';
import type { Ours } from '@kuramori/chains/ethereum/node';
import { rows } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from '../../branch.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Opened = z.object({ customer: z.string(), number: integer, seq: integer });

/** Numbers are given before transactions end, so of those that were opened together one may come to be seen after the next. */
const together = 1_000;

export function openKnown(ours: Ours): { readonly catchUp: (branch: Branch) => Promise<void> } {
  let highest = 0;
  return {
    async catchUp({ pool, hot, policy, exchange }) {
      const opened = await rows(
        pool,
        Opened,
        'select customer, number, seq from custody.place where chain = $1 and seq > $2 order by seq',
        [hot.chain, highest - together],
      );
      for (const { customer, number, seq } of opened) {
        ours.know(hot.id, saltOf(policy.network, { exchange: exchange.id, customer, number }));
        if (seq > highest) highest = seq;
      }
    },
  };
}
