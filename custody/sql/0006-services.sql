-- Services of each asset: whether customers are shown addresses, trade, and may ask for withdrawals. Custody may stop any
-- of them alone, by the functions below, and holds no right to change a row: what is stopped is opened only where several
-- people, each with a login of their own, have said so, stage by stage. Intervals are by this server's clock, which
-- custody does not set.

-- One stop of one asset, from the freeze until all is open again.
create table custody.stop (
  id bigint generated always as identity primary key,
  asset text not null,
  why text not null,
  -- The runbook as it was when the stop began, so that no later one loosens it: [{service, waitSeconds}] and
  -- [{service, minutes, people}].
  steps jsonb not null,
  stages jsonb not null,
  began_at timestamptz not null default clock_timestamp(),
  -- When a custody last saw it frozen, and which signers and watchtowers have said so: each must take its word back.
  frozen_at timestamptz not null default clock_timestamp(),
  frozen_by text[] not null,
  -- The digests of the freezes that were seen: one that a journal tells of later is no news.
  freezes text[] not null,
  -- All services stopped; nobody says any more that it is frozen; all open again, or begun anew as another stop.
  stopped_at timestamptz,
  thawed_at timestamptz,
  ended_at timestamptz
);

create unique index stop_open on custody.stop (asset) where ended_at is null;

create table custody.service (
  asset text not null,
  service text not null check (service in ('deposits', 'trading', 'withdrawals')),
  state text not null check (state in ('open', 'stopped')),
  why text,
  -- The stop that it was last stopped by.
  stop bigint references custody.stop,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (asset, service),
  check (state = 'open' or (why is not null and stop is not null))
);

-- Who said that a service may be opened again, and why: for ever.
create table custody.reopening (
  stop bigint not null references custody.stop,
  service text not null,
  -- The login.
  person text not null,
  why text not null check (length(why) between 10 and 2000),
  at timestamptz not null default clock_timestamp(),
  primary key (stop, service, person)
);

-- Whose a deposit is that came while deposits were stopped: held until they are open again, then credited.
create table custody.deposit_stopped (
  deposit text not null references custody.deposit,
  booking int not null,
  customer text not null references custody.customer,
  primary key (deposit, booking)
);

create function custody.tell_service() returns trigger language plpgsql as $$
begin
  perform custody.emit('service', new.asset || ':' || new.service, new.state,
    json_build_object('id', new.asset || ':' || new.service, 'state', new.state, 'asset', new.asset,
      'service', new.service, 'why', new.why, 'stop', new.stop),
    floor(extract(epoch from new.changed_at) * 1000)::bigint);
  return null;
end $$;

create trigger tell_service after update of state on custody.service
  for each row when (old.state is distinct from new.state) execute function custody.tell_service();

-- An asset that was never here before begins open. What is there stays as it is.
create function custody.know_assets(p_assets text[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp begin atomic
  insert into custody.service (asset, service, state)
    select asset, service, 'open' from unnest(p_assets) asset, unnest(array['deposits', 'trading', 'withdrawals']) service
    on conflict do nothing;
end;

create function custody.names_each_service(p_list jsonb) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp begin atomic
  select array(select one ->> 'service' from jsonb_array_elements(p_list) one order by 1)
    = array['deposits', 'trading', 'withdrawals'];
end;

-- Somebody says that it is frozen. The stop that is under way goes on; one that somebody has begun to reopen ends, with
-- all that people have said of it, and another begins.
create function custody.see_frozen(p_asset text, p_why text, p_by text[], p_freezes text[], p_steps jsonb, p_stages jsonb)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_stop custody.stop;
  v_id bigint;
begin
  if not (custody.names_each_service(p_steps) and custody.names_each_service(p_stages)) then
    raise exception 'a runbook names each service once' using errcode = 'check_violation';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('services of ' || p_asset, 0));
  select * into v_stop from custody.stop where asset = p_asset and ended_at is null for update;
  if found and v_stop.thawed_at is null then
    update custody.stop set frozen_at = clock_timestamp(),
        frozen_by = array(select distinct who from unnest(v_stop.frozen_by || p_by) who order by who),
        freezes = array(select distinct digest from unnest(v_stop.freezes || p_freezes) digest order by digest)
      where id = v_stop.id;
    return v_stop.id;
  end if;
  update custody.stop set ended_at = clock_timestamp() where id = v_stop.id;
  insert into custody.stop (asset, why, steps, stages, frozen_by, freezes, stopped_at)
    values (p_asset, p_why, p_steps, p_stages, p_by, p_freezes,
      case when not exists (select from custody.service where asset = p_asset and state = 'open') then clock_timestamp() end)
    returning id into v_id;
  -- What is stopped already is this one's now; there is nothing to tell.
  update custody.service set stop = v_id, why = p_why where asset = p_asset and state = 'stopped';
  return v_id;
end $$;

-- The next step of a stop. Done twice, by whomever, it is done once.
create function custody.stop_service(p_stop bigint, p_service text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_stop custody.stop;
  v_done boolean;
begin
  select * into v_stop from custody.stop where id = p_stop and ended_at is null and stopped_at is null for update;
  if not found then return false; end if;
  update custody.service set state = 'stopped', why = v_stop.why, stop = v_stop.id, changed_at = clock_timestamp()
    where asset = v_stop.asset and service = p_service and state = 'open';
  v_done := found;
  if not exists (select from custody.service where asset = v_stop.asset and state = 'open') then
    update custody.stop set stopped_at = clock_timestamp() where id = v_stop.id;
  end if;
  return v_done;
end $$;

-- Custody's word that nobody says so any more; not while another custody has just heard otherwise.
create function custody.see_thawed(p_stop bigint) returns void
language sql security definer set search_path = pg_catalog, pg_temp begin atomic
  update custody.stop set thawed_at = clock_timestamp()
    where id = p_stop and ended_at is null and thawed_at is null and stopped_at is not null
      and frozen_at < clock_timestamp() - interval '3 seconds';
end;

-- What comes next of a stop: the first service of its stages that is not open again, how many people it takes, and from
-- when on. Two at least, whatever a runbook says.
create function custody.next_stage(p_stop bigint, out service text, out people int, out opens_at timestamptz, out confirmed int)
language sql stable security definer set search_path = pg_catalog, pg_temp begin atomic
  select stage.one ->> 'service', greatest(2, (stage.one ->> 'people')::int),
      -- Not before its time after the stage before, or the first after the thaw; null while it is frozen.
      greatest(s.thawed_at, (select max(b.changed_at) from custody.service b where b.asset = s.asset and b.state = 'open'))
        + (stage.one ->> 'minutes')::float8 * interval '1 minute',
      (select count(*)::int from custody.reopening r where r.stop = s.id and r.service = stage.one ->> 'service')
    from custody.stop s, jsonb_array_elements(s.stages) with ordinality stage (one, place)
      join custody.service v on v.service = stage.one ->> 'service'
    where s.id = p_stop and s.ended_at is null and s.stopped_at is not null and s.thawed_at is not null
      and v.asset = s.asset and v.state = 'stopped'
    order by stage.place limit 1;
end;

-- A person's word. session_user is who logged in: neither `set role` nor this function's owner changes it.
create function custody.confirm_reopening(p_stop bigint, p_asset text, p_service text, p_why text) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_stop custody.stop;
  v_next record;
begin
  select * into v_stop from custody.stop where id = p_stop and asset = p_asset for update;
  if not found then raise exception 'there is no stop % of %', p_stop, p_asset using errcode = 'no_data_found'; end if;
  if v_stop.ended_at is not null then
    raise exception 'stop % of % has ended: look again at what is stopped', p_stop, p_asset using errcode = 'check_violation';
  end if;
  if v_stop.stopped_at is null or v_stop.thawed_at is null then
    raise exception '% is still frozen, or too few answer to say that it is not: thaw it first', p_asset
      using errcode = 'check_violation';
  end if;
  select * into v_next from custody.next_stage(p_stop);
  if v_next.service is distinct from p_service then
    raise exception 'the next stage of % is %, not %', p_asset, v_next.service, p_service using errcode = 'check_violation';
  end if;
  insert into custody.reopening (stop, service, person, why) values (p_stop, p_service, session_user, p_why);
  return v_next.confirmed + 1;
exception when unique_violation then
  raise exception '% has said so already: another person must', session_user using errcode = 'insufficient_privilege';
end $$;

-- Opens the next stage where people have said so and its time has come. Null where not.
create function custody.open_service(p_stop bigint) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_stop custody.stop;
  v_next record;
begin
  select * into v_stop from custody.stop where id = p_stop and ended_at is null for update;
  if not found then return null; end if;
  select * into v_next from custody.next_stage(p_stop);
  if v_next.service is null or v_next.confirmed < v_next.people or clock_timestamp() < v_next.opens_at then return null; end if;
  update custody.service set state = 'open', changed_at = clock_timestamp(),
      why = (select string_agg(r.person || ': ' || r.why, '; ' order by r.at) from custody.reopening r
        where r.stop = p_stop and r.service = v_next.service)
    where asset = v_stop.asset and service = v_next.service;
  if not exists (select from custody.service where asset = v_stop.asset and state = 'stopped') then
    update custody.stop set ended_at = clock_timestamp() where id = p_stop;
  end if;
  return v_next.service;
end $$;

grant usage on schema custody to kuramori_person;
grant select on custody.stop, custody.service, custody.reopening to kuramori_custody, kuramori_prover, kuramori_person;
grant select on custody.deposit_stopped to kuramori_custody, kuramori_prover;
grant insert on custody.deposit_stopped to kuramori_custody;
revoke execute on function custody.know_assets(text[]), custody.names_each_service(jsonb),
  custody.see_frozen(text, text, text[], text[], jsonb, jsonb), custody.stop_service(bigint, text), custody.see_thawed(bigint),
  custody.next_stage(bigint), custody.confirm_reopening(bigint, text, text, text), custody.open_service(bigint) from public;
grant execute on function custody.know_assets(text[]), custody.see_frozen(text, text, text[], text[], jsonb, jsonb),
  custody.stop_service(bigint, text), custody.see_thawed(bigint), custody.open_service(bigint) to kuramori_custody;
grant execute on function custody.next_stage(bigint) to kuramori_custody, kuramori_prover, kuramori_person;
grant execute on function custody.confirm_reopening(bigint, text, text, text) to kuramori_person;
