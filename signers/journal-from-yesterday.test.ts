import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signStatement, type SignedEntry } from '@kuramori/core';
import { keyNamed, records, why, xem } from '../core/testing/house.ts';
import {
  countersignatureOf,
  desk,
  evacuation,
  freezeOf,
  payment,
  recorded,
  release,
  show,
  theft,
  type Desk,
} from './testing/desk.ts';
import { statementOf } from '../core/testing/house.ts';

let d: Desk;
let file: string;
beforeEach(() => {
  d = desk();
  file = join(d.folder, 'signer-1.jsonl');
});
afterEach(() => d[Symbol.dispose]());

/** Pays three times 900 XEM, of 3,000 that the limit allows; the journal is copied after the first. */
function payThree() {
  using first = d.start();
  const entries = [1, 2, 3].map((nth) => {
    const record = recorded(first.signer.propose(payment(first.signer, { units: xem('900') })));
    if (nth === 1) copyFileSync(file, `${file}.yesterday`);
    return record;
  });
  return entries;
}

describe('a journal restored from yesterday', () => {
  it('is not opened until the watchtower’s longer one is adopted, and resets no limit', () => {
    const entries = payThree();
    copyFileSync(`${file}.yesterday`, file);
    const { signer, journal } = d.start(1, false);
    expect(journal.history().seq).toBe(1);
    expect(why(signer.propose(payment(signer, { units: xem('900') })))).toBe('closed');
    expect(why(show(signer, []))).toBe('done');
    // An empty copy proves nothing with one watchtower; see below for what it holds.
    expect(entries.length).toBe(3);
  });

  it('adopts what the watchtower kept', () => {
    const entries = payThree();
    copyFileSync(`${file}.yesterday`, file);
    const { signer, journal } = d.start(1, false);
    expect(show(signer, entries)).toEqual({ kind: 'done' });
    expect(journal.history().seq).toBe(3);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBe(3);
    expect(why(signer.propose(payment(signer, { units: xem('900') })))).toBe('over-rolling-limit');
  });

  it('is not opened by a head without the entries', () => {
    const entries = payThree();
    copyFileSync(`${file}.yesterday`, file);
    const { signer } = d.start(1, false);
    const last = entries.at(-1);
    if (!last) throw new Error('three entries');
    const head = { signer: 'signer-1', session: signer.status().session, seq: 3, hash: 'f'.repeat(64) };
    const tower = keyNamed('tower 1');
    const signed = {
      head,
      watchtower: tower.publicKey,
      signature: signStatement(tower, 'journal-head', head),
    };
    expect(why(signer.adopt({ head: signed, entries: [] }))).toBe('entries-missing');
    expect(why(signer.adopt({ head: signed, entries }))).toBe('fork');
    expect(signer.status().open).toBe(false);
  });

  it('a freeze that comes before does not fork it, so that coins can still go home', () => {
    const entries = payThree();
    copyFileSync(`${file}.yesterday`, file);
    const { signer, journal } = d.start(1, false);
    signer.freeze(freezeOf());
    expect(show(signer, entries)).toEqual({ kind: 'done' });
    expect(journal.history().seq).toBe(4);
    const heads = [1, 2].map((which) => ({ signer: `signer-${which}`, seq: 0, hash: '0'.repeat(64) }));
    const evidence = { statements: [statementOf(theft().bytes, keyNamed('tower 1'), heads)] };
    const record = recorded(signer.propose(evacuation(signer, 1, { evidence })));
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('signed');
  });

  const forged: readonly (readonly [what: string, change: (one: SignedEntry) => SignedEntry])[] = [
    [
      'an entry that another key signed',
      ({ entry }) => ({ entry, signature: signStatement(records[1], 'journal-entry', entry) }),
    ],
    [
      'an entry altered after it was signed',
      ({ entry, signature }) => ({ entry: { ...entry, at: entry.at + 1 }, signature }),
    ],
    [
      'an entry after another one',
      ({ entry, signature }) => ({ entry: { ...entry, prev: 'f'.repeat(64) }, signature }),
    ],
    [
      'an entry of another signer',
      ({ entry, signature }) => ({ entry: { ...entry, signer: 'signer-2' }, signature }),
    ],
  ];

  it.each(forged)('does not adopt %s', (_what, change) => {
    const [, two] = payThree();
    if (!two) throw new Error('three entries');
    copyFileSync(`${file}.yesterday`, file);
    const { signer, journal } = d.start(1, false);
    expect(why(show(signer, [change(two)]))).toBe('entry-refused');
    expect(journal.history().seq).toBe(1);
    expect(signer.status().open).toBe(false);
  });
});

describe('a journal that was edited does not start', () => {
  const damage: readonly (readonly [what: string, edit: (text: string) => string])[] = [
    ['an amount', (text) => text.replace('"amount":"900000000"', '"amount":"900000001"')],
    ['a line left out', (text) => text.split('\n').slice(1).join('\n')],
    [
      'a line in the middle left out',
      (text) =>
        text
          .split('\n')
          .filter((_, at) => at !== 1)
          .join('\n'),
    ],
    [
      'two lines exchanged',
      (text) =>
        text
          .split('\n')
          .map((_, at, all) => all[[1, 0, 2, 3][at] ?? 3] ?? '')
          .join('\n'),
    ],
    ['a line twice', (text) => text.replace('\n', `\n${text.split('\n')[0]}\n`)],
    ['a line that is no JSON', (text) => text.replace('{', '')],
    ['an empty line', (text) => `${text}\n`],
    ['a member more', (text) => text.replace('{"entry"', '{"more":1,"entry"')],
    [
      'the journal of another signer',
      (text) => text.replaceAll('"signer":"signer-1"', '"signer":"signer-2"'),
    ],
    ['bytes that are no text', (text) => text.replace('"v":1', '"v":\u0000')],
  ];

  it.each(damage)('%s', (_what, edit) => {
    payThree();
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    expect(() => d.start()).toThrow(/signer-1\.jsonl: line \d+: .+: this journal was altered\. Move it away/);
  });

  it('signed again by another key', () => {
    const [one] = payThree();
    if (!one) throw new Error('three entries');
    const signature = signStatement(records[1], 'journal-entry', one.entry);
    writeFileSync(
      file,
      `${JSON.stringify({ ...one, signature }, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))}\n`,
    );
    expect(() => d.start()).toThrow(/line 1: its signature is wrong/);
  });
});

describe('a torn last line', () => {
  it('was never answered for: it is cut off, wherever the tear is', () => {
    const entries = payThree();
    const whole = readFileSync(file);
    const before = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (const length of [before + 1, before + 200, whole.length - 2, whole.length - 1]) {
      writeFileSync(file, whole);
      truncateSync(file, length);
      const opened = d.start(1, false);
      expect(opened.journal.history().seq).toBe(2);
      expect(readFileSync(file).length).toBe(before);
      // And goes on: what the watchtower holds is taken up again.
      expect(show(opened.signer, entries)).toEqual({ kind: 'done' });
      expect(opened.journal.history().seq).toBe(3);
      opened[Symbol.dispose]();
    }
  });

  it('through the middle of a character takes nothing else with it', () => {
    payThree();
    const whole = readFileSync(file);
    appendFileSync(file, Buffer.from('{"memo":"蔵').subarray(0, -1));
    d.start(1, false)[Symbol.dispose]();
    expect(readFileSync(file).equals(whole)).toBe(true);
  });
});
