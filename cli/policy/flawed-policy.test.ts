/** A policy that is wrong, as a keeper at three in the morning would write it: every flaw is told, with its line and field. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSource } from './source.ts';
import { policySchema } from './schema.ts';

const example = readFileSync(new URL('../../docs/policy.yaml', import.meta.url), 'utf8');
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

/** The example with one thing changed; where the change stands. */
function changed(from: string, to: string): { text: string; line: number } {
  expect(example).toContain(from);
  return { text: example.replace(from, () => to), line: lineOf(example, from) };
}

describe('the example', () => {
  it('is sound, and nothing about it is doubtful', () => {
    expect(readSource(example)).toMatchObject({ kind: 'policy', doubts: [] });
  });

  it('means the same in JSON, and signed', () => {
    const read = readSource(example);
    if (read.kind === 'refused') throw new Error('it is sound');
    const json = JSON.stringify(read.policy, (_key, one: unknown) =>
      typeof one === 'bigint' ? one.toString() : one,
    );
    expect(readSource(json)).toMatchObject({ kind: 'policy', digest: read.digest });
    const signed = `{"policy":${json},"signatures":[]}`;
    expect(readSource(signed)).toMatchObject({ digest: read.digest });
    expect(readSource(`{"bundles":[{},${signed}]}`)).toMatchObject({ digest: read.digest });
  });

  it('its schema knows every field that it has', () => {
    const schema = policySchema() as { required: string[]; properties: object };
    for (const field of example.matchAll(/^([a-zA-Z]+):/gm))
      expect(Object.keys(schema.properties)).toContain(field[1]);
    expect(schema.required).toContain('denials');
  });
});

describe('a flaw is told with its line and field', () => {
  it.each<[string, string, string, string, RegExp]>([
    ['a word that nobody knows', 'keyDelay: 86400', 'keyDelays: 86400', 'keyDelays', /no field of a policy/],
    ['an amount without a unit', '1_000_000 XEM\n', '1000000\n', 'rules.0.perPayment', /amount has its unit/],
    [
      'a mistyped address in a list',
      'NC4C6PSUW5',
      'NC4C6PSUW6',
      'lists.0.addresses.0',
      /a wrong checksum: a character is mistyped/,
    ],
    ['a digest that YAML takes for a number', 'prev: null', `prev: ${'0'.repeat(64)}`, 'prev', /in quotes/],
    ['an amount in another unit', '5 XEM\n', '5 BTC\n', 'rules.0.feeCap', /BTC is no unit/],
    ['too many decimal places', '5 XEM\n', '5.0000001 XEM\n', 'rules.0.feeCap', /more than 6 decimal/],
    ['half a yen', '10 JPY', '10.5 JPY', 'values.0.yen', /no decimal places/],
    ['n of n', 'threshold: 3', 'threshold: 5', 'wallets.0.threshold', /below the number of cosigners/],
    ['quorums that share one', 'threshold: 3', 'threshold: 2', 'wallets.0.threshold', /2m − online/],
    ['a watchtowers’ minority', 'quorum: 3\n', 'quorum: 2\n', 'watchtowers.quorum', /more than half/],
    ['a keeper alone', 'quorum: 2\n', 'quorum: 1\n', 'keepers.quorum', /more than half/],
    [
      'a first version with one before',
      'prev: null',
      `prev: ${'f'.repeat(64)}`,
      'prev',
      /null for version 1/,
    ],
    [
      'a list that is none',
      'in: [sanctioned]',
      'in: [sanctoined]',
      'denials.0.when.destination.in',
      /sanctoined is no list/,
    ],
    [
      'a group that is none',
      '{ group: compliance, quorum: 1 }',
      '{ group: legal, quorum: 1 }',
      'denials.2.unless.approvals',
      /legal is no group/,
    ],
    ['a time of no day', "from: '22:00'", "from: '25:00'", 'denials.8.when.time.from', /a time of day/],
    ['a key that is too short', 'books:\n  key: 2', 'books:\n  key: ', 'books.key', /64 lower-case hex/],
  ])('%s', (_what, from, to, field, why) => {
    // Whatever the example's keys are.
    const key = /books:\n {2}key: (.)/.exec(example)?.[1] ?? '';
    const { text, line } = changed(from.replace('key: 2', `key: ${key}`), to);
    const read = readSource(text);
    if (read.kind !== 'refused') throw new Error('it was taken');
    const flaw = read.flaws.find((one) => one.field === field);
    expect(flaw, JSON.stringify(read.flaws)).toMatchObject({ why: expect.stringMatching(why) });
    expect(Math.abs((flaw?.line ?? 0) - line)).toBeLessThanOrEqual(3);
  });

  it('all of several at once', () => {
    const text = example.replace('perPayment: 1_000_000 XEM', 'perPayment: much').replace('v: 1\n', 'v: 2\n');
    const read = readSource(text);
    expect(read.kind === 'refused' && read.flaws.map(({ field }) => field)).toEqual([
      'v',
      'rules.0.perPayment',
    ]);
  });

  it('an address that is mistyped, and would be the theft itself', () => {
    const address = /role: cold\n {4}chain: nem\n {4}address: (\S+)/.exec(example)?.[1] ?? '';
    const read = readSource(example.replace(address, `${address.slice(0, -1)}A`));
    expect(read).toMatchObject({ flaws: [{ field: 'wallets.1.address' }] });
  });
});

describe('what is taken, and hardly meant', () => {
  it.each<[string, string, string, string]>([
    ['a list that nobody names', 'notIn: [partners]', 'in: [sanctioned]', 'lists.1'],
    [
      'a denial that never holds',
      'above: 100_000 XEM',
      'above: 1_000_000 XEM',
      'denials.2.when.amount.above',
    ],
  ])('%s', (_what, from, to, field) => {
    const read = readSource(changed(from, to).text);
    expect(read.kind === 'policy' && read.doubts.map((doubt) => doubt.field)).toEqual([field]);
  });
});

describe('what is no policy at all', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a list', '- 1\n- 2\n'],
    ['bytes', '\u0000\u0001\ufffd'],
    ['a field twice', 'v: 1\nv: 1\n'],
    ['a brace that never ends', 'v: {'],
    ['a tab', 'v:\n\t- 1'],
    [
      'a billion laughs',
      `a: &a [${'x,'.repeat(9)}x]\n${'bcdefgh'
        .split('')
        .map((c, i) => `${c}: &${c} [${`*${'abcdefg'[i]},`.repeat(9)}*${'abcdefg'[i]}]`)
        .join('\n')}\n`,
    ],
    ['a prototype', '__proto__: { v: 1 }\n'],
    ['two documents', `${example}\n---\n${example}`],
  ])('%s: a refusal, and no crash', (_what, text) => {
    const read = readSource(text);
    if (read.kind !== 'refused') throw new Error('it was taken');
    expect(read.flaws[0]?.line).toBeGreaterThan(0);
    expect(read.flaws[0]?.why).toMatch(/\S/);
  });
});
