-- A wallet may take another's place. A customer has a place of each: what comes to an old one is theirs as long as the wallet is ours.

-- '' until custody has said which wallet it is of; where the customer's coins were told to go before, there was but one a chain.
alter table custody.place add column wallet text not null default '';
alter table custody.place drop constraint place_pkey;
alter table custody.place add primary key (chain, customer, wallet);

-- Which sweeps and payments of a wallet are under way: what is left of it follows once there are none.
create index withdrawal_open_wallet on custody.withdrawal (wallet) where open;

grant update (wallet) on custody.place to kuramori_custody;
