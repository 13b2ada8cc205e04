/** Scans: printed pages as pictures, and what scanners, cameras and hands do to them. Poppler's pdftoppm draws, Tesseract reads letters. */
import { spawnSync } from 'node:child_process';
import { readPicture, type Picture } from '../codes/picture.ts';
import { wordList } from '../slip39/word-list.ts';
import { seeded } from './seeded.ts';

/** Whether the machine has them. `.ci/run` installs both, and demands them by KURAMORI_REQUIRE_PAPER. */
const has = (program: string, debian: string) => {
  const there = spawnSync(program, ['-v'], { stdio: 'ignore' }).status === 0;
  if (!there && process.env['KURAMORI_REQUIRE_PAPER'] === '1')
    throw new Error(`${program} is required and not here: apt-get install ${debian}`);
  return there;
};
export const hasPoppler = () => has('pdftoppm', 'poppler-utils');
export const hasTesseract = () => has('tesseract', 'tesseract-ocr');

/** One page, at so many dots an inch; `kind`: of pdftoppm's options. */
export function drawnPage(
  pdf: Uint8Array,
  dots: number,
  kind: readonly string[] = ['-gray'],
  sheet = 1,
): Buffer {
  const options = ['-r', `${dots}`, ...kind, '-f', `${sheet}`, '-l', `${sheet}`, '-singlefile', '-'];
  const drawn = spawnSync('pdftoppm', options, { input: pdf, maxBuffer: 2 ** 28 });
  if (drawn.status !== 0) throw new Error(`pdftoppm: ${drawn.stderr.toString()}`);
  return drawn.stdout;
}

export function scanned(pdf: Uint8Array, dots: number, sheet = 1): Picture {
  const picture = readPicture(drawnPage(pdf, dots, ['-gray'], sheet));
  if (picture === null) throw new Error('pdftoppm drew no picture');
  return picture;
}

/** Grey at a place between pixels; beyond the edge, a table. */
function lightAt({ width, height, grey }: Picture, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) return 110;
  const [right, down] = [x - left, y - top];
  const corner = (dx: number, dy: number) => grey[(top + dy) * width + left + dx] ?? 0;
  const upper = corner(0, 0) * (1 - right) + corner(1, 0) * right;
  return upper * (1 - down) + (corner(0, 1) * (1 - right) + corner(1, 1) * right) * down;
}

/** Where each pixel comes from. */
function moved(picture: Picture, from: (x: number, y: number) => readonly [number, number]): Picture {
  const { width, height } = picture;
  const grey = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) grey[y * width + x] = lightAt(picture, ...from(x, y));
  return { width, height, grey };
}

export function turned(picture: Picture, degrees: number): Picture {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [midX, midY] = [picture.width / 2, picture.height / 2];
  return moved(picture, (x, y) => [
    midX + (x - midX) * cosine + (y - midY) * sine,
    midY - (x - midX) * sine + (y - midY) * cosine,
  ]);
}

/** Held so that the upper end is farther away: that much narrower. */
export function leaning(picture: Picture, share: number): Picture {
  const { width, height } = picture;
  return moved(picture, (x, y) => {
    const far = 1 - share * (1 - y / height);
    return [width / 2 + (x - width / 2) / far, height - (height - y) / (1 - (share / 2) * (1 - y / height))];
  });
}

/** A mean over squares of 2 r + 1. */
export function blurred({ width, height, grey }: Picture, r: number): Picture {
  const along = (from: Uint8Array, step: number, line: number, length: number) => {
    const to = new Uint8Array(from.length);
    for (let start = 0, lines = from.length / length; lines > 0; lines -= 1, start += line) {
      for (let n = 0; n < length; n += 1) {
        let [sum, count] = [0, 0];
        for (let near = Math.max(0, n - r); near <= Math.min(length - 1, n + r); near += 1, count += 1)
          sum += from[start + near * step] ?? 0;
        to[start + n * step] = sum / count;
      }
    }
    return to;
  };
  return { width, height, grey: along(along(grey, 1, width, width), width, 1, height) };
}

/** Grain, and light that falls off to one side. */
export function noisy({ width, height, grey }: Picture, most: number, seed: number): Picture {
  const random = seeded(seed);
  const shade = (at: number) => 1 - 0.35 * ((at % width) / width);
  return {
    width,
    height,
    grey: Uint8Array.from(grey, (value, at) =>
      Math.max(0, Math.min(255, value * shade(at) + (random() - 0.5) * 2 * most)),
    ),
  };
}

/** From these shares of width and height to those. */
export function cropped(
  { width, height, grey }: Picture,
  [left, top, right, bottom]: readonly [number, number, number, number],
): Picture {
  const [x, y] = [Math.round(left * width), Math.round(top * height)];
  const [wide, high] = [Math.round(right * width) - x, Math.round(bottom * height) - y];
  const rows = Array.from({ length: high }, (_, row) =>
    grey.subarray((y + row) * width + x, (y + row) * width + x + wide),
  );
  return { width: wide, height: high, grey: Buffer.concat(rows) };
}

export function pgmOf({ width, height, grey }: Picture): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]);
}

/** What Tesseract reads, line by line. */
export function lettersIn(picture: Picture): readonly string[] {
  const options = ['-', '-', '--psm', '6', '-l', 'eng'];
  const env = { ...process.env, OMP_THREAD_LIMIT: '1' };
  const read = spawnSync('tesseract', options, { input: pgmOf(picture), maxBuffer: 2 ** 24, env });
  if (read.status !== 0) throw new Error(`tesseract: ${read.stderr.toString()}`);
  return read.stdout.toString().split('\n');
}

/** The one word of the list that is nearest, no more than two letters away; else nothing. SLIP-0039's words differ in their first four letters. */
export function mended(seen: string): string | null {
  const letters = seen.toLowerCase().replaceAll(/[^a-z]/g, '');
  const near = wordList
    .map((word) => ({ word, off: distance(letters, word) }))
    .filter(({ off }) => off <= 2)
    .sort((one, other) => one.off - other.off);
  const [first, second] = near;
  return first !== undefined && first.off < (second?.off ?? 9) ? first.word : null;
}

/** Letters to change, leave out or put in (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (const [up, letter] of Array.from(one).entries()) {
    const next = [up + 1];
    for (let n = 1; n <= other.length; n += 1)
      next[n] = Math.min(
        (next[n - 1] ?? 0) + 1,
        (row[n] ?? 0) + 1,
        (row[n - 1] ?? 0) + (letter === other[n - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
