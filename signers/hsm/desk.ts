/** Answers for one token: what the HSM refuses is an answer, what breaks the process's own rules ends it. */
import type { Refusal } from '@kuramori/core';
import { log, Misconfigured } from '@kuramori/program';
import { ecdsaNonce } from '../key-service.ts';
import { biasedNonces, enoughNonces, repeatedNonce, tellFlaw } from '../nonces.ts';
import { HsmFailed } from './cryptoki.ts';
import type { Token } from './token.ts';

/** Signatures whose r is remembered, of this life: a nonce that comes twice gives the key away. */
const mostRemembered = 100_000;

export function desk(token: Token) {
  const points = new Map<string, string>();

  /** An answer, or the refusal that the HSM's own word comes to. */
  function ask<T>(work: () => T): T | Refusal {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof HsmFailed) && !(cause instanceof Misconfigured)) throw cause;
      log('refused', { why: cause.message });
      return { kind: 'refused', why: 'hsm', detail: cause.message };
    }
  }

  return {
    wrap: ({ label, bytes, context }: { label: string; bytes: string; context: string }) =>
      ask(() => ({
        kind: 'wrapped' as const,
        wrapped: token.wrap(label, Uint8Array.fromHex(bytes), Uint8Array.fromHex(context)).toHex(),
      })),
    unwrap: ({ label, wrapped, context }: { label: string; wrapped: string; context: string }) =>
      ask(() => ({
        kind: 'unwrapped' as const,
        bytes: token.unwrap(label, Uint8Array.fromHex(wrapped), Uint8Array.fromHex(context)).toHex(),
      })),
    publicKey: ({ label }: { label: string }) =>
      ask(() => ({ kind: 'key' as const, publicKey: token.publicKey(label).toHex() })),
    sign: ({ label, digest }: { label: string; digest: string }) =>
      ask(() => {
        const signature = token.sign(label, Uint8Array.fromHex(digest)).toHex();
        const point = `${label} ${signature.slice(0, 64)}`;
        const before = points.get(point);
        if (before !== undefined && before !== digest)
          throw new Error(`${label}: the HSM used one nonce for two digests: it must not sign any more`);
        points.set(point, digest);
        if (points.size > mostRemembered) points.delete(points.keys().next().value ?? '');
        log('signed', { label, digest });
        return { kind: 'signed' as const, signature };
      }),
  };
}

/**
 * Tests the HSM's nonces with a key that is made for it, read and thrown away. Throws Misconfigured where they are bad; of a
 * token that gives no key out, not even such a one, only repeats can ever be seen.
 */
export function testNonces(token: Pick<Token, 'signAndTell'>): 'good' | 'untold' {
  const digests = Array.from({ length: enoughNonces }, (_, index) => new Uint8Array(32).fill(index + 1));
  const told = token.signAndTell(digests);
  if (told === null) return 'untold';
  const flaw =
    repeatedNonce(
      told.signatures.map((signature, index) => ({
        message: String(index),
        point: signature.subarray(0, 32).toHex(),
      })),
    ) ??
    biasedNonces(
      told.signatures.map((signature, index) =>
        ecdsaNonce(told.secret, digests[index] ?? new Uint8Array(), signature),
      ),
      256,
    );
  told.secret.fill(0);
  if (flaw) throw new Misconfigured(`self-test: ${tellFlaw(flaw)}: this HSM must not sign`);
  return 'good';
}
