/** Problem: what is wrong with a request, which field, and what to do (RFC 9457). */
import { z } from 'zod';

/** Every code, and what it means. Programs go by it; it does not change. What is not here cannot be answered. */
export const problemCodes = {
  malformed: 'A field of the body, the path, the query or a header is not as it must be.',
  unsigned: 'The request has no signature in the one form that is read.',
  'unknown-key': 'No key of the exchange has this name, or not any more.',
  'key-not-yet': 'The key was added, and does not count yet.',
  'bad-signature': 'The signature is not this key’s over this request.',
  'bad-times': 'The request is signed for the future, or for too long.',
  expired: 'The request was signed too long ago.',
  'foreign-address': 'The key may not be used from where the request came.',
  'wrong-role': 'The key may not ask for this.',
  'no-route': 'There is no such path, or not with this method.',
  'key-reused': 'The idempotency key was used for another request.',
  'too-long': 'The body is too long.',
  'not-json': 'The body is not said to be JSON.',
  'too-many-requests': 'The key has asked too often: wait as long as Retry-After says.',
  fault: 'Something failed inside. Nothing was decided.',
  'unknown-customer': 'The customer is not known here.',
  'unknown-withdrawal': 'There is no such withdrawal.',
  'unknown-deposit': 'There is no such deposit.',
  'unknown-webhook': 'The configuration names no such webhook.',
  'unknown-notice': 'There is no such open notice.',
  'insufficient-funds': 'The customer has not so much available.',
  'customer-held': 'The customer may not withdraw until somebody has looked.',
  'over-payment-limit': 'The policy allows no payment of this amount.',
  'over-daily-limit': 'More than is left of what may leave for the customer in 24 hours.',
  'not-allowlisted': 'The customer is paid only to addresses on their list, and this is none.',
  'still-cooling': 'The address was added to the customer’s list too short a time ago.',
  'not-listed': 'The destination is not on the customer’s list.',
  'too-late': 'The withdrawal is past the state in which this can be done.',
  'not-an-approver': 'The policy asks this person about no such payment.',
  'bad-approval': 'The signature or assertion is not this person’s over this payment.',
  'not-held': 'Only a held deposit can be claimed or paid back, and only a held customer be let go.',
  orphaned: 'The deposit’s block was taken off the chain, and whether it comes again is not known yet.',
  'not-its-sender': 'A deposit is paid back to nobody but its sender.',
  'not-all-of-it': 'A deposit is paid back whole, less the fees.',
  'wrong-attempt': 'The deposit was tried to be paid back more or less often than this says.',
  'not-vouched': 'No quorum of watchtowers vouches for the address now, so it is not shown.',
  'deposits-stopped': 'Deposits of the asset are stopped, so no address is shown. Nothing was decided.',
  'withdrawals-stopped': 'Withdrawals of the asset are stopped. Nothing was decided.',
  'future-price': 'A price is told for a time that has not come yet.',
  'fees-unknown': 'Nobody can tell at this moment what the network takes. Nothing was decided.',
  'no-block-yet': 'No block is booked yet.',
  'catching-up': 'The signers’ journals are being read, so that nothing is paid twice. Nothing was decided.',
} as const;
export type ProblemCode = keyof typeof problemCodes;

const codes = Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]];

/** One thing that is wrong with one field. */
export const Flaw = z.strictObject({ field: z.string(), detail: z.string() });
export type Flaw = z.infer<typeof Flaw>;

/** As it is sent, with the type application/problem+json. */
export const ProblemBody = z.strictObject({
  type: z.string().describe('urn:kuramori:problem:<code>'),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  field: z.string().nullable().describe('The field that is wrong; null where it is none.'),
  detail: z.string().describe('One sentence: the field, what is wrong, and what to do.'),
  errors: z.array(Flaw).optional().describe('All of them, where several fields are wrong.'),
});
export type ProblemBody = z.infer<typeof ProblemBody>;

export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503;
  readonly code: ProblemCode;
  /** The field of the body or the header that is wrong; null where it is none. */
  readonly field: string | null;
  readonly detail: string;
}

/** An answer as it is sent, and as it is kept for a repetition. */
export interface Reply {
  readonly status: number;
  readonly body: object;
}

export function problem({ status, code, field, detail }: Problem): Reply {
  const type = `urn:kuramori:problem:${code}`;
  const body: ProblemBody = { type, title: code.replaceAll('-', ' '), status, code, field, detail };
  return { status, body };
}

export function malformed(field: string, detail: string): Reply {
  return problem({ status: 400, code: 'malformed', field, detail: `${field}: ${detail}` });
}

/** Every field that is wrong; the first one is the problem's own. */
export function malformedIn(flaws: readonly [Flaw, ...Flaw[]]): Reply {
  const [{ field, detail }] = flaws;
  const reply = malformed(field, detail);
  return flaws.length === 1 ? reply : { status: reply.status, body: { ...reply.body, errors: flaws } };
}

export function unknownWithdrawal(id: string): Reply {
  const detail = `id: no withdrawal is called ${id}`;
  return problem({ status: 404, code: 'unknown-withdrawal', field: 'id', detail });
}

/** Well formed, and not possible as things stand. */
export function unprocessable(code: ProblemCode, field: string, detail: string): Reply {
  return problem({ status: 422, code, field, detail: `${field}: ${detail}` });
}
