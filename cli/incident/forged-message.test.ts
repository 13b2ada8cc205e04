/** The thief writes into his message, and a node into its answer: no report shows more lines, cells, links or directions than it has. */
import { expect, it } from 'vitest';
import { shown, csv } from './escape.ts';
import { alarm, began, everything, fileOf, frozen, recordOf, textOf } from './testing/lines.ts';

const evil =
  'paid\n| 2026 | thawed |\n\n# All is well\r</script><script>alert(1)</script> **bold** `code` [here](javascript:x) https://evil.example www.evil.example a@b.example \u202eegnahcxe\u202c \u2066\u200f\u0000\u001b[2J “」';
const cases = (message: string) => {
  const node = { code: `1 ${message}`, node: `http://n1:7890` };
  const sent = { at: began + 90, chainTime: 1, event: 'evacuation announced', wallet: 'hot', ...node };
  const odd = { at: began + 95, chainTime: 1, event: message.slice(0, 150), [message]: message };
  const byHand = { at: began + 99, chainTime: 1, event: 'alarm', why: message, by: 'e5'.repeat(32) };
  return recordOf({
    tower: textOf(alarm({}, message), frozen(message.slice(0, 150), 40), sent, odd, byHand),
  });
};
const record = cases(evil);
const harmless = cases('paid');
const markdown = everything(record).filter(({ name }) => name.endsWith('.md'));

it('forges no line: a report has as many as with a harmless message', () => {
  for (const { name, text } of everything(harmless))
    expect([name, fileOf(record, name).split(/\r|\n|\u2028|\u2029/).length]).toEqual([
      name,
      text.split(/\r|\n|\u2028|\u2029/).length,
    ]);
});

it('forges no cell: each row of a table has as many as its head', () => {
  let rows = 0;
  for (const { name, text } of markdown)
    for (const block of text.split('\n\n').filter((one) => one.startsWith('|'))) {
      const [head, ...rest] = block
        .trimEnd()
        .split('\n')
        .map((row) => row.split('|').length);
      rows += rest.length;
      for (const cells of rest) expect([name, cells]).toEqual([name, head]);
    }
  expect(rows).toBeGreaterThan(50);
});

it('no script, no link, no sign of Markdown, nothing that cannot be seen', () => {
  for (const { name, text } of markdown) {
    expect(text, name).not.toMatch(/<(?!br>)/);
    expect(text, name).not.toMatch(/\[here\]|https:|www\.|a@b|\*\*bold|`code`/);
    // Control, format, surrogate and private ones; and ends of lines and paragraphs.
    expect(text.replaceAll('\n', ''), name).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}/u);
  }
  expect(fileOf(record, 'timeline.en.md')).toContain('&#92;u&#123;202e&#125;egnahcxe');
});

it('what it says stays whole: the record has the bytes, and the text can be read', () => {
  expect(fileOf(record, 'incident.json')).toContain(Buffer.from(evil).toString('hex'));
  expect(shown('支払い, paid 10 XEM')).toBe('支払い, paid 10 XEM');
});

it('a spreadsheet computes nothing, and a row stays a row', () => {
  expect(csv([['=HYPERLINK("x")', 'a\r\nb', '"q"', '+1', '@x', '-1']])).toBe(
    '"\'=HYPERLINK(""x"")","a  b","""q""","\'+1","\'@x","\'-1"\r\n',
  );
});
