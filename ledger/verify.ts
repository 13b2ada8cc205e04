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
  select a.id, a.kind, a.owner, a.asset, a.balance, a.held, a.version, k.class, k.side,
      coalesce(k.side * sum(e.amount), 0) as sum, count(e.version) as entries, coalesce(max(e.version), 0) as last
    from ledger.account a
    join ledger.account_kind k using (kind)
    left join ledger.entry e on e.account = a.id
    group by a.id, k.class, k.side
), taken as (
  select hold, sum(amount) as sum from ledger.hold_post group by hold
), holds as (
  select h.id, h.account, h.open, h.amount + h.fee_cap as all, coalesce(taken.sum, 0) as taken, e.kind as ended, e.transfer
    from ledger.hold h
    left join taken on taken.hold = h.id
    left join ledger.hold_end e on e.hold = h.id
), held as (
  select account, sum(open) as sum from holds group by account
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
    select e.account, e.version, e.balance, a.side * sum(e.amount) over (partition by e.account order by e.version) as sum
      from ledger.entry e join replayed a on a.id = e.account
  ) r join ledger.account a on a.id = r.account
  where r.balance <> r.sum
union all
select format('transfer %s does not balance in %s', coalesce(t.id, e.transfer::text), a.asset)
  from ledger.entry e left join ledger.account a on a.id = e.account left join ledger.transfer t on t.seq = e.transfer
  group by e.transfer, t.id, a.asset having sum(e.amount) <> 0
union all
select format('entry %s of account %s is of no transfer, or of no account', e.version, e.account)
  from ledger.entry e left join ledger.account a on a.id = e.account left join ledger.transfer t on t.seq = e.transfer
  where a.id is null or t.seq is null
union all
select format('transfer %s has %s entries of %s', t.id, count(e.transfer), t.legs)
  from ledger.transfer t left join ledger.entry e on e.transfer = t.seq group by t.seq having count(e.transfer) <> t.legs
union all
select format('account %s %s: transfer %s of entry %s is not after the one before', a.kind, a.owner, r.transfer, r.version)
  from (select account, version, transfer, lag(transfer) over (partition by account order by version) as before from ledger.entry) r
  join ledger.account a on a.id = r.account where r.before >= r.transfer
union all
select format('account %s %s %s: held %s, its open holds add up to %s', r.kind, r.owner, r.asset, r.held, coalesce(held.sum, 0))
  from replayed r left join held on held.account = r.id where r.held <> coalesce(held.sum, 0)
union all
select format('account %s %s %s: %s is held of %s', kind, owner, asset, held, sum)
  from replayed where class in ('claim', 'due') and sum - held < 0
union all
select format('hold %s: open %s of %s, of which %s was taken%s', id, open, holds.all, taken, coalesce(' and which was ' || ended, ''))
  from holds where open <> case when ended is null then holds.all - taken else 0 end or taken > holds.all
union all
select format('hold %s was posted by %s, which takes nothing from it', h.id, h.transfer)
  from holds h left join ledger.hold_post p on p.hold = h.id and p.transfer = h.transfer
  where h.ended = 'posted' and p.hold is null
union all
select format('hold %s: %s is taken by transfer %s, which takes %s from its account', p.hold, p.amount, p.transfer, coalesce(e.amount, 0))
  from ledger.hold_post p join ledger.hold h on h.id = p.hold
  left join ledger.entry e on e.transfer = p.transfer and e.account = h.account
  where e.amount is distinct from p.amount
union all
select format('%s %s takes from no hold', t.kind, t.id)
  from ledger.transfer t left join ledger.hold_post p on p.transfer = t.seq
  where t.kind in ('withdrawal', 'return') and p.hold is null
union all
select format('%s %s was proposed and approved by one: %s', t.kind, t.id, coalesce(e.by, 'nobody'))
  from ledger.transfer t
  left join ledger.proposal p on p.id = t.id left join ledger.proposal_end e on e.proposal = p.id and e.outcome = 'posted'
  where t.kind in ('adjustment', 'write-off') and (e.by is null or e.by = p.proposed_by)
union all
select format('total of %s: claims %s and holdings %s, entries add up to %s and %s', asset, t.claims, t.holdings, s.claims, s.holdings)
  from sums s full join ledger.total t using (asset)
  where coalesce(t.claims, 0) <> coalesce(s.claims, 0) or coalesce(t.holdings, 0) <> coalesce(s.holdings, 0)
union all
select format('claims on %s are %s, holdings %s', asset, claims, holdings) from sums where claims > holdings`;

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
