-- The only way into the books. An expected refusal is an answer and has changed nothing, so the caller's
-- transaction goes on; a malformed call is an error and ends it.
-- Locks are always taken in one order: the hold, the accounts by id, the totals by asset.

create type ledger.answer as (
  -- posted | repeated | other-body | overdraft | claims-above-holdings | already-claimed
  -- | unknown-hold | hold-posted | hold-voided | over-fee-cap
  outcome text,
  detail text,
  seq bigint
);

create function ledger.known(p_id text, p_body bytea) returns ledger.answer
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case when body = p_body then 'repeated' else 'other-body' end, id, seq
    from ledger.transfer where id = p_id
$$;

-- legs: [{"kind", "owner", "asset", "amount"}], amounts as text, a debit without sign, a credit with '-'.
-- release: what a hold gives back to the customer's leg in the same moment.
create function ledger.write(p_id text, p_kind text, p_about text, p_legs jsonb, p_release ledger.units)
returns ledger.answer language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_body bytea := sha256(convert_to(jsonb_build_array(p_kind, p_about, p_legs)::text, 'UTF8'));
  v_answer ledger.answer;
  v_text text;
  v_seq bigint;
  v_sums record;
  v_total ledger.total;
begin
  v_answer := ledger.known(p_id, v_body);
  if v_answer.outcome is not null then return v_answer; end if;

  if jsonb_typeof(p_legs) is distinct from 'array' or jsonb_array_length(p_legs) < 2 then
    raise exception 'transfer % has fewer than two legs', p_id using errcode = 'check_violation';
  end if;
  select coalesce(amount, 'null') into v_text
    from jsonb_to_recordset(p_legs) as leg (amount text)
    where amount is null or amount !~ '^-?[1-9][0-9]{0,77}$' limit 1;
  if found then
    raise exception 'transfer %: % is not a whole amount', p_id, v_text using errcode = 'check_violation';
  end if;
  select asset into v_text
    from jsonb_to_recordset(p_legs) as leg (asset text, amount numeric)
    group by asset having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'transfer % does not balance in %', p_id, v_text using errcode = 'check_violation';
  end if;
  select format('%s %s', kind, owner) into v_text
    from jsonb_to_recordset(p_legs) as leg (kind text, owner text, asset text)
    group by kind, owner, asset having count(*) > 1 limit 1;
  if found then
    raise exception 'transfer % names % twice', p_id, v_text using errcode = 'check_violation';
  end if;
  select leg.kind into v_text
    from jsonb_to_recordset(p_legs) as leg (kind text, amount numeric)
    where not exists (
      select from ledger.leg_kind k
        where k.transfer = p_kind and k.account = leg.kind
          and k.side = case when leg.amount > 0 then 'debit' else 'credit' end)
    limit 1;
  if found then
    raise exception 'a % does not touch % on this side', p_kind, v_text using errcode = 'check_violation';
  end if;

  insert into ledger.account (kind, owner, asset)
    select kind, owner, asset from jsonb_to_recordset(p_legs) as leg (kind text, owner text, asset text)
    order by kind, owner, asset
    on conflict do nothing;
  perform from ledger.account a
    join jsonb_to_recordset(p_legs) as leg (kind text, owner text, asset text) using (kind, owner, asset)
    order by a.id for update of a;

  -- The same transfer may have been written while we waited for the locks.
  v_answer := ledger.known(p_id, v_body);
  if v_answer.outcome is not null then return v_answer; end if;

  if p_kind = 'claim' then
    select id into v_text from ledger.transfer where kind = 'claim' and about = p_about;
    if found then return ('already-claimed', v_text, null)::ledger.answer; end if;
  end if;

  select format('%s %s: available %s of %s', a.kind, a.owner, a.balance - a.held, a.asset) into v_text
    from ledger.account a
    join ledger.account_kind k using (kind)
    join jsonb_to_recordset(p_legs) as leg (kind text, owner text, asset text, amount numeric) using (kind, owner, asset)
    where k.class = 'claim'
      and a.balance + k.side * leg.amount - a.held + case when k.class = 'claim' then p_release else 0 end < 0
    limit 1;
  if found then return ('overdraft', v_text, null)::ledger.answer; end if;

  -- Invariant 6. Read under the row's lock, so that two postings cannot both find room for one coin.
  for v_sums in
    select leg.asset,
        coalesce(sum(k.side * leg.amount) filter (where k.class = 'claim'), 0) as claims,
        coalesce(sum(k.side * leg.amount) filter (where k.class = 'holding'), 0) as holdings
      from jsonb_to_recordset(p_legs) as leg (kind text, asset text, amount numeric)
      join ledger.account_kind k using (kind)
      group by leg.asset order by leg.asset
  loop
    -- Between customers nothing changes in sum; such a posting need not wait for the row.
    continue when v_sums.claims = 0 and v_sums.holdings = 0;
    insert into ledger.total (asset) values (v_sums.asset) on conflict do nothing;
    select * into v_total from ledger.total where asset = v_sums.asset for update;
    -- Coins that bring their own claim are let in even where holdings are short already; a claim without coins is not.
    if v_sums.claims > greatest(v_sums.holdings, 0)
      and v_total.claims + v_sums.claims > v_total.holdings + v_sums.holdings
    then
      return ('claims-above-holdings',
        format('claims on %s would be %s, holdings %s', v_sums.asset,
          v_total.claims + v_sums.claims, v_total.holdings + v_sums.holdings), null)::ledger.answer;
    end if;
  end loop;

  insert into ledger.transfer (id, kind, about, body, legs)
    values (p_id, p_kind, p_about, v_body, jsonb_array_length(p_legs))
    on conflict (id) do nothing
    returning seq into v_seq;
  -- Another body under this id, over other accounts, was written meanwhile.
  if v_seq is null then return ledger.known(p_id, v_body); end if;

  with moved as (
    update ledger.account a
      set balance = a.balance + k.side * leg.amount,
        held = a.held - case when k.class = 'claim' then p_release else 0 end,
        version = a.version + 1
      from jsonb_to_recordset(p_legs) as leg (kind text, owner text, asset text, amount numeric)
      join ledger.account_kind k using (kind)
      where a.kind = leg.kind and a.owner = leg.owner and a.asset = leg.asset
      returning a.id, a.asset, leg.amount, a.balance, a.version
  )
  insert into ledger.entry (transfer, account, asset, amount, balance, version)
    select p_id, id, asset, amount, balance, version from moved;

  update ledger.total t
    set claims = t.claims + s.claims, holdings = t.holdings + s.holdings
    from (
      select leg.asset,
          coalesce(sum(k.side * leg.amount) filter (where k.class = 'claim'), 0) as claims,
          coalesce(sum(k.side * leg.amount) filter (where k.class = 'holding'), 0) as holdings
        from jsonb_to_recordset(p_legs) as leg (kind text, asset text, amount numeric)
        join ledger.account_kind k using (kind)
        group by leg.asset
    ) s
    where t.asset = s.asset and (s.claims <> 0 or s.holdings <> 0);

  return ('posted', p_id, v_seq)::ledger.answer;
end $$;

-- What custody may post by itself.
create function ledger.post(p_id text, p_kind text, p_about text, p_legs jsonb)
returns ledger.answer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from ledger.transfer_kind where kind = p_kind and by_custody) then
    raise exception 'a % is not posted by custody', p_kind using errcode = 'insufficient_privilege';
  end if;
  return ledger.write(p_id, p_kind, p_about, p_legs, 0);
end $$;

-- Credits a customer out of own funds. Two people's business (issue 3): no role may call it yet.
create function ledger.adjust(p_id text, p_about text, p_customer text, p_asset text, p_amount ledger.units)
returns ledger.answer language sql security definer set search_path = pg_catalog, pg_temp as $$
  select ledger.write(p_id, 'adjustment', p_about, jsonb_build_array(
    jsonb_build_object('kind', 'own-funds', 'owner', '', 'asset', p_asset, 'amount', p_amount::text),
    jsonb_build_object('kind', 'customer', 'owner', p_customer, 'asset', p_asset, 'amount', (-p_amount)::text)), 0)
$$;

-- From now on amount and fee cap are unavailable to the customer, or of what is unclaimed.
create function ledger.hold(
  p_id text, p_kind text, p_owner text, p_asset text, p_amount ledger.units, p_fee_cap ledger.units)
returns ledger.answer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_account ledger.account;
  v_hold ledger.hold;
begin
  -- Without an account there is nothing to hold, and nothing is made for a name that never had a coin.
  select * into v_account from ledger.account
    where kind = p_kind and p_kind in ('customer', 'unclaimed') and owner = p_owner and asset = p_asset for update;
  select * into v_hold from ledger.hold where id = p_id;
  if found then
    if v_hold.account = v_account.id and v_hold.amount = p_amount and v_hold.fee_cap = p_fee_cap then
      return ('repeated', p_id, null)::ledger.answer;
    end if;
    return ('other-body', p_id, null)::ledger.answer;
  end if;
  if v_account.id is null or v_account.balance - v_account.held < p_amount + p_fee_cap then
    return ('overdraft',
      format('%s %s: available %s of %s', p_kind, p_owner, coalesce(v_account.balance - v_account.held, 0), p_asset),
      null)::ledger.answer;
  end if;
  insert into ledger.hold (id, account, amount, fee_cap) values (p_id, v_account.id, p_amount, p_fee_cap)
    on conflict (id) do nothing;
  -- The id was taken meanwhile, over another account: the lock above would have told of the same one.
  if not found then return ('other-body', p_id, null)::ledger.answer; end if;
  update ledger.account set held = held + p_amount + p_fee_cap where id = v_account.id;
  return ('posted', p_id, null)::ledger.answer;
end $$;

-- The payment is final: the customer pays amount and `charged`, the wallet lost amount and `fee`. The customer
-- never pays above the cap that was agreed; what a fee costs beyond what is charged is ours, and so is the rest.
create function ledger.settle(p_hold text, p_transfer text, p_wallet text, p_fee ledger.units, p_charged ledger.units)
returns ledger.answer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_hold ledger.hold;
  v_account ledger.account;
  v_end ledger.hold_end;
  v_answer ledger.answer;
  v_legs jsonb;
begin
  select * into v_hold from ledger.hold where id = p_hold for update;
  if not found then return ('unknown-hold', p_hold, null)::ledger.answer; end if;
  select * into v_account from ledger.account where id = v_hold.account;
  if p_charged > v_hold.fee_cap then
    return ('over-fee-cap', format('%s is more than %s', p_charged, v_hold.fee_cap), null)::ledger.answer;
  end if;
  select * into v_end from ledger.hold_end where hold = p_hold;
  if v_end.kind = 'voided' or v_end.transfer <> p_transfer then
    return ('hold-' || v_end.kind, v_end.why, null)::ledger.answer;
  end if;
  select jsonb_agg(to_jsonb(leg) order by kind) into v_legs from (values
      (v_account.kind, v_account.owner, v_account.asset, (v_hold.amount + p_charged)::text),
      ('hot', p_wallet, v_account.asset, (-(v_hold.amount + p_fee))::text),
      ('own-funds', '', v_account.asset, greatest(p_fee - p_charged, 0)::text),
      ('fees', '', v_account.asset, (-greatest(p_charged - p_fee, 0))::text)
    ) as leg (kind, owner, asset, amount)
    where leg.amount <> '0';
  -- Posted before under this id: `write` says whether the body is the same, and releases nothing again.
  v_answer := ledger.write(p_transfer, 'withdrawal', p_hold, v_legs, v_hold.amount + v_hold.fee_cap);
  if v_answer.outcome = 'posted' then
    insert into ledger.hold_end (hold, kind, transfer, why) values (p_hold, 'posted', p_transfer, 'paid');
  end if;
  return v_answer;
end $$;

-- The payment can never be: the money is the customer's to use again.
create function ledger.void(p_hold text, p_why text)
returns ledger.answer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_hold ledger.hold;
  v_end ledger.hold_end;
begin
  select * into v_hold from ledger.hold where id = p_hold for update;
  if not found then return ('unknown-hold', p_hold, null)::ledger.answer; end if;
  select * into v_end from ledger.hold_end where hold = p_hold;
  if v_end.kind = 'voided' then return ('repeated', p_hold, null)::ledger.answer; end if;
  if v_end.kind = 'posted' then return ('hold-posted', v_end.transfer, null)::ledger.answer; end if;
  insert into ledger.hold_end (hold, kind, why) values (p_hold, 'voided', p_why);
  update ledger.account set held = held - v_hold.amount - v_hold.fee_cap where id = v_hold.account;
  return ('posted', p_hold, null)::ledger.answer;
end $$;
