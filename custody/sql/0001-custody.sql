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

create table custody.withdrawal (
  -- The intent's id: a hash of the exchange's id and its idempotency key.
  id text primary key,
  customer text not null references custody.customer,
  wallet text not null,
  asset text not null,
  amount numeric(78, 0) not null check (amount > 0),
  fee_cap numeric(78, 0) not null check (fee_cap >= 0),
  -- The exchange's signed request, whole: the intent is read out of it, here and by everybody else.
  request jsonb not null,
  requested_at bigint not null,

  state text not null check (state in
    ('requested', 'planned', 'witnessed', 'signed', 'sent', 'unknown', 'confirmed', 'settled',
     'refused', 'expired', 'disputed')),
  -- Null while there is something to do at once; else what is waited for.
  waiting text,
  -- The one plan of this withdrawal. It is never replaced: see `planned_once`.
  plan jsonb,
  transaction text unique,
  -- What the cosignatures bind: a thief with one key can put it into a wrapper of his own, and it is paid all the same.
  inner_transaction text unique,
  -- Unix seconds: from then on the chain takes the transaction no more.
  valid_until bigint,
  -- The block that holds it.
  height int,
  fee numeric(78, 0),
  why text,
  check ((plan is null) = (transaction is null) and (plan is null) = (valid_until is null))
);

create index withdrawal_open on custody.withdrawal (state)
  where state not in ('settled', 'refused', 'expired', 'disputed');

-- Invariant 5: one withdrawal, one transaction. No program error may replace a plan that somebody could have signed.
create function custody.planned_once() returns trigger language plpgsql as $$
begin
  raise exception 'withdrawal % has its one plan already', old.id using errcode = 'restrict_violation';
end $$;

create trigger planned_once before update on custody.withdrawal
  for each row when (old.plan is not null and
    (new.plan is distinct from old.plan or new.transaction is distinct from old.transaction
      or new.inner_transaction is distinct from old.inner_transaction
      or new.valid_until is distinct from old.valid_until))
  execute function custody.planned_once();

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
  withdrawal text not null references custody.withdrawal,
  -- The place in the order of announcing; 0 is the wrapper.
  part int not null,
  signer text not null,
  key text not null,
  share text not null,
  -- Of the signer's journal entry, and the watchtowers' countersignatures over it.
  entry text not null,
  countersignatures jsonb not null,
  signature text,
  primary key (withdrawal, part)
);

-- The newest answer of each node to each signed part.
create table custody.announcement (
  withdrawal text not null references custody.withdrawal,
  part int not null,
  node text not null,
  tries int not null,
  at bigint not null,
  -- Null where the node gave no answer: nobody knows whether it has the bytes.
  code int,
  message text not null,
  primary key (withdrawal, part, node)
);

grant usage on schema custody to kuramori_custody, kuramori_prover;
grant select on all tables in schema custody to kuramori_custody, kuramori_prover;
grant insert on all tables in schema custody to kuramori_custody;
-- What was asked cannot be rewritten, and nothing can be deleted.
grant update (state, waiting, plan, transaction, inner_transaction, valid_until, height, fee, why) on custody.withdrawal to kuramori_custody;
grant update (signature) on custody.signature to kuramori_custody;
grant update (tries, at, code, message) on custody.announcement to kuramori_custody;
grant update (held_why) on custody.customer to kuramori_custody;
