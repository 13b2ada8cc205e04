-- What surrounds a withdrawal: its place in the line, who approved it, what limits it, what the signers remember of it,
-- and which custodies work on this database.

-- Payments that wait for a turn stand in lanes by priority. In a lane each flow (a customer, or the returns of the
-- house) has at most one payment in the line; its next one goes to the end of the line when that has its turn. So a
-- customer with a thousand requests delays another's first one by one turn.
create table custody.lane (
  wallet text not null,
  priority text not null check (priority in ('high', 'normal', 'low')),
  -- How many turns it gets beside the others': of 13 turns 9, 3 and 1. So the lowest never waits for ever.
  stride int not null,
  -- The lane with the least goes next, and goes up by its stride.
  pass bigint not null default 0,
  primary key (wallet, priority)
);

create sequence custody.line;

create index withdrawal_line on custody.withdrawal (wallet, priority, line) where line is not null;
create index withdrawal_queue on custody.withdrawal (wallet, priority, coalesce(customer, ''), arrival)
  where queued_at is not null and turn_at is null;
create index withdrawal_in_flight on custody.withdrawal (wallet) where turn_at is not null and pending;

-- Whoever changes a line holds its lane; always before the withdrawal's own row, and several lanes in one order.
create function custody.hold_lanes(p_wallet text) returns void language plpgsql as $$
begin
  insert into custody.lane (wallet, priority, stride)
    values (p_wallet, 'high', 1), (p_wallet, 'normal', 3), (p_wallet, 'low', 9) on conflict do nothing;
  perform from custody.lane where wallet = p_wallet order by priority for update;
end $$;

-- The flow's oldest payment that waits comes to the end of the line, unless one of the flow's is in it.
create function custody.step_up(p_wallet text, p_priority text, p_flow text) returns void language sql as $$
  update custody.withdrawal set line = nextval('custody.line')
    where id = (
      select id from custody.withdrawal
        where wallet = p_wallet and priority = p_priority and coalesce(customer, '') = p_flow
          and queued_at is not null and turn_at is null
        order by arrival limit 1)
      and not exists (
        select from custody.withdrawal
          where wallet = p_wallet and priority = p_priority and coalesce(customer, '') = p_flow and line is not null)
$$;

create function custody.join_line(p_id text, p_now bigint) returns void language plpgsql as $$
declare
  v custody.withdrawal;
begin
  select * into v from custody.withdrawal where id = p_id;
  perform custody.hold_lanes(v.wallet);
  update custody.withdrawal set queued_at = p_now, turn_at = null, line = null where id = p_id;
  perform custody.step_up(v.wallet, v.priority, coalesce(v.customer, ''));
end $$;

-- The caller holds the lanes.
create function custody.leave_line(p_id text) returns void language plpgsql as $$
declare
  v custody.withdrawal;
begin
  update custody.withdrawal set queued_at = null, line = null where id = p_id and queued_at is not null returning * into v;
  if found then perform custody.step_up(v.wallet, v.priority, coalesce(v.customer, '')); end if;
end $$;

-- How many of a wallet have their turn, and keep a place of its capacity.
create function custody.in_flight(p_wallet text) returns int language sql stable begin atomic
  select count(*)::int from custody.withdrawal
    where wallet = p_wallet and turn_at is not null and pending;
end;

-- Gives as many turns as are free, and says to whom.
create function custody.give_turns(p_wallet text, p_capacity int, p_now bigint) returns setof text language plpgsql as $$
declare
  v_free int;
  v_lane custody.lane;
  v custody.withdrawal;
begin
  perform custody.hold_lanes(p_wallet);
  if not exists (select from custody.withdrawal where wallet = p_wallet and line is not null) then return; end if;
  v_free := p_capacity - custody.in_flight(p_wallet);
  while v_free > 0 loop
    select l.* into v_lane from custody.lane l
      where l.wallet = p_wallet and exists (
        select from custody.withdrawal w where w.wallet = l.wallet and w.priority = l.priority and w.line is not null)
      order by l.pass, l.stride limit 1;
    exit when not found;
    update custody.withdrawal set turn_at = p_now, line = null
      where id = (
        select id from custody.withdrawal
          where wallet = p_wallet and priority = v_lane.priority and line is not null order by line limit 1)
      returning * into v;
    perform custody.step_up(p_wallet, v.priority, coalesce(v.customer, ''));
    update custody.lane set pass = pass + stride where wallet = p_wallet and priority = v_lane.priority;
    -- A lane in which nobody waits saves no turns up.
    update custody.lane l set pass = greatest(l.pass, v_lane.pass)
      where l.wallet = p_wallet and not exists (
        select from custody.withdrawal w where w.wallet = l.wallet and w.priority = l.priority and w.line is not null);
    v_free := v_free - 1;
    return next v.id;
  end loop;
end $$;

-- A step that a withdrawal shall take, read once out of what the caller sends.
create type custody.step as (
  place bigint, id text, wallet text, "from" text, "to" text, number int, joins boolean, why text, height int,
  fee numeric, plan jsonb, parts jsonb, signatures jsonb, dead text
);

create function custody.steps_of(p_steps jsonb) returns setof custody.step language sql immutable begin atomic
  select s.place, s.id, s.wallet, s."from", s."to", s.number, s.joins, s.why, s.height, s.fee, s.plan, s.parts,
      s.signatures, s.dead
    from rows from (jsonb_to_recordset(p_steps) as (id text, wallet text, "from" text, "to" text, number int, joins boolean,
        why text, height int, fee numeric, plan jsonb, parts jsonb, signatures jsonb, dead text))
      with ordinality s (id, wallet, "from", "to", number, joins, why, height, fee, plan, parts, signatures, dead, place);
end;

-- Many withdrawals' steps in one statement; each is taken or left as if it came alone. Answers, in the order of the steps:
-- 'taken'; 'elsewhere' where it is no longer in the state that the caller saw, so that the caller's work is to be dropped;
-- 'same-bytes' where another intent has the plan's bytes. Who may follow whom is the caller's to know (states.ts).
--   from, to: to is absent where it only waits, for what stands in `why`; plan, parts, signatures, dead: what is kept with
--   the step; joins: it waits for a turn from now on, of which there are `p_capacity`.
create function custody.take_steps(p_steps jsonb, p_capacity int, p_now bigint) returns setof text language plpgsql as $$
declare
  v_steps custody.step[] := array(select s from custody.steps_of(p_steps) s order by s.place);
  v_taken custody.step[];
  -- Places of those whose plan's bytes are another's.
  v_same bigint[] := '{}';
  v_lanes text[];
  -- Most calls bring one kind of step: what it does not need is not asked.
  v_move boolean;
  v_plan boolean;
  v_dead boolean;
  v_parts boolean;
  v_signatures boolean;
  v_joins boolean;
  v record;
begin
  -- Lanes before rows, and both in one order, so that no two callers wait for each other.
  v_lanes := array(
    select distinct s.wallet from unnest(v_steps) s
      where s."to" is not null and (s.joins or s."to" in ('confirmed', 'expired', 'disputed')
        -- Who has a turn stands in no line any more.
        or s."from" in ('screened', 'awaiting-approval', 'expired') and exists (
          select from custody.withdrawal w where w.id = s.id and w.turn_at is null)) order by 1);
  if cardinality(v_lanes) > 0 then perform custody.hold_lanes(wallet) from unnest(v_lanes) wallet; end if;
  perform from custody.withdrawal w where w.id in (select s.id from unnest(v_steps) s) order by w.id for no key update;
  -- Of two steps of one withdrawal that fit, the first is taken; then it is elsewhere. One that does not fit is in nobody's
  -- way. A step is about a plan: what was seen of one that is dead by now says nothing of the next.
  v_taken := array(
    select m.step from (
      select s as step, s.place, row_number() over (partition by s.id order by s.place) as nth
        from unnest(v_steps) s join custody.withdrawal w on w.id = s.id
        where w.state = s."from" and w.plan = s.number) m
      where m.nth = 1 order by m.place);
  select bool_or(s."to" is not null), bool_or(s.plan is not null), bool_or(s.dead is not null),
      bool_or(s.parts is not null), bool_or(s.signatures is not null), bool_or(s.joins)
    into v_move, v_plan, v_dead, v_parts, v_signatures, v_joins
    from unnest(v_taken) s;
  if v_plan then
    -- The database refuses a plan over one that is not proven dead, whoever asks.
    with planned as (
      insert into custody.plan (withdrawal, number, plan, digest, transaction, inner_transaction, valid_until, at)
        select s.id, s.number + 1, s.plan -> 'planned', s.plan ->> 'digest', s.plan ->> 'transaction', s.plan ->> 'inner',
            (s.plan ->> 'validUntil')::bigint, p_now
          from unnest(v_taken) s where s.plan is not null order by s.id
        on conflict do nothing returning withdrawal
    ) select coalesce(array_agg(s.place), '{}') into v_same
        from unnest(v_taken) s where s.plan is not null and s.id not in (select withdrawal from planned);
    v_taken := array(select s from unnest(v_taken) s where s.place <> all(v_same) order by s.place);
  end if;
  if v_dead then
    insert into custody.plan_dead (withdrawal, number, why, at)
      select s.id, s.number, s.dead, p_now from unnest(v_taken) s where s.dead is not null;
  end if;
  -- Whoever leaves the line makes place for the next of its flow; whoever had a turn has done so then.
  if cardinality(v_lanes) > 0 then
    for v in
      select w.id from unnest(v_taken) s join custody.withdrawal w on w.id = s.id
        where s."to" is not null and w.queued_at is not null and w.turn_at is null order by w.id
    loop
      perform custody.leave_line(v.id);
    end loop;
  end if;
  update custody.withdrawal w
    set state = coalesce(s."to", w.state), waiting = case when s."to" is null then s.why end,
        why = case when s."to" is null then w.why else s.why end,
        plan = w.plan + case when s.plan is null then 0 else 1 end, height = coalesce(s.height, w.height),
        fee = coalesce(s.fee, w.fee),
        queued_at = case when s."from" in ('screened', 'awaiting-approval', 'expired') and s."to" is not null
          then null else w.queued_at end
    from unnest(v_taken) s
    where w.id = s.id and (s."to" is not null or w.waiting is distinct from s.why);
  if v_move then
    insert into custody.withdrawal_step (withdrawal, number, state, why, at)
      select s.id, (select coalesce(max(t.number), 0) + 1 from custody.withdrawal_step t where t.withdrawal = s.id), s."to",
          s.why, p_now
        from unnest(v_taken) s where s."to" is not null order by s.place;
  end if;
  if v_parts then
    insert into custody.signature (withdrawal, plan, part, signer, key, share, entry, countersignatures)
      select s.id, s.number, p.place - 1, p.part ->> 'signer', p.part ->> 'key', p.part ->> 'share', p.part ->> 'entry',
          p.part -> 'countersignatures'
        from unnest(v_taken) s, jsonb_array_elements(s.parts) with ordinality p (part, place);
  end if;
  if v_signatures then
    update custody.signature g set signature = p.signature
      from unnest(v_taken) s, jsonb_array_elements_text(s.signatures) with ordinality p (signature, place)
      where g.withdrawal = s.id and g.plan = s.number and g.part = p.place - 1;
  end if;
  if v_joins then
    -- Where nobody waits and there is room for all, the line is so short that each has its turn as it comes.
    for v in
      select s.wallet, array_agg(s.id order by s.place) as ids
        from unnest(v_taken) s where s.joins group by s.wallet order by s.wallet
    loop
      if not exists (select from custody.withdrawal where wallet = v.wallet and line is not null)
          and custody.in_flight(v.wallet) + cardinality(v.ids) <= p_capacity then
        update custody.withdrawal set queued_at = p_now, turn_at = p_now where id = any(v.ids);
      else
        perform custody.join_line(id, p_now) from unnest(v.ids) id;
      end if;
    end loop;
  end if;
  return query
    select case when s.place = any(v_same) then 'same-bytes' when t.place is not null then 'taken' else 'elsewhere' end
      from unnest(v_steps) s left join unnest(v_taken) t using (place) order by s.place;
end $$;

-- People's signatures over the intent's digest, as signers and watchtowers will verify them.
create table custody.approval (
  withdrawal text not null references custody.withdrawal,
  person text not null,
  signature text not null,
  at bigint not null,
  primary key (withdrawal, person)
);

-- Where a customer in allowlist mode may pay to. Removed and added again, it cools again: another row.
create table custody.destination (
  number bigint generated always as identity primary key,
  customer text not null references custody.customer,
  address text not null,
  memo text not null,
  label text not null,
  added_at bigint not null,
  usable_at bigint not null,
  removed_at bigint
);

create unique index destination_once on custody.destination (customer, address, memo) where removed_at is null;

create table custody.allowlist (
  customer text primary key references custody.customer,
  -- Null while it is on; else from when on it is off. On holds at once, off cools.
  off_at bigint
);

-- What may leave for one customer, or for each customer of a tier, in 24 hours. The newest row that is in force counts:
-- a lower limit is in force at once, a higher one after the cooling time.
create table custody.withdrawal_limit (
  number bigint generated always as identity primary key,
  scope text not null check (scope in ('tier', 'customer')),
  name text not null,
  asset text not null,
  -- Null: no limit of this scope.
  per_day numeric(78, 0),
  at bigint not null,
  from_at bigint not null
);

create index withdrawal_limit_of on custody.withdrawal_limit (scope, name, asset, number);

create table custody.customer_tier (
  number bigint generated always as identity primary key,
  customer text not null references custody.customer,
  tier text not null,
  at bigint not null,
  from_at bigint not null
);

create index customer_tier_of on custody.customer_tier (customer, number);

-- How far each signer's journal is read: what this database knows of it. A restored database has an old number here,
-- and reads from there what it has forgotten.
create table custody.journal (
  signer text primary key,
  seq int not null,
  head text not null
);

-- Which plan a signer recorded for which intent.
create table custody.recorded (
  signer text not null,
  seq int not null,
  intent text not null,
  -- SHA-256 of the plan's bytes.
  plan text not null,
  primary key (signer, seq, intent)
);

create index recorded_intent on custody.recorded (intent);

-- Records about which this database knew nothing when they were read, until they are learned again.
create table custody.forgotten (
  intent text not null,
  plan text not null,
  -- The signed journal entry, whole.
  record jsonb not null,
  at bigint not null,
  -- Null until it is learned again.
  learned_at bigint,
  -- Why it is not yet.
  why text,
  primary key (intent, plan)
);

create index forgotten_open on custody.forgotten (at) where learned_at is null;

-- Who works on this database. Each holds an advisory lock with its number as long as its connection lives.
create table custody.instance (
  number int generated always as identity primary key,
  -- The names under which its workers lock jobs.
  workers text[] not null default '{}',
  ended boolean not null default false
);

alter table custody.withdrawal add foreign key (deposit) references custody.deposit;

grant select on all tables in schema custody to kuramori_custody, kuramori_prover;
grant insert on all tables in schema custody to kuramori_custody;
grant usage on sequence custody.line to kuramori_custody;
grant update (pass) on custody.lane to kuramori_custody;
grant update (removed_at) on custody.destination to kuramori_custody;
grant update (off_at) on custody.allowlist to kuramori_custody;
grant update (seq, head) on custody.journal to kuramori_custody;
grant update (learned_at, why) on custody.forgotten to kuramori_custody;
grant update (workers, ended) on custody.instance to kuramori_custody;
