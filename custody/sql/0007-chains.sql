-- More chains than one. A transaction that never is too late; customers' addresses by number; and the coins of chains that have
-- coins: what there is of them in the blocks that are booked, and which of them a plan spends.

alter table custody.plan alter valid_until drop not null;

-- One transaction may pay several withdrawals: each has an output of its own, and so a name of its own.
alter table custody.plan drop constraint plan_digest_key;
create index plan_digest on custody.plan (digest);

alter table custody.place drop constraint place_number_check;
alter table custody.place add check (number >= 0);

-- An output of a wallet of ours, in a block that is booked.
create table custody.coin (
  chain text not null,
  -- <transaction>:<output>
  outpoint text not null,
  wallet text not null,
  -- Where in the wallet's descriptor it is: 0 receives, 1 is change.
  branch int not null check (branch in (0, 1)),
  index int not null check (index >= 0),
  units numeric(78, 0) not null check (units > 0),
  height int not null,
  -- Blocks, its own included, before the chain lets it be spent: what a miner makes must ripen.
  matures int not null check (matures > 0),
  -- The transaction that has spent it, and its block.
  spent_by text,
  spent_height int,
  primary key (chain, outpoint),
  check ((spent_by is null) = (spent_height is null))
);

create index coin_unspent on custody.coin (wallet) where spent_by is null;
create index coin_height on custody.coin (chain, height);
create index coin_spent on custody.coin (chain, spent_height) where spent_height is not null;

-- The transaction that brought coins: by its bytes signers know what they hold.
create table custody.brought (
  chain text not null,
  transaction text not null,
  bytes text not null,
  primary key (chain, transaction)
);

-- A coin that a plan spends, from before anybody signs it until it is proven dead. Of a coin that is spent it stays.
create table custody.reservation (
  chain text not null,
  outpoint text not null,
  -- The plan's.
  digest text not null,
  primary key (chain, outpoint)
);

create index reservation_digest on custody.reservation (digest);

-- What a dead plan would have spent is free again, unless what ended it has spent it.
create function custody.free_coins() returns trigger language plpgsql as $$
begin
  delete from custody.reservation r using custody.plan p
    where p.withdrawal = new.withdrawal and p.number = new.number and r.digest = p.digest;
  return new;
end $$;

create trigger free_coins after insert on custody.plan_dead
  for each row execute function custody.free_coins();

grant select on custody.coin, custody.brought, custody.reservation to kuramori_custody, kuramori_prover;
grant insert, delete on custody.coin, custody.brought, custody.reservation to kuramori_custody;
grant update (spent_by, spent_height) on custody.coin to kuramori_custody;
