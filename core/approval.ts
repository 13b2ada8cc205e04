/** Approval: a person's word for one intent, by their Ed25519 key or by a passkey; and how many people gave it. */
import { z } from 'zod';
import { digest } from './canonical.ts';
import { intentDigest, type Intent } from './intent.ts';
import { SignatureHex, verifyStatement } from './key.ts';
import { Assertion, flawOfAssertion, Person, type Passkeys } from './passkey.ts';

/** One device's, by the key that the person is named by, or by a passkey: a person who uses two gives two. */
export const Approval = z
  .strictObject({ person: Person, signature: SignatureHex.optional(), assertion: Assertion.optional() })
  .refine(
    ({ signature, assertion }) => (signature === undefined) !== (assertion === undefined),
    'must have one of signature and assertion',
  );
export type Approval = z.infer<typeof Approval>;

/** As many as one intent carries. */
export const mostApprovals = 32;

/** What a person signs, as the statement of kind `approval`. */
export function approvalOf(intent: Intent): { readonly intent: string } {
  return { intent: intentDigest(intent) };
}

/** The digest that a key signs, and that is a passkey's challenge. 64 hex digits. */
export function approvalDigest(intent: Intent): string {
  return digest('approval', approvalOf(intent));
}

/** The policy's word on passkeys; all of a policy, mostly. */
interface Pinned {
  readonly passkeys?: Passkeys | undefined;
}

/** Whose approvals are asked for. `secondDevice`: above this amount a person counts by a passkey and by their key, not by one. */
interface Asked {
  readonly people: readonly string[];
  readonly secondDevice?: { readonly above: bigint } | undefined;
}

/** Whether it is this person's word for this intent. */
export function verifyApproval({ passkeys }: Pinned, intent: Intent, approval: Approval): boolean {
  const { person, signature, assertion } = approval;
  if (signature !== undefined) return verifyStatement(person, 'approval', approvalOf(intent), signature);
  if (assertion === undefined || passkeys === undefined) return false;
  return flawOfAssertion(passkeys, person, approvalDigest(intent), assertion) === undefined;
}

/** How many of these people approved the intent, each counted once, by however many keys and passkeys. */
export function countApprovals(
  policy: Pinned,
  { people, secondDevice }: Asked,
  intent: Intent,
  approvals: readonly Approval[],
): number {
  const valid = approvals.filter(
    (approval) => people.includes(approval.person) && verifyApproval(policy, intent, approval),
  );
  const by = (way: 'signature' | 'assertion') =>
    new Set(valid.flatMap((one) => (one[way] === undefined ? [] : one.person)));
  const [byKey, byPasskey] = [by('signature'), by('assertion')];
  // Not by two passkeys: one false page asks for both.
  const takesBoth = secondDevice !== undefined && intent.amount > secondDevice.above;
  return (takesBoth ? byKey.intersection(byPasskey) : byKey.union(byPasskey)).size;
}
