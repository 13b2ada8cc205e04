-- Who logged in, when and from where. A password that was stolen is used before anything else is done with it.
-- All of it is the administrator's who applies this, and nobody else's: what a trigger on login calls runs in an administrator's
-- session too, so whoever may change it is an administrator.

create table logins.login (
  seq bigint primary key generated always as identity,
  at timestamptz not null default clock_timestamp(),
  role text not null,
  -- What the role is to us: a service has its triples written once, everybody else each login.
  kind text not null check (kind in ('administrator', 'person', 'service', 'other')),
  -- Empty where it came over a Unix socket.
  address text not null,
  -- As the caller calls itself.
  application text not null
);
create index login_seen on logins.login (role, address, application, at);

create function logins.forgets_nothing() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'what is written of logins stays: % is refused', tg_op using errcode = 'restrict_violation';
end $$;

create trigger forgets_nothing before update or delete or truncate on logins.login
  for each statement execute function logins.forgets_nothing();

create function logins.note() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_super boolean := (select rolsuper from pg_roles where rolname = session_user);
  v_kind text := case
    when v_super then 'administrator'
    when session_user like 'kuramori\_person\_%' then 'person'
    when session_user = 'kuramori_custody' then 'service'
    else 'other' end;
  v_address text := coalesce(host(inet_client_addr()), '');
  v_application text := current_setting('application_name');
begin
  -- A standby writes nothing.
  if pg_is_in_recovery() then return; end if;
  -- Anybody may ask for a session that writes nothing, and change that afterwards: it would be one that nobody knows of.
  if current_setting('transaction_read_only') = 'on' then
    if v_super then return; end if;
    raise exception 'a login is written down: log in without default_transaction_read_only' using errcode = 'read_only_sql_transaction';
  end if;
  begin
    -- A pool logs in all day, and who tries passwords does so all night: a service once, others once a minute.
    if exists (select from logins.login where role = session_user and address = v_address and application = v_application
        and (v_kind = 'service' or at > clock_timestamp() - interval '1 minute')) then
      return;
    end if;
    insert into logins.login (role, kind, address, application)
      values (session_user, v_kind, v_address, v_application);
  exception when others then
    -- Nobody is locked out because this is broken: it is told in the server's log, and by custody, who looks whether it is whole.
    raise warning 'a login of % from % was not written down: %', session_user, v_address, sqlerrm;
  end;
end $$;

-- Nobody has to be allowed it: Postgres calls it.
revoke all on function logins.note() from public;

create event trigger kuramori_logins on login execute function logins.note();
-- By a replica that applies changes, too.
alter event trigger kuramori_logins enable always;

grant usage on schema logins to kuramori_custody, kuramori_prover;
grant select on logins.login to kuramori_custody, kuramori_prover;
