/**
 * Bytewords: bytes in letters, two a byte, with a CRC-32 behind them (BCR-2020-012, "minimal encoding"). The list is part of the
 * standard's text: 256 words of four letters, of which the first and the last say which.
 */
import { crc32 } from 'node:zlib';

const words = `
able acid also apex aqua arch atom aunt away axis back bald barn belt beta bias blue body brag brew bulb buzz
calm cash cats chef city claw code cola cook cost crux curl cusp cyan dark data days deli dice diet door down
draw drop drum dull duty each easy echo edge epic even exam exit eyes fact fair fern figs film fish fizz flap
flew flux foxy free frog fuel fund gala game gear gems gift girl glow good gray grim guru gush gyro half hang
hard hawk heat help high hill holy hope horn huts iced idea idle inch inky into iris iron item jade jazz join
jolt jowl judo jugs jump junk jury keep keno kept keys kick kiln king kite kiwi knob lamb lava lazy leaf legs
liar limp lion list logo loud love luau luck lung main many math maze memo menu meow mild mint miss monk nail
navy need news next noon note numb obey oboe omit onyx open oval owls paid part peck play plus poem pool pose
puff puma purr quad quiz race ramp real redo rich road rock roof ruby ruin runs rust safe saga scar sets silk
skew slot soap solo song stub surf swan taco task taxi tent tied time tiny toil tomb toys trip tuna twin ugly
undo unit urge user vast very veto vial vibe view visa void vows wall wand warm wasp wave waxy webs what when
whiz wolf work yank yawn yell yoga yurt zaps zero zest zinc zone zoom
`
  .trim()
  .split(/\s+/);

const pairs = words.map((word) => `${word.charAt(0)}${word.charAt(3)}`);
const values = new Map(pairs.map((pair, value) => [pair, value]));

const checksumBytes = 4;

export function bytewordsOf(bytes: Uint8Array): string {
  const sum = Buffer.alloc(checksumBytes);
  sum.writeUInt32BE(crc32(bytes));
  return [...bytes, ...sum].map((byte) => pairs[byte]).join('');
}

export type Bytewords =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly why: 'letters' }
  /** `all`: what the letters say, a checksum that is wrong included. */
  | { readonly kind: 'refused'; readonly why: 'checksum'; readonly all: Uint8Array };

/** Reads letters in lower case. */
export function readBytewords(text: string): Bytewords {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at += 1) {
    const value = values.get(text.slice(at * 2, at * 2 + 2));
    if (value === undefined) return { kind: 'refused', why: 'letters' };
    bytes[at] = value;
  }
  const end = bytes.length - checksumBytes;
  const odd = text.length % 2 !== 0;
  if (odd || end < 1 || crc32(bytes.subarray(0, end)) !== Buffer.from(bytes).readUInt32BE(end))
    return { kind: 'refused', why: 'checksum', all: bytes };
  return { kind: 'read', bytes: bytes.subarray(0, end) };
}
