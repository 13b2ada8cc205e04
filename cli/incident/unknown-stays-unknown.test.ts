/** Nothing is invented: every number in a report stands in the lines, and where a line is missing the report says so. */
import { expect, it } from 'vitest';
import { IncidentRecord } from './record.ts';
import { alarm, began, everything, fileOf, frozen, inBlock, recordOf, textOf } from './testing/lines.ts';

const byHand = { at: began, chainTime: began, event: 'alarm: frozen', why: 'odd', by: 'e5'.repeat(32) };
/** As watchtowers wrote it before they said what the bytes do. */
const old = {
  at: began,
  chainTime: began,
  event: 'alarm: frozen',
  why: 'a transfer in block 7: no record covers it',
  transaction: 'a1'.repeat(32),
  signer: 'c3'.repeat(32),
  node: 'http://10.0.0.1:7890',
  height: 7,
  wallet: 'hot',
  signatureVerifies: true,
};

it('a freeze by hand: no sight, no transaction, no sum, no address', () => {
  const record = recordOf({ tower: textOf(byHand) });
  expect(record).toMatchObject({ firstSight: null, transactions: [], sums: [], named: [], pages: null });
  expect(record.unknown).toEqual(
    expect.arrayContaining([
      'no-sight',
      'no-transaction',
      'no-signer-frozen',
      'no-evacuation',
      'no-thaw',
      'no-pages',
    ]),
  );
  const text = fileOf(record, 'timeline.en.md');
  for (const said of [
    'First suspicious sight | not known:',
    'Evacuation sent | not known:',
    'Thawed | not known:',
  ])
    expect(text).toContain(said);
  // The fee that a schema would default, or a sum over nothing.
  for (const { name, text: one } of everything(record).filter((file) => file.name.endsWith('.md')))
    expect(one, name).not.toMatch(/XEM \(|\b0 XEM/);
});

it('a transaction whose meaning no line says: no amount, and the sums say that they lack it', () => {
  const record = recordOf({ tower: textOf(old) });
  expect(record.sums).toEqual([]);
  expect(record.unknown).toContain('some-undecoded');
  expect(record.transactions).toMatchObject([{ does: null, inBlocks: [{ height: 7 }] }]);
  expect(fileOf(record, 'notice-police.en.md')).toContain('not known: the lines do not say what it does');
  const both = recordOf({ tower: textOf(old, alarm({ transaction: 'e7'.repeat(32) })) });
  expect(fileOf(both, 'timeline.ja.md')).toContain('合計には含まれていない');
});

it('announced is not moved', () => {
  const text = fileOf(recordOf({ tower: textOf(alarm()) }), 'notice-exchanges.en.md');
  expect(text).toContain('| 40000.000001 XEM (40000000001 micro-XEM) | not known: no line shows');
  const moved = fileOf(recordOf({ tower: textOf(alarm(), inBlock()) }), 'notice-exchanges.en.md');
  expect(moved).toContain(
    '| 40000.000001 XEM (40000000001 micro-XEM) | 40000.000001 XEM (40000000001 micro-XEM) |',
  );
});

it('amounts are exact beyond what a double holds, and of an asset without known decimals in its units', () => {
  const does = {
    kind: 'transfer',
    from: 'H'.repeat(40),
    to: 'T'.repeat(40),
    moves: [
      { asset: 'nem:xem', units: '8999999999000001' },
      { asset: 'evil:coin', units: '9007199254740993' },
    ],
    message: null,
    fee: '50000',
  };
  const text = fileOf(recordOf({ tower: textOf(alarm({ does })) }), 'timeline.en.md');
  expect(text).toContain('8999999999.000001 XEM (8999999999000001 micro-XEM)');
  expect(text).toContain('9007199254740993 evil&#58;coin');
});

it('every figure of a report stands in the lines', () => {
  const lines = textOf(alarm(), frozen('signer-1', 40), inBlock());
  const record = recordOf({ tower: lines });
  const text = fileOf(record, 'timeline.en.md');
  const known = new Set([...lines.matchAll(/\d+/g)].map(([digits]) => digits));
  const sums = [...text.matchAll(/\((\d+) micro-XEM\)/g)].map(([, units]) => units ?? '');
  expect(sums.length).toBeGreaterThan(3);
  for (const units of sums) expect(known).toContain(units);
});

it('people who were called, and of whom nobody answered', () => {
  const page = 'p-1a2b3c4d';
  const line = (n: number, after: number, said: object) => ({ n, at: began + after, said });
  const source = 'watchtower';
  const opened = { kind: 'opened', page, topic: 'alarm', needs: 'answer', what: 'x', source, lasts: true };
  const sent = {
    kind: 'delivered',
    page,
    round: 1,
    person: 'aoi',
    channel: 'mail',
    what: 'call',
    answer: '',
  };
  const lines = [
    line(1, 1, { kind: 'started' }),
    line(2, 100, opened),
    line(3, 200, { ...sent, accepted: true }),
    line(4, 250, { ...sent, channel: 'slack', accepted: false }),
    line(5, 800, { kind: 'called', page, round: 2, level: 1, people: ['ben'], why: 'escalated' }),
  ];
  const silent = recordOf({ tower: textOf(alarm()) }, textOf(...lines));
  expect(silent.pages).toMatchObject([
    { event: 'opened' },
    { event: 'delivered', person: 'aoi', channel: 'mail' },
    { event: 'escalated', person: 'ben' },
  ]);
  expect(silent.unknown).toContain('nobody-answered');
  const answer = line(6, 9_000, { kind: 'acknowledged', page, by: 'aoi', how: 'link' });
  const answered = recordOf({ tower: textOf(alarm()) }, textOf(...lines, answer));
  expect(answered.pages?.at(-1)).toMatchObject({ event: 'acknowledged', person: 'aoi' });
  expect(fileOf(answered, 'timeline.en.md')).toContain('First answer to a page: aoi');
});

it('the exported object is what its schema says', () => {
  const text = fileOf(recordOf({ tower: textOf(alarm(), inBlock()) }), 'incident.json');
  expect(IncidentRecord.parse(JSON.parse(text)).transactions).toHaveLength(1);
});
