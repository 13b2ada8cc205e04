/** Frames as squares and back: each seen as a picture, some unsharp beyond reading, in any order; what is read is what was shown. */
import { expect, it } from 'vitest';
import { blurred, noisy } from '../testing/scans.ts';
import { framesOf } from './frames.ts';
import { movingPage } from './moving.ts';
import type { Picture } from './picture.ts';
import { reader, type Step } from './reader.ts';
import { squaresOf, textIn } from './squares.ts';

/** Four pixels a square. */
function pictureOf(text: string): Picture {
  const squares = squaresOf(text, 'low');
  const side = squares.length * 4;
  const grey = new Uint8Array(side * side);
  for (let at = 0; at < grey.length; at += 1)
    grey[at] = squares[Math.floor(at / side / 4)]?.[(at % side) >> 2] === true ? 20 : 235;
  return { width: side, height: side, grey };
}

it('a PSBT of 2 kB from blurred, grainy pictures, a third of them not to be read', () => {
  const psbt = Buffer.concat([Buffer.from('70736274ff', 'hex'), Buffer.alloc(2_000, 0x5a)]);
  const [frames, reading] = [framesOf('psbt', psbt), reader()];
  let last: Step | null = null;
  let unread = 0;
  for (let number = 1; number < 60 && last?.kind !== 'whole'; number += 1) {
    const sharp = pictureOf(frames.text(number).toUpperCase());
    const seen = textIn(noisy(blurred(sharp, number % 3 === 0 ? 9 : 1), 20, number));
    if (seen === null) unread += 1;
    else last = reading.take(seen);
    expect(last?.kind).not.toBe('refused');
  }
  expect(last).toEqual({ kind: 'whole', type: 'psbt', bytes: Uint8Array.from(psbt) });
  expect(unread).toBeGreaterThan(2);
});

it('a moving page: every frame once, by style alone, and nothing that reaches out', () => {
  const frames = framesOf('bytes', Buffer.alloc(900, 3), 100);
  const page = movingPage(frames, 30);
  expect(page.match(/<svg /g)).toHaveLength(30);
  expect(page.match(/animation-delay:/g)).toHaveLength(30);
  expect(page).toContain(`content="default-src 'none'; style-src 'sha256-`);
  expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
    /<script|https?:|url\(|style="/,
  );
  expect(movingPage(framesOf('bytes', Buffer.alloc(9)), 30).match(/<svg /g)).toHaveLength(1);
});
