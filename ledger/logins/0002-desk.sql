-- The console's desk is a service, too: where its password is used from elsewhere, somebody has stolen it.
create or replace function logins.note() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_super boolean := (select rolsuper from pg_roles where rolname = session_user);
  v_kind text := case
    when v_super then 'administrator'
    when session_user like 'kuramori\_person\_%' then 'person'
    when session_user in ('kuramori_custody', 'kuramori_desk') then 'service'
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
