-- What is told to the exchange: events, written with the change that they tell of, and each webhook's copy of them.

create table custody.event (
  -- The order of writing. Of two transactions the later number can be seen first, so nobody reads on from here.
  seq bigint primary key generated always as identity,
  -- The place in the feed, without gaps: given after the commit, one batch at a time, so that what has a number comes
  -- after nothing that has none yet. Events of one object are written under its row's lock, so they keep their order.
  number bigint unique check (number > 0),
  -- Standard Webhooks' webhook-id.
  id text not null unique,
  kind text not null,
  state text not null,
  -- The id of what changed: a withdrawal's, a deposit's.
  object text not null,
  data text not null,
  at bigint not null
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

-- The lists of the API: by what they are ordered, and filtered.
create index deposit_place on custody.deposit (height, id);
create index deposit_customer on custody.deposit (customer, height, id);
create index withdrawal_place on custody.withdrawal (requested_at, id);
create index withdrawal_customer on custody.withdrawal (customer, requested_at, id);

grant select on custody.event, custody.delivery to kuramori_custody, kuramori_prover;
grant insert on custody.event, custody.delivery to kuramori_custody;
grant update (number) on custody.event to kuramori_custody;
grant update (state, round, tries, first_at, next_at, answer) on custody.delivery to kuramori_custody;
