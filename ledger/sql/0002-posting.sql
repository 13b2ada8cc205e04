-- The only way into the books: many operations at once, decided one after the other, read and written as sets.
-- An expected refusal is an answer and has changed nothing but that it is remembered; a malformed call is an error and
-- ends the transaction. Locks are always taken in one order: holds by id, accounts by id, totals by asset.

create type ledger.answer as (
  -- posted | repeated | other-body | overdraft | claims-above-holdings | needs-two-people | already-claimed
  -- | unknown-hold | hold-posted | hold-voided | hold-expired | over-hold
  outcome text,
  detail text,
  seq bigint,
  -- Of a reversal: what its owner had no longer, and owes now.
  short numeric
);

-- The median of what postings credited since yesterday, by size; null where there were fewer than a hundred.
create function ledger.credit_median(p_asset text, p_day date) returns numeric
language sql stable set search_path = pg_catalog, pg_temp as $$
  with counted as (
    select size, sum(count) as count from ledger.credit_day
      where asset = p_asset and day >= p_day - 1 group by size
  ), ranked as (
    select size, sum(count) over (order by size) as upto, sum(count) over () as every from counted
  )
  select min(size) from ranked where every >= 100 and upto * 2 >= every
$$;

-- Without a search path of its own, so that it is written into the statement that uses it instead of being called.
create function ledger.size_of(p_units numeric) returns numeric language sql immutable as $$
  select (case when left(p_units::text, 1) >= '5' then '5' when left(p_units::text, 1) >= '2' then '2' else '1' end
    || repeat('0', length(p_units::text) - 1))::numeric
$$;

-- What is wrong with a call, or null. The caller's fault, so nothing depends on the state of the books.
create function ledger.fault(
  p_ids text[], p_kinds text[], p_counts int[], p_items int[],
  p_leg_kinds text[], p_leg_owners text[], p_leg_assets text[], p_leg_amounts numeric[], p_leg_holds text[], p_people boolean
) returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  v_fault text;
begin
  select format('%s is asked for twice at once', id) into v_fault
    from unnest(p_ids) id group by id having count(*) > 1 limit 1;
  if found then return v_fault; end if;
  select format('%s is held and used at once', p_ids[o.n]) into v_fault
    from unnest(p_kinds) with ordinality o (kind, n)
    where o.kind = 'hold' and p_ids[o.n] = any (p_leg_holds) limit 1;
  if found then return v_fault; end if;
  select case
      when k.kind is null and i.kind not in ('hold', 'void') then format('there is no transfer of kind %s', i.kind)
      when p_people and not coalesce(k.by_people, false) then format('a %s is not posted by people', i.kind)
      when not p_people and not coalesce(k.by_custody, true) then format('a %s is not posted by custody', i.kind)
      else format('%s %s has fewer than two legs', i.kind, i.id)
    end into v_fault
    from unnest(p_ids, p_kinds, p_counts) i (id, kind, count)
    left join ledger.transfer_kind k on k.kind = i.kind
    where i.count <> all (case i.kind when 'hold' then array[1] when 'void' then array[0] else array[2, i.count] end)
      or i.count < 2 and i.kind not in ('hold', 'void')
      or k.kind is null and i.kind not in ('hold', 'void')
      or k.kind is not null and case when p_people then not k.by_people else not k.by_custody end
      or p_people and k.kind is null
    limit 1;
  if found then return v_fault; end if;
  select format('%s %s: %s is not a whole amount', p_kinds[l.item], p_ids[l.item], coalesce(l.amount::text, 'null')) into v_fault
    from unnest(p_items, p_leg_amounts) l (item, amount)
    where l.amount is null or abs(l.amount) >= 1e78 or l.amount <> trunc(l.amount) or (l.amount = 0 and p_kinds[l.item] <> 'reversal')
    limit 1;
  if found then return v_fault; end if;
  -- Each way to touch an account once, however many do.
  select case
      when l.transfer = 'hold' then format('hold %s: only of a customer or of what is unclaimed', l.id)
      when r.account is null then format('a %s does not touch %s on this side', l.transfer, l.kind)
      when r.hold = 'must' then format('%s %s takes from %s without a hold', l.transfer, l.id, l.kind)
      else format('%s %s: %s takes from no hold', l.transfer, l.id, l.kind)
    end into v_fault
    from (
      select p_kinds[item] as transfer, kind, amount >= 0 as debit, hold is not null as held, min(p_ids[item]) as id
        from unnest(p_items, p_leg_kinds, p_leg_amounts, p_leg_holds) g (item, kind, amount, hold) group by 1, 2, 3, 4
    ) l
    left join ledger.leg_kind r on r.transfer = l.transfer and r.account = l.kind
      and r.side = case when l.debit then 'debit' else 'credit' end
    where case l.transfer
        when 'hold' then l.kind not in ('customer', 'unclaimed') or not l.debit or l.held
        else r.account is null or r.hold = case when l.held then 'never' else 'must' end
      end
    limit 1;
  if found then return v_fault; end if;
  select format('%s %s names %s %s twice', p_kinds[l.item], p_ids[l.item], l.kind, l.owner) into v_fault
    from unnest(p_items, p_leg_kinds, p_leg_owners, p_leg_assets) l (item, kind, owner, asset)
    group by l.item, l.kind, l.owner, l.asset having count(*) > 1 limit 1;
  if found then return v_fault; end if;
  select format('%s %s does not balance in %s', p_kinds[l.item], p_ids[l.item], l.asset) into v_fault
    from unnest(p_items, p_leg_assets, p_leg_amounts) l (item, asset, amount)
    where p_kinds[l.item] <> 'hold'
    group by l.item, l.asset having sum(l.amount) <> 0 limit 1;
  return v_fault;
end $$;

/*
  Operations are arrays of one length: a transfer of some kind with its legs; `hold`, with one leg of amount and fee cap
  together; `void`, whose id is the hold's and whose `about` is the reason. Legs stand in one list, p_counts of them an
  operation. A debit is above zero, a credit below. p_closes: what a posted hold has left is free again.
*/
create function ledger.apply(
  p_ids text[], p_kinds text[], p_abouts text[], p_counts int[], p_fee_caps numeric[], p_expires timestamptz[], p_closes boolean[],
  p_leg_kinds text[], p_leg_owners text[], p_leg_assets text[], p_leg_amounts numeric[], p_leg_holds text[], p_people boolean
) returns setof ledger.answer language plpgsql set search_path = pg_catalog, pg_temp
-- Few rows of tables that grow: each is looked up by its index, also where the plan was made when the table was empty.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  v_now timestamptz;
  v_fault text;
  -- For each operation.
  v_bodies bytea[];
  v_known text[];
  v_known_detail text[];
  v_claimed text[];
  v_outcomes text[] := array_fill(null::text, array[cardinality(p_ids)]);
  v_details text[] := v_outcomes;
  v_seqs bigint[] := array_fill(null::bigint, array[cardinality(p_ids)]);
  v_shorts numeric[] := array_fill(null::numeric, array[cardinality(p_ids)]);
  v_written int[] := array_fill(0, array[cardinality(p_ids)]);
  v_firsts int[];
  -- For each leg: its operation, account, hold, what is written of it.
  v_items int[];
  v_texts text[];
  v_accounts bigint[];
  v_places int[];
  v_holds int[];
  v_amounts numeric[] := p_leg_amounts;
  v_leg_seqs bigint[] := array_fill(null::bigint, array[cardinality(p_leg_kinds)]);
  v_balances numeric[] := array_fill(null::numeric, array[cardinality(p_leg_kinds)]);
  v_versions bigint[] := v_leg_seqs;
  -- For each account, in the order of ids.
  a_ids bigint[];
  a_classes text[];
  a_sides int[];
  a_balances numeric[];
  a_held numeric[];
  a_versions bigint[];
  a_names text[];
  a_assets int[];
  -- For each hold, in the order of ids; v_void: an operation's own, where it is a `void`.
  h_ids text[];
  h_accounts bigint[];
  h_open numeric[];
  h_ends text[];
  h_end_details text[];
  h_expires timestamptz[];
  v_void int[];
  n_ends text[];
  n_end_seqs bigint[];
  n_end_whys text[];
  -- For each asset.
  t_assets text[];
  t_claims numeric[];
  t_holdings numeric[];
  t_limits numeric[];
  -- What this call changes of them, and one operation.
  c_claims numeric[];
  c_holdings numeric[];
  d_claims numeric[];
  d_holdings numeric[];
  d_credits numeric[];
  v_none numeric[];
  -- In the loop.
  i int;
  l int;
  k int;
  h int;
  t int;
  v_first int;
  v_last int := 0;
  v_kind text;
  v_amount numeric;
  v_change numeric;
  v_release numeric;
  v_left numeric;
  v_outcome text;
  v_detail text;
  v_seq bigint;
begin
  if cardinality(p_ids) = 0 then return; end if;
  select coalesce(array_agg(o.n order by o.n, s), '{}') into v_items
    from unnest(p_counts) with ordinality o (count, n), generate_series(1, o.count) s;
  select array_agg(upto - count + 1 order by n) into v_firsts
    from (select n, count, sum(count) over (order by n) as upto from unnest(p_counts) with ordinality o (count, n)) o;
  v_fault := ledger.fault(p_ids, p_kinds, p_counts, v_items,
    p_leg_kinds, p_leg_owners, p_leg_assets, p_leg_amounts, p_leg_holds, p_people);
  if v_fault is not null then raise exception '%', v_fault using errcode = 'check_violation'; end if;

  -- No name in it has white space, so no two calls lead to one text.
  select coalesce(array_agg(concat_ws(' ', kind, owner, asset, amount, coalesce(hold, '')) order by n), '{}') into v_texts
    from unnest(p_leg_kinds, p_leg_owners, p_leg_assets, p_leg_amounts, p_leg_holds)
      with ordinality g (kind, owner, asset, amount, hold, n);
  select array_agg(sha256(convert_to(concat_ws(E'\n', kind, about, fee_cap, extract(epoch from expires), closes,
        array_to_string(v_texts[first : first + count - 1], E'\n')), 'UTF8')) order by n) into v_bodies
    from unnest(p_kinds, p_abouts, p_fee_caps, p_expires, p_closes, v_firsts, p_counts)
      with ordinality o (kind, about, fee_cap, expires, closes, first, count, n);

  for i in 1 .. 2 loop
    select coalesce(array_agg(a.id order by g.n), '{}') into v_accounts
      from unnest(p_leg_kinds, p_leg_owners, p_leg_assets) with ordinality g (kind, owner, asset, n)
      left join ledger.account a on a.kind = g.kind and a.owner = g.owner and a.asset = g.asset;
    exit when array_position(v_accounts, null) is null;
    -- Without an account there is nothing to hold, and nothing is made for a name that never had a coin, nor for what was
    -- answered before.
    insert into ledger.account (kind, owner, asset)
      select distinct g.kind, g.owner, g.asset
        from unnest(v_items, v_accounts, p_leg_kinds, p_leg_owners, p_leg_assets) g (item, account, kind, owner, asset)
        where g.account is null and p_kinds[g.item] <> 'hold'
          and not exists (select from ledger.transfer w where w.id = p_ids[g.item])
        order by 1, 2, 3
      on conflict do nothing;
  end loop;

  -- Read as they are locked: a row is the newest one then, whatever it was when this statement began.
  select coalesce(array_agg(id order by id), '{}'), coalesce(array_agg(account order by id), '{}'), array_agg(open order by id),
      array_agg(expires order by id)
    into h_ids, h_accounts, h_open, h_expires
    from (
      select x.id, x.account, x.open, x.expires from ledger.hold x
        where x.id = any (p_leg_holds || array(select id from unnest(p_ids, p_kinds) o (id, kind) where kind = 'void'))
        order by x.id for update
    ) x;
  -- The accounts of all legs, and of all holds that are named: places below are places among these.
  select coalesce(array_agg(id order by id), '{}'), array_agg(class order by id), array_agg(side order by id),
      array_agg(balance order by id), array_agg(held order by id), array_agg(version order by id), array_agg(asset order by id)
    into a_ids, a_classes, a_sides, a_balances, a_held, a_versions, a_names
    from (
      select a.id, c.class, c.side, a.balance, a.held, a.version, a.asset
        from ledger.account a join ledger.account_kind c using (kind)
        where a.id = any (v_accounts || h_accounts)
        order by a.id for update of a
    ) a;
  t_assets := array(select distinct asset from unnest(a_names) asset order by 1);
  a_assets := array(select array_position(t_assets, asset) from unnest(a_names) with ordinality a (asset, n) order by n);
  select coalesce(array_agg(place order by n) filter (where n is not null), '{}') into v_places
    from (
      select n, case when id is not null then dense_rank() over (order by id) end as place
        from (
          select id, n from unnest(v_accounts) with ordinality g (id, n)
          union all select account, null from unnest(h_accounts) account
        ) g
    ) g;
  -- Behind the locks, so that along one account time never goes back, not even where the server's clock does.
  v_now := greatest(clock_timestamp(), (select w.at from ledger.transfer w order by w.seq desc limit 1));
  select array_agg(e.kind order by x.n), array_agg(coalesce(w.id, e.why) order by x.n) into h_ends, h_end_details
    from unnest(h_ids) with ordinality x (id, n)
    left join ledger.hold_end e on e.hold = x.id
    left join ledger.transfer w on w.seq = e.transfer;
  select coalesce(array_agg(array_position(h_ids, hold) order by n), '{}') into v_holds
    from unnest(p_leg_holds) with ordinality g (hold, n);
  select array_agg(case when kind = 'void' then array_position(h_ids, id) end order by n) into v_void
    from unnest(p_ids, p_kinds) with ordinality o (id, kind, n);
  n_ends := array_fill(null::text, array[cardinality(h_ids)]);
  n_end_seqs := array_fill(null::bigint, array[cardinality(h_ids)]);
  n_end_whys := n_ends;

  if exists (select from unnest(p_kinds) kind where kind not in ('hold', 'void')) then
    insert into ledger.total (asset) select asset from unnest(t_assets) asset
      where not exists (select from ledger.total x where x.asset = asset.asset) order by 1 on conflict do nothing;
    perform from ledger.total where asset = any (t_assets) order by asset for update;
  end if;
  select array_agg(coalesce(x.claims, 0) order by a.n), array_agg(coalesce(x.holdings, 0) order by a.n)
    into t_claims, t_holdings
    from unnest(t_assets) with ordinality a (asset, n) left join ledger.total x on x.asset = a.asset;
  if not p_people and 'trade' = any (p_kinds) then
    select array_agg(coalesce(greatest(c.floor, c.multiple * ledger.credit_median(a.asset, (v_now at time zone 'UTC')::date)), 0) order by a.n)
      into t_limits
      from unnest(t_assets) with ordinality a (asset, n) left join ledger.credit_limit c on c.asset = a.asset;
  end if;
  v_none := array_fill(0::numeric, array[cardinality(t_assets)]);
  c_claims := v_none;
  c_holdings := v_none;

  -- What was answered before, read behind the locks: the same may have been written while we waited.
  select array_agg(case
        when coalesce(w.body, x.body, r.body) is null then null
        when coalesce(w.body, x.body, r.body) <> v_bodies[o.n] then 'other-body'
        when coalesce(w.body, x.body) is not null then 'repeated'
        else r.outcome
      end order by o.n),
      array_agg(case when coalesce(w.body, x.body) is null and r.body = v_bodies[o.n] then r.detail else o.id end order by o.n),
      array_agg(w.seq order by o.n)
    into v_known, v_known_detail, v_seqs
    from unnest(p_ids, p_kinds) with ordinality o (id, kind, n)
    left join ledger.transfer w on w.id = o.id and o.kind not in ('hold', 'void')
    left join ledger.hold x on x.id = o.id and o.kind = 'hold'
    left join ledger.refusal r on r.id = o.id and r.of = case when o.kind = 'hold' then 'hold' else 'transfer' end and o.kind <> 'void'
      -- What one alone was refused two may still post.
      and not (p_people and r.outcome = 'needs-two-people');
  if 'claim' = any (p_kinds) then
    select coalesce(array_agg(w.about), '{}') into v_claimed from ledger.transfer w
      where w.kind = 'claim' and w.about = any (array(select about from unnest(p_abouts, p_kinds) o (about, kind) where kind = 'claim'));
  end if;

  for i in 1 .. cardinality(p_ids) loop
    v_first := v_last + 1;
    v_last := v_last + p_counts[i];
    v_kind := p_kinds[i];
    if v_known[i] is not null then
      v_outcomes[i] := v_known[i];
      v_details[i] := v_known_detail[i];
      continue;
    end if;
    v_outcome := null;
    v_detail := p_ids[i];

    if v_kind = 'hold' then
      k := v_places[v_first];
      if k is null or a_balances[k] - a_held[k] < v_amounts[v_first] then
        v_outcomes[i] := 'overdraft';
        v_details[i] := trim(format('%s %s', p_leg_kinds[v_first], p_leg_owners[v_first]))
          || format(': available %s of %s', coalesce(a_balances[k] - a_held[k], 0), p_leg_assets[v_first]);
        continue;
      end if;
      a_held[k] := a_held[k] + v_amounts[v_first];
      v_outcomes[i] := 'posted';
      v_details[i] := p_ids[i];
      continue;
    end if;

    if v_kind = 'void' then
      h := v_void[i];
      v_outcomes[i] := case
        when h is null then 'unknown-hold'
        when h_ends[h] = 'posted' then 'hold-posted'
        when h_ends[h] is not null then 'repeated'
        else 'posted' end;
      v_details[i] := coalesce(case when h_ends[h] = 'posted' then h_end_details[h] end, p_ids[i]);
      if v_outcomes[i] = 'posted' then
        k := array_position(a_ids, h_accounts[h]);
        assert k is not null, 'the account of a freed hold is locked';
        a_held[k] := a_held[k] - h_open[h];
        h_open[h] := 0;
        h_ends[h] := case when h_expires[h] <= v_now then 'expired' else 'voided' end;
        n_ends[h] := h_ends[h];
        n_end_whys[h] := p_abouts[i];
      end if;
      continue;
    end if;

    if v_kind = 'claim' and p_abouts[i] = any (v_claimed) then
      v_outcome := 'already-claimed';
      v_detail := p_abouts[i];
    end if;
    -- The chain took the coins: what the owner (second leg) has no longer is due by the third.
    if v_kind = 'reversal' then
      k := v_places[v_first + 1];
      v_left := greatest(a_balances[k] - a_held[k], 0);
      if a_classes[k] = 'claim' and v_amounts[v_first + 1] > v_left then
        v_amounts[v_first + 2] := v_amounts[v_first + 2] + v_amounts[v_first + 1] - v_left;
        v_amounts[v_first + 1] := v_left;
      end if;
      v_shorts[i] := v_amounts[v_first + 2];
    end if;

    d_claims := v_none;
    d_holdings := v_none;
    d_credits := v_none;
    for l in v_first .. v_last loop
      exit when v_outcome is not null;
      k := v_places[l];
      assert a_ids[k] = v_accounts[l], 'each leg has its own account';
      t := a_assets[k];
      v_change := a_sides[k] * v_amounts[l];
      v_release := 0;
      if p_leg_holds[l] is not null then
        h := v_holds[l];
        if h is null or h_accounts[h] <> a_ids[k] then
          v_outcome := 'unknown-hold';
          v_detail := p_leg_holds[l];
        elsif h_ends[h] is not null then
          v_outcome := 'hold-' || h_ends[h];
          v_detail := h_end_details[h];
        elsif h_expires[h] <= v_now then
          v_outcome := 'hold-expired';
          v_detail := h_ids[h];
        elsif v_amounts[l] > h_open[h] then
          v_outcome := 'over-hold';
          v_detail := format('%s is more than the %s that %s still holds', v_amounts[l], h_open[h], h_ids[h]);
        end if;
        exit when v_outcome is not null;
        v_release := case when p_closes[i] then h_open[h] else v_amounts[l] end;
      end if;
      if v_change < 0 and a_classes[k] in ('claim', 'due') and a_balances[k] + v_change - a_held[k] + v_release < 0 then
        v_outcome := 'overdraft';
        v_detail := trim(format('%s %s', p_leg_kinds[l], p_leg_owners[l]))
          || format(': available %s of %s', a_balances[k] - a_held[k], t_assets[t]);
      end if;
      if a_classes[k] = 'claim' then
        d_claims[t] := d_claims[t] + v_change;
        if v_change > 0 then d_credits[t] := d_credits[t] + v_change; end if;
      elsif a_classes[k] = 'holding' then
        d_holdings[t] := d_holdings[t] + v_change;
      end if;
    end loop;
    if v_outcome is null then
      for t in 1 .. cardinality(t_assets) loop
        -- Invariant 6, under the row's lock, so that two postings cannot both find room for one coin. Coins that bring
        -- their own claim are let in even where holdings are short already; a claim without coins is not.
        if d_claims[t] > greatest(d_holdings[t], 0) and t_claims[t] + d_claims[t] > t_holdings[t] + d_holdings[t] then
          v_outcome := 'claims-above-holdings';
          v_detail := format('claims on %s would be %s, holdings %s', t_assets[t], t_claims[t] + d_claims[t], t_holdings[t] + d_holdings[t]);
        elsif v_kind = 'trade' and d_credits[t] > t_limits[t] then
          v_outcome := 'needs-two-people';
          v_detail := format('%s of %s is more than the %s that one posting may credit', d_credits[t], t_assets[t], t_limits[t]);
        end if;
      end loop;
    end if;
    if v_outcome is not null then
      v_outcomes[i] := v_outcome;
      v_details[i] := v_detail;
      continue;
    end if;

    v_seq := nextval('ledger.transfer_seq');
    for l in v_first .. v_last loop
      continue when v_amounts[l] = 0;
      k := v_places[l];
      if p_leg_holds[l] is not null then
        h := v_holds[l];
        v_release := case when p_closes[i] then h_open[h] else v_amounts[l] end;
        a_held[k] := a_held[k] - v_release;
        h_open[h] := h_open[h] - v_release;
        if h_open[h] = 0 then
          h_ends[h] := 'posted';
          h_end_details[h] := p_ids[i];
          n_ends[h] := 'posted';
          n_end_seqs[h] := v_seq;
          n_end_whys[h] := 'paid';
        end if;
      end if;
      a_balances[k] := a_balances[k] + a_sides[k] * v_amounts[l];
      a_versions[k] := a_versions[k] + 1;
      v_balances[l] := a_balances[k];
      v_versions[l] := a_versions[k];
      v_leg_seqs[l] := v_seq;
      v_written[i] := v_written[i] + 1;
    end loop;
    for t in 1 .. cardinality(t_assets) loop
      t_claims[t] := t_claims[t] + d_claims[t];
      t_holdings[t] := t_holdings[t] + d_holdings[t];
      c_claims[t] := c_claims[t] + d_claims[t];
      c_holdings[t] := c_holdings[t] + d_holdings[t];
    end loop;
    if v_kind = 'claim' then v_claimed := v_claimed || p_abouts[i]; end if;
    v_outcomes[i] := 'posted';
    v_details[i] := p_ids[i];
    v_seqs[i] := v_seq;
  end loop;

  insert into ledger.transfer (seq, id, kind, about, body, legs, at)
    select o.seq, o.id, o.kind, o.about, o.body, o.legs, v_now
      from unnest(v_seqs, p_ids, p_kinds, p_abouts, v_bodies, v_written) o (seq, id, kind, about, body, legs)
      where o.legs > 0;
  insert into ledger.entry (transfer, account, amount, balance, version)
    select g.seq, g.account, g.amount, g.balance, g.version
      from unnest(v_leg_seqs, v_accounts, v_amounts, v_balances, v_versions) g (seq, account, amount, balance, version)
      where g.seq is not null;
  update ledger.account a set balance = n.balance, held = n.held, version = n.version
    from unnest(a_ids, a_balances, a_held, a_versions) n (id, balance, held, version)
    where a.id = n.id and (a.version <> n.version or a.held <> n.held);
  -- By what changed, never to what was read: an operation that changes no sum has not locked it.
  update ledger.total x set claims = x.claims + n.claims, holdings = x.holdings + n.holdings
    from unnest(t_assets, c_claims, c_holdings) n (asset, claims, holdings)
    where x.asset = n.asset and (n.claims <> 0 or n.holdings <> 0);
  if 'hold' = any (p_kinds) then
    insert into ledger.hold (id, account, amount, fee_cap, body, expires, at, open)
      select o.id, v_accounts[o.leg], v_amounts[o.leg] - o.fee_cap, o.fee_cap, o.body, o.expires, v_now, v_amounts[o.leg]
        from unnest(p_ids, p_kinds, p_fee_caps, p_expires, v_outcomes, v_bodies, v_firsts) o (id, kind, fee_cap, expires, outcome, body, leg)
        where o.kind = 'hold' and o.outcome = 'posted';
  end if;
  if cardinality(h_ids) > 0 then
    update ledger.hold x set open = n.open from unnest(h_ids, h_open) n (id, open) where x.id = n.id and x.open <> n.open;
    insert into ledger.hold_post (hold, transfer, amount)
      select g.hold, g.seq, g.amount from unnest(p_leg_holds, v_leg_seqs, v_amounts) g (hold, seq, amount)
        where g.hold is not null and g.seq is not null;
    insert into ledger.hold_end (hold, kind, transfer, why, at)
      select n.id, n.kind, n.seq, n.why, v_now from unnest(h_ids, n_ends, n_end_seqs, n_end_whys) n (id, kind, seq, why)
        where n.kind is not null;
  end if;
  if 'trade' = any (p_kinds) then
    insert into ledger.credit_day as c (asset, day, size, count)
      select asset, (v_now at time zone 'UTC')::date, ledger.size_of(credit), count(*)
        from (
          select g.asset, -sum(g.amount) as credit
            from unnest(v_items, p_leg_kinds, p_leg_assets, v_amounts, v_leg_seqs) g (item, kind, asset, amount, seq)
            where g.seq is not null and g.kind = 'customer' and g.amount < 0 and p_kinds[g.item] = 'trade'
            group by g.item, g.asset
        ) credited
        group by 1, 3 order by 1, 3
      on conflict (asset, day, size) do update set count = c.count + excluded.count;
  end if;
  insert into ledger.refusal (id, of, body, outcome, detail, at)
    select o.id, case when o.kind = 'hold' then 'hold' else 'transfer' end, v_bodies[o.n], o.outcome, o.detail, v_now
      from unnest(p_ids, p_kinds, v_outcomes, v_details, v_known) with ordinality o (id, kind, outcome, detail, known, n)
      where o.outcome <> 'posted' and o.known is null and o.kind <> 'void';

  return query select o.outcome, o.detail, o.seq, o.short
    from unnest(v_outcomes, v_details, v_seqs, v_shorts) with ordinality o (outcome, detail, seq, short, n) order by o.n;
end $$;

-- What custody may post by itself.
create function ledger.post(
  p_ids text[], p_kinds text[], p_abouts text[], p_counts int[], p_fee_caps numeric[], p_expires timestamptz[], p_closes boolean[],
  p_leg_kinds text[], p_leg_owners text[], p_leg_assets text[], p_leg_amounts numeric[], p_leg_holds text[]
) returns setof ledger.answer language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  loop
    begin
      return query select * from ledger.apply(p_ids, p_kinds, p_abouts, p_counts, p_fee_caps, p_expires, p_closes,
        p_leg_kinds, p_leg_owners, p_leg_assets, p_leg_amounts, p_leg_holds, false);
      return;
    exception when unique_violation then
      -- The same id, over other accounts and so behind other locks, was written meanwhile: now it is known.
    end;
  end loop;
end $$;

-- Frees what holds keep after their time, at most so many at once; how many they were.
create function ledger.expire(p_most int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_ids text[] := array(select id from ledger.hold where expires <= clock_timestamp() and open > 0 order by expires limit p_most);
  v_count int := cardinality(v_ids);
  v_nothing text[] := '{}';
begin
  if v_count = 0 then return 0; end if;
  perform ledger.apply(v_ids, array_fill('void'::text, array[v_count]), array_fill('its time is over'::text, array[v_count]),
    array_fill(0, array[v_count]), array_fill(null::numeric, array[v_count]), array_fill(null::timestamptz, array[v_count]),
    array_fill(false, array[v_count]), v_nothing, v_nothing, v_nothing, '{}', v_nothing, false);
  return v_count;
end $$;

-- The newest version of an account before a moment; 0 for none. Versions have no gaps and times do not go back along
-- them, so it is found by halves, a few look-ups whatever the account's length.
create function ledger.version_at(p_account bigint, p_at timestamptz) returns bigint
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  v_low bigint := 0;
  v_high bigint := (select version from ledger.account where id = p_account);
  v_middle bigint;
begin
  while v_low < v_high loop
    v_middle := (v_low + v_high + 1) / 2;
    if (select t.at < p_at from ledger.entry e join ledger.transfer t on t.seq = e.transfer
      where e.account = p_account and e.version = v_middle)
    then v_low := v_middle; else v_high := v_middle - 1; end if;
  end loop;
  return coalesce(v_low, 0);
end $$;
