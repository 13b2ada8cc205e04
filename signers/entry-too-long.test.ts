/** An entry longer than a log's bundle can hold: it is refused before it is recorded, and nobody takes it from anybody. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalText,
  chainOf,
  isTooLong,
  leafOf,
  mostLeafBytes,
  signEntry,
  type Entry,
  type SignedFact,
} from '@kuramori/core';
import { now, records, why, xem } from '../core/testing/house.ts';
import { openArchive } from '../watchtower/archive.ts';
import { desk, factFor, payment, policy, recorded, show, type Desk } from './testing/desk.ts';
import { nextEntry } from './testing/log.ts';

let d: Desk;
beforeEach(() => {
  d = desk();
});
afterEach(() => d[Symbol.dispose]());

/** Facts over nobody's nonces: they count for nothing, and would be written down all the same. */
function ballast(): SignedFact[] {
  const dead = Array.from({ length: 64 }, (_, at) => ({
    plan: at.toString(16).padStart(64, '0'),
    proof: { height: 7, hash: 'a'.repeat(64) },
  }));
  return Array.from({ length: 7 }, () => factFor(['0'.repeat(32)], { dead }));
}

/** The next entry, its canonical form exactly so many bytes long. */
function entryOf(bytes: number, to: Parameters<typeof nextEntry>[0]): Entry {
  const entry = nextEntry(to);
  const grounds = (length: number) => ({ ...entry, grounds: ['x'.repeat(length)] });
  const least = leafOf({ entry: grounds(0), signature: '0'.repeat(128) }).length;
  return grounds(bytes - least);
}

describe('an entry that is too long', () => {
  it('is refused by the signer before it is written down, and the nonce is not used up', () => {
    using open = d.start();
    const ask = payment(open.signer, { units: xem('10') });
    expect(why(open.signer.propose({ ...ask, facts: [...ask.facts, ...ballast()] }))).toBe('entry-too-long');
    expect(open.journal.history().seq).toBe(0);
    expect(readFileSync(join(d.folder, 'signer-1.jsonl'), 'utf8')).toBe('');
    expect(recorded(open.signer.propose(ask)).entry.seq).toBe(1);
  });

  it('nor is a version of the policy taken up with facts that are too long', () => {
    const [first] = chainOf(policy);
    const later = { ...policy, version: 2, prev: first.digest };
    const [second] = chainOf(later);
    using open = d.start(1, true, [first, second]);
    const { nonce } = open.signer.nonce();
    const facts = ballast().map(({ fact }) => factFor([nonce], { dead: fact.dead }));
    const ask = { ...payment(open.signer, { units: xem('10') }), facts };
    expect(why(open.signer.propose(ask))).toBe('entry-too-long');
    expect(open.journal.history().seq).toBe(0);
  });

  it('65,535 bytes are the most that may be', () => {
    using open = d.start();
    const [fits, exceeds] = [entryOf(mostLeafBytes, open.journal), entryOf(mostLeafBytes + 1, open.journal)];
    expect(leafOf(signEntry(records[0], fits)).length).toBe(65_535);
    expect([isTooLong(fits), isTooLong(exceeds)]).toEqual([false, true]);
    // Such grounds are no policy's names; how long each may be is the schema's to say.
    expect(() => open.journal.append(exceeds)).toThrow(/longer than 65535 bytes/);
    expect(open.journal.append(fits).entry.seq).toBe(1);
  });

  it('counts bytes, and not letters', () => {
    using open = d.start();
    const entry = { ...nextEntry(open.journal), grounds: ['蔵'.repeat(30_000)] };
    expect(canonicalText(entry).length).toBeLessThan(mostLeafBytes);
    expect(isTooLong(entry)).toBe(true);
  });

  it('is adopted from no watchtower, kept by none, and read from no file', () => {
    const open = d.start(1, false);
    // As long as the schema lets it be: 512 grounds of 160 letters.
    const grounds = Array.from({ length: 512 }, (_, at) => `rule ${at} `.padEnd(160, 'x'));
    const long = signEntry(records[0], { ...nextEntry(open.journal), at: now, grounds });
    expect(why(show(open.signer, [long]))).toBe('entry-refused');
    using archive = openArchive(join(d.folder, 'archive.jsonl'), chainOf(policy));
    expect(archive.take(long, () => null)).toBe('too-long');
    expect(archive.history('signer-1').seq).toBe(0);
    open[Symbol.dispose]();
    writeFileSync(join(d.folder, 'signer-1.jsonl'), `${canonicalText(long)}\n`);
    expect(() => d.start()).toThrow(/line 1: it is longer than 65535 bytes/);
  });
});
