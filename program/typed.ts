/** Typed: what somebody answers, a line at a time; a secret unseen, and as bytes that can be wiped. */

const longestLine = 20_000;
/** What was read and is not yet asked for. Beside the heap of JavaScript, which copies what lies there. */
const ahead = new Uint8Array(new ArrayBuffer(longestLine));
let length = 0;

const [newline, carriageReturn, escape, bracket] = [0x0a, 0x0d, 0x1b, 0x5b];
/** What a terminal sends for keys that it leaves to us: backspace, the line away, and an end. */
const keys = { back: [0x7f, 0x08], away: [0x15], end: [0x03, 0x04] };

/** Asks, and reads one line from standard input; null where nobody is there. */
export async function typed(say: (line: string) => void, question: string): Promise<string | null> {
  say(question);
  const line = await lineTyped((chunk) => (take(chunk), false));
  const text = line && Buffer.from(line).toString('utf8');
  line?.fill(0);
  return text;
}

/**
 * The same, and a terminal shows nothing of it: the line is for the caller to wipe. Null also where somebody interrupts. Each key
 * comes alone there; of a pipe, Node gives back the buffer that it read a whole line into as it was, which nobody here can wipe.
 */
export async function typedUnseen(
  say: (line: string) => void,
  question: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!process.stdin.isTTY) {
    say(question);
    return lineTyped((chunk) => (take(chunk), false));
  }
  // Before anybody is asked: what is typed ahead of it would be shown.
  process.stdin.setRawMode(true);
  try {
    say(question);
    return await lineTyped(takeKeys);
  } finally {
    process.stdin.setRawMode(false);
  }
}

/** `taking` says whether it is over. */
async function lineTyped(taking: (chunk: Uint8Array) => boolean): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!hasLine())
    for await (const chunk of process.stdin.iterator({ destroyOnReturn: false })) {
      const over = taking(chunk as Uint8Array);
      (chunk as Uint8Array).fill(0);
      if (over) {
        drop(length);
        return null;
      }
      if (hasLine() || length === longestLine) break;
    }
  if (length === 0) return null;
  const at = ahead.subarray(0, length).indexOf(newline);
  const line = new Uint8Array(new ArrayBuffer(at < 0 ? length : at));
  line.set(ahead.subarray(0, line.length));
  drop(at < 0 ? length : at + 1);
  return line;
}

const hasLine = () => ahead.subarray(0, length).includes(newline);

/** Takes so many away from the beginning. */
function drop(count: number): void {
  ahead.copyWithin(0, count, length);
  ahead.fill(0, length - count, length);
  length -= count;
}

function take(bytes: Uint8Array): void {
  const fitting = bytes.subarray(0, longestLine - length);
  ahead.set(fitting, length);
  length += fitting.length;
}

/** What comes after an escape is no letter: an arrow is three bytes, others more (ECMA-48, 5.4). */
let escaped: 'no' | 'begun' | 'long' = 'no';

/** What keys mean that a terminal did not make a line of. */
function takeKeys(chunk: Uint8Array): boolean {
  for (const byte of chunk) {
    if (escaped !== 'no')
      escaped = byte === bracket && escaped === 'begun' ? 'long' : isWithin(byte) ? escaped : 'no';
    else if (keys.end.includes(byte)) return true;
    else if (byte === escape) escaped = 'begun';
    else if (keys.back.includes(byte)) forget(1);
    else if (keys.away.includes(byte)) forget(length);
    else if (length < longestLine) {
      ahead[length] = byte === carriageReturn ? newline : byte;
      length += 1;
    }
  }
  return false;
}

/** Parameters and what is between; the byte after them ends the sequence. */
const isWithin = (byte: number) => escaped === 'long' && byte >= 0x20 && byte < 0x40;

/** The last letters of the line that is being typed. */
function forget(most: number): void {
  for (let left = most; left > 0 && length > 0 && ahead[length - 1] !== newline; left -= 1) {
    length -= 1;
    ahead[length] = 0;
  }
}
