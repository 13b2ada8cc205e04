/** Signs an order: shown, typed, written into the vault's journal, and only then signed. Given again it answers the same. */
import { canonicalText, entryHash, type SignedEntry } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import { openJournal, type Journal } from '../journal.ts';
import type { Keys } from '../keystore.ts';
import type { Pins } from '../pins.ts';
import { sign } from '../sign.ts';
import type { People } from './convert.ts';
import { judgedOrder, ownName, type OrderRequest } from './order.ts';

/** What goes back: the signature, and what this vault has recorded, for whoever keeps copies of its journal. */
export interface OrderAnswer {
  readonly vault: string;
  readonly key: string;
  readonly share: string;
  readonly signature: string;
  readonly entries: readonly SignedEntry[];
}

/** Of how many entries a copy of the journal goes back; older ones the watchtowers have had. */
const told = 200;

/** A vault at work: its keys, what it believes, its journal's file, and this machine's clock in milliseconds of Unix time. */
export interface Vault {
  readonly keys: Keys;
  readonly pins: Pins;
  readonly journalFile: string;
  readonly now: () => number;
}

/** `file`: what the request was read from, for whoever is told. Throws Misconfigured; then nothing is signed, and nothing written. */
export async function signOrder(
  { keys, pins, journalFile, now }: Vault,
  file: string,
  request: OrderRequest,
  { say, ask }: People,
): Promise<OrderAnswer> {
  const vault = ownName(keys, pins, request);
  using journal = openJournal(journalFile, vault, keys.record);
  takeBack(journal, request.journal, file);
  const judged = judgedOrder(keys, pins, journal, request, now());
  const width = Math.max(...judged.shown.map(([what]) => what.length)) + 2;
  for (const [what, value] of judged.shown) say(`${what.padEnd(width)}${value}`);
  if (judged.recorded) say('This vault has recorded it before: the same signature is given again.');
  else {
    const answer = await ask(
      'If all of this is so, type the amount that it sends, a blank, and the last 6 characters of the address it goes to:',
    );
    if (!judged.isTyped(answer))
      throw new Misconfigured(
        `${file}: what was typed is not the amount and the end of the address: nothing is signed or written. Look at it once more, and give the command again`,
      );
    journal.gather(() => {
      for (const entry of judged.entries) journal.append(entry);
    });
    const last = judged.entries.at(-1);
    if (last) journal.words.keep(entryHash(last), request.countersignatures);
  }
  const { share, signature } = sign(keys, judged.cleared);
  const { seq } = journal.history();
  const entries = journal.from(Math.max(1, seq - told + 1), told);
  // Amounts as text, as every file has them.
  return JSON.parse(
    canonicalText({ vault, key: keys.chainKey, share, signature, entries: [...entries] }),
  ) as OrderAnswer;
}

/** A vault that was restored from a backup knows less than it has signed; each entry proves itself by its own key's signature. */
function takeBack(journal: Journal, theirs: readonly SignedEntry[], file: string): void {
  for (const [index, entry] of theirs.entries()) {
    if (entry.entry.seq <= journal.history().seq) continue;
    if (journal.adopt(entry) === 'refused')
      throw new Misconfigured(
        `${file}: journal.${index}: does not go on from this vault’s own journal: it is another’s, or one of the two was altered`,
      );
  }
}
