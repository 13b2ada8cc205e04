/** Share: what the chain key comes from, in words on many papers (SLIP-0039). The record key is in none of them. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, readSecretBytes, reasonOf, typed, writeNew } from '@kuramori/program';
import { originOf } from '../keystore.ts';
import type { Language } from '../seed/sentence.ts';
import { joined } from '../secret-bytes.ts';
import { hedged } from '../slip39/hedge.ts';
import { flawOfLayout, leastForThief, type Layout } from '../slip39/layout.ts';
import { shareText, type Share39 } from '../slip39/share.ts';
import { isPassphrase, recoverShared, shareSecret } from '../slip39/shares.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { serviceOf } from '../step/hsm.ts';
import { mustSurvive, type Named } from './layout.ts';
import { mustBeApart, mustLieElsewhere, type Media } from './media.ts';
import { byHand, byPrinter, pagesOf, wipePages, writePages, type Printing } from './pages.ts';

export interface Sharing extends Layout, Printing {
  /** A folder for each share, group by group; or one, where their media are put one after another. */
  readonly to: readonly string[];
  /** Media need not be told apart: a rehearsal. */
  readonly althoughTogether: boolean;
  /** The file of the shares' own passphrase. */
  readonly sharePassphrase?: string | undefined;
  readonly hsm?: { readonly socket: string } | undefined;
  /** Of the wallet whose key it is. */
  readonly layout?: Named | undefined;
}

export interface Paper {
  readonly file: string;
  readonly share: Share39;
  readonly text: Uint8Array;
}

export async function share(ceremony: Ceremony, asked: Sharing): Promise<Ended> {
  mustBeSound(asked);
  const survives = mustSurvive(ceremony, asked.layout, asked);
  const keys = await ceremony.openHere();
  if (!isInTurn(asked)) mustBeApart(mediaOf(ceremony, asked, asked.to));
  // Of media that are exchanged none is in yet.
  if (asked.safe !== undefined)
    mustLieElsewhere(asked.safe, {
      ...mediaOf(ceremony, asked, asked.to),
      althoughTogether: asked.althoughTogether || isInTurn(asked),
    });
  const { papers, language } = await drawn(ceremony, asked);
  const pages = pagesOf(asked, papers, { ...keys, language }, layoutText(asked));
  const what = [
    { name: 'chain key', value: keys.chainKey },
    { name: 'set', value: `${papers[0]?.share.id}` },
    { name: 'layout', value: layoutText(asked) },
    ...survives,
    ...(asked.althoughTogether ? [{ name: 'although together', value: 'media were not told apart' }] : []),
    ...papers.map(({ file }) => ({ name: 'destination', value: file })),
    ...pages.what,
  ];
  try {
    // Before a word leaves: shares that were interrupted must be known too when the keys are destroyed.
    ceremony.note('begun', what);
    // Before the first share: a set that is whole is never told as one that failed.
    writePages(pages.list);
    for (const [at, paper] of papers.entries()) {
      if (isInTurn(asked)) await mediumFor(ceremony, asked, at, papers);
      orHalfWay(at, papers.length, () => {
        write(paper);
        writePages(pages.own[at] ?? []);
      });
    }
  } finally {
    for (const { text } of papers) text.fill(0);
    wipePages(pages);
  }
  return ceremony.ended(ceremony.note('done', what), what, [
    `${leastForThief(asked)} of these papers are the key, for anybody who has them: each to another person and place, none to who keeps a backup or its passphrase`,
    asked.paper === undefined ? byHand : byPrinter,
    asked.sharePassphrase === undefined
      ? 'the shares have no passphrase of their own'
      : 'the passphrase of the shares is no part of them: without it they give another key, and no error says so (SLIP-0039). It is kept elsewhere, on paper too',
    `recovered with the chain key at hand${language === 'english' ? '' : `, and --language ${language}`}: keep the paper of the making, which names it, apart from the shares`,
    'shares of before stay valid: who shares anew destroys the old ones',
    'next: rehearse, from the papers as they will lie, before anybody relies on them',
  ]);
}

/** Whether one folder is named for several shares: their media are put there one after another. */
function isInTurn({ to, groups }: Sharing): boolean {
  return to.length === 1 && countOf(groups) > 1;
}

/** The shares of a new set, each of which was tried; and the language of the words that they stand for. */
async function drawn(
  ceremony: Ceremony,
  asked: Sharing,
): Promise<{ readonly papers: readonly Paper[]; readonly language: Language }> {
  const passphrase = passphraseIn(asked.sharePassphrase);
  const spent: Uint8Array[] = [passphrase];
  try {
    const { entropy, language } = await originOf(
      ceremony.at('keystore.json'),
      readSecretBytes(ceremony.at('passphrase')),
      await serviceOf(asked.hsm),
    );
    spent.push(entropy);
    const papers = papersOf(entropy, asked, passphrase);
    mustComeBack(papers, entropy, passphrase);
    return { papers, language };
  } finally {
    for (const one of spent) one.fill(0);
  }
}

function mustBeSound(asked: Sharing): void {
  const flaw = flawOfLayout(asked);
  if (flaw !== null) throw new Misconfigured(`groups: ${flaw}`);
  const count = countOf(asked.groups);
  if (asked.to.length !== count && !isInTurn(asked))
    throw new Misconfigured(
      `to: ${asked.to.length} folders are named, and there are ${count} shares: each goes to a folder of its own, on a medium of its own; or one after another into one, where the media are changed`,
    );
  // What is there is the share before, which stays there: it would be asked for without end.
  if (isInTurn(asked) && asked.althoughTogether)
    throw new Misconfigured(
      '--although-together: is for a folder a share, and one alone is named, where media are put in one after another. To rehearse on one disk, name a folder for each share',
    );
}

const countOf = (groups: Sharing['groups']) => groups.reduce((sum, group) => sum + group.count, 0);

function mediaOf(ceremony: Ceremony, asked: Sharing, to: readonly string[]): Media {
  const { althoughTogether } = asked;
  return { own: ceremony.folder, to, althoughTogether, changed: isInTurn(asked) };
}

/** Asks until the next share's own medium is there. Throws Misconfigured where people stop. */
async function mediumFor(
  ceremony: Ceremony,
  asked: Sharing,
  at: number,
  papers: readonly Paper[],
): Promise<void> {
  for (;;) {
    const answer = await typed(
      ceremony.say,
      `share ${at + 1} of ${papers.length}: ${at === 0 ? 'put' : 'take the medium before out, give it to its holder, and put'} an empty medium in at ${asked.to[0]}; then type ${at + 1} (or stop):`,
    );
    if (answer === null || answer.trim() === 'stop')
      throw new Misconfigured(
        at === 0
          ? 'stopped: no share was written'
          : `stopped: ${at} of ${papers.length} shares were written, and the others are nowhere: destroy these, and share anew`,
      );
    if (answer.trim() !== `${at + 1}`) continue;
    try {
      const media = mediaOf(ceremony, asked, asked.to);
      mustBeApart(media);
      if (asked.safe !== undefined) mustLieElsewhere(asked.safe, media);
      return;
    } catch (cause) {
      if (!(cause instanceof Misconfigured)) throw cause;
      ceremony.say(cause.message);
    }
  }
}

/** Shares of a set that never becomes whole are somebody's still, and some letters may be on the medium that failed. */
function orHalfWay(at: number, count: number, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const before = at === 0 ? 'no share' : `${at} of ${count} shares`;
    throw new Misconfigured(
      `${reasonOf(cause)}; ${before} ${at > 1 ? 'were' : 'was'} written before this one: destroy what is on ${at === 0 ? 'this medium' : 'their media and on this one'}, and share anew`,
      { cause },
    );
  }
}

function write({ file, text }: Paper): void {
  const line = joined(text, Buffer.from('\n'));
  try {
    writeNew(file, line);
    mustReadAs(file, line);
  } finally {
    line.fill(0);
  }
}

/** Empty where there is none. Throws Misconfigured. */
export function passphraseIn(file: string | undefined): Uint8Array {
  const passphrase = file === undefined ? new Uint8Array() : readSecretBytes(file);
  if (isPassphrase(passphrase)) return passphrase;
  passphrase.fill(0);
  throw new Misconfigured(`${file}: the passphrase of shares is printable ASCII (SLIP-0039)`);
}

function papersOf(entropy: Uint8Array, asked: Sharing, passphrase: Uint8Array): readonly Paper[] {
  const random = hedged(randomBytes, entropy, [layoutText(asked), passphrase]);
  return shareSecret(entropy, asked, random, passphrase).map((one, at) => {
    const text = shareText(one);
    one.value.fill(0);
    const name = `share-${one.id}-group-${one.group + 1}-${one.member + 1}.txt`;
    return { file: join(asked.to[at] ?? asked.to[0] ?? '', name), share: one, text };
  });
}

/** Every share, together with others that are enough, gives the secret again. */
function mustComeBack(papers: readonly Paper[], entropy: Uint8Array, passphrase: Uint8Array): void {
  for (const { share: one } of papers) {
    const groups = [...Map.groupBy(papers, (paper) => paper.share.group).values()];
    // The group of this share first, and in it this share.
    const rotated = groups.map((members) => {
      const start = members.findIndex(({ share: other }) => other === one);
      return start < 0 ? members : [...members.slice(start), ...members.slice(0, start)];
    });
    const [own, others] = [one.group, rotated.filter((_, at) => at !== one.group)];
    const chosen = [rotated[own] ?? [], ...others].slice(0, one.groupThreshold);
    const texts = chosen.flatMap((members) =>
      members.slice(0, members[0]?.share.threshold).map(({ text }) => text),
    );
    const back = recoverShared(texts, passphrase);
    if (!(back instanceof Uint8Array) || Buffer.compare(back, entropy) !== 0)
      throw new Error('share: a share does not give back what was shared: nothing is written');
    back.fill(0);
  }
}

function mustReadAs(file: string, line: Uint8Array): void {
  const read = readFileSync(file);
  const same = Buffer.compare(read, line) === 0;
  read.fill(0);
  if (!same)
    throw new Misconfigured(
      `${file}: reads otherwise than it was written: destroy the medium, and share anew`,
    );
}

function layoutText({ groupThreshold, groups }: Layout): string {
  const each = groups.map(({ threshold, count }) => `${threshold} of ${count}`).join(', ');
  return groups.length === 1 ? each : `${groupThreshold} of ${groups.length} groups: ${each}`;
}
