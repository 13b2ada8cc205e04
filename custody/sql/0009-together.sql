-- Payments that one transaction makes together, and transactions that take another's place. A plan may stand beside one that may
-- still pay the same withdrawal where both spend one coin: the chain takes one of them alone.

-- The coins that it spends; empty on chains without coins.
alter table custody.plan add column spends text[] not null default '{}';

alter table custody.plan disable trigger planned_for_ever;
update custody.plan p set spends = taken.spends
  from (select digest, array_agg(outpoint order by outpoint) as spends
          from custody.reservation where chain <> 'ethereum' group by digest) taken
  where p.digest = taken.digest;
alter table custody.plan enable trigger planned_for_ever;

-- Invariant 5: one withdrawal is paid once. Whoever plans, what a plan spends is what was reserved for its bytes, and no program
-- error may plan over one that may still pay beside it.
create or replace function custody.planned_once() returns trigger language plpgsql as $$
declare
  v_state text;
  v_last int;
  -- The first that may still pay and shares no coin with it; and how many may.
  v_apart int;
  v_alive int;
begin
  select state into v_state from custody.withdrawal where id = new.withdrawal for no key update;
  select coalesce(max(number), 0) into v_last from custody.plan where withdrawal = new.withdrawal;
  if new.number <> v_last + 1 then
    raise exception 'withdrawal %: plan % does not follow plan %', new.withdrawal, new.number, v_last
      using errcode = 'restrict_violation';
  end if;
  new.spends := array(
    select outpoint from custody.reservation where digest = new.digest and chain <> 'ethereum' order by outpoint);
  select min(p.number) filter (where not p.spends && new.spends), count(*) into v_apart, v_alive
    from custody.plan p
    where p.withdrawal = new.withdrawal and not exists (
      select from custody.plan_dead d where d.withdrawal = p.withdrawal and d.number = p.number);
  if v_apart is not null then
    raise exception 'withdrawal % has a plan that is not proven dead: its number %', new.withdrawal, v_apart
      using errcode = 'restrict_violation';
  end if;
  if v_last > 0 and v_state <> 'expired' and (v_alive = 0 or v_state not in ('planned', 'witnessed', 'signed', 'sent', 'unknown')) then
    raise exception 'withdrawal % is %, and has a plan that is not proven dead', new.withdrawal, v_state
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- What a dead plan would have spent is free again, unless what ended it has spent it, or another of its withdrawal's, which may
-- still pay, spends it as well. A coin is reserved by the newest of them.
create or replace function custody.free_coins() returns trigger language plpgsql as $$
begin
  delete from custody.reservation r using custody.plan p
    where p.withdrawal = new.withdrawal and p.number = new.number
      and (r.digest = p.digest
        or r.outpoint = any(p.spends) and r.digest in (select digest from custody.plan where withdrawal = new.withdrawal))
      and not exists (
        select from custody.plan q
          where q.withdrawal = new.withdrawal and r.outpoint = any(q.spends) and not exists (
            select from custody.plan_dead d where d.withdrawal = q.withdrawal and d.number = q.number));
  return new;
end $$;

-- A payment's money does not come back while a plan of it is signed and may still confirm, whatever became of one that was to take
-- its place.
create function custody.signed_stays_held() returns trigger language plpgsql as $$
begin
  if exists (
      select from custody.signature g where g.withdrawal = new.id and g.signature is not null and not exists (
        select from custody.plan_dead d where d.withdrawal = g.withdrawal and d.number = g.plan)) then
    raise exception 'withdrawal % has a signed plan that is not proven dead', new.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger signed_stays_held before update of state on custody.withdrawal
  for each row when (new.state in ('refused', 'returned') and old.state is distinct from new.state)
  execute function custody.signed_stays_held();

grant update (digest) on custody.reservation to kuramori_custody;
