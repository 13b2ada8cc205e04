/**
 * Hedge: a thief may know the system's generator; dice cover the entropy against that, and nothing else that is drawn. With the salt
 * of a digest known, one share would be the key. So what shares are made of is mixed with the entropy: as secret as the better of both.
 */
import { createHmac } from 'node:crypto';
import type { Random } from './secret.ts';

/** `about`: whatever tells one sharing of this entropy from another, so that two never share what they draw. */
export function hedged(random: Random, entropy: Uint8Array, about: readonly (string | Uint8Array)[]): Random {
  const salt = random(32);
  let call = 0;
  return (length) => {
    call += 1;
    const hmac = createHmac('sha512', entropy).update(`kuramori shares ${call}\0`).update(salt);
    for (const one of about) hmac.update(`${one.length}\0`).update(one);
    const stream = hmac.digest();
    if (length > stream.length) throw new RangeError(`hedged: ${length} bytes of at most ${stream.length}`);
    const drawn = random(length);
    for (const [at, byte] of drawn.entries()) drawn[at] = byte ^ (stream[at] ?? 0);
    stream.fill(0);
    return drawn;
  };
}
