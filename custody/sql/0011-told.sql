-- What custody hears and no table has, written down every few seconds: for those who look at the house and may ask nobody, as the
-- console's desk. Nothing that pays reads it.

create table custody.told (
  -- house: what signers, watchtowers and our own nodes answer. treasury: how much may be hot.
  what text primary key check (what in ('house', 'treasury')),
  body jsonb not null,
  -- By this server's clock, so that whoever reads it knows how old it is.
  at timestamptz not null default clock_timestamp()
);

grant select on custody.told to kuramori_custody, kuramori_prover;
grant insert on custody.told to kuramori_custody;
grant update (body, at) on custody.told to kuramori_custody;
