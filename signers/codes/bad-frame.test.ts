/** What a camera may see instead of a frame of ours: each is refused with its own sentence in both languages, and nothing of it is kept. */
import { describe, expect, it } from 'vitest';
import { bytewordsOf } from './bytewords.ts';
import { tellFrame, toldKnown, type FrameFlaw } from './flaw.ts';
import { messageOf, most, partText, readFrame, singleText } from './frame.ts';
import { framesOf } from './frames.ts';
import { reader } from './reader.ts';

const bytes = Buffer.from(Array.from({ length: 900 }, (_, at) => (at * 7) & 255));
const frames = framesOf('bytes', bytes, 100);
const text = (number: number) => frames.text(number);
const first = text(1);
const other = framesOf('bytes', bytes.toReversed(), 100).text(2);
/** What a frame says, read back and said again with something changed; its checksum is right. */
function forged(number: number, change: object): string {
  const frame = readFrame(text(number));
  if (!('kind' in frame) || frame.kind !== 'part') throw new Error('a part was meant');
  return partText('bytes', { ...frame.part, ...change });
}
function whole(...numbers: readonly (number | string)[]) {
  const reading = reader();
  return numbers.map((one) => reading.take(typeof one === 'string' ? one : text(one)));
}

const bad: readonly (readonly [string, string, FrameFlaw['why']])[] = [
  ['a page’s address', 'https://example.com/', 'no-code'],
  ['nothing', '', 'no-code'],
  ['letters of both cases', first.replace('bytes', 'BYTES'), 'no-code'],
  ['letters of another alphabet', first.replace('ur:bytes', 'ur:bytеs'), 'no-code'],
  ['a letter that lower case makes of another', first.replace('ur:', 'ur:\u212A'), 'no-code'],
  ['a letter whose small one is ours', first.toUpperCase().replace('K', '\u212A'), 'no-code'],
  ['a line behind it', `${first}\n`, 'no-code'],
  [
    'a key of another wallet',
    'ur:crypto-seed/oyadgdstaslplabghydrpfmkbggufgludprfgmamdpwmox',
    'another-type',
  ],
  ['cut in the middle', first.slice(0, -60), 'truncated'],
  ['cut by one letter', first.slice(0, -1), 'truncated'],
  ['cut by two letters', first.slice(0, -2), 'truncated'],
  ['cut to its head', first.slice(0, 20), 'truncated'],
  ['a changed letter', first.replace(/.$/, (letter) => (letter === 'a' ? 'b' : 'a')), 'changed'],
  ['a pair that is no byteword', `${first.slice(0, -2)}xx`, 'changed'],
  ['another number than it says within', first.replace('/1-', '/2-'), 'no-message'],
  ['number 0', forged(1, { number: 0 }), 'no-message'],
  ['no fragments', forged(1, { fragments: 0 }), 'no-message'],
  ['more fragments than its length takes', forged(1, { fragments: 12 }), 'no-message'],
  ['fewer fragments than its length takes', forged(1, { fragments: 9 }), 'no-message'],
  ['no data', forged(1, { data: new Uint8Array() }), 'no-message'],
  ['a length beyond all cameras', forged(1, { length: 2 ** 32 - 1, fragments: 43_000_000 }), 'too-large'],
  ['fragments beyond all cameras', forged(1, { fragments: 5_000, length: 500_000 }), 'too-large'],
  ['letters beyond all cameras', `ur:bytes/${'ae'.repeat(most.bytes + 5)}`, 'too-large'],
  ['one code whose bytes are none', singleText('bytes', Buffer.from('a0', 'hex')), 'no-message'],
  ['one code with more behind its bytes', singleText('bytes', Buffer.from('410000', 'hex')), 'no-message'],
  ['one code that could be shorter', singleText('bytes', Buffer.from('580100', 'hex')), 'no-message'],
  ['a part that is no array', `ur:bytes/1-2/${bytewordsOf(messageOf(bytes.subarray(0, 99)))}`, 'no-message'],
];

describe('refused', () => {
  it.each(bad)('%s', (_, seen, why) => {
    const step = reader().take(seen);
    expect(step).toMatchObject({ kind: 'refused', flaw: { why } });
    // And nothing of it stays: the message that was under way comes whole.
    const numbers = Array.from({ length: frames.fragments }, (__, at) => at + 1);
    const steps = whole(...numbers.slice(0, 5), seen, ...numbers.slice(5));
    expect(steps[5]).toMatchObject({ kind: 'refused' });
    expect(steps.at(-1)).toEqual({ kind: 'whole', type: 'bytes', bytes: Uint8Array.from(bytes) });
  });

  it('each flipped bit of a frame and of a mixture, whatever it hits', () => {
    for (const number of [1, frames.fragments + 2]) {
      const good = Buffer.from(text(number), 'latin1');
      for (let bit = 0; bit < good.length * 8; bit += 1) {
        const seen = Buffer.from(good);
        seen[bit >> 3] = (seen[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(reader().take(seen.toString('latin1')), `bit ${bit}`).toMatchObject({ kind: 'refused' });
      }
    }
  });

  it('each flipped bit of what a part says, under a checksum that is right: never another message', () => {
    for (let bit = 0; bit < 800; bit += 1) {
      const frame = readFrame(text(3));
      if (!('kind' in frame) || frame.kind !== 'part') throw new Error('a part was meant');
      const data = Buffer.from(frame.part.data);
      if (bit >> 3 >= data.length) break;
      data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const forgery = partText('bytes', { ...frame.part, data });
      const steps = whole(1, 2, forgery, 4, 5, 6, 7, 8, 9, 10);
      expect(steps.at(-1), `bit ${bit}`).toEqual({ kind: 'refused', flaw: { why: 'contradicts' } });
    }
  });
});

it('frames of two messages in turns: the second is refused, and the first comes whole', () => {
  const steps = whole(1, other, 2, other, 3, 4, 5, 6, 7, 8, 9, 10);
  expect(steps[1]).toEqual({ kind: 'refused', flaw: { why: 'another-message' } });
  expect(steps.at(-1)?.kind).toBe('whole');
  const single = singleText('bytes', messageOf(bytes.subarray(0, 50)));
  expect(whole(1, single)[1]).toEqual({ kind: 'refused', flaw: { why: 'another-message' } });
  expect(whole(1, text(2).replace('ur:bytes', 'ur:psbt'))[1]).toEqual({
    kind: 'refused',
    flaw: { why: 'another-message' },
  });
});

it('a frame seen again is no fault and counts once', () => {
  const [one, again] = whole(1, 1);
  expect(one).toEqual({ kind: 'taken', have: 1, need: 10 });
  expect(again).toEqual({ kind: 'known', have: 1, need: 10 });
  expect(whole(1, 2, 1, 2, 1).at(-1)).toMatchObject({ kind: 'known', have: 2 });
  expect(`${toldKnown.en} ${toldKnown.ja}`).toMatch(/read before.*読み取り済み/);
});

it('a forged frame among good ones is noticed as soon as one says otherwise, and all is dropped', () => {
  const data = Buffer.alloc(91, 1);
  const reading = reader();
  expect(reading.take(forged(3, { data }))).toMatchObject({ kind: 'taken' });
  expect(reading.take(text(3))).toEqual({ kind: 'refused', flaw: { why: 'contradicts' } });
  const steps = Array.from({ length: 10 }, (_, at) => reading.take(text(at + 1)));
  expect(steps.at(-1)?.kind).toBe('whole');
});

it('each has a sentence of its own in both languages, and none shows what was in the code', () => {
  const flaws: readonly FrameFlaw[] = [
    ...(['no-code', 'truncated', 'changed', 'no-message', 'another-message', 'contradicts'] as const).map(
      (why) => ({ why }),
    ),
    { why: 'another-type', type: 'crypto-seed' },
    { why: 'too-large', most: most.bytes },
  ];
  const told = flaws.map(tellFrame);
  for (const { en, ja } of told) {
    expect(en).toMatch(/^[\u0020-\u007e‘’]{30,}$/);
    expect(ja).toMatch(/[ぁ-ん].*[一-龠]|[一-龠].*[ぁ-ん]/);
  }
  expect(new Set(told.flatMap(({ en, ja }) => [en, ja])).size).toBe(2 * flaws.length);
});
