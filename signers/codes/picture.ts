/**
 * Picture: what a scanner or a camera wrote, as grey: PNG (ISO/IEC 15948: grey or colour of 8 bits, or black and white; not
 * interlaced) and Netpbm's PGM and PPM of 8 bits. A file of anything else, or one that is larger than a page ever is, is refused
 * before memory is taken for it.
 */
import { inflateSync } from 'node:zlib';
import type { Told } from '../slip39/flaw.ts';

/** Grey, a byte a pixel: 0 is black. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

/** A4 at 600 dots an inch has 35 million pixels, in colour 105 MB, and 7,016 a side. */
const most = { pixels: 64_000_000, bytes: 128_000_000, side: 20_000 } as const;
const signature = Buffer.from('89504e470d0a1a0a', 'hex');

export const toldPicture: Told = {
  en: 'this picture cannot be read: give a PNG (8 bits, or black and white, not interlaced), PGM or PPM of one page; of a PDF, pdftoppm -gray -r 300 makes one',
  ja: 'この画像は読み取れません。1ページのPNG（8ビットまたは白黒、インターレースなし）、PGM、PPMを指定してください。PDFはpdftoppm -gray -r 300で変換できます',
};

/** Whether it says that it is one of these. */
export function isPicture(bytes: Uint8Array): boolean {
  return (
    signature.equals(bytes.subarray(0, 8)) || (bytes[0] === 0x50 && (bytes[1] === 0x35 || bytes[1] === 0x36))
  );
}

/** What scanners and telephones write too, and we do not read: JPEG, PDF, TIFF. No words begin so. */
export function isForeign(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  return ['\u00ff\u00d8\u00ff', '%PDF', 'II*', 'MM\u0000*'].some((one) => head.startsWith(one));
}

/** Null where it is damaged, too large, or of a form that we do not read. Whoever has used it wipes it. */
export function readPicture(bytes: Uint8Array): Picture | null {
  if (!isPicture(bytes)) return null;
  // A view: a copy would be one more to wipe.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return view[0] === 0x50 ? netpbm(view) : png(view);
  } catch {
    // Reading past the end, or zlib: either way it is no whole picture.
    return null;
  }
}

function netpbm(bytes: Buffer): Picture | null {
  // Comments stand where white space may. One way to read each, or a row of spaces takes for ever.
  const [head, kind, ...sizes] =
    /^P([56])(?:\s|#[^\n]*\n)+(\d{1,5})(?:\s|#[^\n]*\n)+(\d{1,5})(?:\s|#[^\n]*\n)+255\s/.exec(
      bytes.toString('latin1', 0, 1000),
    ) ?? [];
  const [width = 0, height = 0] = sizes.map(Number);
  const channels = kind === '6' ? 3 : 1;
  if (head === undefined || !isSize(width, height, width * channels)) return null;
  const pixels = bytes.subarray(head.length);
  return pixels.length < width * height * channels
    ? null
    : { width, height, grey: greyOf(pixels, width * height, channels, false) };
}

function png(bytes: Buffer): Picture | null {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const [depth, colour, compression, filter, interlace] = bytes.subarray(24, 29);
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[colour ?? 9];
  const known = depth === 8 || (depth === 1 && colour === 0);
  if (channels === undefined || !known || compression || filter || interlace) return null;
  const line = depth === 1 ? (width + 7) >> 3 : width * channels;
  if (!isSize(width, height, line + 1)) return null;
  const rows = inflated(bytes, (line + 1) * height);
  try {
    if (rows.length !== (line + 1) * height) return null;
    unfilter(rows, line, depth === 1 ? 1 : channels);
    if (depth === 8)
      return { width, height, grey: greyOf(rows, width * height, channels, channels % 2 === 0) };
    const grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) {
      const [x, y] = [at % width, Math.floor(at / width)];
      grey[at] = (((rows[y * line + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) * 255;
    }
    return { width, height, grey };
  } finally {
    rows.fill(0);
  }
}

function inflated(bytes: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const whole = Buffer.concat(parts);
  try {
    // In one piece, or zlib leaves copies behind that nobody can wipe.
    return inflateSync(whole, { maxOutputLength: length, chunkSize: Math.max(64, length + 1) });
  } finally {
    whole.fill(0);
  }
}

/** ISO/IEC 15948, 9.2: each byte less what is left of it, above it, both or the nearer of three. In place: pixels overtake no row. */
function unfilter(rows: Buffer, line: number, step: number): void {
  for (let [from, to] = [0, 0]; from < rows.length; from += line + 1, to += line) {
    const kind = rows[from] ?? 0;
    if (kind > 4) throw new RangeError('png: no such filter');
    for (let x = 0; x < line; x += 1) {
      const left = x < step ? 0 : (rows[to + x - step] ?? 0);
      const up = to === 0 ? 0 : (rows[to + x - line] ?? 0);
      const corner = to === 0 || x < step ? 0 : (rows[to + x - line - step] ?? 0);
      const guess = [0, left, up, (left + up) >> 1, kind === 4 ? paeth(left, up, corner) : 0][kind] ?? 0;
      rows[to + x] = (rows[from + 1 + x] ?? 0) + guess;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const sum = left + up - corner;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - up), Math.abs(sum - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Light as eyes see it (ITU-R BT.601); what is transparent is paper. */
function greyOf(pixels: Uint8Array, count: number, channels: number, alpha: boolean): Uint8Array {
  const grey = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) {
    const from = at * channels;
    const [red = 0, green = red, blue = red] =
      channels < 3 ? [pixels[from] ?? 0] : [pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0];
    const light = (red * 299 + green * 587 + blue * 114) / 1000;
    const opaque = alpha ? (pixels[from + channels - 1] ?? 255) / 255 : 1;
    grey[at] = light * opaque + 255 * (1 - opaque);
  }
  return grey;
}

/** `line`: bytes of a row as it stands in memory. */
const isSize = (width: number, height: number, line: number) =>
  Math.min(width, height) > 0 &&
  Math.max(width, height) <= most.side &&
  width * height <= most.pixels &&
  line * height <= most.bytes;
