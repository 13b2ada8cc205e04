/** Custody: asks. What others may know of it: its configuration, how its database is made, and its paths. */
export { Config as CustodyConfig } from './config.ts';
export { custodyMigrations, migrateCustody } from './migrate.ts';
export { CustomerBody } from './customer.ts';
export { ClaimBody } from './deposits/claim.ts';
export { Deposit } from './deposits/row.ts';
export { confirmReopening, listServices, openStops, serviceHistory } from './services/row.ts';
export { ServiceName, usualRunbook } from './services/runbook.ts';
export { lastStates, next as withdrawalMoves, State as WithdrawalState } from './withdrawals/states.ts';
