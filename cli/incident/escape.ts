/** Words of others on a page of ours: whatever a thief wrote, it stays text, in its cell, in its direction. */

/** As much of it as stands in a report; the record in JSON has all. In characters. */
const most = 1_000;

/** Letters that are written from left to right and mean nothing to Markdown, HTML or a renderer that makes links. */
const plain =
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}0-9ー ,;=/?()%、。・「」（）：…’–—‐-]$/u;

/** Any text, so that no renderer takes it for more: signs as character references, what cannot be seen by its number. */
export function shown(text: string): string {
  const letters = Array.from(text.toWellFormed());
  const more = letters.length > most ? '…' : '';
  return letters.slice(0, most).map(shownLetter).join('').replaceAll('www', 'ww&#119;') + more;
}

function shownLetter(letter: string): string {
  if (letter === '.') return letter;
  if (plain.test(letter) && letter.normalize('NFKD').length < 8) return letter;
  if (/^[!-~]$/.test(letter)) return `&#${letter.codePointAt(0)};`;
  return `&#92;u&#123;${(letter.codePointAt(0) ?? 0).toString(16)}&#125;`;
}

/** An address, a hash, the place of a node: as code, where it is nothing but that. */
export function code(text: string): string {
  return /^[0-9A-Za-z][0-9A-Za-z.:/_-]*$/.test(text) ? `\`${text}\`` : shown(text);
}

/** RFC 4180; and nothing begins as what a spreadsheet would compute. */
export function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const kept = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
    return `"${(/^[=+\-@]/.test(kept) ? `'${kept}` : kept).replaceAll('"', '""')}"`;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A table of Markdown; cells are escaped already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
