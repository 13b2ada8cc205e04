/** What is wrong with a payment request before anybody's money is looked at, and what its payment would cost. */
import { maxMicroXem, nemTimeOf, parseAddress } from '@kuramori/chains/nem/codec';
import {
  AssetName,
  Destination,
  ruleFor,
  Units,
  withdrawalIntent,
  type Intent,
  type SignedRequest,
} from '@kuramori/core';
import { z } from 'zod';
import type { House } from '../house.ts';
import { onlineOf } from './acting.ts';
import { planAt } from './plan.ts';
import { malformed, unprocessable, type Reply } from '../api/problem.ts';
import type { Asked } from './request.ts';

export type Checked =
  | { readonly kind: 'sound'; readonly asked: Asked & { readonly customer: string } }
  | { readonly kind: 'refused'; readonly reply: Reply };

export function checkWithdrawal(house: House, request: SignedRequest): Checked {
  const read = withdrawalIntent(house.exchange.id, house.hot.id, request);
  if (read.kind === 'refused') return { kind: 'refused', reply: malformed(read.field, read.why) };
  const { intent, body } = read;
  const refused = checkMinimum(house, intent) ?? checkPayment(house, intent);
  if (refused) return { kind: 'refused', reply: refused };
  const { customer, priority = 'normal' } = body;
  return { kind: 'sound', asked: { intent, request, customer, deposit: null, priority } };
}

function checkMinimum(
  { rules }: House,
  { asset, amount }: Pick<Intent, 'asset' | 'amount'>,
): Reply | undefined {
  const least = rules.minimum.find((one) => one.asset === asset)?.units ?? 0n;
  return amount < least ? malformed('amount', `must be at least ${least}`) : undefined;
}

/** Whoever is paid, and for whatever reason. */
export function checkPayment(house: House, intent: Intent): Reply | undefined {
  const { asset, amount, feeCap } = intent;
  const rule = ruleFor(house.policy, house.hot.id, asset);
  if (!rule) return malformed('asset', 'no rule of the policy allows payments of it');
  if (amount > maxMicroXem) return malformed('amount', `is more than all XEM there is, ${maxMicroXem}`);
  const refused = checkDestination(house, intent.destination);
  if (refused) return refused;
  // The signers judge this again by their own copy; told here, nobody's money is held for nothing.
  if (amount > rule.perPayment)
    return unprocessable(
      'over-payment-limit',
      'amount',
      `is more than the ${rule.perPayment} that the policy allows one payment to be: split it, or have the policy changed`,
    );
  if (amount + feeCap > rule.rolling.units)
    return unprocessable(
      'over-payment-limit',
      'amount',
      `is with its fee cap more than the ${rule.rolling.units} that the policy lets leave in ${rule.rolling.hours} h, so it never could: split it over the days`,
    );
  const fees = feesOf(house, intent);
  if (typeof fees !== 'bigint') return fees;
  if (fees > feeCap)
    return malformed(
      'feeCap',
      `the network takes ${fees} for this payment, all signatures included: allow as much`,
    );
  return undefined;
}

function checkDestination(house: House, { address, memo }: z.infer<typeof Destination>): Reply | undefined {
  const parsed = parseAddress(address, house.network);
  if (parsed.kind === 'refused') return malformed('destination.address', addressFlaws[parsed.why]);
  const ours = house.policy.wallets.find((wallet) => wallet.address === address);
  if (ours)
    return malformed(
      'destination.address',
      `is our own ${ours.role} wallet: a customer's payment leaves the house`,
    );
  if (!memo.isWellFormed() || memo.includes('\0'))
    return malformed('destination.memo', 'must be text, without U+0000 and lone surrogates');
  if (Buffer.byteLength(memo) > 1024)
    return malformed('destination.memo', `has ${Buffer.byteLength(memo)} bytes in UTF-8, of at most 1024`);
  return checkMemo(house, address, memo);
}

/** What a known destination asks of the memo: an exchange does not know whose coins they are without one. */
function checkMemo({ rules }: House, address: string, memo: string): Reply | undefined {
  const known = rules.destinations.find((one) => one.address === address);
  if (!known) return undefined;
  if (known.memo === 'forbidden' && memo !== '')
    return malformed('destination.memo', `${known.name} takes none: leave it empty`);
  if (known.memo === 'required' && memo.trim() === '')
    return malformed('destination.memo', `${known.name} needs one to know whose coins they are`);
  if (known.pattern !== undefined && memo !== '' && !new RegExp(`^(?:${known.pattern})$`, 'u').test(memo))
    return malformed('destination.memo', `is not what ${known.name} gives to its customers: copy it again`);
  return undefined;
}

/** What the network takes now, every signature included; or what is wrong. */
export function feesOf(
  house: House,
  intent: Pick<Intent, 'destination' | 'amount' | 'expiry'>,
): bigint | Reply {
  const keys = onlineOf(house.hot).map(({ key }) => key);
  const now = nemTimeOf(house.clock.now());
  const planned = planAt(house, intent, keys.slice(0, house.hot.threshold), now);
  if (planned.kind === 'planned') return planned.planned.fees;
  return malformed(planned.field === 'recipient' ? 'destination.address' : planned.field, planned.why);
}

export const QuoteBody = z.strictObject({
  asset: AssetName,
  amount: Units.refine((units) => units > 0n, 'must be more than 0'),
  destination: Destination,
});

/** How long a quote is good for, in milliseconds: a fee rule changes by a fork of the chain, announced long before. */
const quoteLife = 600_000;

/** What a payment would cost now: the same checks, and nothing is held. A cap of `fees` is enough until then. */
export function quote(house: House, body: z.output<typeof QuoteBody>): Reply {
  const now = house.clock.now();
  const expiry = Math.floor(now / 1000) + 24 * 3600;
  const fees = feesOf(house, { ...body, expiry });
  if (typeof fees !== 'bigint') return fees;
  const intent: Intent = {
    id: '0'.repeat(64),
    reason: 'withdrawal',
    wallet: house.hot.id,
    feeCap: fees,
    expiry,
    ...body,
  };
  const refused = checkMinimum(house, intent) ?? checkPayment(house, intent);
  if (refused) return refused;
  const { asset, amount } = body;
  return {
    status: 200,
    body: { asset, amount, fees, feeAsset: asset, total: amount + fees, until: now + quoteLife },
  };
}

export const addressFlaws = {
  'wrong-length': 'must be the 40 characters of a NEM address, without hyphens',
  'not-base32': 'has a character that no address has: A to Z and 2 to 7 are used, in upper case',
  'wrong-checksum': 'has a wrong checksum: a character is mistyped',
  'wrong-network': 'is an address of another network',
} as const;
