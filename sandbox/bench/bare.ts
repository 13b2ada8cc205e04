/** Bare: the signatures, verifications and self-checks of withdrawals and nothing else, on one core. A program of its own for `ceiling.ts`. */
import { generateSigningKey, signStatement, verifyStatement } from '@kuramori/core';
import { isDerived, privateKeyOf, publicKeyOf, signShare, verifyShare } from '@kuramori/chains/nem/codec';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';

const count = z.number().nonnegative();
/** How often one withdrawal signs and verifies, on average over a run. */
export const Basket = z.strictObject({
  'ed25519 sign': count,
  'ed25519 verify': count,
  'nem sign': count,
  'nem verify': count,
  /** A signer's own signature, checked before it leaves. */
  'nem check': count,
});
export type Basket = z.infer<typeof Basket>;

/** `cpuMs`: processor time, which is less where others have the core. */
export const Done = z.strictObject({ withdrawals: z.int(), ms: z.number(), cpuMs: z.number() });

if (import.meta.main) {
  const { basket, seconds } = z
    .strictObject({ basket: Basket, seconds: z.number().positive() })
    .parse(JSON.parse(process.argv[2] ?? ''));
  process.stdout.write(JSON.stringify(work(basket, seconds)));
}

function work(basket: Basket, seconds: number): z.output<typeof Done> {
  const key = generateSigningKey();
  const statement = { entry: 'ab'.repeat(32) };
  const signature = signStatement(key, 'countersignature', statement);
  const chainKey = privateKeyOf(randomBytes(32));
  const chainPublicKey = publicKeyOf(chainKey);
  // As long as the wrapper of a payment.
  const share = randomBytes(250).toHex();
  const chainSignature = signShare(chainKey, share);
  const operations: Record<keyof Basket, () => unknown> = {
    'ed25519 sign': () => signStatement(key, 'countersignature', statement),
    'ed25519 verify': () => verifyStatement(key.publicKey, 'countersignature', statement, signature),
    'nem sign': () => signShare(chainKey, share),
    'nem verify': () => verifyShare(chainPublicKey, share, chainSignature),
    'nem check': () => isDerived(chainKey, chainPublicKey, Uint8Array.fromHex(share), chainSignature),
  };
  const due = new Map<keyof Basket, number>();
  const one = () => {
    for (const name of Basket.keyof().options) {
      let left = (due.get(name) ?? 0) + basket[name];
      for (; left >= 1; left -= 1) operations[name]();
      due.set(name, left);
    }
  };
  for (let warm = performance.now() + 500; performance.now() < warm;) one();
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let withdrawals = 0;
  for (; performance.now() < began + seconds * 1000; withdrawals += 1) one();
  const { user, system } = process.cpuUsage(cpu);
  return { withdrawals, ms: performance.now() - began, cpuMs: (user + system) / 1000 };
}
