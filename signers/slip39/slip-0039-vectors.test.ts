/** Every vector of SLIP-0039: what the shares give, or why they give nothing. */
import { expect, it } from 'vitest';
import { recoverShared } from './shares.ts';
import { vectors } from './vectors.testing.ts';

it('all of them are here', () => {
  expect(vectors.map(({ name }) => Number(name.split(':')[0]))).toEqual(
    Array.from({ length: 45 }, (_, at) => at + 1),
  );
});

it.each(vectors)('vector $name', ({ shares, gives }) => {
  const texts = shares.map((share) => Buffer.from(share));
  const recovered = recoverShared(texts, Buffer.from('TREZOR'));
  expect(recovered instanceof Uint8Array ? recovered.toHex() : recovered).toEqual(gives);
});
