-- Custody reads and calls four functions; it holds no right on a table but to read it, so even with its
-- password nobody changes what was written. The prover only reads.
alter default privileges revoke execute on functions from public;
revoke execute on all functions in schema ledger from public;

grant usage on schema ledger to kuramori_custody, kuramori_prover;
grant select on all tables in schema ledger to kuramori_custody, kuramori_prover;
grant execute on function ledger.post(text, text, text, jsonb) to kuramori_custody;
grant execute on function ledger.hold(text, text, text, text, ledger.units, ledger.units) to kuramori_custody;
grant execute on function ledger.settle(text, text, text, ledger.units, ledger.units) to kuramori_custody;
grant execute on function ledger.void(text, text) to kuramori_custody;
