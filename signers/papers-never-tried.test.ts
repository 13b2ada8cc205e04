/**
 * Papers and backups that would bring nothing back, found before they are needed: a rehearsal says so, and writes it down as well as
 * what it proves. Nothing else changes.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { rehearsalsOf, readTranscript, type CeremonyEntry } from '@kuramori/core';
import { Command } from './ceremony/command.ts';
import { hold } from './ceremony/hold.ts';
import { makeKeystore } from './making.ts';
import { writeTranscript } from './testing/made.ts';
import { policyFor, site, stepsIn, type Asked } from './testing/ceremonies.ts';
import { policyFile } from './testing/program.ts';

const one = site();
const kept = mkdtempSync(join(tmpdir(), 'kuramori-rehearsal-'));
afterAll(() => {
  one[Symbol.dispose]();
  rmSync(kept, { recursive: true, force: true });
});
one.anew();
const groups = [{ threshold: 2, count: 3 }];
const share = (folder: string, names: readonly string[], more: object = {}) => {
  for (const name of names) mkdirSync(one.at(name));
  const to = names.map((name) => one.at(name));
  return one.hold({
    step: 'share',
    folder: one.at(folder),
    groupThreshold: 1,
    groups,
    to,
    althoughTogether: true,
    ...more,
  });
};
writeFileSync(one.at('pass'), 'correct\n', { mode: 0o600 });
writeFileSync(one.at('wrong'), 'incorrect\n', { mode: 0o600 });
await share('signer', ['m1', 'm2', 'm3'], { sharePassphrase: one.at('pass') });
await share('signer', ['n1', 'n2', 'n3']);
// Another signer of this house, whose envelopes lie in the same safe.
mkdirSync(one.at('other'));
const other = makeKeystore(one.at('other/keystore.json'), Buffer.from('correct horse'));
writeFileSync(one.at('other/passphrase'), 'correct horse\n', { mode: 0o600 });
writeTranscript(one.at('other'), other);
await share('other', ['o1', 'o2', 'o3']);
await one.hold({ step: 'pin' });
await one.hold({ step: 'back-up' });
await one.hold({ step: 'back-up', folder: one.at('other'), to: one.at('new') });
cpSync(one.at('.'), kept, { recursive: true });
beforeEach(() => {
  rmSync(one.at('.'), { recursive: true });
  cpSync(kept, one.at('.'), { recursive: true });
});

const file = (medium: string) => one.at(join(medium, readdirSync(one.at(medium))[0] ?? ''));
const people = ['Aoi', 'Ren', 'Mei', 'Yui'];
const asked = (more: object): Asked => ({
  step: 'rehearse',
  present: people,
  holders: ['Aoi', 'Ren'],
  althoughTogether: true,
  ...more,
});
const ofPapers = (media: readonly string[], more: object = {}) =>
  asked({ shares: media.map(file), holders: people.slice(0, media.length), ...more });
const entries = (folder = 'signer') => {
  const read = readTranscript(
    readFileSync(one.at(`${folder}/ceremony.jsonl`), 'utf8')
      .split('\n')
      .slice(0, -1),
  );
  if (read.kind === 'refused') throw new Error(read.why);
  return read.entries;
};
const lastEntry = (): CeremonyEntry => entries().at(-1)?.entry as CeremonyEntry;
const rowsOf = (entry: CeremonyEntry, wanted: string) =>
  entry.what.flatMap(({ name, value }) => (name === wanted ? [value] : []));
const endsWith = () => stepsIn(one.at('signer/ceremony.jsonl')).slice(-2);
const numberOf = (medium: string) => /share-.*(?=\.txt)/.exec(file(medium))?.[0] ?? '';

describe('what is there, and works', () => {
  it('shares: as many as it takes; who brought which stands in the transcript, no word does', async () => {
    const before = readdirSync(one.at('signer'));
    const ended = await one.hold(ofPapers(['n1', 'n3']));
    expect(endsWith()).toEqual(['rehearse begun', 'rehearse done']);
    const entry = lastEntry();
    expect(entry.present).toEqual(people);
    expect(rowsOf(entry, 'share')).toEqual([
      `${numberOf('n1')}, brought by Aoi`,
      `${numberOf('n3')}, brought by Ren`,
    ]);
    expect(rowsOf(entry, 'chain key')).toEqual([one.keys.chainKey]);
    expect(rowsOf(entry, 'proven')).toHaveLength(2);
    expect(rowsOf(entry, 'policy')).toEqual(['not looked at: none was given (--policy)']);
    expect(ended.last).not.toBe('');
    const words = readFileSync(file('n1'), 'utf8').split(' ').slice(4, 7).join(' ');
    expect(readFileSync(one.at('signer/ceremony.jsonl'), 'utf8')).not.toContain(words);
    expect(readdirSync(one.at('signer'))).toEqual(before);
  });

  it('with the passphrase of the shares, and the policy that is pinned', async () => {
    const more = { sharePassphrase: one.at('pass'), policy: one.at('policy.json') };
    await one.hold(ofPapers(['m2', 'm1'], more));
    expect(rowsOf(lastEntry(), 'policy')[0]).toMatch(/^version 1, [0-9a-f]{64}$/);
    expect(rowsOf(lastEntry(), 'this key').join()).toMatch(/signer-1, whose records.*cosigner of .*online/);
  });

  it('a backup, with the copy of the passphrase that somebody else keeps', async () => {
    writeFileSync(one.at('copy'), 'correct horse\n', { mode: 0o600 });
    await one.hold(asked({ backup: one.at('backup'), passphrase: one.at('copy') }));
    expect(endsWith()).toEqual(['rehearse begun', 'rehearse done']);
    expect(rowsOf(lastEntry(), 'proven')).toContain('so does the record key');
  });

  it('24 words', async () => {
    mkdirSync(one.at('w'));
    await one.hold({ step: 'words', to: one.at('w'), althoughTogether: true });
    await one.hold(asked({ words: one.at('w/words.txt'), holders: ['Mei'] }));
    expect(rowsOf(lastEntry(), 'words')).toEqual(['24 of BIP-39, brought by Mei']);
  });

  it('on paper alone: against the paper of the making; nothing is written anywhere', async () => {
    mkdirSync(one.at('clean'));
    const clean = { folder: one.at('clean'), confirm: one.keys.chainKey };
    const ended = await one.hold(ofPapers(['n1', 'n2'], { ...clean, policy: one.at('policy.json') }));
    expect(ended).toMatchObject({ last: '', recordKey: '' });
    expect(ended.what.map(({ value }) => value).join()).toMatch(/as the paper of the making has it/);
    expect(ended.remember.join()).toMatch(/nothing is written down: note on paper/);
    expect(readdirSync(one.at('clean'))).toEqual([]);
    expect(await one.why(ofPapers(['o1', 'o2'], clean))).toMatch(/is not the chain key that this gives/);
    expect(readdirSync(one.at('clean'))).toEqual([]);
  });
});

describe('what would bring nothing is told by what is wrong, and written down as failed', () => {
  const changed = () => {
    const text = readFileSync(file('n2'), 'utf8').split(' ');
    const at = text.findIndex((word, place) => place > 6 && word !== 'zero');
    writeFileSync(file('n2'), text.with(at, 'zero').join(' '));
  };
  const others = { sharePassphrase: one.at('wrong') };
  it.each([
    ['one share too few', () => ofPapers(['n1']), /it takes 2.*2枚必要/],
    ['one too many', () => ofPapers(['n1', 'n2', 'n3']), /exactly 2.*ちょうど2枚/],
    ['a share of another set', () => ofPapers(['n1', 'm2']), /m2\/share-.*of another set.*別のセット/],
    ['a changed word', () => (changed(), ofPapers(['n1', 'n2'])), /n2\/.*checksum is wrong/],
    ['shares of another key', () => ofPapers(['o1', 'o2']), /gives the chain key .* is of another key/],
    [
      'another passphrase of shares',
      () => ofPapers(['m1', 'm2'], others),
      /no error tells.*own sets are \d+, \d+/,
    ],
    [
      'a backup of another signer',
      () => asked({ backup: one.at('new'), passphrase: one.at('other/passphrase') }),
      /gives the chain key .* is of another key/,
    ],
    [
      'a passphrase that somebody mistook',
      () => asked({ backup: one.at('backup'), passphrase: one.at('wrong') }),
      /backup\/keystore.json: does not open/,
    ],
  ] as const)('%s', async (_, ask, why) => {
    expect(await one.why(ask())).toMatch(why);
    expect(endsWith()).toEqual(['rehearse begun', 'rehearse failed']);
    expect(rowsOf(lastEntry(), 'why')[0]).toMatch(why);
    expect(rowsOf(lastEntry(), 'of')).toHaveLength(1);
    expect(rowsOf(lastEntry(), 'proven')).toEqual([]);
  });

  it('a key that the pinned policy does not name, and a policy of others', async () => {
    writeFileSync(one.at('others.json'), policyFile(policyFor(other)));
    const of = (policy: string) => one.why(ofPapers(['n1', 'n2'], { policy: one.at(policy) }));
    expect(await of('others.json')).toMatch(/is pinned: this is another line/);
    expect(endsWith()).toEqual(['rehearse begun', 'rehearse failed']);
    mkdirSync(one.at('clean'));
    const clean = { folder: one.at('clean'), confirm: one.keys.chainKey, policy: one.at('others.json') };
    expect(await one.why(ofPapers(['n1', 'n2'], clean))).toMatch(/names this chain key in no wallet/);
  });

  it('and the next one that works is as good as ever', async () => {
    await one.why(ofPapers(['n1']));
    expect(await one.why(ofPapers(['n1', 'n2']))).toBe('done');
    await one.hold({ step: 'retire', policy: one.at('policy.json'), althoughNamed: true });
    expect(await one.why(ofPapers(['n1', 'n2']))).toMatch(/these keys were retired/);
  });
});

describe('a rehearsal is due', () => {
  const now = () =>
    rehearsalsOf(entries()).map(({ of, last, untried }) => [of, last?.outcome, untried.length]);

  it('of what was never tried, share by share; what failed is remembered until it works', async () => {
    expect(now()).toEqual([
      ['shares', undefined, 3],
      ['backup', undefined, 0],
    ]);
    await one.why(ofPapers(['n1', 'm2']));
    expect(now()[0]).toEqual(['shares', 'failed', 3]);
    await one.hold(ofPapers(['n1', 'n2']));
    expect(now()[0]).toEqual(['shares', 'done', 1]);
    await one.hold(ofPapers(['n3', 'n2']));
    expect(now()).toEqual([
      ['shares', 'done', 0],
      ['backup', undefined, 0],
    ]);
  });

  it('of shares that were made since', async () => {
    await one.hold(ofPapers(['n1', 'n2']));
    await share('signer', ['p1', 'p2', 'p3']);
    expect(rehearsalsOf(entries())[0]).toMatchObject({ isOlder: true, untried: { length: 3 } });
  });
});

it('what does not go together is refused before anything is read', () => {
  const refused = (more: object) =>
    Promise.try(() => hold(Command.parse({ folder: one.at('signer'), ...asked(more) }), () => {}));
  return Promise.all(
    [
      [{ shares: [file('n1')], from: one.at('m1') }, /one of them is tried at a time/],
      [{ backup: one.at('backup') }, /names the copy that opens the backup/],
      [
        { shares: [file('n1')], on: { chain: 'bitcoin', network: 'mainnet' }, holders: ['Aoi'] },
        /leave --chain/,
      ],
      [{ words: one.at('x'), sharePassphrase: one.at('pass') }, /is of shares alone/],
      [{ holders: [] }, /somebody brings what is tried/],
    ].map(([more, why]) => expect(refused(more as object)).rejects.toThrow(why as RegExp)),
  );
});
