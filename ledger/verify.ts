/** Verify: the books once more from their entries, and every invariant with them. */
import { z } from 'zod';
import { row, rows, type Client } from './database.ts';

export type Verified =
  | { readonly kind: 'verified'; readonly transfers: number; readonly accounts: number }
  /** One sentence a finding. */
  | { readonly kind: 'refuted'; readonly findings: readonly string[] };

// One statement, so that it sees one moment of a ledger that goes on working.
const replay = `
with replayed as (
  select a.id, a.kind, a.owner, a.asset, a.balance, a.held, a.version, k.class,
      coalesce(k.side * sum(e.amount), 0) as sum, count(e.version) as entries, coalesce(max(e.version), 0) as last
    from ledger.account a
    join ledger.account_kind k using (kind)
    left join ledger.entry e on e.account = a.id
    group by a.id, k.class, k.side
), held as (
  select h.account, sum(h.amount + h.fee_cap) as sum
    from ledger.hold h
    where not exists (select from ledger.hold_end x where x.hold = h.id)
    group by h.account
), sums as (
  select asset,
      coalesce(sum(sum) filter (where class = 'claim'), 0) as claims,
      coalesce(sum(sum) filter (where class = 'holding'), 0) as holdings
    from replayed group by asset
)
select format('account %s %s %s: balance %s, entries add up to %s', kind, owner, asset, balance, sum) as finding
  from replayed where balance <> sum
union all
select format('account %s %s %s: version %s, %s entries up to %s', kind, owner, asset, version, entries, last)
  from replayed where version <> entries or version <> last
union all
select format('account %s %s %s: entry %s has balance %s, the entries up to it add up to %s', a.kind, a.owner, a.asset, r.version, r.balance, r.sum)
  from (
    select e.account, e.version, e.balance,
        k.side * sum(e.amount) over (partition by e.account order by e.version) as sum
      from ledger.entry e join ledger.account on account.id = e.account join ledger.account_kind k using (kind)
  ) r join ledger.account a on a.id = r.account
  where r.balance <> r.sum
union all
select format('transfer %s does not balance in %s', transfer, asset)
  from ledger.entry group by transfer, asset having sum(amount) <> 0
union all
select format('transfer %s has %s entries of %s', t.id, count(e.transfer), t.legs)
  from ledger.transfer t left join ledger.entry e on e.transfer = t.id group by t.id having count(e.transfer) <> t.legs
union all
select format('account %s %s %s: held %s, its open holds add up to %s', r.kind, r.owner, r.asset, r.held, coalesce(held.sum, 0))
  from replayed r left join held on held.account = r.id where r.held <> coalesce(held.sum, 0)
union all
select format('account %s %s %s: %s is held of %s', kind, owner, asset, held, sum)
  from replayed where class = 'claim' and sum - held < 0
union all
select format('total of %s: claims %s and holdings %s, entries add up to %s and %s', asset, t.claims, t.holdings, s.claims, s.holdings)
  from sums s full join ledger.total t using (asset)
  where coalesce(t.claims, 0) <> coalesce(s.claims, 0) or coalesce(t.holdings, 0) <> coalesce(s.holdings, 0)
union all
select format('claims on %s are %s, holdings %s', asset, claims, holdings) from sums where claims > holdings
union all
select format('hold %s is posted by %s, which is no withdrawal of it', x.hold, x.transfer)
  from ledger.hold_end x left join ledger.transfer t on t.id = x.transfer
  where x.kind = 'posted' and (t.kind <> 'withdrawal' or t.about <> x.hold)
union all
select format('withdrawal %s has no posted hold', t.id)
  from ledger.transfer t left join ledger.hold_end x on x.transfer = t.id
  where t.kind = 'withdrawal' and x.hold is null`;

const Finding = z.object({ finding: z.string() });
const Size = z.object({ transfers: z.coerce.number(), accounts: z.coerce.number() });

/** Replays every entry and compares it with balances, versions, holds and totals. Reads only: the prover's role is enough. */
export async function verify(client: Client): Promise<Verified> {
  const findings = await rows(client, Finding, replay);
  if (findings.length > 0) return { kind: 'refuted', findings: findings.map(({ finding }) => finding) };
  const size = await row(
    client,
    Size,
    'select (select count(*) from ledger.transfer) as transfers, (select count(*) from ledger.account) as accounts',
  );
  return { kind: 'verified', ...size };
}
