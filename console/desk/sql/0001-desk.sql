-- Who may look, and who has looked. The desk's role reads no table of the house: it calls the functions at the end, which show what
-- the console shows. What is of customers takes a line first, of a transaction that is over: who looks, and at what. So not even a
-- stolen password of the desk's looks without a line, and none is taken back by a rollback. Times are this server's.

create table desk.person (
  id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 60),
  role text not null check (role in ('viewer', 'operator', 'approver', 'keeper', 'auditor')),
  -- Invites and removes people. It shows nobody's data by itself.
  administrator boolean not null,
  -- WebAuthn's user handle: tells an authenticator whose passkey it is, and tells nobody a name.
  handle bytea not null unique check (length(handle) = 32),
  at timestamptz not null default clock_timestamp(),
  removed_at timestamptz
);

-- Of two living ones of one name nobody could tell who looked.
create unique index person_name on desk.person (lower(name)) where removed_at is null;

create table desk.passkey (
  -- The credential's id, as WebAuthn writes it: base64url.
  id text primary key check (length(id) between 16 and 1400),
  person bigint not null references desk.person,
  public_key bytea not null,
  -- As the authenticator counts; one that goes back is a copy.
  counter bigint not null,
  transports text[] not null,
  at timestamptz not null default clock_timestamp(),
  used_at timestamptz
);

create table desk.session (
  -- SHA-256 of what the cookie holds.
  hash bytea primary key check (length(hash) = 32),
  -- The passkey that opened it: without its person, no session.
  passkey text not null references desk.passkey,
  at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);

create table desk.invitation (
  -- SHA-256 of the code; who reads the table cannot use it.
  hash bytea primary key check (length(hash) = 32),
  name text not null check (length(name) between 1 and 60),
  role text not null check (role in ('viewer', 'operator', 'approver', 'keeper', 'auditor')),
  administrator boolean not null,
  -- Null: the desk's own at its start, while nobody is there.
  made_by bigint references desk.person,
  at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz,
  ended_at timestamptz
);

-- One row, by whose lock one alone comes in, goes or is let in at a time.
create table desk.door (one boolean primary key default true check (one), opened_at timestamptz);
insert into desk.door default values;

-- What was ended, used or removed is so for good.
create function desk.only_once() returns trigger language plpgsql as $$
begin
  if (to_jsonb(old) ->> 'ended_at', to_jsonb(old) ->> 'removed_at') is distinct from (to_jsonb(new) ->> 'ended_at', to_jsonb(new) ->> 'removed_at')
      and (to_jsonb(old) ->> 'ended_at' is not null or to_jsonb(old) ->> 'removed_at' is not null)
    or (tg_table_name = 'invitation' and to_jsonb(old) ->> 'used_at' is not null
      and to_jsonb(old) ->> 'used_at' is distinct from to_jsonb(new) ->> 'used_at') then
    raise exception 'desk.%: is over, for good', tg_table_name using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger only_once before update on desk.person for each row execute function desk.only_once();
create trigger only_once before update on desk.session for each row execute function desk.only_once();
create trigger only_once before update on desk.invitation for each row execute function desk.only_once();

-- Every look at customers' data, for ever: the line is there before anything is shown, and says itself what is.
create table desk.viewing (
  number bigint generated always as identity primary key,
  person bigint not null references desk.person,
  session bytea not null references desk.session,
  what text not null check (what in ('withdrawals', 'withdrawal')),
  -- {id}; or the list's filter, {state, asset, find, before}.
  about jsonb not null check (jsonb_typeof(about) = 'object' and length(about::text) <= 500),
  -- The transaction that wrote it.
  by xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp()
);

-- Whose data it showed: each line shows once. One without this is of a look that came to nothing, or of somebody who threw their
-- transaction away after they had seen it.
create table desk.shown (
  viewing bigint primary key references desk.viewing,
  customers text[] not null
);

create function desk.forgets_nothing() returns trigger language plpgsql as $$
begin
  raise exception 'desk.% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
create trigger forgets_nothing before update or delete or truncate on desk.viewing
  for each statement execute function desk.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on desk.shown
  for each statement execute function desk.forgets_nothing();

-- The line, whose every part an auditor can read. Whose session it is decides; how soon it is over is the desk's to say, but one that
-- was ended, is older than a day, or whose person was removed, is none.
create function desk.look(p_session bytea, p_what text, p_about jsonb) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_number bigint;
begin
  if exists (select from jsonb_each(p_about) one
      where one.key not in ('id', 'state', 'asset', 'find', 'before') or jsonb_typeof(one.value) not in ('string', 'null')) then
    raise exception 'about: has something that no look is about' using errcode = 'invalid_parameter_value';
  end if;
  insert into desk.viewing (person, session, what, about)
    select p.id, s.hash, p_what, jsonb_strip_nulls(p_about)
      from desk.session s join desk.passkey k on k.id = s.passkey join desk.person p on p.id = k.person
      where s.hash = p_session and s.ended_at is null and p.removed_at is null
        and s.at > clock_timestamp() - interval '24 hours'
        and p.role in ('operator', 'approver', 'auditor')
    returning number into v_number;
  if v_number is null then
    raise exception 'nobody with such a role has such a session' using errcode = 'insufficient_privilege';
  end if;
  return v_number;
end $$;

-- What a line is about, while it is fresh; and only once its transaction is over, since else it could be taken back.
create function desk.written(p_look bigint, p_what text) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  v_about jsonb;
begin
  select v.about into v_about from desk.viewing v
    where v.number = p_look and v.what = p_what and v.by <> pg_current_xact_id()
      and v.at > clock_timestamp() - interval '10 seconds';
  if v_about is null then
    raise exception 'no line says who looks: write it first, and commit it' using errcode = 'insufficient_privilege';
  end if;
  return v_about;
end $$;

-- The house at a glance: sums, never a customer.
create function desk.overview() returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp begin atomic
  with
    holding as (
      select asset, kind, owner, balance from ledger.account where kind in ('hot', 'cold', 'in-transit') and balance <> 0
    ),
    -- The newest ones by their place, so that a house of a million payments answers as fast.
    newest as (select id, requested_at from custody.withdrawal order by arrival desc limit 2000),
    pace as (
      select n.requested_at, min(s.at) as sent_at
        from newest n join custody.withdrawal_step s on s.withdrawal = n.id and s.state in ('sent', 'confirmed')
        group by n.id, n.requested_at
    ),
    clock as (select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now)
  select jsonb_build_object(
    'at', clock.now,
    'assets', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'asset', t.asset, 'claims', t.claims::text, 'holdings', t.holdings::text,
          'wallets', (select coalesce(jsonb_agg(jsonb_build_object('kind', h.kind, 'wallet', h.owner, 'units', h.balance::text)
              order by h.kind desc, h.owner), '[]') from holding h where h.asset = t.asset),
          'stop', (select jsonb_build_object('why', s.why, 'began', s.began_at, 'thawed', s.thawed_at)
              from custody.stop s where s.asset = t.asset and s.ended_at is null),
          'services', (select coalesce(jsonb_object_agg(v.service, v.state), '{}') from custody.service v where v.asset = t.asset)
        ) order by t.asset), '[]')
        from ledger.total t),
    'cursors', (select coalesce(jsonb_object_agg(c.chain, c.height), '{}') from custody.cursor c),
    'told', (select coalesce(jsonb_object_agg(d.what, jsonb_build_object('body', d.body,
        'age', floor(extract(epoch from clock_timestamp() - d.at) * 1000)::bigint)), '{}') from custody.told d),
    'open', (select coalesce(jsonb_object_agg(o.state, o.count), '{}') from (
        select state, count(*) as count from custody.withdrawal where open group by state) o),
    'asked', (select count(*) from newest n where n.requested_at > clock.now - 60000),
    'sent', (select count(*) from pace p where p.sent_at > clock.now - 60000),
    'p99', (select floor(percentile_cont(0.99) within group (order by p.sent_at - p.requested_at)) from pace p),
    'counted', (select count(*) from pace),
    'notices', (select coalesce(jsonb_object_agg(n.severity, n.count), '{}') from (
        select severity, count(*) as count from custody.notice
          where acknowledged_at is null and over_at is null group by severity) n)
  ) from clock;
end;

-- The newest first, before a place in the order of arrival, as the line says. `find`: an id's or a transaction's beginning of 8 hex
-- digits or more, or a customer's whole id. Planned for what is asked: a filter that is not there costs nothing.
create function desk.withdrawals(p_look bigint) returns setof jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
  v_about jsonb := desk.written(p_look, 'withdrawals');
  v_state text := v_about ->> 'state';
  v_asset text := v_about ->> 'asset';
  v_find text := v_about ->> 'find';
  v_before bigint := (v_about ->> 'before')::bigint;
  v_ids text[] := '{}';
  v_found jsonb[];
begin
  if v_find ~ '^[0-9a-f]{8,64}$' then
    v_ids := array(select w.id from custody.withdrawal w where w.id >= v_find and w.id < v_find || 'g' limit 200)
      || array(select p.withdrawal from custody.plan p where p.transaction >= v_find and p.transaction < v_find || 'g' limit 200);
  end if;
  v_found := array(
    select jsonb_build_object('place', w.arrival, 'id', w.id, 'reason', w.reason, 'customer', w.customer, 'asset', w.asset,
        'amount', w.amount::text, 'state', w.state, 'requestedAt', w.requested_at,
        'address', coalesce((w.request ->> 'body')::jsonb #>> '{destination,address}', w.cold_address))
      from custody.withdrawal w
      where (v_state is null or w.state = v_state) and (v_asset is null or w.asset = v_asset)
        and (v_before is null or w.arrival < v_before)
        and (v_find is null or w.customer = v_find or w.id = any(v_ids))
      order by w.arrival desc limit 101);
  insert into desk.shown (viewing, customers)
    values (p_look, array(select distinct one ->> 'customer' from unnest(v_found) one where one ->> 'customer' is not null order by 1));
  return query select unnest(v_found);
end $$;

-- One, with everything that was decided, approved, recorded, signed and sent. Null where there is none.
create function desk.withdrawal(p_look bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_about jsonb := desk.written(p_look, 'withdrawal');
  v custody.withdrawal;
begin
  select * into v from custody.withdrawal where id = v_about ->> 'id';
  insert into desk.shown (viewing, customers)
    values (p_look, case when v.customer is null then '{}' else array[v.customer] end);
  if v.id is null then return null; end if;
  return jsonb_build_object(
    'id', v.id, 'reason', v.reason, 'customer', v.customer, 'deposit', v.deposit, 'wallet', v.wallet, 'asset', v.asset,
    'amount', v.amount::text, 'feeCap', v.fee_cap::text, 'fee', v.fee::text, 'state', v.state, 'waiting', v.waiting,
    'why', v.why, 'priority', v.priority, 'requestedAt', v.requested_at, 'expiry', v.expiry, 'height', v.height,
    'address', coalesce((v.request ->> 'body')::jsonb #>> '{destination,address}', v.cold_address),
    'memo', (v.request ->> 'body')::jsonb #>> '{destination,memo}',
    'keyId', v.request ->> 'keyId',
    'steps', (select coalesce(jsonb_agg(jsonb_build_object('number', s.number, 'state', s.state, 'why', s.why, 'at', s.at)
        order by s.number), '[]') from custody.withdrawal_step s where s.withdrawal = v.id),
    'approvals', (select coalesce(jsonb_agg(jsonb_build_object('person', a.person, 'at', a.at) order by a.at, a.person), '[]')
        from custody.approval a where a.withdrawal = v.id),
    'plans', (select coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'transaction', p.transaction, 'digest', p.digest,
        'at', p.at, 'dead', (select d.why from custody.plan_dead d where d.withdrawal = v.id and d.number = p.number),
        'records', (select coalesce(jsonb_agg(jsonb_build_object('signer', g.signer, 'key', g.key, 'entry', g.entry,
              'countersignatures', jsonb_array_length(g.countersignatures), 'signature', g.signature,
              'place', (select max(r.seq) from custody.recorded r
                where r.intent = v.id and r.plan = p.digest and r.signer = g.signer)) order by g.part), '[]')
            from custody.signature g where g.withdrawal = v.id and g.plan = p.number),
        'announcements', (select coalesce(jsonb_agg(jsonb_build_object('node', n.node, 'part', n.part, 'tries', n.tries,
              'at', n.at, 'code', n.code, 'message', n.message) order by n.part, n.node), '[]')
            from custody.announcement n where n.withdrawal = v.id and n.plan = p.number)
        ) order by p.number), '[]') from custody.plan p where p.withdrawal = v.id));
end $$;

-- Who has looked at what: an auditor's. Names no customer's amount.
create function desk.viewings(p_before bigint, p_limit int) returns setof jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp begin atomic
  select jsonb_build_object('number', v.number, 'person', p.name, 'personId', p.id::text, 'what', v.what, 'about', v.about,
      'customers', s.customers, 'at', floor(extract(epoch from v.at) * 1000)::bigint)
    from desk.viewing v join desk.person p on p.id = v.person left join desk.shown s on s.viewing = v.number
    where p_before is null or v.number < p_before
    order by v.number desc limit least(greatest(p_limit, 1), 201);
end;

revoke execute on all functions in schema desk from public;
grant usage on schema desk to kuramori_desk, kuramori_prover;
grant select on desk.person, desk.passkey, desk.session, desk.invitation to kuramori_desk;
grant select on all tables in schema desk to kuramori_prover;
grant select on desk.door to kuramori_desk;
grant update (opened_at) on desk.door to kuramori_desk;
-- When is the server's to say.
grant insert (name, role, administrator, handle) on desk.person to kuramori_desk;
grant insert (id, person, public_key, counter, transports, used_at) on desk.passkey to kuramori_desk;
grant insert (hash, passkey) on desk.session to kuramori_desk;
grant insert (hash, name, role, administrator, made_by, expires_at) on desk.invitation to kuramori_desk;
-- Whoever was somebody stays who they were: a role is changed by removing the person and inviting them again.
grant update (removed_at) on desk.person to kuramori_desk;
grant update (counter, used_at) on desk.passkey to kuramori_desk;
grant update (seen_at, ended_at) on desk.session to kuramori_desk;
grant update (used_at, ended_at) on desk.invitation to kuramori_desk;
grant execute on function desk.overview(), desk.look(bytea, text, jsonb), desk.withdrawals(bigint), desk.withdrawal(bigint),
  desk.viewings(bigint, int) to kuramori_desk;
