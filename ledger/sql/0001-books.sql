-- The books: double entry, in whole units, nothing ever changed or taken away.
-- Only `account` and `total` are updated; both can be recomputed from `entry` and `hold` (ledger/verify.ts does).

-- Whole units in a function's argument. A plain numeric(78,0) would round 1.5 without a word.
create domain ledger.units as numeric
  check (value >= 0 and value < 1e78 and value = trunc(value));

create table ledger.account_kind (
  kind text primary key,
  -- holding: what the chains say is ours. claim: what we owe customers. own: what is left, and ours.
  class text not null check (class in ('holding', 'claim', 'own')),
  -- +1 where a debit raises the balance, -1 where a credit does.
  side smallint not null check (side = case class when 'holding' then 1 else -1 end)
);

insert into ledger.account_kind (kind, class, side) values
  ('hot', 'holding', 1),
  ('cold', 'holding', 1),
  ('in-transit', 'holding', 1),
  ('customer', 'claim', -1),
  ('unclaimed', 'claim', -1),
  ('own-funds', 'own', -1),
  ('fees', 'own', -1);

create table ledger.account (
  id bigint generated always as identity primary key,
  kind text not null references ledger.account_kind,
  -- The customer's id, or the wallet's; '' where there is one account of the kind.
  owner text not null check (owner ~ '^[A-Za-z0-9_.-]{0,64}$'),
  asset text not null check (asset ~ '^[a-z0-9:._-]{1,64}$'),
  -- In the kind's own direction: what a customer has, what a wallet holds.
  balance numeric(78, 0) not null default 0,
  -- The part of the balance that pending withdrawals keep unavailable.
  held numeric(78, 0) not null default 0 check (held >= 0),
  -- The number of entries: 0, 1, 2 … without gaps.
  version bigint not null default 0,
  unique (kind, owner, asset),
  unique (id, asset),
  check ((kind in ('customer', 'hot', 'cold', 'in-transit')) = (owner <> '')),
  check (kind in ('customer', 'unclaimed') or held = 0),
  -- Nobody spends what they do not have. Holdings and own funds may go below zero: they are told by the
  -- chain, and refusing to book a fact would only make the books wrong.
  constraint never_overdrawn check (kind not in ('customer', 'unclaimed') or balance - held >= 0)
);

create table ledger.transfer_kind (
  kind text primary key,
  -- Whether custody may post it by itself. A withdrawal is posted by `settle` alone, out of a hold.
  by_custody boolean not null
);

insert into ledger.transfer_kind (kind, by_custody) values
  ('deposit', true),
  ('claim', true),
  ('move', true),
  ('network-fee', true),
  ('loss', true),
  ('withdrawal', false),
  ('adjustment', false);

-- Which accounts a kind of transfer may touch, and on which side. What is not here is refused.
create table ledger.leg_kind (
  transfer text not null references ledger.transfer_kind,
  side text not null check (side in ('debit', 'credit')),
  account text not null references ledger.account_kind,
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
  -- Also a held deposit that goes back to whoever sent it.
  ('withdrawal', 'debit', 'customer'), ('withdrawal', 'debit', 'unclaimed'), ('withdrawal', 'debit', 'own-funds'),
  ('withdrawal', 'credit', 'hot'), ('withdrawal', 'credit', 'cold'), ('withdrawal', 'credit', 'fees'),
  -- A reward, a compensation: the posting in which a wrong unit once made 620,000 BTC (Bithumb).
  ('adjustment', 'debit', 'own-funds'),
  ('adjustment', 'credit', 'customer');

create table ledger.transfer (
  -- Made by the client, and its idempotency key.
  id text primary key check (id ~ '^[A-Za-z0-9_.:/-]{1,160}$'),
  seq bigint generated always as identity unique,
  kind text not null references ledger.transfer_kind,
  -- What it is about: the chain's transaction, the hold, the deposit that is claimed.
  about text not null check (about ~ '^[A-Za-z0-9_.:/-]{1,160}$'),
  -- SHA-256 of kind, about and legs: tells a repetition from another body under the same id.
  body bytea not null check (length(body) = 32),
  legs smallint not null check (legs >= 2),
  at timestamptz not null default now()
);

-- A held deposit is claimed once, whatever id the second claim has.
create unique index claimed_once on ledger.transfer (about) where kind = 'claim';

create table ledger.entry (
  transfer text not null references ledger.transfer,
  account bigint not null,
  asset text not null,
  -- A debit is above zero, a credit below.
  amount numeric(78, 0) not null check (amount <> 0),
  -- The account's balance after this entry.
  balance numeric(78, 0) not null,
  version bigint not null check (version > 0),
  primary key (account, version),
  unique (transfer, account),
  foreign key (account, asset) references ledger.account (id, asset)
);

create table ledger.hold (
  id text primary key check (id ~ '^[A-Za-z0-9_.:/-]{1,160}$'),
  account bigint not null references ledger.account,
  amount numeric(78, 0) not null check (amount > 0),
  fee_cap numeric(78, 0) not null check (fee_cap >= 0),
  at timestamptz not null default now()
);

-- How a hold ended; at most once.
create table ledger.hold_end (
  hold text primary key references ledger.hold,
  kind text not null check (kind in ('posted', 'voided')),
  transfer text references ledger.transfer,
  why text not null,
  at timestamptz not null default now(),
  check ((kind = 'posted') = (transfer is not null))
);

-- The sums that no posting may bring out of order, folded as postings come, so that the check is one row.
create table ledger.total (
  asset text primary key,
  claims numeric(78, 0) not null default 0 check (claims >= 0),
  holdings numeric(78, 0) not null default 0
);

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
create trigger forgets_nothing before update or delete or truncate on ledger.hold
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.hold_end
  for each statement execute function ledger.forgets_nothing();

-- Whatever writes entries, they balance for each asset, and a transfer is written whole and once.
create function ledger.entries_balance() returns trigger language plpgsql as $$
declare
  v_transfer text;
begin
  select transfer into v_transfer from written group by transfer, asset having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'transfer % does not balance', v_transfer using errcode = 'check_violation';
  end if;
  select t.id into v_transfer
    from ledger.transfer t
    where t.id in (select transfer from written)
      and t.legs <> (select count(*) from ledger.entry e where e.transfer = t.id)
    limit 1;
  if found then
    raise exception 'transfer % is not written whole', v_transfer using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger entries_balance after insert on ledger.entry
  referencing new table as written
  for each statement execute function ledger.entries_balance();
