/** Squares: a text as the squares of a QR code (ISO/IEC 18004) and back from a picture, by the package `qr`. */
import { encodeQR } from 'qr';
import { decodeQR, decodeQRBatch } from 'qr/decode.js';
import type { Picture } from './picture.ts';

/** Rows of squares, true is dark; four light ones all around, as the standard's quiet zone asks. */
export type Squares = readonly (readonly boolean[])[];

/** Capitals, digits and ` $%*+-./:` alone take the least room. `ecc`: how much may be spoiled (medium 15 %, quartile 25 %). */
export function squaresOf(text: string, ecc: 'low' | 'medium' | 'quartile'): Squares {
  return encodeQR(text, 'raw', { ecc, border: 4 });
}

/** The text of the code in the picture; null where none is seen. */
export function textIn(picture: Picture): string | null {
  if (isTooSmall(picture)) return null;
  const image = imageOf(picture);
  try {
    return decodeQR(image, patient);
  } catch {
    // The package says in words that it found nothing; here that is a picture of no code.
    return null;
  } finally {
    image.data.fill(0);
  }
}

/** The texts of all codes in the picture, as they stand on a page of several. */
export async function textsIn(picture: Picture): Promise<readonly string[]> {
  if (isTooSmall(picture)) return [];
  const image = imageOf(picture);
  const maxSize = { width: image.width, height: image.height };
  try {
    const read = await decodeQRBatch([image], { ...patient, maxSize });
    return read.flat().filter((one) => typeof one === 'string');
  } catch {
    // As above.
    return [];
  } finally {
    image.data.fill(0);
  }
}

/** ISO/IEC 18004, 5.3.1.1: the smallest code has 21 squares a side. */
const smallest = 21;
const isTooSmall = ({ width, height }: Picture) => Math.min(width, height) < smallest;

/** Time for trying again is for streams of a camera; one picture has all the time. */
const patient = { format: 'RGB', effort: 8, timeLimit: 10_000 } as const;

/** A page's height at 300 dots an inch. In what is twice as large the package finds nothing. */
const enough = 3_600;

/** As the package takes it: in colour, and halved until it is no larger than it takes. For the caller to wipe. */
function imageOf(picture: Picture) {
  let { width, height, grey } = picture;
  const isHalved = () => Math.max(width, height) > enough && Math.min(width, height) >= 2 * smallest;
  for (; isHalved(); [width, height] = [width >> 1, height >> 1]) {
    const halved = new Uint8Array((width >> 1) * (height >> 1));
    for (let at = 0; at < halved.length; at += 1) {
      const from = Math.floor(at / (width >> 1)) * 2 * width + (at % (width >> 1)) * 2;
      const four = [0, 1, width, width + 1].map((step) => grey[from + step] ?? 0);
      halved[at] = four.reduce((sum, value) => sum + value, 0) / 4;
    }
    if (grey !== picture.grey) grey.fill(0);
    grey = halved;
  }
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) data.fill(grey[at] ?? 0, at * 3, at * 3 + 3);
  if (grey !== picture.grey) grey.fill(0);
  return { width, height, data };
}
