-- A person approves by their key, by a passkey, or by both; each is kept, and read by co-signers alone.
alter table custody.approval
  add column credential text not null default '',
  add column assertion jsonb,
  alter column signature drop not null,
  add constraint approval_way check ((signature is null) <> (assertion is null)),
  drop constraint approval_pkey,
  add primary key (withdrawal, person, credential);
