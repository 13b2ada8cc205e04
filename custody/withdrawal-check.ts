/** What is wrong with a withdrawal request before anybody's money is looked at, and what its payment would cost. */
import {
  maxMicroXem,
  nemTimeOf,
  parseAddress,
  planPayment,
  type PlanResult,
} from '@kuramori/chains/nem/codec';
import { withdrawalIntent, type Intent, type SignedRequest } from '@kuramori/core';
import type { House } from './house.ts';
import { malformed, type Reply } from './problem.ts';

/** A payment not confirmed by then never will be, and its money goes back. Seconds; long enough for eleven verdicts of a node. */
const paymentLife = 2 * 3600;

export type Checked =
  | { readonly kind: 'sound'; readonly intent: Intent; readonly customer: string }
  | { readonly kind: 'refused'; readonly reply: Reply };

function refused(field: string, why: string): Checked {
  return { kind: 'refused', reply: malformed(field, why) };
}

export function checkWithdrawal(house: House, request: SignedRequest): Checked {
  const read = withdrawalIntent(house.exchange.id, house.hot.id, request);
  if (read.kind === 'refused') return refused(read.field, read.why);
  const { intent, body } = read;
  const { address, memo } = intent.destination;
  if (intent.amount > maxMicroXem) return refused('amount', `is more than all XEM there is, ${maxMicroXem}`);
  const parsed = parseAddress(address, house.network);
  if (parsed.kind === 'refused') return refused('destination.address', addressFlaws[parsed.why]);
  const ours = house.policy.wallets.find((wallet) => wallet.address === address);
  if (ours)
    return refused(
      'destination.address',
      `is our own ${ours.role} wallet: a customer's payment leaves the house`,
    );
  if (!memo.isWellFormed() || memo.includes('\0'))
    return refused('destination.memo', 'must be text, without U+0000 and lone surrogates');
  if (Buffer.byteLength(memo) > 1024)
    return refused('destination.memo', `has ${Buffer.byteLength(memo)} bytes in UTF-8, of at most 1024`);
  const keys = house.hot.cosigners.filter(({ signer }) => signer !== null).map(({ publicKey }) => publicKey);
  const quote = planFor(house, intent, keys.slice(0, house.hot.threshold), house.clock.now());
  if (quote.kind === 'refused') return refused(quote.field, quote.why);
  if (quote.planned.fees > intent.feeCap) {
    return refused(
      'feeCap',
      `the network takes ${quote.planned.fees} for this payment, all signatures included: allow as much`,
    );
  }
  return { kind: 'sound', intent, customer: body.customer };
}

const addressFlaws = {
  'wrong-length': 'must be the 40 characters of a NEM address, without hyphens',
  'not-base32': 'has a character that no address has: A to Z and 2 to 7 are used, in upper case',
  'wrong-checksum': 'has a wrong checksum: a character is mistyped',
  'wrong-network': 'is an address of another network',
} as const;

/** The unsigned payment of an intent at a time (ms), valid as long as a payment may be and no longer than the intent. */
export function planFor(
  house: House,
  { destination, amount, expiry }: Intent,
  keys: readonly string[],
  now: number,
): PlanResult {
  const timeStamp = nemTimeOf(now);
  return planPayment({
    wallet: house.hot,
    network: house.network,
    recipient: destination.address,
    units: amount,
    memo: destination.memo,
    timeStamp,
    deadline: Math.min(timeStamp + paymentLife, nemTimeOf(expiry * 1000)),
    keys,
  });
}
