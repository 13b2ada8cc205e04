-- What the treasury goes by: prices as they were told, and what the vaults were asked for.

-- Every price that was told, for ever: how much of the coins was hot on a day can be computed again.
create table custody.price (
  asset text not null check (asset ~ '^[a-z0-9:._-]{1,64}$'),
  -- Milliseconds of Unix time at which it was the price.
  at bigint not null,
  -- Trillionths of a yen, for so many smallest units.
  yen numeric(78, 0) not null check (yen > 0),
  per numeric(78, 0) not null check (per > 0),
  -- The exchange's key that signed it, or the feed that it was read from.
  source text not null,
  kept_at bigint not null,
  primary key (asset, at)
);

-- What a vault was asked to send. It is a request, and holds no money: the coins are booked when a block has them.
create table custody.refill (
  -- The intent's id, of the cold wallet and the number.
  id text primary key,
  number int not null check (number > 0),
  cold text not null,
  hot text not null,
  hot_address text not null,
  asset text not null,
  amount numeric(78, 0) not null check (amount > 0),
  fee_cap numeric(78, 0) not null check (fee_cap >= 0),
  -- Unix seconds.
  expiry bigint not null,
  why text not null,
  asked_at bigint not null,
  -- Expired: no vault signs it any more, and every block is read in which it could have come.
  state text not null check (state in ('asked', 'arrived', 'expired')),
  ended_at bigint,
  -- The transaction that brought it.
  ended_by text,
  unique (cold, number),
  check ((state = 'asked') = (ended_at is null) and (state = 'arrived') = (ended_by is not null))
);

create index refill_open on custody.refill (hot, asset) where state = 'asked';

grant select, insert on custody.price, custody.refill to kuramori_custody;
grant select on custody.price, custody.refill to kuramori_prover;
grant update (state, ended_at, ended_by) on custody.refill to kuramori_custody;

create function custody.tell_refill() returns trigger language plpgsql as $$
begin
  perform custody.emit('refill', new.id, new.state,
    json_build_object('id', new.id, 'number', new.number, 'state', new.state, 'why', new.why, 'transaction', new.ended_by,
      'cold', new.cold, 'hot', new.hot, 'asset', new.asset, 'amount', new.amount::text), coalesce(new.ended_at, new.asked_at));
  return null;
end $$;

create trigger tell_refill after insert or update of state on custody.refill
  for each row execute function custody.tell_refill();

-- What operators must know, systems must hear: an alarm in a table calls nobody.
create function custody.tell_notice() returns trigger language plpgsql as $$
begin
  perform custody.emit('notice', new.id::text, new.severity,
    json_build_object('id', new.id::text, 'state', new.severity, 'key', new.key, 'what', new.what), new.at);
  return null;
end $$;

create trigger tell_notice after insert on custody.notice
  for each row execute function custody.tell_notice();
