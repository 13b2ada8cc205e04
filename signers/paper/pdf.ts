/**
 * PDF: pages of text, lines and dark squares, as much of ISO 32000 as that takes. The same pages give the same bytes: no clock,
 * no chance, no name of whoever made it. Its letters are in it, so that it looks the same on a machine without Japanese fonts.
 */
import { deflateSync } from 'node:zlib';
import type { Squares } from '../codes/squares.ts';
import { openFonts, type Font } from './font.ts';

/** In points, 72 an inch. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is drawn on; from the upper left corner, `y` to where letters stand. In points. */
export interface Canvas {
  readonly text: (x: number, y: number, size: number, text: string) => void;
  readonly line: (x: number, y: number, toX: number, toY: number) => void;
  /** As large as `side`, the light squares around it included. */
  readonly squares: (x: number, y: number, side: number, squares: Squares) => void;
}

export interface Pdf {
  readonly page: () => Canvas;
  readonly widthOf: (text: string, size: number) => number;
  /** Whoever has used it wipes it. */
  readonly bytes: () => Uint8Array;
}

const number = (value: number) => String(Math.round(value * 100) / 100);

export function openPdf({ width, height }: Size): Pdf {
  const fonts = openFonts().map((font) => ({ font, used: new Map<number, string>() }));
  const pages: string[][] = [];
  /** Which font, and which glyph of it. A letter that none has is never left out in silence. */
  const glyphOf = (letter: string) => {
    for (const [index, { font }] of fonts.entries()) {
      const glyph = font.glyphOf(letter);
      if (glyph !== 0) return { index, glyph, width: font.widthOf(glyph) };
    }
    const code = letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    throw new RangeError(`paper: the font has no letter U+${code}`);
  };
  const runs = (text: string) => {
    const found: { readonly index: number; hex: string; width: number }[] = [];
    for (const letter of text) {
      const { index, glyph, width: wide } = glyphOf(letter);
      fonts[index]?.used.set(glyph, letter);
      const last = found.at(-1);
      const run = last?.index === index ? last : { index, hex: '', width: 0 };
      if (run !== last) found.push(run);
      run.hex += glyph.toString(16).padStart(4, '0');
      run.width += wide;
    }
    return found;
  };
  return {
    widthOf: (text, size) =>
      Array.from(text).reduce((sum, letter) => sum + glyphOf(letter).width, 0) * (size / 1000),
    page() {
      const drawn: string[] = [];
      pages.push(drawn);
      return {
        text(x, y, size, text) {
          let at = x;
          for (const { index, hex, width: wide } of runs(text)) {
            drawn.push(
              `BT /F${index} ${number(size)} Tf ${number(at)} ${number(height - y)} Td <${hex}> Tj ET`,
            );
            at += (wide * size) / 1000;
          }
        },
        line(x, y, toX, toY) {
          drawn.push(`${number(x)} ${number(height - y)} m ${number(toX)} ${number(height - toY)} l S`);
        },
        squares(x, y, side, squares) {
          drawn.push(...squareRuns(squares, x, height - y, side / squares.length), 'f');
        },
      };
    },
    bytes: () => file({ width, height }, fonts, pages),
  };
}

/** A rectangle for each run of dark squares in a row, a hair higher than its row: no printer leaves light between rows. */
function squareRuns(squares: Squares, left: number, top: number, side: number): readonly string[] {
  const exact = (value: number) => value.toFixed(4);
  return squares.flatMap((row, down) => {
    const runs: string[] = [];
    for (let from = 0; from < row.length; from += 1) {
      if (row[from] !== true) continue;
      const end = row.indexOf(false, from);
      const length = (end < 0 ? row.length : end) - from;
      const [x, y] = [left + from * side, top - (down + 1) * side];
      runs.push(`${exact(x)} ${exact(y)} ${exact(length * side)} ${exact(side + 0.02)} re`);
      from += length;
    }
    return runs;
  });
}

interface UsedFont {
  readonly font: Font;
  /** The letter of each glyph. */
  readonly used: ReadonlyMap<number, string>;
}

/** ISO 32000-2, 7.5: header, objects, where each is, trailer. */
function file(size: Size, fonts: readonly UsedFont[], pages: readonly (readonly string[])[]): Uint8Array {
  const objects: Uint8Array[] = [];
  // What is bytes already is not copied once more: nobody would wipe that.
  const add = (...parts: readonly (string | Uint8Array)[]): number =>
    objects.push(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
  const stream = (bytes: Uint8Array, entries: string) =>
    add(`<< /Length ${bytes.length}${entries} >>\nstream\n`, bytes, '\nendstream');
  // The first two are filled in last; their numbers must be known before.
  add('');
  add('');
  const named = fonts
    .map(({ font, used }, index) => `/F${index} ${addFont(font, used, add, stream)} 0 R`)
    .join(' ');
  const kids = pages.map((drawn) => {
    const content = Buffer.from(`0.5 w\n${drawn.join('\n')}\n`, 'latin1');
    const body = stream(content, '');
    content.fill(0);
    return add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size.width} ${size.height}]`,
      ` /Resources << /Font << ${named} >> >> /Contents ${body} 0 R >>`,
    );
  });
  objects[0] = Buffer.from('<< /Type /Catalog /Pages 2 0 R /Lang (ja) >>');
  objects[1] = Buffer.from(
    `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`,
  );
  return assembled(objects);
}

function assembled(objects: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')];
  let at = parts[0]?.length ?? 0;
  const places = objects.map((body, index) => {
    const whole = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
    // A page's content may be a share's words.
    body.fill(0);
    parts.push(whole);
    at += whole.length;
    return at - whole.length;
  });
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  const bytes = Buffer.concat([...parts, Buffer.from(table + trailer)]);
  for (const part of parts) part.fill(0);
  return bytes;
}

/** ISO 32000-2, 9.7: a font of many glyphs, each named by its number; and the letters, for whoever copies text out of the page (9.10.3). */
function addFont(
  font: Font,
  used: ReadonlyMap<number, string>,
  add: (...parts: readonly (string | Uint8Array)[]) => number,
  stream: (bytes: Uint8Array, entries: string) => number,
): number {
  const glyphs = [...used].sort(([one], [other]) => one - other);
  const outlines = font.subset(new Set(used.keys()));
  const program = stream(deflateSync(outlines), ` /Filter /FlateDecode /Length1 ${outlines.length}`);
  // Six capitals before the name of a font that is not whole (9.9.2).
  const name = `KURAMO+${font.name}`;
  const { above, below } = font.reach;
  const described = add(
    `<< /Type /FontDescriptor /FontName /${name} /Flags 4 /FontBBox [-200 ${-below} 1200 ${above}]`,
    ` /ItalicAngle 0 /Ascent ${above} /Descent ${-below} /CapHeight ${above} /StemV 80 /FontFile2 ${program} 0 R >>`,
  );
  const widths = glyphs.map(([glyph]) => `${glyph} [${font.widthOf(glyph)}]`).join(' ');
  const glyphFont = add(
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont /${name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>`,
    ` /FontDescriptor ${described} 0 R /CIDToGIDMap /Identity /DW 1000 /W [${widths}] >>`,
  );
  const letters = stream(Buffer.from(lettersOf(glyphs)), '');
  return add(
    `<< /Type /Font /Subtype /Type0 /BaseFont /${name} /Encoding /Identity-H`,
    ` /DescendantFonts [${glyphFont} 0 R] /ToUnicode ${letters} 0 R >>`,
  );
}

function lettersOf(glyphs: readonly (readonly [number, string])[]): string {
  const hex = (value: number) => value.toString(16).padStart(4, '0');
  const lines = glyphs.map(([glyph, letter]) => `<${hex(glyph)}> <${hex(letter.charCodeAt(0))}>`);
  // At most a hundred in one block.
  const blocks = Array.from({ length: Math.ceil(lines.length / 100) }, (_, at) =>
    lines.slice(at * 100, at * 100 + 100),
  ).map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange\n<0000> <ffff>\nendcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
}
