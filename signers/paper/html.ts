/**
 * HTML: the same sheet for a browser to show and print. No script, nothing from elsewhere; its policy allows one style sheet, by
 * its hash, and nothing else. It prints with the machine's own fonts: PDF is for machines that have no Japanese one.
 */
import { createHash } from 'node:crypto';
import { svgOf } from '../codes/svg.ts';
import type { Told } from '../slip39/flaw.ts';
import type { Block, Fact, PaperSize, Sheet } from './sheet.ts';

const sizes = { a4: 'A4', letter: 'letter' } as const;

const styleOf = (paper: PaperSize) =>
  `@page{size:${sizes[paper]};margin:14mm}
body{font:8.5pt/1.35 "Noto Sans CJK JP","Noto Sans JP","Hiragino Sans","Yu Gothic",sans-serif;color:#000;background:#fff;margin:0 auto;max-width:${paper === 'a4' ? 182 : 188}mm}
h1{font-size:13pt;border-bottom:.5pt solid;margin:0 0 3mm}
dl{display:grid;grid-template-columns:max-content 1fr;gap:1mm 4mm;margin:0 0 3mm}
dt{font-size:7.5pt}
dd{margin:0;overflow-wrap:anywhere}
dd:empty{border-bottom:.5pt solid;min-height:5mm}
ol.words{columns:3;font-size:13pt;margin:0 0 3mm;padding-left:9mm}
.code{display:flex;gap:4mm;break-inside:avoid;margin:0 0 3mm}
.code svg{flex:none}
ul{display:grid;grid-template-columns:1fr 1fr;gap:1mm 4mm;font-size:7.5pt;padding-left:4mm}
table{border-collapse:collapse;width:100%;margin:0 0 3mm}
th,td{border:.5pt solid;padding:1mm;text-align:left;vertical-align:top;height:6mm;font-weight:normal}
th{font-size:7.5pt}`;

/** Whoever has used it wipes it. */
export function htmlOf({ title, blocks }: Sheet, paper: PaperSize): Uint8Array {
  const style = styleOf(paper);
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return Buffer.from(
    `<!doctype html>
<html lang="ja">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>${escaped(title.en)}</title>
<style>${style}</style>
<h1>${both(title)}</h1>
${blocks.map(written).join('\n')}
</html>
`,
  );
}

function written(block: Block): string {
  switch (block.kind) {
    case 'facts':
      return listed(block.facts);
    case 'words':
      return `<ol class="words">${block.words.map((word) => `<li>${escaped(word)}</li>`).join('\n')}</ol>`;
    case 'code':
      return `<div class="code">${svgOf(block.squares, block.side)}${listed(block.facts)}</div>`;
    case 'notes':
      return `<ul>${block.notes
        .flatMap(({ ja, en }) => [`<li lang="ja">${escaped(ja)}</li>`, `<li lang="en">${escaped(en)}</li>`])
        .join('\n')}</ul>`;
    case 'table':
      return `<table>
<tr>${block.head.map((cell) => `<th>${both(cell)}</th>`).join('')}</tr>
${block.rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n')}
</table>`;
    default:
      return block satisfies never;
  }
}

function listed(facts: readonly Fact[]): string {
  return `<dl>${facts.map(({ name, value }) => `<dt>${both(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}</dl>`;
}

const both = ({ ja, en }: Told) => `${escaped(ja)} ${escaped(en)}`;

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
