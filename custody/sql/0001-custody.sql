-- What custody was asked, what it did about it, and what it saw on the chain. Money is in schema ledger; here is why.
-- Times are milliseconds of Unix time by custody's clock, which a drill on a devnet drives.

-- The first answer to each idempotency key of the exchange, refusals too: a request that was refused and comes
-- again later, from whomever, must not then be carried out.
create table custody.request (
  exchange text not null,
  idempotency_key text not null,
  -- SHA-256 of method, path and body.
  digest text not null,
  status int not null,
  answer text not null,
  at bigint not null,
  primary key (exchange, idempotency_key)
);

create table custody.customer (
  id text primary key check (id ~ '^[A-Za-z0-9_.-]{1,64}$'),
  -- Why nothing may leave for this customer; null where nothing is in the way. Lifted by an operator.
  held_why text,
  at bigint not null
);

create index customer_held on custody.customer (id) where held_why is not null;

-- A payment: a customer's withdrawal or a held deposit that goes back to its sender, which the exchange asked for; or a
-- sweep of the house's own, from hot to cold.
create table custody.withdrawal (
  -- The intent's id: a hash of the exchange's id and its idempotency key, or of the deposit that goes back; a sweep's of
  -- wallet and number.
  id text primary key,
  reason text not null check (reason in ('withdrawal', 'return', 'sweep')),
  -- Whose money it is: a customer's, or what is unclaimed of a deposit.
  customer text references custody.customer,
  deposit text,
  wallet text not null,
  asset text not null,
  amount numeric(78, 0) not null check (amount > 0),
  fee_cap numeric(78, 0) not null check (fee_cap >= 0),
  -- The exchange's signed request, whole: the intent is read out of it, here and by everybody else. A sweep has none.
  request jsonb,
  -- Which sweep of the wallet it is, to which cold wallet, and its address: the policy may name it no more one day.
  number bigint check (number > 0),
  cold text,
  cold_address text,
  requested_at bigint not null,
  -- Unix seconds: from then on the intent can be planned no more.
  expiry bigint not null,

  -- withdrawals/states.ts has who may follow whom.
  state text not null check (state in
    ('requested', 'held', 'screened', 'awaiting-approval', 'planned', 'witnessed', 'signed', 'sent', 'unknown',
     'confirmed', 'final', 'expired', 'returned', 'refused', 'disputed')),
  -- What indexes know of the state: a step that changes neither leaves all of them as they are.
  open boolean not null generated always as (state not in ('final', 'refused', 'returned', 'disputed')) stored,
  pending boolean not null generated always as (
    state in ('screened', 'awaiting-approval', 'expired', 'planned', 'witnessed', 'signed', 'sent', 'unknown')) stored,
  -- Null while there is something to do at once; else what is waited for.
  waiting text,
  -- The number of its newest plan; 0 before the first.
  plan int not null default 0,
  -- The block that holds it.
  height int,
  fee numeric(78, 0),
  why text,

  -- Its place among those that wait for a turn: see 0002-withdrawals.sql.
  priority text not null default 'normal' check (priority in ('high', 'normal', 'low')),
  arrival bigint generated always as identity,
  queued_at bigint,
  line bigint,
  turn_at bigint,
  check ((reason = 'withdrawal') = (customer is not null) and (reason = 'return') = (deposit is not null)),
  check ((reason = 'sweep') = (request is null) and (reason = 'sweep') = (number is not null and cold is not null and cold_address is not null)),
  unique (wallet, reason, number),
  check (line is null or (queued_at is not null and turn_at is null))
-- Room in each page for the next versions of its rows, which then need no new index entries.
) with (fillfactor = 50);

create index withdrawal_open on custody.withdrawal (arrival) where open;
create index withdrawal_customer on custody.withdrawal (customer, requested_at);
create index withdrawal_requested on custody.withdrawal (asset, requested_at) where reason <> 'sweep';
create index withdrawal_deposit on custody.withdrawal (deposit) where deposit is not null;

-- The transactions that were planned for it, for ever. More than one only where each before is proven dead.
create table custody.plan (
  withdrawal text not null references custody.withdrawal,
  number int not null check (number > 0),
  -- The unsigned bytes, each signer's share, and the fees.
  plan jsonb not null,
  -- SHA-256 of the bytes: how journals and facts name it.
  digest text not null unique,
  transaction text not null unique,
  -- What the cosignatures bind: a thief with one key can put it into a wrapper of his own, and it is paid all the same.
  inner_transaction text not null unique,
  -- Unix seconds: from then on the chain takes the transaction no more.
  valid_until bigint not null,
  at bigint not null,
  primary key (withdrawal, number)
);

create index plan_at on custody.plan (at);

-- Whose word it was that a plan can never confirm any more.
create table custody.plan_dead (
  withdrawal text not null,
  number int not null,
  why text not null,
  at bigint not null,
  primary key (withdrawal, number),
  foreign key (withdrawal, number) references custody.plan
);

-- Invariant 5: one withdrawal, one transaction that could pay it. No program error may plan over one that is not dead.
create function custody.planned_once() returns trigger language plpgsql as $$
declare
  v_state text;
  v_last int;
begin
  select state into v_state from custody.withdrawal where id = new.withdrawal for no key update;
  select coalesce(max(number), 0) into v_last from custody.plan where withdrawal = new.withdrawal;
  if new.number <> v_last + 1 then
    raise exception 'withdrawal %: plan % does not follow plan %', new.withdrawal, new.number, v_last
      using errcode = 'restrict_violation';
  end if;
  if v_last > 0 and (v_state <> 'expired' or not exists (
      select from custody.plan_dead where withdrawal = new.withdrawal and number = v_last)) then
    raise exception 'withdrawal % has a plan that is not proven dead', new.withdrawal using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger planned_once before insert on custody.plan
  for each row execute function custody.planned_once();

create function custody.planned_for_ever() returns trigger language plpgsql as $$
begin
  raise exception 'a plan is kept as it was made' using errcode = 'restrict_violation';
end $$;

create trigger planned_for_ever before update or delete or truncate on custody.plan
  for each statement execute function custody.planned_for_ever();

-- Every change of state, for ever.
create table custody.withdrawal_step (
  withdrawal text not null references custody.withdrawal,
  number int not null,
  state text not null,
  why text,
  at bigint not null,
  primary key (withdrawal, number)
);

-- What signers gave: the record that was countersigned, and the signature once it was let go.
create table custody.signature (
  withdrawal text not null,
  plan int not null,
  -- The place in the order of announcing; 0 is the wrapper.
  part int not null,
  signer text not null,
  key text not null,
  share text not null,
  -- Of the signer's journal entry, and the watchtowers' countersignatures over it.
  entry text not null,
  countersignatures jsonb not null,
  signature text,
  primary key (withdrawal, plan, part),
  foreign key (withdrawal, plan) references custody.plan
);

-- The newest answer of each node to each signed part.
create table custody.announcement (
  withdrawal text not null,
  plan int not null,
  part int not null,
  node text not null,
  tries int not null,
  at bigint not null,
  -- Null where the node gave no answer: nobody knows whether it has the bytes.
  code int,
  message text not null,
  primary key (withdrawal, plan, part, node),
  foreign key (withdrawal, plan) references custody.plan
);

grant usage on schema custody to kuramori_custody, kuramori_prover;
grant select on all tables in schema custody to kuramori_custody, kuramori_prover;
grant insert on all tables in schema custody to kuramori_custody;
-- What was asked cannot be rewritten, and nothing can be deleted.
grant update (state, waiting, plan, height, fee, why, queued_at, line, turn_at) on custody.withdrawal to kuramori_custody;
grant update (signature) on custody.signature to kuramori_custody;
grant update (tries, at, code, message) on custody.announcement to kuramori_custody;
grant update (held_why) on custody.customer to kuramori_custody;
