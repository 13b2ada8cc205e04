-- What is told to the exchange: events, written with the change that they tell of, and each webhook's copy of them.

create table custody.event (
  -- The order of writing. Of two transactions the later number can be seen first, so nobody reads on from here.
  seq bigint primary key generated always as identity,
  -- The place in the feed, without gaps: given after the commit, one batch at a time, so that what has a number comes
  -- after nothing that has none yet. Events of one object are written under its row's lock, so they keep their order.
  number bigint unique check (number > 0),
  -- Standard Webhooks' webhook-id.
  id text not null unique default 'evt_' || gen_random_uuid(),
  kind text not null,
  state text not null,
  -- The id of what changed: a withdrawal's, a deposit's.
  object text not null,
  data json not null,
  -- Milliseconds of Unix time; given with the number where the change itself keeps none.
  at bigint,
  check ((number is not null) <= (at is not null))
);

create index event_unnumbered on custody.event (seq) where number is null;

create function custody.numbered_once() returns trigger language plpgsql as $$
begin
  raise exception 'event % has its number already', old.id using errcode = 'restrict_violation';
end $$;

create trigger numbered_once before update on custody.event
  for each row when (old.number is not null) execute function custody.numbered_once();

-- One row for each event and webhook.
create table custody.delivery (
  webhook text not null,
  event bigint not null references custody.event (number),
  -- <kind>:<id>. An event is sent only when every earlier one of its object was accepted.
  object text not null,
  state text not null check (state in ('due', 'accepted', 'parked')),
  -- Rises with each replay: the answer to an attempt from before it counts for nothing.
  round int not null default 1,
  tries int not null default 0,
  -- Of this round's first attempt; three days later it is parked.
  first_at bigint,
  next_at bigint not null,
  -- What the newest attempt came to: the status, or why there was none.
  answer text,
  primary key (webhook, event)
);

create index delivery_due on custody.delivery (webhook, next_at) where state = 'due';
create index delivery_open on custody.delivery (webhook, object, event) where state <> 'accepted';

-- Whoever changes something of the exchange's calls this in the same transaction, while it holds the thing's row. What
-- is told of which kind stands in webhooks/event-data.ts.
create function custody.emit(kind text, object text, state text, data json, at bigint) returns void
  language sql begin atomic
  insert into custody.event (kind, object, state, data, at) values (kind, object, state, data, at);
end;

-- By triggers, so that no way of changing a state can forget to tell of it.
create function custody.tell_withdrawal() returns trigger language plpgsql as $$
begin
  insert into custody.event (kind, object, state, data, at)
    select 'withdrawal', step.withdrawal, step.state,
        json_build_object('id', w.id, 'reason', w.reason, 'state', step.state, 'why', step.why, 'customer', w.customer,
          'deposit', w.deposit, 'asset', w.asset, 'amount', w.amount::text, 'fee', w.fee::text,
          'transaction', p.transaction, 'height', w.height), step.at
      from steps step join custody.withdrawal w on w.id = step.withdrawal
        left join custody.plan p on p.withdrawal = w.id and p.number = w.plan
      order by step.at, step.withdrawal, step.number;
  return null;
end $$;

create trigger tell_withdrawal after insert on custody.withdrawal_step
  referencing new table as steps for each statement execute function custody.tell_withdrawal();

create function custody.tell_deposit() returns trigger language plpgsql as $$
begin
  perform custody.emit('deposit', new.id, new.state,
    json_build_object('id', new.id, 'state', new.state, 'why', new.why, 'customer', new.customer, 'asset', new.asset,
      'units', new.units::text, 'transaction', new.transaction, 'wallet', new.wallet, 'height', new.height), null);
  return null;
end $$;

create trigger tell_new_deposit after insert on custody.deposit
  for each row execute function custody.tell_deposit();
create trigger tell_deposit after update of state on custody.deposit
  for each row when (old.state is distinct from new.state) execute function custody.tell_deposit();

create function custody.tell_customer() returns trigger language plpgsql as $$
begin
  perform custody.emit('customer', new.id, case when new.held_why is null then 'free' else 'held' end,
    json_build_object('id', new.id, 'state', case when new.held_why is null then 'free' else 'held' end,
      'why', new.held_why), null);
  return null;
end $$;

create trigger tell_customer after update of held_why on custody.customer
  for each row when (old.held_why is distinct from new.held_why) execute function custody.tell_customer();

-- The lists of the API: by what they are ordered, and filtered.
create index withdrawal_place on custody.withdrawal (arrival);
create index withdrawal_customer_place on custody.withdrawal (customer, arrival);

grant select on custody.event, custody.delivery to kuramori_custody, kuramori_prover;
grant insert on custody.event, custody.delivery to kuramori_custody;
grant update (number, at) on custody.event to kuramori_custody;
grant update (state, round, tries, first_at, next_at, answer) on custody.delivery to kuramori_custody;
