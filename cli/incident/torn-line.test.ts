/** A machine dies while it writes: the last line is half one. And a file that somebody damaged in its middle. */
import { expect, it } from 'vitest';
import { Misconfigured } from '@kuramori/program';
import { alarm, fileOf, frozen, recordOf, textOf } from './testing/lines.ts';

const whole = textOf(alarm(), frozen('signer-1', 40));

it('half a last line is left out, and every report says so', () => {
  const record = recordOf({ tower: `${whole}{"at":17694,"chainTi` });
  expect(record.sources).toEqual([{ name: 'tower', lines: 2, torn: true }]);
  expect(record.facts).toHaveLength(2);
  expect(record.unknown).toContain('torn-line');
  expect(fileOf(record, 'timeline.en.md')).toContain('the last line of a file was cut off');
  expect(fileOf(record, 'regulator.ja.md')).toContain('最終行が途中で切れており');
});

it('a whole last line without its end is a line', () => {
  const record = recordOf({ tower: whole.trimEnd() });
  expect(record.sources).toEqual([{ name: 'tower', lines: 2, torn: false }]);
});

it('half a line before others is no torn line: named with file and number', () => {
  expect(() => recordOf({ tower: `{"at":1,"eve\n${whole}` })).toThrow(Misconfigured);
  expect(() => recordOf({ tower: `${whole}{"at":1,"eve\n` })).toThrow(
    /\/tower\/incident\.jsonl: line 3: is not JSON/,
  );
});

it.each([
  ['a field that nobody writes', { ...alarm(), stolen: '1' }, /line 1: the whole line: .*\(stolen\)/],
  ['an amount as a number', { ...alarm(), does: { kind: 'transfer' } }, /line 1: does\./],
  ['a hash that is none', { ...alarm(), transaction: 'x' }, /line 1: transaction: must be 64 digits/],
  ['no time', { ...frozen('signer-1', 1), at: 'now' }, /line 1: at:/],
  ['no object', [] as object, /line 1: the whole line/],
])('%s: named with file, line and field', (_, line, error) => {
  expect(() => recordOf({ tower: textOf(line) })).toThrow(error);
});

it('an event that is not known here is shown, and counted for nothing', () => {
  const later = { at: 1, chainTime: 1, event: 'something of a later version', units: '5' };
  const record = recordOf({ tower: textOf(later, alarm()) });
  expect(record.facts).toHaveLength(2);
  expect(record.sums).toEqual(recordOf({ tower: textOf(alarm()) }).sums);
});
