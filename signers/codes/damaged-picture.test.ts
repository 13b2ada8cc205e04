/** Pictures: whatever is wrong with one, it is told apart from one that is right, and nothing throws or takes memory that a page would not. */
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPicture } from './picture.ts';
import { textIn, textsIn } from './squares.ts';

/** A PNG as the standard says, with the sizes and rows that are given; CRCs are nothing that we read. */
function png(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: Uint8Array,
  interlace = 0,
): Buffer {
  const chunk = (type: string, body: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type), body, Buffer.alloc(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, interlace], 8);
  const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}
const grey = (bytes: Uint8Array) => Array.from(readPicture(bytes)?.grey ?? []);

describe('read', () => {
  it.each([
    ['grey', png(2, 2, 8, 0, Buffer.from([0, 10, 20, 0, 30, 40])), [10, 20, 30, 40]],
    ['less what is left', png(3, 1, 8, 0, Buffer.from([1, 10, 5, 250])), [10, 15, 9]],
    ['less what is above', png(2, 2, 8, 0, Buffer.from([0, 10, 20, 2, 1, 255])), [10, 20, 11, 19]],
    ['less the mean', png(2, 2, 8, 0, Buffer.from([0, 10, 20, 3, 1, 2])), [10, 20, 6, 15]],
    ['less the nearest (Paeth)', png(2, 2, 8, 0, Buffer.from([0, 10, 20, 4, 1, 2])), [10, 20, 11, 22]],
    ['colour', png(2, 1, 8, 2, Buffer.from([0, 255, 255, 255, 255, 0, 0])), [255, 76]],
    ['transparent is paper', png(2, 1, 8, 4, Buffer.from([0, 0, 0, 0, 255])), [255, 0]],
    [
      'black and white',
      png(10, 1, 1, 0, Buffer.from([0, 0b10100000, 0b01000000])),
      [255, 0, 255, 0, 0, 0, 0, 0, 0, 255],
    ],
    ['PGM', Buffer.concat([Buffer.from('P5\n# a scanner\n2 1\n255\n'), Buffer.from([1, 2])]), [1, 2]],
    ['PPM', Buffer.concat([Buffer.from('P6 1 1 255\n'), Buffer.from([0, 255, 0])]), [149]],
  ] as const)('%s', (_, bytes, pixels) => {
    expect(grey(bytes)).toEqual(pixels);
  });
});

describe('refused', () => {
  const rows = Buffer.from([0, 10, 20, 0, 30, 40]);
  it.each([
    ['a photograph as JPEG', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['nothing', Buffer.alloc(0)],
    ['a PNG of no pixels', png(0, 2, 8, 0, rows)],
    ['larger than any page', png(100_000, 100_000, 8, 0, rows)],
    ['longer than any page', png(20_001, 1, 8, 0, Buffer.alloc(20_002))],
    ['of few pixels and many bytes', png(6_000, 6_000, 8, 6, Buffer.alloc(24_001 * 6_000))],
    ['a PGM of spaces', Buffer.from(`P5${' '.repeat(900)}`)],
    ['a PGM of comments', Buffer.from(`P5${'#\n'.repeat(400)}`)],
    ['with more rows than it says', png(2, 1, 8, 0, rows)],
    ['with fewer rows than it says', png(2, 3, 8, 0, rows)],
    ['of 16 bits', png(1, 1, 16, 0, Buffer.from([0, 1, 2]))],
    ['of a palette', png(2, 2, 8, 3, rows)],
    ['interlaced', png(2, 2, 8, 0, rows, 1)],
    ['with a filter that is none', png(2, 2, 8, 0, Buffer.from([9, 10, 20, 0, 30, 40]))],
    ['a bomb: 100 MB of zeros in 100 kB', png(2, 2, 8, 0, Buffer.alloc(100_000_000))],
    ['a PGM that ends early', Buffer.from('P5 20 20 255\nabc')],
    ['a PGM of 16 bits', Buffer.from('P5 1 1 65535\nab')],
    ['a PGM larger than any page', Buffer.from('P5 99999 99999 255\n')],
  ])('%s', (_, bytes) => {
    expect(readPicture(bytes)).toBeNull();
  });

  it('cut at any byte', () => {
    const whole = png(2, 2, 8, 0, rows);
    for (let length = 0; length < whole.length - 16; length += 1)
      expect(readPicture(whole.subarray(0, length))).toBeNull();
  });
});

it.each([
  [1, 4_000],
  [4_000, 1],
  [20, 20],
  [22, 19_999],
  [1, 1],
])('%i × %i pixels hold no code, and nothing throws', async (width, height) => {
  const picture = { width, height, grey: new Uint8Array(width * height).fill(255) };
  expect(textIn(picture)).toBeNull();
  expect(await textsIn(picture)).toEqual([]);
});

it('rubbish: no picture, or one without a code; nothing throws', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.constantFrom('P5 10 10 255\n', '\u0089PNG\r\n\u001a\n', ''),
      (bytes, head) => {
        const picture = readPicture(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
        if (picture !== null) expect(textIn(picture)).toBeNull();
      },
    ),
    { numRuns: 200 },
  );
});
