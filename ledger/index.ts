/** The ledger: keeps the record. Double entry in Postgres, whole units; what is written stays written. */
export { migrate, ledgerMigrations, type Passwords } from './migrate.ts';
export { applyMigrations, expectMigrated, type Migrations } from './migrations.ts';
export { custodyRole, proverRole, ensureRole } from './roles.ts';
export { inTransaction, row, rows, LedgerError, type Client } from './database.ts';
export type { Answer, Posted, Refusal } from './answer.ts';
export {
  claim,
  deposit,
  loss,
  move,
  networkFee,
  type Claim,
  type Deposit,
  type Expense,
  type Holding,
  type Move,
  type Owner,
} from './transfer.ts';
export { hold, settle, voidHold, type Hold, type Settlement } from './hold.ts';
export {
  customerBalances,
  houseBalances,
  totals,
  type AccountKind,
  type CustomerBalance,
  type HouseBalance,
  type Totals,
} from './balance.ts';
export { verify, type Verified } from './verify.ts';
