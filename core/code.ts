/**
 * What a process says of its own code: what it was as it started, and what was changed under it since (program/code). It is as
 * true as the process is honest: believed by nobody, and looked at by watchtowers.
 */
import { z } from 'zod';
import { Hash, SignatureHex, verifyStatement } from './key.ts';
import { Network, type Policy } from './policy.ts';
import { text } from './text.ts';

const Time = z.int().nonnegative();

export const Code = z.strictObject({
  /** Of all its files together. */
  digest: Hash,
  measuredAt: Time,
  /** The newest changes since, each file once; from the project's root, its end where that is long. */
  changed: z.array(z.strictObject({ file: z.string().max(255), at: Time })).max(16),
});
export type Code = z.infer<typeof Code>;

/** Custody's word for its own, since no watchtower asks custody anything; signed by the books' key. */
const CustodyCode = z.strictObject({
  network: Network,
  exchange: text(1, 64),
  /** New at each start: several custodies may stand on one database. */
  session: z.string().regex(/^[0-9a-f]{32}$/, 'must be 16 bytes as lower-case hex'),
  /** Custody's clock, in milliseconds of Unix time. */
  at: Time,
  code: Code,
});
export type CustodyCode = z.infer<typeof CustodyCode>;

export const SignedCode = z.strictObject({ statement: CustodyCode, signature: SignatureHex });
export type SignedCode = z.infer<typeof SignedCode>;

/** By the pinned key, about the policy's network. */
export function verifyCode(policy: Policy, { statement, signature }: SignedCode): boolean {
  return (
    statement.network === policy.network &&
    verifyStatement(policy.books.key, 'custody-code', statement, signature)
  );
}
