-- What came in and what left, block by block; where customers' coins are told to go; and what operators must know of.

-- Where a customer's coins go on a chain. The rest of the place is derived again at each use, from the policy.
create table custody.place (
  chain text not null,
  customer text not null references custody.customer,
  -- 0, or the first number whose mark was nobody else's.
  number int not null check (number between 0 and 15),
  -- What tells this customer's deposits from all others: the memo, or on a chain without one the address.
  mark text not null,
  at bigint not null,
  primary key (chain, customer),
  unique (chain, mark)
);

-- Coins that came to one of our addresses. A transaction may bring several, for several customers.
create table custody.deposit (
  -- <transaction>:<index of the output>
  id text primary key,
  -- The order in which they were seen, for going through them page by page.
  seq bigint generated always as identity unique,
  transaction text not null,
  wallet text not null,
  sender text not null,
  asset text not null,
  units numeric(78, 0) not null check (units > 0),
  -- The message's payload as hex, and as text where it is text.
  payload text not null,
  message text,
  -- The newest block that it was found in.
  height int not null,
  -- Who may move from where to where stands in custody/deposits/row.ts.
  state text not null check (state in
    ('credited', 'held', 'dust', 'own-funds', 'returning', 'returned', 'reversed')),
  customer text references custody.customer,
  -- Why it is held, or was.
  why text,
  -- Its block was taken off the chain, and whether it comes again is not known yet.
  orphaned boolean not null default false,
  -- How often it was booked again after it had been reversed: each booking has an id of its own in the ledger.
  booking int not null default 0,
  at bigint not null,
  check (case state when 'credited' then customer is not null when 'reversed' then true else customer is null end)
);

create index deposit_held on custody.deposit (seq) where state = 'held';
create index deposit_height on custody.deposit (height);
create index deposit_orphaned on custody.deposit (seq) where orphaned;
create index deposit_credited on custody.deposit (asset, at) where state = 'credited';
create index deposit_customer on custody.deposit (customer, seq) where customer is not null;

-- Who said that a held deposit is somebody's, and why: for ever.
create table custody.claim (
  deposit text not null references custody.deposit,
  booking int not null,
  -- Null: the house's own funds.
  customer text references custody.customer,
  -- The exchange's key that signed the request, and the request.
  key_id text not null,
  idempotency_key text not null,
  why text not null,
  at bigint not null,
  primary key (deposit, booking)
);

-- Coins that left one of our addresses.
create table custody.outgoing (
  transaction text primary key,
  wallet text not null,
  kind text not null check (kind in ('withdrawal', 'move', 'unexplained')),
  recipient text,
  asset text not null,
  units numeric(78, 0) not null,
  fee numeric(78, 0) not null,
  height int not null,
  -- What kind of transaction, and what beside the asset went with it.
  what text not null,
  -- The withdrawal that it pays; a sweep is a move.
  withdrawal text references custody.withdrawal,
  -- As for deposits. Gone: its block was taken off the chain, and it did not come again.
  orphaned boolean not null default false,
  gone boolean not null default false,
  -- Settled, gone, and proven dead: its coins are in the books again, as the house's own.
  unbooked boolean not null default false,
  booking int not null default 0,
  at bigint not null,
  check (case kind when 'withdrawal' then withdrawal is not null when 'unexplained' then withdrawal is null else true end)
);

create index outgoing_withdrawal on custody.outgoing (withdrawal);
create index outgoing_height on custody.outgoing (height);
create index outgoing_orphaned on custody.outgoing (height) where orphaned;
create index outgoing_gone on custody.outgoing (height) where gone;

-- The newest block that is booked. Moves in the transaction that books the block.
create table custody.cursor (
  chain text primary key,
  height int not null,
  -- Null before the first block.
  hash text,
  -- Unix seconds of that block.
  time bigint not null
);

-- The newest booked blocks, so that after a rewrite the last common one is found. Older ones are let go.
create table custody.block (
  chain text not null,
  height int not null,
  hash text not null,
  time bigint not null,
  primary key (chain, height)
);

-- What an operator must know of, until they have said that they do.
create table custody.notice (
  id bigint generated always as identity primary key,
  -- What it is about: one that is open already is not written again.
  key text not null,
  severity text not null check (severity in ('info', 'warning', 'grave')),
  what text not null,
  at bigint not null,
  -- Of something that lasts; whoever finds that it is over says when.
  lasts boolean not null default false,
  over_at bigint,
  acknowledged_at bigint,
  -- The exchange's key that signed it, and what was said.
  acknowledged_by text,
  acknowledged_why text
);

create unique index notice_open on custody.notice (key) where acknowledged_at is null and not lasts;
-- What lasts is told once, however often somebody says that they know of it, and again when it has come back.
create unique index notice_lasting on custody.notice (key) where lasts and over_at is null;

grant select on custody.place, custody.deposit, custody.claim, custody.outgoing, custody.cursor, custody.block, custody.notice
  to kuramori_custody, kuramori_prover;
grant insert on custody.place, custody.deposit, custody.claim, custody.outgoing, custody.cursor, custody.block, custody.notice
  to kuramori_custody;
grant update (state, customer, why, height, orphaned, booking) on custody.deposit to kuramori_custody;
grant update (height, fee, orphaned, gone, unbooked, booking) on custody.outgoing to kuramori_custody;
grant update (height, hash, time) on custody.cursor to kuramori_custody;
grant update (acknowledged_at, acknowledged_by, acknowledged_why, over_at) on custody.notice to kuramori_custody;
-- Hashes of blocks are the chain's, not ours: the nodes have them still.
grant delete on custody.block to kuramori_custody;
