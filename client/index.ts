/** The exchange's side of custody's API: typed calls, signed and safely repeated; pages; webhooks that are believed. */
export {
  openClient,
  Refused,
  Unanswered,
  type Answer,
  type Client,
  type Given,
  type Lists,
} from './client.ts';
export { signedRequest, type Signer } from './sign.ts';
export { readWebhook, type Told } from './webhook.ts';
export { operations, type Operations } from './operations.ts';
export type * from './operations.ts';
