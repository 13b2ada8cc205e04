/** A scan that is no page of a share's, in a form that is not read here, or with letters that look like ours: told as that, and never as wrong words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { shareIn } from './ceremony/scan.ts';
import { squaresOf } from './codes/squares.ts';
import { pgmOf } from './testing/scans.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-scans-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function read(bytes: Uint8Array): string {
  const file = join(base, 'scan');
  writeFileSync(file, bytes, { mode: 0o600 });
  return Buffer.from(shareIn(file)).toString('latin1');
}

/** Four pixels a square. */
function page(text: string): Uint8Array {
  const squares = squaresOf(text, 'quartile');
  const side = squares.length * 4;
  const grey = Uint8Array.from({ length: side * side }, (_, at) =>
    squares[Math.floor(at / side / 4)]?.[(at % side) >> 2] === true ? 0 : 255,
  );
  return pgmOf({ width: side, height: side, grey });
}

it.each([
  ['JPEG', 'ffd8ffe000104a464946'],
  ['PDF', '255044462d312e37'],
  ['TIFF', '49492a0008000000'],
  ['TIFF, the other way round', '4d4d002a00000008'],
])('%s', (_, head) => {
  expect(() => read(Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(99)]))).toThrow(
    /scan: this picture cannot be read.*pdftoppm -gray -r 300.*この画像は読み取れません.*pdftoppm/,
  );
});

it('letters of another alphabet are refused, and not made into ours', () => {
  expect(read(page('ACADEMIC ACID'))).toBe('ACADEMIC ACID');
  // U+0161 ends in the byte of an a.
  expect(() => read(page('\u0161cademic acid'))).toThrow(/letters that no share has.*文字が含まれています/);
});
