/** A heading forgotten in one language, a blank that nobody sees: both languages have the same parts, and every gap its mark. */
import { expect, it } from 'vitest';
import type { Exported } from './exports.ts';
import { alarm, everything, frozen, inBlock, recordOf, textOf } from './testing/lines.ts';

const records = [
  recordOf({ tower: textOf(alarm(), frozen('signer-1', 40), inBlock()) }),
  recordOf({ tower: textOf(frozen('signer-1', 40)) }),
];
const pairs = records.flatMap((record) => {
  const all = everything(record);
  return all.flatMap((en): [Exported, Exported][] => {
    const ja = all.find(({ name }) => name === en.name.replace('.en.md', '.ja.md'));
    return en.name.endsWith('.en.md') && ja ? [[en, ja]] : [];
  });
});
const count = (text: string, what: RegExp) => [...text.matchAll(what)].length;
const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'));
const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

it('all six documents exist in both', () => {
  expect(pairs).toHaveLength(2 * 6);
});

it('the same headings at the same levels, each in its language', () => {
  for (const [en, ja] of pairs) {
    const levels = (text: string) => headings(text).map((line) => line.split(' ')[0]);
    expect(levels(ja.text), ja.name).toEqual(levels(en.text));
    expect(headings(en.text).length).toBeGreaterThan(4);
    for (const line of headings(en.text)) expect(line).not.toMatch(japanese);
    for (const line of headings(ja.text)) expect(line).toMatch(japanese);
  }
});

it('the headings of the order of 2018, in its order', () => {
  const found = pairs.find(([en]) => en.name.startsWith('regulator'));
  expect(headings(found?.[1].text ?? '').filter((line) => line.startsWith('## '))).toEqual([
    '## １．本事案の事実関係及び原因の究明',
    '## ２．顧客への適切な対応',
    '## ３．システムリスク管理態勢にかかる経営管理態勢の強化及び責任の所在の明確化',
    '## ４．実効性あるシステムリスク管理態勢の構築及び再発防止策の策定等',
  ]);
});

it('as many blanks in both, each with its question, and nothing that looks like a gap without one', () => {
  for (const [en, ja] of pairs) {
    const [marksEn, marksJa] = [/\*\*【TO BE WRITTEN】\*\* \S/g, /\*\*【要記入】\*\* \S/g];
    expect([en.name, count(en.text, marksEn)]).toEqual([en.name, count(ja.text, marksJa)]);
    // The note at the top names the mark once more.
    const more = en.name.startsWith('timeline') ? 0 : 1;
    expect(count(en.text, marksEn)).toBeGreaterThanOrEqual(more);
    expect(count(en.text, /【/g)).toBe(count(en.text, marksEn) + 1);
    expect(count(ja.text, /【/g)).toBe(count(ja.text, marksJa) + 1);
    for (const { name, text } of [en, ja])
      expect(text, name).not.toMatch(/undefined|null|NaN|TODO|TBD|XXX|__|Invalid|\[object|\{\}|\| *\|/);
  }
});

it('each of the four says whom it asks what, and whom to call', () => {
  for (const [en, ja] of pairs.filter(([one]) => one.name.startsWith('notice-'))) {
    expect(en.text).toContain('## What we ask\n\n* ');
    expect(ja.text).toContain('## お願い\n\n* ');
    expect(en.text).toContain('## Whom to call');
    // Where our nodes are is nobody's business outside.
    for (const { text } of [en, ja]) expect(text).not.toContain('10.0.0.1');
    expect(en.text).toMatch(/First alarm: /);
  }
});
