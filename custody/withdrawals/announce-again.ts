/**
 * Announce again: payments that were final, and whose block the chain has taken back. The customer's account is debited
 * and the coins are still ours, so the same signed bytes are announced until a block has them, or until none can.
 */
import { inTransaction, rows } from '@kuramori/ledger';
import { z } from 'zod';
import { Outgoing, outgoingColumns } from '../chain/outgoing.ts';
import { unbookSpend } from '../chain/spend.ts';
import { fateOf } from './fate.ts';
import { branchOf, type Branch } from '../branch.ts';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';
import { Planned, plansOf } from './row.ts';

const integer = z.coerce.number().pipe(z.int());
const Vanished = z.object({
  id: z.string(),
  customer: z.string().nullable(),
  amount: z.string(),
  wallet: z.string(),
  asset: z.string(),
  number: integer,
  plan: Planned,
  transaction: z.string(),
  until: integer.nullable(),
});

/** A few at a time: a rewrite so deep that there are many takes longer than this round. */
const most = 20;

export async function announceVanished(house: House): Promise<void> {
  const vanished = await rows(
    house.pool,
    Vanished,
    `select w.id, w.customer, w.amount::text, w.wallet, w.asset, p.number, p.plan, p.transaction, p.valid_until as until
       from custody.withdrawal w join custody.plan p on p.withdrawal = w.id and p.number = (
         select max(g.plan) from (
           select plan from custody.signature where withdrawal = w.id group by plan having bool_and(signature is not null)) g)
       where w.state = 'final' and w.reason <> 'sweep'
         and exists (select from custody.outgoing o where o.withdrawal = w.id and o.gone and not o.unbooked)
         and not exists (select from custody.outgoing o where o.withdrawal = w.id and not o.gone)
       order by p.valid_until limit ${most}`,
  );
  for (const one of vanished) {
    const branch = branchOf(house, one.wallet);
    const late = one.until !== null && house.clock.now() >= one.until * 1000;
    if ((late || one.until === null) && (await areDead(branch, one.id))) await tellNeverPaid(branch, one);
    // What is stopped is paid no second time either, until it is open again.
    else if (!late && house.board.whyStopped(one.asset, 'withdrawals') === null)
      await branch.chain.announce(branch, one.id, { ...one, valid_until: one.until }, true);
  }
}

/** What the newest took the place of may come again as well. */
async function areDead(branch: Branch, id: string): Promise<boolean> {
  for (const { plan, dead } of await plansOf(branch.pool, id))
    if (!dead && (await fateOf(branch, plan.plan)).kind !== 'dead') return false;
  return true;
}

/**
 * By the watchtowers' proof it can never be paid by these bytes, and no others are ever signed for what is final. Its
 * coins are booked as the house's own, since the chain says that they are here; whose they shall be two people say.
 */
async function tellNeverPaid(house: Branch, { id, customer, amount, asset }: z.output<typeof Vanished>) {
  await inTransaction(house.pool, async (client) => {
    const [spend] = await rows(
      client,
      Outgoing,
      `update custody.outgoing set unbooked = true where transaction = (
         select transaction from custody.outgoing where withdrawal = $1 and gone order by height desc limit 1)
         and not unbooked returning ${outgoingColumns}`,
      [id],
    );
    // Another custody was quicker.
    if (!spend) return;
    await unbookSpend(client, spend, house.hot, undefined);
    const what = `withdrawal ${id} is final, its block is gone, and by the watchtowers its transaction can never confirm any more: ${amount} of ${asset} and the fee were taken from ${customer ?? 'an unclaimed deposit'} and are own funds now. Give them back: kuramori ledger propose, by two people`;
    await notify(client, { key: `never-paid:${id}`, severity: 'grave', what, at: house.clock.now() });
  });
}
