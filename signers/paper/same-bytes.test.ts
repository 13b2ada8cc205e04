/** What is printed: the same for the same input, byte by byte; nothing in it that reaches out, runs, or tells when and by whom it was made. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../testing/seeded.ts';
import { shareSecret } from '../slip39/shares.ts';
import { shareText } from '../slip39/share.ts';
import { htmlOf } from './html.ts';
import { openPdf } from './pdf.ts';
import { printed } from './print.ts';
import { safeSheet } from './safe-sheet.ts';
import { shareSheet } from './share-sheet.ts';
import { paperSizes, type Sheet } from './sheet.ts';
import { walletSheet } from './wallet-sheet.ts';
import { wrapped } from './wrap.ts';

const chance = seeded(7);
const drawn = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)));
const layout = { groupThreshold: 2, groups: Array.from({ length: 3 }, () => ({ threshold: 2, count: 3 })) };
const shares = shareSecret(drawn(32), layout, drawn, new Uint8Array(), 0);
const [one] = shares;
if (one === undefined) throw new Error('shares were meant');
const key = {
  chain: 'nem',
  network: 'testnet',
  chainKey: 'cd'.repeat(32),
  language: 'english',
  passphrase: false,
} as const;
const longKey = (n: number) => `[d34db33f/48h/0h/${n}h/2h]xpub${'A'.repeat(107)}/<0;1>/*`;
const wallet = (keys: number) => ({
  id: 'cold-1',
  role: 'cold' as const,
  chain: 'bitcoin',
  network: 'mainnet',
  address: `bc1q${'x'.repeat(58)}`,
  descriptor: `wsh(sortedmulti(2,${Array.from({ length: keys }, (_, n) => longKey(n)).join(',')}))#abcdefgh`,
  threshold: 2,
  cosigners: Array.from({ length: keys }, (_, n) => ({ publicKey: longKey(n), signer: null })),
  policy: { version: 1, digest: 'ef'.repeat(32) },
});
const told = (en: string) => ({ en, ja: '3グループ中2グループ' });
const many = Array.from({ length: 48 }, (_, at) => ({ ...one, group: at >> 4, member: at & 15 }));
const sheets: readonly (readonly [string, () => Sheet])[] = [
  ['a share', () => shareSheet(one, shareText(one), key)],
  ['nine envelopes', () => safeSheet(shares, told('2 of 3 groups: 2 of 3, 2 of 3, 2 of 3'), key)],
  ['48 envelopes, more than a page has room for', () => safeSheet(many, told('3 of 3 groups'), key)],
  ['a wallet of three keys', () => walletSheet(wallet(3))],
  ['a wallet of fifteen keys, in several codes', () => walletSheet(wallet(15))],
];

describe.each(sheets)('%s', (_, sheet) => {
  it.each(paperSizes)('is the same again, and the paper is that which was asked for (%s)', (paper) => {
    const [pdf, html] = [printed(sheet(), paper), htmlOf(sheet(), paper)];
    expect(Buffer.compare(pdf, printed(sheet(), paper))).toBe(0);
    expect(Buffer.compare(html, htmlOf(sheet(), paper))).toBe(0);
    const box = { a4: '[0 0 595.28 841.89]', letter: '[0 0 612 792]' }[paper];
    expect(Buffer.from(pdf).toString('latin1')).toContain(`/MediaBox ${box}`);
    expect(Buffer.from(html).toString()).toContain(`@page{size:${{ a4: 'A4', letter: 'letter' }[paper]};`);
  });

  it('no date, no name of a program, no id, no link, no form, no script', () => {
    const pdf = Buffer.from(printed(sheet(), 'a4')).toString('latin1');
    const objects = pdf.replaceAll(/stream\n.*?\nendstream/gs, '');
    expect(objects).not.toMatch(
      /Date|Producer|Creator|Author|\/ID|\/Annot|\/A |URI|JavaScript|\/JS|\/AA|OpenAction|\/Info/,
    );
    const html = Buffer.from(htmlOf(sheet(), 'a4')).toString();
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-`);
    // The name of SVG's own language is no address that anybody asks.
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /<script|<link|<img|<iframe|<form|<a |url\(|@import|https?:|style="| on\w+=/i,
    );
  });

  it('each place that the PDF names is where the object is', () => {
    const pdf = Buffer.from(printed(sheet(), 'a4')).toString('latin1');
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
    expect(pdf.slice(start, start + 5)).toBe('xref\n');
    const places = [...pdf.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, place]) => Number(place));
    for (const [index, place] of places.entries())
      expect(pdf.slice(place, place + 12)).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
    expect(places.length).toBeGreaterThan(10);
  });
});

it('a word from outside stays a word in HTML', () => {
  const evil = { ...wallet(3), id: '<script>alert(1)</script>"&\'' };
  const html = Buffer.from(htmlOf(walletSheet(evil), 'a4')).toString();
  expect(html).not.toContain('<script');
  expect(html).toContain('&#60;script&#62;');
});

it('a letter that the font has not is refused, and never left out in silence', () => {
  const pdf = openPdf({ width: 100, height: 100 });
  expect(() => pdf.page().text(0, 0, 10, 'ok \u{1f600}')).toThrow(/no letter U\+1F600/);
  expect(() => pdf.page().text(0, 0, 10, 'ok \u0000')).toThrow(/no letter U\+0000/);
});

it('lines: nothing is lost, none is too wide, none begins with a mark that closes', () => {
  const width = (text: string) => Array.from(text).length;
  const letters = fc.constantFrom(...Array.from('abc de、。鍵のシェア（1枚）.,'));
  fc.assert(
    fc.property(
      fc.string({ unit: letters, maxLength: 80 }),
      fc.integer({ min: 6, max: 30 }),
      (text, most) => {
        const lines = wrapped(text, most, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(most);
      },
    ),
    { numRuns: 300 },
  );
  expect(wrapped('鍵のシェアです。鍵のシェアです。', 7, width)).toEqual([
    '鍵のシェアで',
    'す。鍵のシェア',
    'です。',
  ]);
});
