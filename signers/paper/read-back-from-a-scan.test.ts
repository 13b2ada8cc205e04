/** A share's page, printed and scanned or photographed: its code, and without the code its words, give the share again. */
import { describe, expect, it } from 'vitest';
import type { Picture } from '../codes/picture.ts';
import { reader } from '../codes/reader.ts';
import { textIn, textsIn } from '../codes/squares.ts';
import { readShare, shareText } from '../slip39/share.ts';
import { recoverShared, shareSecret } from '../slip39/shares.ts';
import {
  blurred,
  cropped,
  hasPoppler,
  hasTesseract,
  leaning,
  lettersIn,
  mended,
  noisy,
  scanned,
  turned,
} from '../testing/scans.ts';
import { seeded } from '../testing/seeded.ts';
import { twoOfThree } from '../testing/shares.ts';
import { printed } from './print.ts';
import { shareSheet } from './share-sheet.ts';
import { paperSizes, type PaperSize } from './sheet.ts';
import { walletSheet } from './wallet-sheet.ts';

// The same page in every run: whether a machine reads it must not be a matter of luck.
const chance = seeded(Number(process.env['KURAMORI_SEED'] ?? 1));
const drawn = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)));
const secret = drawn(32);
const shares = shareSecret(secret, twoOfThree, drawn, new Uint8Array(), 0);
const key = {
  chain: 'bitcoin',
  network: 'mainnet',
  chainKey: 'ab'.repeat(32),
  language: 'japanese',
  passphrase: true,
} as const;
const [one, other] = shares.map((share) => ({ share, text: shareText(share) }));
if (one === undefined || other === undefined) throw new Error('three shares were meant');
const words = Buffer.from(one.text).toString();
const page = (paper: PaperSize) => printed(shareSheet(one.share, one.text, key), paper);

describe.skipIf(!hasPoppler())('its code (poppler-utils)', () => {
  const scan = hasPoppler() ? scanned(page('a4'), 200) : { width: 1, height: 1, grey: new Uint8Array(1) };
  const ways: readonly (readonly [string, () => Picture])[] = [
    ['as it is', () => scan],
    ['at 120 dots an inch', () => scanned(page('a4'), 120)],
    ['at 600 dots an inch', () => scanned(page('a4'), 600)],
    ['on Letter', () => scanned(page('letter'), 200)],
    ['turned by 3 degrees', () => turned(scan, 3)],
    ['turned by 17 degrees', () => turned(scan, 17)],
    ['upside down', () => turned(scan, 180)],
    ['on its side', () => turned(scan, 90)],
    ['blurred', () => blurred(scan, 2)],
    ['grainy, in light from one side', () => noisy(scan, 60, 1)],
    ['photographed from below', () => leaning(scan, 0.18)],
    ['a corner of the page alone', () => cropped(scan, [0.03, 0.38, 0.42, 0.64])],
    ['all of it at once', () => noisy(blurred(leaning(turned(scan, 4), 0.08), 1), 30, 2)],
  ];
  it.each(ways)('%s', (_, picture) => {
    const read = textIn(picture());
    expect(read?.toLowerCase()).toBe(words);
    expect(recoverShared([Buffer.from(read ?? ''), other.text])).toEqual(Uint8Array.from(secret));
  });

  it('a fifth of it gone: nothing is read, or the share, and never another one', () => {
    const spoiled = cropped(scan, [0, 0, 1, 1]);
    for (let y = 0.44; y < 0.52; y += 1 / scan.height)
      spoiled.grey.fill(
        255,
        Math.round(y * scan.height) * scan.width,
        Math.round(y * scan.height + 1) * scan.width,
      );
    const read = textIn(spoiled);
    expect([null, words]).toContain(read?.toLowerCase() ?? null);
  });
});

describe.skipIf(!hasPoppler() || !hasTesseract())('its words (tesseract-ocr)', () => {
  /** Column by column, as they stand on the page. */
  const wordsIn = (picture: Picture) =>
    [0.097, 0.386, 0.675].flatMap((left) =>
      lettersIn(cropped(picture, [left, 0.197, left + 0.22, 0.424]))
        .filter((line) => /[a-z]{3}/i.test(line))
        .map((line) =>
          mended(
            line
              .replaceAll(/[^a-z]+/gi, ' ')
              .trim()
              .split(' ')
              .at(-1) ?? '',
          ),
        ),
    );
  const ways: readonly (readonly [string, (scan: Picture) => Picture])[] = [
    ['as it is', (scan) => scan],
    ['turned by half a degree', (scan) => turned(scan, 0.5)],
    ['blurred and grainy', (scan) => noisy(blurred(scan, 1), 30, 3)],
  ];
  it.each(ways)('%s: by the list of words, and the share’s own checksum', (_, way) => {
    const read = wordsIn(way(scanned(page('a4'), 300))).join(' ');
    expect(read).toBe(words);
    expect(readShare(Buffer.from(read))).toMatchObject({ id: one.share.id, member: one.share.member });
  });
});

describe.skipIf(!hasPoppler())('a wallet’s pages (poppler-utils)', () => {
  const keyed = (n: number) => `[d34db33f/48h/0h/${n}h/2h]xpub${'K7'.repeat(53)}/<0;1>/*`;
  const wallet = (keys: number) => {
    const all = Array.from({ length: keys }, (_, n) => keyed(n));
    return {
      id: 'cold-1',
      role: 'cold' as const,
      chain: 'bitcoin',
      network: 'mainnet',
      address: `bc1q${'z'.repeat(58)}`,
      descriptor: `wsh(sortedmulti(2,${all.join(',')}))#abcdefgh`,
      threshold: 2,
      cosigners: all.map((publicKey) => ({ publicKey, signer: null })),
      policy: { version: 1, digest: 'ef'.repeat(32) },
    };
  };
  const seen = async (pdf: Uint8Array, sheets: readonly number[]) => {
    const pages = sheets.map((sheet) => turned(scanned(pdf, 200, sheet), 1));
    return (await Promise.all(pages.map(textsIn))).flat();
  };

  it('its address and its descriptor, as wallets read them', async () => {
    const three = wallet(3);
    const texts = await seen(printed(walletSheet(three), 'a4'), [1]);
    expect(texts.sort()).toEqual([three.address, three.descriptor].sort());
  });

  it('a descriptor too long for one code: from several, on several sheets', async () => {
    const seven = wallet(7);
    const texts = await seen(printed(walletSheet(seven), 'letter'), [1, 2, 3]);
    const reading = reader();
    const steps = texts.filter((text) => text.startsWith('UR:')).map((text) => reading.take(text));
    expect(steps.at(-1)).toMatchObject({
      kind: 'whole',
      type: 'x-kuramori',
      bytes: Uint8Array.from(Buffer.from(seven.descriptor)),
    });
    expect(texts).toContain(seven.address);
  });
});

it.each(paperSizes)('it is one page (%s)', (paper) => {
  expect(
    Buffer.from(page(paper))
      .toString('latin1')
      .match(/\/Type \/Page /g),
  ).toHaveLength(1);
});
