/** Share: what the chain key comes from, in words on many papers (SLIP-0039). The record key is in none of them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, readSecretBytes, reasonOf, writeNew } from '@kuramori/program';
import { originOf } from '../keystore.ts';
import { joined } from '../secret-bytes.ts';
import { hedged } from '../slip39/hedge.ts';
import { flawOfLayout, leastForThief, type Layout } from '../slip39/layout.ts';
import { shareText, type Share39 } from '../slip39/share.ts';
import { isPassphrase, recoverShared, shareSecret } from '../slip39/shares.ts';
import type { Ceremony, Ended } from './ceremony.ts';
import { serviceOf } from './hsm.ts';
import { byHand, byPrinter, pagesOf, writePages, type Printing } from './pages.ts';

export interface Sharing extends Layout, Printing {
  /** A folder for each share, group by group. */
  readonly to: readonly string[];
  /** The file of the shares' own passphrase. */
  readonly sharePassphrase?: string | undefined;
  readonly hsm?: { readonly socket: string } | undefined;
}

export interface Paper {
  readonly file: string;
  readonly share: Share39;
  readonly text: Uint8Array;
}

export async function share(ceremony: Ceremony, asked: Sharing): Promise<Ended> {
  mustBeSound(asked);
  const keys = await ceremony.open();
  for (const folder of asked.to) mustBeApart(ceremony.folder, folder, asked.to);
  if (asked.safe !== undefined) mustBeApart(ceremony.folder, asked.safe, [...asked.to, asked.safe]);
  const passphrase = passphraseIn(asked.sharePassphrase);
  const { entropy, language } = await originOf(
    ceremony.at('keystore.json'),
    readSecretBytes(ceremony.at('passphrase')),
    await serviceOf(asked.hsm),
  );
  const papers = papersOf(entropy, asked, passphrase);
  mustComeBack(papers, entropy, passphrase);
  for (const spent of [entropy, passphrase]) spent.fill(0);
  const pages = pagesOf(asked, papers, keys, layoutText(asked));
  const what = [
    { name: 'chain key', value: keys.chainKey },
    { name: 'set', value: `${papers[0]?.share.id}` },
    { name: 'layout', value: layoutText(asked) },
    ...papers.map(({ file }) => ({ name: 'destination', value: file })),
    ...pages.what,
  ];
  // Before a word leaves: shares that were interrupted must be known too when the keys are destroyed.
  ceremony.note('begun', what);
  for (const { file, text } of papers) writeNew(file, joined(text, Buffer.from('\n')));
  for (const { file, text } of papers) mustBeWritten(file, text);
  writePages(pages);
  for (const { text } of papers) text.fill(0);
  return ceremony.ended(ceremony.note('done', what), what, [
    `${leastForThief(asked)} of these papers are the key, for anybody who has them: each to another person and place, none to who keeps a backup or its passphrase`,
    asked.paper === undefined ? byHand : byPrinter,
    asked.sharePassphrase === undefined
      ? 'the shares have no passphrase of their own'
      : 'the passphrase of the shares is no part of them: without it they give another key, and no error says so (SLIP-0039). It is kept elsewhere, on paper too',
    `recovered with the chain key at hand${language === 'english' ? '' : `, and --language ${language}`}: keep the paper of the making, which names it, apart from the shares`,
    'shares of before stay valid: who shares anew destroys the old ones',
  ]);
}

function mustBeSound(asked: Sharing): void {
  const flaw = flawOfLayout(asked);
  if (flaw !== null) throw new Misconfigured(`groups: ${flaw}`);
  const count = asked.groups.reduce((sum, group) => sum + group.count, 0);
  if (asked.to.length !== count)
    throw new Misconfigured(
      `to: ${asked.to.length} folders are named, and there are ${count} shares: each goes to a folder of its own, on a medium of its own`,
    );
}

/** Shares that lie together are the key; what lies beside the keystore protects nobody. */
export function mustBeApart(own: string, folder: string, all: readonly string[]): void {
  const same = (one: string, other: string) => {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  };
  let names: readonly string[];
  try {
    names = readdirSync(folder);
    if (same(own, folder) || folder.startsWith(`${own}/`))
      throw new Misconfigured(`${folder}: is in the signer’s own folder: a share goes elsewhere`);
    if (all.filter((other) => same(folder, other)).length > 1)
      throw new Misconfigured(`${folder}: is named twice: each share goes to a folder of its own`);
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    throw new Misconfigured(`${folder}: ${reasonOf(cause)}`, { cause });
  }
  const other = names.find((name) => name.startsWith('share-') || name === 'words.txt');
  if (other !== undefined)
    throw new Misconfigured(
      `${join(folder, other)}: is there: two papers never lie together. Name another folder`,
    );
}

/** Empty where there is none. Throws Misconfigured. */
export function passphraseIn(file: string | undefined): Uint8Array {
  const passphrase = file === undefined ? new Uint8Array() : readSecretBytes(file);
  if (!isPassphrase(passphrase))
    throw new Misconfigured(`${file}: the passphrase of shares is printable ASCII (SLIP-0039)`);
  return passphrase;
}

function papersOf(entropy: Uint8Array, asked: Sharing, passphrase: Uint8Array): readonly Paper[] {
  const random = hedged(randomBytes, entropy, [layoutText(asked), passphrase]);
  return shareSecret(entropy, asked, random, passphrase).map((one, at) => {
    const text = shareText(one);
    one.value.fill(0);
    const name = `share-${one.id}-group-${one.group + 1}-${one.member + 1}.txt`;
    return { file: join(asked.to[at] ?? '', name), share: one, text };
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

function mustBeWritten(file: string, text: Uint8Array): void {
  const read = readFileSync(file);
  if (Buffer.compare(read.subarray(0, -1), text) !== 0)
    throw new Misconfigured(
      `${file}: reads otherwise than it was written: destroy the medium, and share anew`,
    );
  read.fill(0);
}

function layoutText({ groupThreshold, groups }: Layout): string {
  const each = groups.map(({ threshold, count }) => `${threshold} of ${count}`).join(', ');
  return groups.length === 1 ? each : `${groupThreshold} of ${groups.length} groups: ${each}`;
}
