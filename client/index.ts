/** The client: what an exchange's own server uses to talk to its custody, and to believe nothing that custody makes up. */
export {
  openClient,
  Refused,
  Unanswered,
  type Answer,
  type Client,
  type Given,
  type Lists,
} from './client.ts';
export { operations, type Operations } from './operations.ts';
export type * from './operations.ts';
export { signedRequest, type Signer } from './sign.ts';
export { vouchedDeposit, type DepositPins, type VouchedDeposit } from './vouched.ts';
export { readWebhook, type Told } from './webhook.ts';
