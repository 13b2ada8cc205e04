/** The ledger: keeps the record. Double entry in Postgres, whole units; what is written stays written. */
export { migrate, ledgerMigrations, type Passwords } from './migrate.ts';
export { applyMigrations, expectMigrated, type Migrations } from './migrations.ts';
export { addPerson, custodyRole, personRole, proverRole, ensureRole } from './roles.ts';
export { inTransaction, row, rows, LedgerError, type Client } from './database.ts';
export { refusals, type Answer, type Posted, type Refusal } from './answer.ts';
export { expireHolds, post } from './post.ts';
export {
  claimOf,
  collectionOf,
  depositOf,
  holdOf,
  lossOf,
  moveOf,
  networkFeeOf,
  paymentOf,
  reversalOf,
  tradeOf,
  voidOf,
  type Claim,
  type Collection,
  type Deposit,
  type Expense,
  type Hold,
  type Holding,
  type Move,
  type Operation,
  type Owner,
  type OwnFunds,
  type Reversal,
  type Trade,
} from './operation.ts';
export {
  claim,
  collect,
  deposit,
  hold,
  loss,
  move,
  networkFee,
  reverse,
  settle,
  trade,
  voidHold,
  type Settlement,
} from './transfer.ts';
export { openWriter, type Writer } from './writer.ts';
export {
  customerBalances,
  holdingOf,
  houseBalances,
  stocks,
  totals,
  type AccountKind,
  type CustomerBalance,
  type HouseBalance,
  type Stock,
  type Totals,
} from './balance.ts';
export {
  balanceAsOf,
  statement,
  totalsAsOf,
  type AccountName,
  type Period,
  type Statement,
  type StatementEntry,
} from './statement.ts';
export { approve, openProposals, propose, Proposal, type OpenProposal } from './people.ts';
export { loginsOf, watchLogins, whyUnwatched, type Login } from './logins.ts';
export { withDatabase } from './connect.ts';
export { bookTotals, type BookTotals } from './totals.ts';
export { verify, type Verified } from './verify.ts';
