import { describe, expect, it } from 'vitest';
import { benchCosigner } from './cosigner.ts';

describe('a short run at one co-signer', () => {
  it('signs every payment, and verifies for each what it must, no less: its baseline is no smaller than its work', async () => {
    const { figures } = await benchCosigner({ payments: 64, say: () => {} });
    const counted = figures.filter(({ name }) => name.endsWith(', a payment'));
    // The request, two facts, two countersignatures, and its own entry, read again as any other is.
    expect(Object.fromEntries(counted.map(({ name, value }) => [name, value]))).toEqual({
      'ed25519 sign, a payment': 1,
      'ed25519 verify, a payment': 6,
      'nem sign, a payment': 1,
      'nem verify, a payment': 0,
      // Its own signature, before it leaves.
      'nem check, a payment': 1,
    });
    expect(figures[0]?.value).toBeGreaterThan(0);
  });
});
