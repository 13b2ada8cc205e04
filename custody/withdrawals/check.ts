/** What is wrong with a payment request before anybody's money is looked at, and what its payment would cost. */
import { codecOf } from '@kuramori/chains/codecs';
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
import { branchFor, type Branch } from '../branch.ts';
import type { House } from '../house.ts';
import { malformed, problem, unprocessable, type Reply } from '../api/problem.ts';
import type { Asked } from './request.ts';

export type Checked =
  | { readonly kind: 'sound'; readonly asked: Asked & { readonly customer: string } }
  | { readonly kind: 'refused'; readonly reply: Reply };

export function checkWithdrawal(house: House, request: SignedRequest): Checked {
  const read = withdrawalIntent(house.exchange.id, '', request);
  if (read.kind === 'refused') return { kind: 'refused', reply: malformed(read.field, read.why) };
  const { body } = read;
  const branch = branchFor(house, body.asset);
  if (!branch) return { kind: 'refused', reply: noRule() };
  // Its id is the request's alone.
  const intent = { ...read.intent, wallet: branch.hot.id };
  const refused = checkMinimum(house, intent) ?? checkPayment(branch, intent);
  if (refused) return { kind: 'refused', reply: refused };
  const { customer, priority = 'normal' } = body;
  return { kind: 'sound', asked: { intent, request, customer, deposit: null, priority } };
}

export function noRule(): Reply {
  return malformed('asset', 'no rule of the policy allows payments of it');
}

function checkMinimum(
  { rules }: House,
  { asset, amount }: Pick<Intent, 'asset' | 'amount'>,
): Reply | undefined {
  const least = rules.minimum.find((one) => one.asset === asset)?.units ?? 0n;
  return amount < least ? malformed('amount', `must be at least ${least}`) : undefined;
}

/** Whoever is paid, and for whatever reason. */
export function checkPayment(house: Branch, intent: Intent): Reply | undefined {
  const { asset, amount, feeCap } = intent;
  const rule = ruleFor(house.policy, house.hot.id, asset);
  if (!rule) return noRule();
  const { supply } = house.chain;
  if (asset === house.coin && supply !== null && amount > supply)
    return malformed('amount', `is more than all that there is of ${asset}, ${supply}`);
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
  const fees = house.chain.fees(house, intent);
  if (fees.kind === 'refused') return malformed(fees.field, fees.why);
  // Nobody can tell yet: it waits for its turn, and is refused then where the cap is too low.
  if (fees.kind === 'fees' && fees.units > feeCap)
    return malformed(
      'feeCap',
      `the network takes ${fees.units} for this payment, all signatures included: allow as much`,
    );
  return undefined;
}

function checkDestination(house: Branch, { address, memo }: z.infer<typeof Destination>): Reply | undefined {
  const flaw = addressFlaw(house, address);
  if (flaw !== null) return malformed('destination.address', flaw);
  const ours = house.policy.wallets.find((wallet) => wallet.address === address);
  if (ours)
    return malformed(
      'destination.address',
      `is our own ${ours.role} wallet: a customer's payment leaves the house`,
    );
  if (!memo.isWellFormed() || memo.includes('\0'))
    return malformed('destination.memo', 'must be text, without U+0000 and lone surrogates');
  const unsendable = house.chain.memoFlaw(memo);
  if (unsendable !== null) return malformed('destination.memo', unsendable);
  return checkMemo(house, address, memo);
}

/** Why an address is none of the branch's chain, as the chain writes it; null where it is one. */
export function addressFlaw({ hot, policy }: Pick<Branch, 'hot' | 'policy'>, address: string): string | null {
  const read = codecOf(hot.chain).readAddress(address, hot.chain, policy.network);
  if (read.kind === 'refused') return read.why;
  // One address, one text: what is signed, listed and screened is compared by it.
  return read.address === address ? null : `must be written as ${read.address}`;
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
  const branch = branchFor(house, body.asset);
  if (!branch) return noRule();
  const fees = branch.chain.fees(branch, { ...body, expiry });
  if (fees.kind === 'refused') return malformed(fees.field, fees.why);
  if (fees.kind === 'unknown')
    return problem({
      status: 503,
      code: 'fees-unknown',
      field: null,
      detail: `what the network takes is not known at this moment: ${fees.why}. Ask again later`,
    });
  const intent: Intent = {
    id: '0'.repeat(64),
    reason: 'withdrawal',
    wallet: branch.hot.id,
    feeCap: fees.units,
    expiry,
    ...body,
  };
  const refused = checkMinimum(house, intent) ?? checkPayment(branch, intent);
  if (refused) return refused;
  const { asset, amount } = body;
  return {
    status: 200,
    body: {
      asset,
      amount,
      fees: fees.units,
      feeAsset: branch.coin,
      total: amount + fees.units,
      until: now + quoteLife,
    },
  };
}
