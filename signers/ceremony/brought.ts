/**
 * Brought: shares as their holders bring them, until there are enough; never more. Each is known by its public numbers from then
 * on: no word of it is shown, or written anywhere.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, reasonOf, typed, typedUnseen } from '@kuramori/program';
import { secretBytes } from '../secret-bytes.ts';
import { tellRefusal } from '../slip39/flaw.ts';
import { countWords, readShare } from '../slip39/share.ts';
import { recoverShared } from '../slip39/shares.ts';
import type { Ceremony, What } from '../step/step.ts';
import { mustComeApart } from './media.ts';
import { oneLine } from './recover.ts';
import { shareIn } from './scan.ts';

export interface Bringing {
  /** Files, just as many as it takes; none where holders come one after another. */
  readonly shares: readonly string[];
  /** Where their media are put in, one after another; absent: words are typed. */
  readonly from?: string | undefined;
  /** Who brings each, in this order. */
  readonly holders: readonly string[];
  readonly althoughTogether: boolean;
}

type Row = What[number];

/** What is seen on the way, also of what comes to nothing; a transcript has room for so many refusals. */
export interface Seen {
  readonly rows: Row[];
}
const mostRefusals = 8;

interface Share {
  readonly text: Uint8Array;
  /** The file, or how it came. */
  readonly name: string;
}

/** What they hold together: 32 bytes, for the caller to wipe. Throws Misconfigured. */
export async function broughtBy(
  ceremony: Ceremony,
  asked: Bringing,
  passphrase: Uint8Array,
  seen: Seen,
): Promise<Uint8Array> {
  const shares: Share[] = [];
  try {
    const read =
      asked.shares.length > 0
        ? together(asked, passphrase, seen, shares)
        : await oneByOne(ceremony, asked, passphrase, seen, shares);
    if (read.length === 32) return read;
    read.fill(0);
    throw new Misconfigured(
      `these shares hold ${read.length} bytes, and ours hold 32: another program made them`,
    );
  } finally {
    for (const { text } of shares) text.fill(0);
  }
}

function together(
  { shares: files, holders }: Bringing,
  passphrase: Uint8Array,
  seen: Seen,
  shares: Share[],
): Uint8Array {
  for (const [at, file] of files.entries()) {
    const share = { text: shareIn(file), name: file };
    shares.push(share);
    note(seen, share, holders[at]);
    seen.rows.push({ name: 'from', value: file });
  }
  const read = combined(shares, passphrase);
  if (read instanceof Uint8Array) return read;
  throw new Misconfigured(oneLine(tellRefusal(read, files)));
}

/** Asks one holder after the other; what does not fit is told, and asked for again. */
async function oneByOne(
  ceremony: Ceremony,
  asked: Bringing,
  passphrase: Uint8Array,
  seen: Seen,
  shares: Share[],
): Promise<Uint8Array> {
  const again = (why: string) => {
    ceremony.say(why);
    if (seen.rows.filter(({ name }) => name === 'not taken').length < mostRefusals)
      seen.rows.push({ name: 'not taken', value: why.slice(0, 1024) });
  };
  for (;;) {
    const holder = asked.holders[shares.length];
    if (holder === undefined)
      throw new Misconfigured(
        `${shares.length} shares came, and it takes more: ${asked.holders.length} people are named who bring one (--holder)`,
      );
    const share = await next(ceremony, asked, shares.length, holder, again);
    shares.push(share);
    const read = combined(shares, passphrase);
    const names = shares.map(({ name }) => name);
    if (read instanceof Uint8Array || read.why === 'wrong-share' || isShort(read)) {
      note(seen, share, holder);
      if (asked.from !== undefined) seen.rows.push({ name: 'from', value: share.name });
      if (read instanceof Uint8Array) return read;
      const told = oneLine(tellRefusal(read, names));
      if (read.why === 'wrong-share') throw new Misconfigured(told);
      ceremony.say(`${idOf(share.text)}: is read. ${told}`);
    } else {
      again(oneLine(tellRefusal(read, names)));
      shares.pop()?.text.fill(0);
    }
  }
}

type Read = ReturnType<typeof recoverShared>;

const combined = (shares: readonly Share[], passphrase: Uint8Array): Read =>
  recoverShared(
    shares.map(({ text }) => text),
    passphrase,
  );

const isShort = (read: Exclude<Read, Uint8Array>) =>
  read.why === 'too-few-shares' || read.why === 'too-few-groups';

async function next(
  ceremony: Ceremony,
  { from, althoughTogether }: Bringing,
  at: number,
  holder: string,
  again: (why: string) => void,
): Promise<Share> {
  if (from === undefined) return typedBy(ceremony, at, holder);
  for (;;) {
    const before = at === 0 ? '' : 'take the medium before out, give it back, and ';
    const answer = await typed(
      ceremony.say,
      `share ${at + 1}: ${before}put ${holder}’s in at ${from}; then type ${at + 1} (or stop):`,
    );
    if (answer === null || answer.trim() === 'stop') throw stopped(at);
    if (answer.trim() !== `${at + 1}`) continue;
    try {
      mustComeApart(ceremony.folder, [from], althoughTogether);
      const file = onlyShareIn(from);
      return { text: shareIn(file), name: file };
    } catch (cause) {
      if (!(cause instanceof Misconfigured)) throw cause;
      again(cause.message);
    }
  }
}

/** The one share of a medium: its text, or a picture of its page. */
function onlyShareIn(folder: string): string {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw new Misconfigured(`${folder}: ${reasonOf(cause)}`, { cause });
  }
  const found = names.filter((name) => /^share-.*\.txt$|^[^.].*\.(?:png|pgm|ppm)$/i.test(name));
  const [first, second] = found;
  if (first === undefined)
    throw new Misconfigured(`${folder}: no share is on this medium (share-….txt, or a picture of its page)`);
  if (second !== undefined)
    throw new Misconfigured(
      `${folder}: ${found.length} papers lie together on this medium (${found.join(', ')}): whoever has it has all of them`,
    );
  return join(folder, first);
}

/** As the page numbers them: as many lines as its holder likes, and a word that is none is told at once. */
const wordsOfShare = 33;

async function typedBy(ceremony: Ceremony, at: number, holder: string): Promise<Share> {
  const text = secretBytes(longestText);
  let [length, words] = [0, 0];
  let question = `share ${at + 1}: ${holder} types its words, alone before the screen, which shows nothing of them; in lines as long as you like. An empty line begins it anew (or stop):`;
  while (words < wordsOfShare) {
    const line = await typedUnseen(ceremony.say, question);
    try {
      if (line === null || Buffer.compare(line, stop) === 0) {
        text.fill(0);
        throw stopped(at);
      }
      const count = countWords(line);
      if (typeof count !== 'number') {
        const which = 'word' in count ? words + count.word : words + 1;
        question = `word ${which} is none of the list: type this line again, from word ${words + 1}:`;
      } else if (count === 0) {
        text.fill(0);
        [length, words] = [0, 0];
        question = `share ${at + 1}: nothing of it is kept. From word 1:`;
      } else if (length + line.length + 1 > longestText)
        question = `too long: type this line again, from word ${words + 1}:`;
      else {
        text.set(line, length);
        length += line.length + 1;
        text[length - 1] = 0x20;
        words += count;
        question = `${words} of ${wordsOfShare} words. From word ${words + 1}:`;
      }
    } finally {
      line?.fill(0);
    }
  }
  return { text, name: `share ${at + 1}, as ${holder} typed it` };
}

const longestText = 1024;
const stop = Buffer.from('stop');

function stopped(at: number): Misconfigured {
  return new Misconfigured(
    `stopped: ${at} ${at === 1 ? 'share was' : 'shares were'} read, and nothing is proven by that`,
  );
}

/** Its public numbers, as in the name of its file and on its envelope; null where it is none. */
function idOf(text: Uint8Array): string | null {
  const share = readShare(text);
  if ('why' in share) return null;
  share.value.fill(0);
  return `share-${share.id}-group-${share.group + 1}-${share.member + 1}`;
}

function note({ rows }: Seen, { text, name }: Share, holder: string | undefined): void {
  rows.push({
    name: 'share',
    value: `${idOf(text) ?? `none that can be read (${name})`}, brought by ${holder}`,
  });
}
