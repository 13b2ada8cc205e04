/**
 * Payments to addresses that nobody can have a key for, by their form. What can be told honestly is this: a NEM address is a
 * hash, so the 31 letters of 40 that are wholly the hash's (the 3rd to the 33rd; before them stands the network, after them
 * the checksum) are as good as random for whoever began with a key. Made to look like something, they were not. A burn
 * address that looks random cannot be told from any other, and an account without a public key says nothing: so is every
 * account that has not sent yet. Whoever searches long enough finds a key for some seven or eight letters, not for these.
 *
 * How often an honest address is accused, of 32^31 equally likely ones:
 *   - a pattern: 7 letters in a row each equal the one p before, p from 1 to 8: at most 8 · 24 starts · 32^-7 = 5.6e-9;
 *   - few letters: at most 9 different ones: at most C(32,9) · (9/32)^31 = 2.8e7 · 8.3e-18 = 2.4e-10;
 *   - words: of the list below, not overlapping, 12 letters or more together: about (49 · 28)^3 / 6 · 32^-12 = 3.7e-10 for
 *     three of 4 letters, less for longer ones.
 * Together less than 7e-9: at 31,000 new addresses a day less than one false page in twelve years.
 */
import { paymentsAfter, type PastPayment } from '@kuramori/core';
import { hourMs, minuteMs, sumOf, coinsOf, type Wallets } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

const [longestPeriod, repeats, fewLetters, wordLetters] = [8, 7, 9, 12];

/** What people write who destroy coins or insult; of base32's letters alone. */
const words =
  'BURN BURNED BURNING BURNT DEAD DEATH DESTROY DESTROYED DIED EATER EMPTY FREE FUCK FUCKED GONE HACK HACKED HACKER HELL KILL LEAK LEAKED LOST MINE NEVER NOBODY NONE NOTHING NOTSPENDABLE NULL NUKE SHIT SINK SPEND STEAL STOLEN TERROR TERRORIST TERRORISTS THIEF TRASH UNSPENDABLE VOID WASTE ZERO COIN COINS ADDRESS THIS'.split(
    ' ',
  );
/** The longest that fits, one after the other. */
const anyWord = new RegExp(words.toSorted((a, b) => b.length - a.length).join('|'), 'g');

export function looksMade(address: string): 'pattern' | 'few letters' | 'words' | null {
  const letters = address.slice(2, 33);
  if (isPattern(letters)) return 'pattern';
  if (new Set(letters).size <= fewLetters) return 'few letters';
  return lettersInWords(letters) >= wordLetters ? 'words' : null;
}

function isPattern(letters: string): boolean {
  for (let period = 1; period <= longestPeriod; period += 1) {
    let same = 0;
    for (let at = period; at < letters.length; at += 1) {
      same = letters[at] === letters[at - period] ? same + 1 : 0;
      if (same >= repeats) return true;
    }
  }
  return false;
}

function lettersInWords(letters: string): number {
  return (letters.match(anyWord) ?? []).reduce((sum, word) => sum + word.length, 0);
}

/** What was found so far, and up to when all were looked at: an exchange pays tens of thousands a day. */
export interface Made {
  upTo: number;
  found: readonly PastPayment[];
}

/** Records of several signers come out of order, and some late. */
const lateMs = 10 * minuteMs;

export function unspendable(seen: Wallets, at: Signs['unspendable'], made: Made): readonly Sighting[] {
  const from = seen.now - at.hours * hourMs;
  const again = Math.max(from, made.upTo - lateMs);
  const lately = seen.wallets.flatMap((wallet) =>
    paymentsAfter(coinsOf(seen, wallet), again).filter(({ destination }) => looksMade(destination) !== null),
  );
  made.found = [...made.found.filter((one) => one.at > from && one.at <= again), ...lately];
  made.upTo = seen.now;
  return seen.wallets.flatMap((wallet) => {
    const found = made.found.filter((one) => one.wallet === wallet);
    const [first] = found;
    if (!first || found.length < at.payments) return [];
    const { destination } = first;
    const form = looksMade(destination);
    const fields = { wallet, payments: found.length, units: sumOf(found), destination, form };
    // Told again when there are ten times as many.
    return [{ key: wallet, once: `${`${found.length}`.length}`, fields }];
  });
}
