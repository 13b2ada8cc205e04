/** The words and rules that all rooms share. No I/O, no clock. */
export * from './amount.ts';
export * from './canonical.ts';
export { ruleFor, type Case, type Refused, type Why } from './case.ts';
export * from './fact.ts';
export * from './freeze.ts';
export * from './history.ts';
export * from './intent.ts';
export * from './journal.ts';
export * from './judge.ts';
export * from './key.ts';
export { allPayments, type Outflows, type PastPayment } from './outflow.ts';
export * from './policy.ts';
export * from './request.ts';
export * from './spend.ts';
export { refillIntent, refillMemo, sweepIntent, treasuryId } from './treasury.ts';
export * from './totals.ts';
export * from './voucher.ts';
export * from './wire.ts';
