/** Signs an order: shown, typed, written into the vault's journal, and only then signed. Given again it answers the same. */
import {
  canonicalText,
  entryHash,
  type Entry,
  type Plain,
  type SignedCeremony,
  type SignedEntry,
  type Told,
} from '@kuramori/core';
import { visibleLine } from '@kuramori/program';
import { openJournal, type Journal } from '../journal.ts';
import { askHolder, isOut, mustBeAskable, type Answer, type Around, type Asking } from '../held/holder.ts';
import type { Entrusted, Keys, Opened } from '../keystore.ts';
import type { Pins } from '../pins.ts';
import { mayBeSigned, sign } from '../sign.ts';
import type { Ceremony } from '../step/step.ts';
import type { Roles } from '../step/roles.ts';
import { checklist } from './checklist.ts';
import type { People } from './convert.ts';
import { begins } from './ends.ts';
import { refusal } from './refusal.ts';
import { judgedOrder, nameIn, ownName, type JudgedOrder, type OrderRequest } from './order.ts';

/** What this vault has recorded, for whoever keeps copies of its journal. */
export interface JournalAnswer {
  readonly vault: string;
  /** Each with the words by which it was let go. */
  readonly entries: readonly Told[];
}

/** What goes back: the signature, and the journal. */
export interface OrderAnswer extends JournalAnswer {
  readonly key: string;
  readonly share: string;
  readonly signature: string;
}

/** In whose hands it is now: a PSBT that the wallet or device is to sign, and this vault to be given back. Nothing is signed yet. */
export interface Waiting {
  readonly vault: string;
  /** The file. */
  readonly toSign: string;
}

/** Of how many entries a copy of the journal goes back; older ones the watchtowers have had. */
const mostTold = 200;

/** Those who are there, and the transcript that says what they did; what it gives is its last entry's digest. */
export interface Witnesses extends People {
  readonly noted: Ceremony['noted'];
  readonly roles: Roles;
}

/** A vault at work: its keys, what it believes, its journal's file, and this machine's clock in milliseconds of Unix time. */
export interface Vault<K extends Opened = Keys | Entrusted> {
  readonly keys: K;
  readonly pins: Pins;
  readonly journalFile: string;
  readonly now: () => number;
}

/** `file`: what the request was read from, for whoever is told. Throws Misconfigured; then nothing is signed, and no more is written than what its own journal lacked. */
export async function signOrder(
  vault: Vault<Keys>,
  file: string,
  request: OrderRequest,
  witnesses: Witnesses,
): Promise<OrderAnswer>;
/** `around`: who may have the chain key in this vault's place. */
export async function signOrder(
  vault: Vault,
  file: string,
  request: OrderRequest,
  witnesses: Witnesses,
  around: Around,
): Promise<OrderAnswer | Waiting>;
export async function signOrder(
  { keys, pins, journalFile, now }: Vault,
  file: string,
  request: OrderRequest,
  { say, ask, noted, roles }: Witnesses,
  around?: Around,
): Promise<OrderAnswer | Waiting> {
  const vault = ownName(keys, pins, request);
  /** As the journal is at this moment: whoever answers takes their time, and may have given the command twice. */
  const look = (journal: Journal) =>
    judgedOrder(keys, pins, journal, request, now(), (bytes) => !around || isOut(keys, bytes, around));
  const seen = withJournal((journal) => {
    takeBack(journal, request.journal, file);
    return look(journal);
  });
  if (around) mustBeAskable(keys, askingOf(seen, request), around);
  const width = Math.max(...seen.shown.map(([what]) => what.length)) + 2;
  for (const [what, value] of seen.shown) say(visibleLine(`${what.padEnd(width)}${value}`));
  if (seen.answered)
    say(
      'This vault has recorded it before, and a signature is out: nobody is asked again / 以前に記録し、署名も出ている指示です。改めての確認は求めません',
    );
  else {
    if (seen.recorded) say('Recorded before, and not signed yet / 記録済みですが、まだ署名されていません');
    for (const line of checklist(roles)) say(line);
    const answer = await ask(
      `${roles.operator}: if all of this is so, type the amount that it sends, a blank, and the last 6 characters of the address it goes to / すべてこのとおりなら、送る額、空白、宛先アドレスの末尾6文字を打ち込んでください:`,
    );
    if (!seen.isTyped(answer))
      throw refusal(
        file,
        'what was typed is not the amount and the end of the address: nothing is signed. Look at it once more, and give the command again',
        '打ち込まれたものは、額とアドレスの末尾ではありません。署名していません。もう一度確かめて、コマンドをやり直してください',
      );
    const told = await ask(
      `${roles.witness}: type the first 20 digits of the intent’s digest, as those who approved it told you. This machine does not show it / 承認した人から聞いた、依頼のダイジェストの先頭20桁を打ち込んでください。この機械には表示されません:`,
    );
    if (!begins(told, seen.intent))
      throw refusal(
        file,
        'what was typed is not the digest of this intent: nothing is signed. Ask those who approved it which intent they approved; where it is another one, tell everybody',
        '打ち込まれたものは、この依頼のダイジェストではありません。署名していません。承認した人に、どの依頼を承認したか確かめてください。違っていれば、全員に知らせてください',
      );
  }
  const judged = withJournal((journal) => {
    const again = look(journal);
    if (again.hash !== seen.hash)
      throw refusal(
        file,
        'this vault’s journal went on while this was looked at: nothing is signed. Give the command again',
        '確かめているあいだに、この金庫の記録が先へ進みました。署名していません。コマンドをやり直してください',
      );
    if (!again.recorded) {
      const begun = noted('begun', whatOf(again));
      if (!('chain' in keys)) say(`the transcript now ends in ${begun.hash}: note it on paper`);
      journal.gather(() => {
        for (const entry of again.entries) journal.append(entry);
        journal.append(beganBy(again, begun.signed));
      });
    }
    // Also after a cut between the two: without them no other watchtower takes the entry.
    journal.words.keep(again.hash, request.countersignatures);
    return again;
  });
  const answer = await signed(keys, judged, request, around);
  if (answer.kind === 'asked') return { vault, toSign: answer.psbt };
  say(`the transcript now ends in ${noted('done', whatOf(judged)).hash}: note it on paper`);
  const { share, signature } = answer;
  return withJournal((journal) => plain({ vault, key: keys.chainKey, share, signature, ...toldOf(journal) }));

  function withJournal<T>(work: (journal: Journal) => T): T {
    using journal = openJournal(journalFile, vault, keys.record);
    return work(journal);
  }
}

/** Who is there and by what program stands in the journal, behind the record that they are to sign; watchtowers keep copies of it. */
function beganBy({ entries }: JudgedOrder, ceremony: SignedCeremony): Entry {
  const record = entries.at(-1) ?? entries[0];
  const { v, signer, seq, at, policy } = record;
  const body = { kind: 'ceremony', ceremony } as const;
  return { v, signer, seq: seq + 1, prev: entryHash(record), at, policy, grounds: [], body };
}

/** By this vault's own key, or by whoever has it. */
async function signed(
  keys: Keys | Entrusted,
  judged: JudgedOrder,
  request: OrderRequest,
  around: Around | undefined,
): Promise<Answer> {
  const { cleared } = judged;
  if ('chain' in keys) return { kind: 'signed', ...sign(keys, cleared) };
  if (!around) throw new Error('signOrder: nobody is there who has the chain key');
  mayBeSigned(keys, cleared);
  return askHolder(keys, askingOf(judged, request), around);
}

function askingOf({ cleared, wallet, network }: JudgedOrder, { previous }: OrderRequest): Asking {
  const { plan, share } = cleared.body;
  return { plan, share, wallet, network, previous };
}

function whatOf({ intent, hash }: JudgedOrder) {
  return [
    { name: 'intent', value: intent },
    { name: 'entry', value: `${hash}, of its journal` },
  ];
}

/** What this vault has recorded, for whoever keeps copies of its journal, where an answer was lost. */
export function tellJournal({ keys, pins, journalFile }: Vault, policyFile: unknown): JournalAnswer {
  const vault = nameIn(keys, pins, policyFile);
  using journal = openJournal(journalFile, vault, keys.record);
  return plain({ vault, ...toldOf(journal) });
}

function toldOf(journal: Journal): Omit<JournalAnswer, 'vault'> {
  const { seq } = journal.history();
  const entries = journal.from(Math.max(1, seq - mostTold + 1), mostTold);
  return {
    entries: entries.map((record) => ({
      record,
      countersignatures: [...journal.words.of(entryHash(record.entry))],
    })),
  };
}

/** Amounts as text, as every file has them. */
function plain<T>(answer: T): T {
  return JSON.parse(canonicalText(answer as Plain)) as T;
}

/** A vault that was restored from a backup knows less than it has signed; each entry proves itself by its own key's signature. */
function takeBack(journal: Journal, theirs: readonly SignedEntry[], file: string): void {
  for (const [index, entry] of theirs.entries()) {
    if (entry.entry.seq <= journal.history().seq) continue;
    if (journal.adopt(entry) === 'refused')
      throw refusal(
        `${file}: journal.${index}`,
        'does not go on from this vault’s own journal: it is another’s, or one of the two was altered',
        'この金庫の記録に続くものではありません。別の金庫のものか、どちらかが変えられています',
      );
  }
}
