-- Chains of accounts: the numbers that a wallet's executions have used up, what stands at customers' addresses until it is sent
-- on, and in which order those were opened.

alter table custody.place add column seq bigint generated always as identity;
create unique index place_seq on custody.place (chain, seq);

-- A wallet uses each of its numbers once: whatever else was planned with it can never be executed.
create table custody.executed (
  wallet text not null,
  number numeric(78, 0) not null,
  -- What it was, as plans are called; and the transaction that brought it.
  id text not null,
  transaction text not null,
  height int not null,
  primary key (wallet, number)
);

create index executed_height on custody.executed (height);
create index executed_id on custody.executed (id);

-- What an address of a wallet's was last seen to have.
create table custody.standing (
  wallet text not null,
  address text not null,
  asset text not null,
  -- What makes the address.
  salt text not null,
  units numeric(78, 0) not null check (units >= 0),
  -- Of the block in which it came to be so.
  height int not null,
  -- When it was last asked to be sent on, and how much stood there then; what is less since has been sent on.
  asked_at bigint,
  asked_units numeric(78, 0),
  primary key (wallet, address, asset)
);

create index standing_due on custody.standing (wallet, asset, units) where units > 0;

grant select on custody.executed, custody.standing to kuramori_custody, kuramori_prover;
grant insert, delete on custody.executed, custody.standing to kuramori_custody;
grant update (units, height, asked_at, asked_units) on custody.standing to kuramori_custody;
