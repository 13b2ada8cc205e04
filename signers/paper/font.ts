/**
 * Font: glyphs of Sawarabi Gothic (SIL Open Font License 1.1), out of its files as npm has them: TrueType in WOFF 1.0. Only as
 * much of TrueType is read as a page needs: which glyph a letter has, how wide it is, and its outline as it stands in the file.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';

export interface Font {
  readonly name: string;
  /** 0 where the font has none. */
  readonly glyphOf: (letter: string) => number;
  /** In thousandths of the size. */
  readonly widthOf: (glyph: number) => number;
  /** In thousandths of the size, above and below the line. */
  readonly reach: { readonly above: number; readonly below: number };
  /** A TrueType file with the outlines of these glyphs alone, under their own numbers. */
  readonly subset: (glyphs: ReadonlySet<number>) => Uint8Array;
}

/** Letters of Latin first, since the Japanese file has none. */
export function openFonts(): readonly Font[] {
  return ['latin', 'japanese'].map((part) => {
    const file = `@fontsource/sawarabi-gothic/files/sawarabi-gothic-${part}-400-normal.woff`;
    return fontIn(readFileSync(fileURLToPath(import.meta.resolve(file))), `SawarabiGothic-${part}`);
  });
}

type Tables = Readonly<Record<string, Buffer>>;

/** WOFF 1.0, 3 to 5: a directory, and tables that are deflated where that makes them shorter. */
function tablesIn(woff: Buffer): Tables {
  if (woff.toString('latin1', 0, 4) !== 'wOFF' || woff.readUInt32BE(4) !== 0x10000)
    throw new Error('font: is no TrueType in WOFF 1.0');
  const entries = Array.from({ length: woff.readUInt16BE(12) }, (_, index) => {
    const at = 44 + 20 * index;
    const [offset = 0, packed = 0, length = 0] = [4, 8, 12].map((field) => woff.readUInt32BE(at + field));
    const bytes = woff.subarray(offset, offset + packed);
    const table = packed < length ? inflateSync(bytes, { maxOutputLength: length }) : bytes;
    return [woff.toString('latin1', at, at + 4), table] as const;
  });
  return Object.fromEntries(entries);
}

function fontIn(woff: Buffer, name: string): Font {
  const tables = tablesIn(woff);
  const table = (tag: string) => {
    const found = tables[tag];
    if (!found) throw new Error(`font: has no table ${tag}`);
    return found;
  };
  const [head, hhea, hmtx] = [table('head'), table('hhea'), table('hmtx')];
  const thousandths = (units: number) => Math.round((units * 1000) / head.readUInt16BE(18));
  const widths = hhea.readUInt16BE(34);
  const letters = lettersIn(table('cmap'));
  return {
    name,
    glyphOf: (letter) => letters(letter.codePointAt(0) ?? 0),
    // Glyphs after the last width are as wide as that one (OpenType, "hmtx").
    widthOf: (glyph) => thousandths(hmtx.readUInt16BE(4 * Math.min(glyph, widths - 1))),
    reach: { above: thousandths(hhea.readInt16BE(4)), below: thousandths(-hhea.readInt16BE(6)) },
    subset: (glyphs) => written(tables, outlines(table('loca'), table('glyf'), head.readInt16BE(50), glyphs)),
  };
}

/** OpenType, "cmap", format 4: the letters of the basic plane, which are all that we print. */
function lettersIn(cmap: Buffer): (code: number) => number {
  const offsets = Array.from({ length: cmap.readUInt16BE(2) }, (_, at) => cmap.readUInt32BE(8 + 8 * at));
  const start = offsets.find((offset) => cmap.readUInt16BE(offset) === 4);
  if (start === undefined) throw new Error('font: has no letters in format 4');
  const twice = cmap.readUInt16BE(start + 6);
  const [ends, begins] = [start + 14, start + 16 + twice];
  return (code) => {
    for (let at = 0; at < twice; at += 2) {
      if (code > cmap.readUInt16BE(ends + at)) continue;
      const first = cmap.readUInt16BE(begins + at);
      if (code < first) return 0;
      const [delta, ranges] = [cmap.readUInt16BE(begins + twice + at), begins + 2 * twice + at];
      const range = cmap.readUInt16BE(ranges);
      const glyph = range === 0 ? code : cmap.readUInt16BE(ranges + range + 2 * (code - first));
      return range !== 0 && glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

/** Outlines of these glyphs and of what they are made of; all others are empty. */
function outlines(loca: Buffer, glyf: Buffer, form: number, glyphs: ReadonlySet<number>) {
  const count = loca.length / (form === 0 ? 2 : 4) - 1;
  const at = (glyph: number) =>
    form === 0 ? 2 * loca.readUInt16BE(2 * glyph) : loca.readUInt32BE(4 * glyph);
  const of = (glyph: number) => glyf.subarray(at(glyph), at(glyph + 1));
  const kept = new Set<number>();
  // What stands for a missing glyph is always there.
  const wanted = [0, ...glyphs];
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    if (kept.has(next)) continue;
    kept.add(next);
    wanted.push(...partsOf(of(next)));
  }
  const [places, parts] = [Buffer.alloc(4 * (count + 1)), [] as Buffer[]];
  let end = 0;
  for (let glyph = 0; glyph < count; glyph += 1) {
    places.writeUInt32BE(end, 4 * glyph);
    if (!kept.has(glyph)) continue;
    const outline = of(glyph);
    parts.push(outline);
    end += outline.length;
  }
  places.writeUInt32BE(end, 4 * count);
  return { loca: places, glyf: Buffer.concat(parts) };
}

/** OpenType, "glyf", composite glyphs: the numbers of the others. */
function partsOf(outline: Buffer): readonly number[] {
  if (outline.length === 0 || outline.readInt16BE(0) >= 0) return [];
  const parts: number[] = [];
  for (let [at, more] = [10, true]; more;) {
    const flags = outline.readUInt16BE(at);
    parts.push(outline.readUInt16BE(at + 2));
    const scale = (flags & 8) !== 0 ? 2 : (flags & 0x40) !== 0 ? 4 : (flags & 0x80) !== 0 ? 8 : 0;
    at += 4 + ((flags & 1) !== 0 ? 4 : 2) + scale;
    more = (flags & 0x20) !== 0;
  }
  return parts;
}

/** OpenType, "Organization of an OpenType Font": sorted by tag, each on a boundary of four bytes. */
function written(
  tables: Tables,
  { loca, glyf }: { readonly loca: Buffer; readonly glyf: Buffer },
): Uint8Array {
  const head = Buffer.from(tables['head'] ?? []);
  // Places are 32 bits long; and no sum over a whole file that nobody checks within a PDF.
  head.writeInt16BE(1, 50);
  head.writeUInt32BE(0, 8);
  const { hhea, hmtx, maxp } = tables;
  const all = Object.entries({ glyf, head, hhea, hmtx, loca, maxp });
  const directory = Buffer.alloc(12 + 16 * all.length);
  directory.writeUInt32BE(0x10000, 0);
  // The greatest power of two that is no more than their number: 4.
  for (const [at, value] of [all.length, 64, 2, 16 * all.length - 64].entries())
    directory.writeUInt16BE(value, 4 + 2 * at);
  let offset = directory.length;
  const bodies = all.map(([tag, table = Buffer.alloc(0)], index) => {
    const body = Buffer.concat([table, Buffer.alloc(-table.length & 3)]);
    let sum = 0;
    for (let at = 0; at < body.length; at += 4) sum = (sum + body.readUInt32BE(at)) >>> 0;
    const at = directory.write(tag, 12 + 16 * index, 'latin1') + 12 + 16 * index;
    for (const [field, value] of [sum, offset, table.length].entries())
      directory.writeUInt32BE(value, at + 4 * field);
    offset += body.length;
    return body;
  });
  return Buffer.concat([directory, ...bodies]);
}
