/** The words and rules that all rooms share. No I/O, no clock. */
export * from './amount.ts';
export {
  Approval,
  approvalDigest,
  approvalOf,
  countApprovals,
  mostApprovals,
  verifyApproval,
} from './approval.ts';
export * from './canonical.ts';
export * from './chain.ts';
export * from './checkpoint.ts';
export * from './ceremony.ts';
export * from './code.ts';
export { coldRuleFor, mayPass, ruleFor, type Case, type Refused, type Why } from './case.ts';
export { AddressList, Denial, Group, Operation, Value } from './denial.ts';
export * from './fact.ts';
export * from './freeze.ts';
export * from './history.ts';
export { incidentEvents, type IncidentEvent } from './incident.ts';
export * from './intent.ts';
export * from './journal.ts';
export { demandsOf, waitsBy, type Demand } from './judge-denials.ts';
export * from './judge.ts';
export { denialsOf, longestMove } from './judge-move.ts';
export { judgeRotation } from './judge-rotation.ts';
export { mostPlans } from './judge-spend.ts';
export * from './key.ts';
export * from './leaf.ts';
export * from './merkle.ts';
export {
  keyId,
  noteText,
  readNote,
  signedBy,
  signNote,
  verifierKey,
  type Note,
  type NoteKey,
} from './note.ts';
export { endsOf } from './lookalike.ts';
export * from './order.ts';
export * from './page.ts';
export {
  allPayments,
  countPayment,
  leftAfter,
  outflowOf,
  paymentOf,
  paymentsAfter,
  type Outflow,
  type Outflows,
  type PastPayment,
} from './outflow.ts';
export { Assertion, flawOfAssertion, Passkey, Passkeys, Person, type AssertionFlaw } from './passkey.ts';
export * from './policy.ts';
export * from './proof.ts';
export * from './request.ts';
export * from './control.ts';
export { rehearsalsOf, setsOf, type Rehearsed } from './rehearsed.ts';
export * from './relay.ts';
export * from './rotation.ts';
export { soundness } from './soundness.ts';
export * from './spend.ts';
export * from './standing.ts';
export { lossesOf, tellLosses, type Losses } from './losses.ts';
export { Safekeeping } from './safekeeping.ts';
export { heirOf, lineOf, successorOf } from './succession.ts';
export { Name } from './text.ts';
export { moveIntent, refillIntent, refillMemo, sweepIntent, treasuryId } from './treasury.ts';
export * from './thaw.ts';
export * from './tiles.ts';
export * from './totals.ts';
export * from './voucher.ts';
export * from './wire.ts';
