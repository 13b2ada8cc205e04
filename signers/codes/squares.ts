/** Squares: a text as the squares of a QR code (ISO/IEC 18004) and back from a picture, by the package `qr`. */
import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';
import type { Picture } from './picture.ts';

/** Rows of squares, true is dark; four light ones all around, as the standard's quiet zone asks. */
export type Squares = readonly (readonly boolean[])[];

/** Capitals, digits and ` $%*+-./:` alone take the least room. `ecc`: how much may be spoiled (medium 15 %, quartile 25 %). */
export function squaresOf(text: string, ecc: 'low' | 'medium' | 'quartile'): Squares {
  return encodeQR(text, 'raw', { ecc, border: 4 });
}

/** The text of a code in the picture; null where none is seen. */
export function textIn({ width, height, grey }: Picture): string | null {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < grey.length; at += 1) data.fill(grey[at] ?? 0, at * 3, at * 3 + 3);
  try {
    // Time to try again in is for streams of a camera; one picture has all the time.
    return decodeQR({ width, height, data }, { format: 'RGB', effort: 8, timeLimit: 10_000 });
  } catch {
    // The package says in words that it found nothing; what is a picture of no code has no other meaning here.
    return null;
  }
}
