-- Custody reads and calls two functions; it holds no right on a table but to read it, so even with its
-- password nobody changes what was written. The prover only reads. A person proposes and approves.
alter default privileges revoke execute on functions from public;
revoke execute on all functions in schema ledger from public;

grant usage on schema ledger to kuramori_custody, kuramori_prover, kuramori_person;
grant select on all tables in schema ledger to kuramori_custody, kuramori_prover, kuramori_person;
grant execute on function ledger.post(text[], text[], text[], int[], numeric[], timestamptz[], boolean[],
  text[], text[], text[], numeric[], text[]) to kuramori_custody;
grant execute on function ledger.expire(int) to kuramori_custody;
grant execute on function ledger.propose(text, text, text, text, jsonb) to kuramori_person;
grant execute on function ledger.approve(text, text) to kuramori_person;
grant execute on function ledger.withdraw(text) to kuramori_person;
-- The view shows each proposal with its digest to whoever reads it.
grant execute on function ledger.proposal_digest(ledger.proposal) to kuramori_custody, kuramori_prover, kuramori_person;
grant execute on function ledger.version_at(bigint, timestamptz) to kuramori_custody, kuramori_prover, kuramori_person;
