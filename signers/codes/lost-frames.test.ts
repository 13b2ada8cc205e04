/** Frames that a camera loses, or sees in another order: the message comes whole, in under three times the frames that hold it. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeded } from '../testing/seeded.ts';
import { framesOf } from './frames.ts';
import { reader, type Step } from './reader.ts';

const runs = Number(process.env['KURAMORI_ROUNDS'] ?? 25);

/** How many frames are shown until all is read, where each is lost with this chance. */
function shown(bytes: Uint8Array, chance: number, random: () => number) {
  const frames = framesOf('bytes', bytes);
  const reading = reader();
  for (let number = 1; number <= 20 * frames.fragments; number += 1) {
    if (random() < chance) continue;
    const step = reading.take(frames.text(number));
    if (step.kind === 'whole') return { number, fragments: frames.fragments, bytes: Buffer.from(step.bytes) };
  }
  throw new Error('it never came whole');
}

it(`20 kB, a fifth of the frames lost: under three times its frames, in each of ${runs} runs`, () => {
  let worst = 0;
  for (let run = 1; run <= runs; run += 1) {
    const random = seeded(run);
    const bytes = Buffer.from(Array.from({ length: 20_000 }, () => Math.floor(random() * 256)));
    const { number, fragments, bytes: back } = shown(bytes, 0.2, random);
    expect(back.equals(bytes)).toBe(true);
    worst = Math.max(worst, number / fragments);
  }
  expect(worst).toBeLessThan(3);
});

it('the fragments alone, without a mixture: each is enough once', () => {
  const bytes = Buffer.alloc(5_000, 7);
  expect(shown(bytes, 0, () => 1)).toMatchObject({ number: 26, fragments: 26 });
});

it('mixtures alone are enough, and any order is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), fc.integer(), (bytes, seed) => {
      const frames = framesOf('psbt', bytes, 100);
      const random = seeded(seed);
      const numbers = Array.from({ length: 8 * frames.fragments + 20 }, (_, at) => frames.fragments + at + 1)
        .map((number) => ({ number, at: random() }))
        .sort((a, b) => a.at - b.at);
      const reading = reader();
      let last: Step | null = null;
      for (const { number } of numbers) {
        last = reading.take(frames.text(number));
        if (last.kind === 'whole') break;
      }
      expect(last).toEqual({ kind: 'whole', type: 'psbt', bytes });
    }),
    { numRuns: 40 },
  );
});

it('a message of every length about a fragment’s comes back', () => {
  for (const length of [0, 1, 23, 24, 97, 98, 99, 100, 101, 199, 200, 255, 256, 257, 1000]) {
    const bytes = new Uint8Array(length).fill(length & 255);
    const frames = framesOf('bytes', bytes, 100);
    const reading = reader();
    const steps = Array.from({ length: frames.fragments }, (_, at) => reading.take(frames.text(at + 1)));
    expect(steps.at(-1), `${length}`).toEqual({ kind: 'whole', type: 'bytes', bytes });
    expect(steps.slice(0, -1).every(({ kind }) => kind === 'taken')).toBe(true);
  }
});
