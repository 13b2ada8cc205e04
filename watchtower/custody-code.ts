/** Custody's word for its own code, by the books' key and of this minute. */
import { verifyCode, type Policy, type Refusal, type SignedCode } from '@kuramori/core';
import type { SignsWatch } from './signs/watch.ts';

/** How far it may be from our time. Milliseconds. */
const freshMs = 60_000;

export function hearCode(
  policy: Policy,
  now: number,
  signs: Pick<SignsWatch, 'heardCode'>,
  signed: SignedCode,
): { kind: 'done' } | Refusal {
  const { session, at, code } = signed.statement;
  if (!verifyCode(policy, signed) || Math.abs(now - at) > freshMs)
    return {
      kind: 'refused',
      why: 'signature',
      detail: 'code: is not signed by the books’ key within the last minute',
    };
  signs.heardCode('custody', `custody ${session.slice(0, 8)}`, code);
  return { kind: 'done' };
}
