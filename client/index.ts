/** The client: what an exchange's own server uses to talk to its custody, and to believe nothing that custody makes up. */
export { vouchedDeposit, type DepositPins, type VouchedDeposit } from './vouched.ts';
