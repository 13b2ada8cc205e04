-- Baseline (a): one transfer between two customers, one call, one commit: the straightforward plpgsql, with the guarantees
-- of ledger.post. The same tables, triggers and constraints; the id remembered with its body, refusals too; accounts locked
-- in id order; no overdraft; the credit limit; running balances and versions without gaps. p_median: whether the limit knows the
-- day's median, which makes one counter a meeting place of all; without it the guarantee is weaker and the call faster.
create schema bench;

create function bench.transfer(p_id text, p_from text, p_to text, p_asset text, p_amount numeric, p_median boolean) returns text
language plpgsql as $$
declare
  v_body bytea := sha256(convert_to(concat_ws(' ', p_from, p_to, p_asset, p_amount), 'UTF8'));
  v_known bytea;
  v_refused text;
  v_from ledger.account;
  v_to ledger.account;
  v_limit numeric;
  v_seq bigint;
  v_now timestamptz;
begin
  if p_amount <= 0 or p_amount <> trunc(p_amount) or p_amount >= 1e78 then
    raise exception 'not a whole amount' using errcode = 'check_violation';
  end if;
  perform from ledger.account where kind = 'customer' and owner in (p_from, p_to) and asset = p_asset order by id for update;
  select body into v_known from ledger.transfer where id = p_id;
  if found then return case when v_known = v_body then 'repeated' else 'other-body' end; end if;
  select body, outcome into v_known, v_refused from ledger.refusal where id = p_id and of = 'transfer';
  if found then return case when v_known = v_body then v_refused else 'other-body' end; end if;
  v_now := clock_timestamp();
  select * into v_from from ledger.account where kind = 'customer' and owner = p_from and asset = p_asset;
  select * into v_to from ledger.account where kind = 'customer' and owner = p_to and asset = p_asset;
  if v_to.id is null then
    insert into ledger.account (kind, owner, asset) values ('customer', p_to, p_asset) returning * into v_to;
  end if;
  select greatest(floor, case when p_median then multiple * ledger.credit_median(p_asset, (v_now at time zone 'UTC')::date) end) into v_limit
    from ledger.credit_limit where asset = p_asset;
  if v_from.id is null or v_from.balance - v_from.held < p_amount then
    v_refused := 'overdraft';
  elsif p_amount > coalesce(v_limit, 0) then
    v_refused := 'needs-two-people';
  end if;
  if v_refused is not null then
    insert into ledger.refusal (id, of, body, outcome, detail, at) values (p_id, 'transfer', v_body, v_refused, '', v_now);
    return v_refused;
  end if;
  insert into ledger.transfer (id, kind, about, body, legs, at) values (p_id, 'trade', p_id, v_body, 2, v_now)
    returning seq into v_seq;
  update ledger.account set balance = balance - p_amount, version = version + 1 where id = v_from.id;
  update ledger.account set balance = balance + p_amount, version = version + 1 where id = v_to.id;
  insert into ledger.entry (transfer, account, amount, balance, version) values
    (v_seq, v_from.id, p_amount, v_from.balance - p_amount, v_from.version + 1),
    (v_seq, v_to.id, -p_amount, v_to.balance + p_amount, v_to.version + 1);
  if p_median then
    insert into ledger.credit_day as c (asset, day, size, count)
      values (p_asset, (v_now at time zone 'UTC')::date, ledger.size_of(p_amount), 1)
      on conflict (asset, day, size) do update set count = c.count + 1;
  end if;
  return 'posted';
end $$;
