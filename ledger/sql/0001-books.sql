-- The books: double entry, in whole units, nothing ever changed or taken away.
-- Only `account`, `total`, `hold.open` and `credit_day` are updated; all but the last can be recomputed from what is
-- append-only, and ledger/verify.ts does.

-- Whole units in a function's argument. A plain numeric(78,0) would round 1.5 without a word.
create domain ledger.units as numeric
  check (value >= 0 and value < 1e78 and value = trunc(value));

-- What clients make: ids, and what they are about. (A regular expression here took a tenth of the writer's time.)
create domain ledger.name as text collate "C"
  check (length(value) between 1 and 160
    and translate(value, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-', '') = '');

-- Domains, and not constraints of the tables: those are asked again whenever a balance changes.
create domain ledger.owner as text collate "C" check (value ~ '^[A-Za-z0-9_.-]*$' and length(value) <= 64);
create domain ledger.asset as text collate "C" check (value ~ '^[a-z0-9:._-]+$' and length(value) <= 64);

create table ledger.account_kind (
  kind text collate "C" primary key,
  -- holding: what the chains say is ours. claim: what we owe customers. due: what customers owe us. own: what is left.
  class text not null check (class in ('holding', 'claim', 'due', 'own')),
  -- +1 where a debit raises the balance, -1 where a credit does.
  side smallint not null check (side = case when class in ('holding', 'due') then 1 else -1 end),
  -- Whether each owner (a customer, a wallet) has one; else there is one account of the kind, of owner ''.
  owned boolean not null
);

insert into ledger.account_kind (kind, class, side, owned) values
  ('hot', 'holding', 1, true),
  ('cold', 'holding', 1, true),
  ('in-transit', 'holding', 1, true),
  ('customer', 'claim', -1, true),
  ('unclaimed', 'claim', -1, false),
  -- What a customer spent of a deposit that the chain took back.
  ('receivable', 'due', 1, true),
  ('own-funds', 'own', -1, false),
  ('fees', 'own', -1, false);

create table ledger.account (
  id bigint generated always as identity primary key,
  kind text collate "C" not null references ledger.account_kind,
  -- The customer's id, or the wallet's; '' where there is one account of the kind.
  owner ledger.owner not null,
  asset ledger.asset not null,
  -- In the kind's own direction: what a customer has, what a wallet holds.
  balance numeric(78, 0) not null default 0,
  -- The part of the balance that holds keep unavailable.
  held numeric(78, 0) not null default 0 check (held >= 0),
  -- The number of entries: 0, 1, 2 … without gaps.
  version bigint not null default 0,
  unique (kind, owner, asset),
  check ((kind in ('customer', 'hot', 'cold', 'in-transit', 'receivable')) = (owner <> '')),
  check (kind in ('customer', 'unclaimed') or held = 0),
  -- Nobody spends what they do not have. Holdings and own funds may go below zero: they are told by the
  -- chain, and refusing to book a fact would only make the books wrong.
  constraint never_overdrawn check (kind not in ('customer', 'unclaimed', 'receivable') or balance - held >= 0)
)
-- An update of a balance finds room in its own page, so that no index is touched.
with (fillfactor = 50);

create table ledger.transfer_kind (
  kind text primary key,
  -- custody: by itself, within the limits below. people: two of them (0003).
  by_custody boolean not null,
  by_people boolean not null
);

insert into ledger.transfer_kind (kind, by_custody, by_people) values
  ('deposit', true, false),
  ('claim', true, false),
  ('move', true, false),
  ('network-fee', true, false),
  ('loss', true, false),
  ('withdrawal', true, false),
  ('return', true, false),
  ('reversal', true, false),
  ('collection', true, false),
  ('trade', true, true),
  ('adjustment', false, true),
  ('write-off', false, true);

-- Which accounts a kind of transfer may touch, and on which side. What is not here is refused.
create table ledger.leg_kind (
  transfer text not null references ledger.transfer_kind,
  side text not null check (side in ('debit', 'credit')),
  account text not null references ledger.account_kind,
  -- Whether the leg takes from a hold: a payment always does, an order that was filled may.
  hold text not null default 'never' check (hold in ('never', 'may', 'must')),
  primary key (transfer, side, account)
);

insert into ledger.leg_kind (transfer, side, account) values
  -- Coins that came in, with whom they belong to, in one transfer.
  ('deposit', 'debit', 'hot'), ('deposit', 'debit', 'cold'),
  ('deposit', 'credit', 'customer'), ('deposit', 'credit', 'unclaimed'),
  -- A held deposit finds its owner.
  ('claim', 'debit', 'unclaimed'),
  ('claim', 'credit', 'customer'), ('claim', 'credit', 'own-funds'),
  -- Between wallets of ours; the network's fee is ours to bear.
  ('move', 'debit', 'hot'), ('move', 'debit', 'cold'), ('move', 'debit', 'in-transit'), ('move', 'debit', 'own-funds'),
  ('move', 'credit', 'hot'), ('move', 'credit', 'cold'), ('move', 'credit', 'in-transit'),
  ('network-fee', 'debit', 'own-funds'),
  ('network-fee', 'credit', 'hot'), ('network-fee', 'credit', 'cold'),
  -- What was stolen or burnt was never the customers' loss.
  ('loss', 'debit', 'own-funds'),
  ('loss', 'credit', 'hot'), ('loss', 'credit', 'cold'), ('loss', 'credit', 'in-transit'),
  ('withdrawal', 'debit', 'own-funds'),
  ('withdrawal', 'credit', 'hot'), ('withdrawal', 'credit', 'cold'), ('withdrawal', 'credit', 'fees'),
  -- A held deposit goes back to where it came from.
  ('return', 'debit', 'own-funds'),
  ('return', 'credit', 'hot'), ('return', 'credit', 'cold'), ('return', 'credit', 'fees'),
  -- The chain took a deposit back: from its owner what is still there, the rest is due.
  ('reversal', 'credit', 'hot'), ('reversal', 'credit', 'cold'),
  ('reversal', 'debit', 'customer'), ('reversal', 'debit', 'unclaimed'), ('reversal', 'debit', 'own-funds'),
  ('reversal', 'debit', 'receivable'),
  ('collection', 'debit', 'customer'), ('collection', 'credit', 'receivable'),
  ('write-off', 'debit', 'own-funds'), ('write-off', 'credit', 'receivable'),
  -- Between customers, in one asset or several at once; the exchange's fee is its own.
  ('trade', 'credit', 'customer'), ('trade', 'credit', 'fees'),
  -- A reward, a compensation: the posting in which a wrong unit once made 620,000 BTC (Bithumb).
  ('adjustment', 'debit', 'own-funds'),
  ('adjustment', 'credit', 'customer');
insert into ledger.leg_kind (transfer, side, account, hold) values
  ('withdrawal', 'debit', 'customer', 'must'),
  ('return', 'debit', 'unclaimed', 'must'),
  ('trade', 'debit', 'customer', 'may');

create sequence ledger.transfer_seq;

create table ledger.transfer (
  -- Taken under the locks of its accounts: of two transfers over one account, the later has the higher.
  seq bigint primary key default nextval('ledger.transfer_seq'),
  -- Made by the client, and its idempotency key.
  id ledger.name not null unique,
  -- One of `transfer_kind`: a foreign key would ask again, for each row, what `apply` has asked for all.
  kind text not null,
  -- What it is about: the chain's transaction, the hold, the deposit that is claimed, the trade.
  about ledger.name not null,
  -- SHA-256 of kind, about and legs as they were asked: tells a repetition from another body under the same id.
  body bytea not null check (length(body) = 32),
  legs smallint not null check (legs >= 2),
  -- Of a batch all the same, by this server's clock.
  at timestamptz not null
);
-- A held deposit is claimed once, whatever id the second claim has.
create unique index claimed_once on ledger.transfer (about) where kind = 'claim';

-- That transfer and account are there is checked by `entries_balance` for all written rows at once; a foreign key asks
-- for each row apart, and a third of the time went into that.
create table ledger.entry (
  transfer bigint not null,
  account bigint not null,
  -- A debit is above zero, a credit below.
  amount numeric(78, 0) not null check (amount <> 0),
  -- The account's balance after this entry.
  balance numeric(78, 0) not null,
  version bigint not null check (version > 0),
  primary key (account, version)
);
create index entry_transfer on ledger.entry (transfer);

create table ledger.hold (
  id ledger.name primary key,
  account bigint not null references ledger.account,
  -- What was asked for, and the most that network fees may add to it.
  amount numeric(78, 0) not null check (amount > 0),
  fee_cap numeric(78, 0) not null check (fee_cap >= 0),
  body bytea not null check (length(body) = 32),
  -- Null where only somebody's word ends it: the chain's, for a withdrawal.
  expires timestamptz,
  at timestamptz not null,
  -- What it still keeps unavailable: amount and fee cap, less what was posted; 0 after its end.
  open numeric(78, 0) not null check (open >= 0 and open <= amount + fee_cap)
);
create index hold_expires on ledger.hold (expires) where open > 0 and expires is not null;

-- What was taken from a hold, by which transfer.
create table ledger.hold_post (
  hold text not null references ledger.hold,
  transfer bigint not null references ledger.transfer,
  amount numeric(78, 0) not null check (amount > 0),
  primary key (hold, transfer)
);

-- How a hold ended; at most once.
create table ledger.hold_end (
  hold text primary key references ledger.hold,
  kind text not null check (kind in ('posted', 'voided', 'expired')),
  -- The transfer that closed it.
  transfer bigint references ledger.transfer,
  why text not null,
  at timestamptz not null,
  check ((kind = 'posted') = (transfer is not null))
);

-- A refusal is an answer too: whoever was told "no" must not find, when the same id comes again, that it became "yes".
create table ledger.refusal (
  id text not null,
  of text not null check (of in ('hold', 'transfer')),
  body bytea not null check (length(body) = 32),
  outcome text not null,
  detail text not null,
  at timestamptz not null,
  primary key (id, of)
);

-- The sums that no posting may bring out of order, folded as postings come, so that the check is one row.
create table ledger.total (
  asset ledger.asset primary key,
  claims numeric(78, 0) not null default 0 check (claims >= 0),
  holdings numeric(78, 0) not null default 0
);

-- How much one posting may credit to customers, by custody's word alone: `floor`, or `multiple` of the median of the
-- last two days where that is more. Beyond it takes two people. An asset that is not here has no such posting at all.
create table ledger.credit_limit (
  asset ledger.asset primary key,
  floor numeric(78, 0) not null check (floor >= 0),
  multiple int not null check (multiple >= 1)
);
insert into ledger.credit_limit (asset, floor, multiple) values ('nem:xem', 1000000000000, 100);

-- What postings credited to customers, counted by size: rounded down to 1, 2 or 5 times a power of ten.
create table ledger.credit_day (
  asset ledger.asset not null,
  day date not null,
  size numeric(78, 0) not null,
  count bigint not null,
  primary key (asset, day, size)
)
with (fillfactor = 50);

-- Holds for the owner and for a superuser too: what was written stays written.
create function ledger.forgets_nothing() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.% is append-only: a wrong transfer is corrected by another transfer', tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger forgets_nothing before update or delete or truncate on ledger.transfer
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.entry
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.hold_post
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.hold_end
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.refusal
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update of id, account, amount, fee_cap, body, expires, at or delete or truncate on ledger.hold
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update of id, kind, owner, asset or delete or truncate on ledger.account
  for each statement execute function ledger.forgets_nothing();

-- Whatever writes entries: they are of a transfer and of accounts that there are, they balance for each asset, and a
-- transfer is written whole and once.
create function ledger.entries_balance() returns trigger language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  v_fault text;
begin
  select format('%s does not balance in %s', (select id from ledger.transfer where seq = w.transfer), a.asset) into v_fault
    from written w left join ledger.account a on a.id = w.account
    group by w.transfer, a.asset having sum(w.amount) <> 0 or a.asset is null limit 1;
  if found then
    raise exception 'transfer %', v_fault using errcode = 'check_violation';
  end if;
  select coalesce(t.id, w.transfer::text) into v_fault
    from (select distinct transfer from written) w left join ledger.transfer t on t.seq = w.transfer
    where t.legs is distinct from (select count(*) from ledger.entry e where e.transfer = w.transfer)
    limit 1;
  if found then
    raise exception 'transfer % is not written whole', v_fault using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger entries_balance after insert on ledger.entry
  referencing new table as written
  for each statement execute function ledger.entries_balance();
