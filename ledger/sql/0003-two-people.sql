-- What one alone may not book: a reward, a compensation, a debt forgiven, a credit beyond the limit. Two people, each with
-- a login of their own that custody does not have; Postgres itself says who is who.

create table ledger.proposal (
  -- The id of the transfer that it becomes.
  id ledger.name primary key,
  kind text not null references ledger.transfer_kind,
  about ledger.name not null,
  -- For whoever approves it, and for the auditor.
  why text not null check (length(why) between 10 and 2000),
  -- [{"kind", "owner", "asset", "amount"}], amounts as text, a debit without sign, a credit with '-'.
  legs jsonb not null check (jsonb_typeof(legs) = 'array'),
  proposed_by text not null,
  at timestamptz not null default clock_timestamp()
);

-- How it ended: once.
create table ledger.proposal_end (
  proposal text primary key references ledger.proposal,
  outcome text not null check (outcome in ('posted', 'withdrawn')),
  by text not null,
  at timestamptz not null default clock_timestamp()
);

create trigger forgets_nothing before update or delete or truncate on ledger.proposal
  for each statement execute function ledger.forgets_nothing();
create trigger forgets_nothing before update or delete or truncate on ledger.proposal_end
  for each statement execute function ledger.forgets_nothing();

-- session_user is who logged in: neither `set role` nor this function's owner changes it.
create function ledger.propose(p_id text, p_kind text, p_about text, p_why text, p_legs jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from ledger.transfer_kind where kind = p_kind and by_people) then
    raise exception 'a % is not posted by people', p_kind using errcode = 'check_violation';
  end if;
  if exists (select from ledger.transfer where id = p_id) then
    raise exception '% is posted already', p_id using errcode = 'check_violation';
  end if;
  insert into ledger.proposal (id, kind, about, why, legs, proposed_by)
    values (p_id, p_kind, p_about, p_why, p_legs, session_user);
end $$;

-- Posts it. The digest is of the legs as the approver was shown them, so nobody approves something else than they saw.
create function ledger.approve(p_id text, p_digest text) returns ledger.answer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_proposal ledger.proposal;
  v_count int;
  v_answer ledger.answer;
begin
  select * into v_proposal from ledger.proposal where id = p_id for update;
  if not found then raise exception 'there is no proposal %', p_id using errcode = 'no_data_found'; end if;
  if v_proposal.proposed_by = session_user then
    raise exception '% proposed % and cannot approve it: another person must', session_user, p_id
      using errcode = 'insufficient_privilege';
  end if;
  if exists (select from ledger.proposal_end where proposal = p_id) then
    raise exception 'proposal % has ended', p_id using errcode = 'check_violation';
  end if;
  if ledger.proposal_digest(v_proposal) <> p_digest then
    raise exception 'proposal % is not what was approved', p_id using errcode = 'check_violation';
  end if;
  v_count := jsonb_array_length(v_proposal.legs);
  select a.outcome, a.detail, a.seq, a.short into v_answer from ledger.apply(
    array[v_proposal.id], array[v_proposal.kind], array[v_proposal.about], array[v_count],
    array[null::numeric], array[null::timestamptz], array[false],
    array(select leg ->> 'kind' from jsonb_array_elements(v_proposal.legs) leg),
    array(select leg ->> 'owner' from jsonb_array_elements(v_proposal.legs) leg),
    array(select leg ->> 'asset' from jsonb_array_elements(v_proposal.legs) leg),
    array(select (leg ->> 'amount')::numeric from jsonb_array_elements(v_proposal.legs) leg),
    array_fill(null::text, array[v_count]), true) a;
  if v_answer.outcome = 'posted' then
    insert into ledger.proposal_end (proposal, outcome, by) values (p_id, 'posted', session_user);
  end if;
  return v_answer;
end $$;

create function ledger.proposal_digest(p ledger.proposal) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(jsonb_build_array(p.id, p.kind, p.about, p.why, p.legs, p.proposed_by)::text, 'UTF8')), 'hex')
$$;

-- Whoever proposed it, or anybody who would have to approve it, can end it.
create function ledger.withdraw(p_id text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform from ledger.proposal where id = p_id for update;
  if not found then raise exception 'there is no proposal %', p_id using errcode = 'no_data_found'; end if;
  insert into ledger.proposal_end (proposal, outcome, by) values (p_id, 'withdrawn', session_user);
exception when unique_violation then
  raise exception 'proposal % has ended', p_id using errcode = 'check_violation';
end $$;

create view ledger.open_proposal as
  select p.id, p.kind, p.about, p.why, p.legs, p.proposed_by, p.at, ledger.proposal_digest(p) as digest
    from ledger.proposal p where not exists (select from ledger.proposal_end e where e.proposal = p.id);
