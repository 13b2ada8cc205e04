/** Three watchtowers cry out about one theft, pass on each other's freezes, and restart: it is told once, with who told it. */
import { expect, it } from 'vitest';
import { alarm, began, cold, fileOf, frozen, inBlock, recordOf, signer, textOf } from './testing/lines.ts';

const freezes = ['01', '02', '03'].map((two) => two.repeat(32));
const keys = ['11', '12', '13'].map((two) => two.repeat(32));
const passed = (of: number, at: number) => ({
  at: began + at,
  chainTime: began,
  event: 'alarm',
  why: 'a proposed transfer unconfirmed: no record covers it',
  by: keys[of],
  frozenAt: began + 20,
  freeze: freezes[of],
  passedOnBy: 'signer-1',
});
/** The third one heard of the first's freeze before it saw by itself. */
const towers = {
  one: textOf(alarm({ freeze: freezes[0] }), passed(1, 90), frozen('signer-1', 40), frozen('signer-2', 60)),
  two: textOf(
    alarm({ at: began + 35, seenAt: began + 5, freeze: freezes[1], node: 'http://10.0.0.2:7890' }),
    passed(0, 80),
    frozen('signer-2', 55),
    frozen('signer-1', 57),
    // After a restart.
    frozen('signer-1', 5_000),
  ),
  three: textOf(passed(0, 30), alarm({ at: began + 95, event: 'alarm', freeze: freezes[2] })),
};
const record = recordOf(towers);

it('one alarm, told by three', () => {
  const alarms = record.facts.filter(({ event }) => event === 'alarm');
  expect(alarms).toHaveLength(1);
  expect(new Set(alarms[0]?.toldBy.map(({ source }) => source))).toEqual(new Set(['one', 'two', 'three']));
  expect(record).toMatchObject({ firstSight: began, firstAlarm: began + 20, freezes: [] });
});

it('each signer frozen once, by the earliest; each transaction counted once', () => {
  expect(record.signers).toEqual([
    { signer: 'signer-1', at: began + 40 },
    { signer: 'signer-2', at: began + 55 },
  ]);
  expect(record.transactions).toHaveLength(1);
  expect(record.transactions[0]?.signatures).toHaveLength(1);
  expect(record.sums).toEqual([{ asset: 'nem:xem', announced: '40000000001', inBlocks: '0' }]);
});

it('in a block at two nodes is one sum; another wrapper of the same payment is announced once', () => {
  const blocks = recordOf({
    one: textOf(alarm(), inBlock(), inBlock('http://10.0.0.2:7890')),
    two: textOf(inBlock()),
  });
  expect(blocks.sums).toEqual([{ asset: 'nem:xem', announced: '40000000001', inBlocks: '40000000001' }]);
  expect(blocks.transactions[0]?.inBlocks).toHaveLength(2);
  const again = alarm({ transaction: 'e7'.repeat(32), evidence: { bytes: '0c', signature: 'ff' } });
  const two = recordOf({
    one: textOf(alarm(), { ...again, transactions: ['e7'.repeat(32), 'b2'.repeat(32)] }),
  });
  expect(two.transactions).toHaveLength(2);
  expect(two.sums).toEqual([{ asset: 'nem:xem', announced: '40000000001', inBlocks: '0' }]);
});

it('a spend on Litecoin: what goes to others is summed and named, what comes back to ourselves is not', () => {
  const thiefs = 'rltc1qthief';
  const does = {
    kind: 'spend',
    asset: 'litecoin:ltc',
    spends: [`${'a1'.repeat(32)}:0`],
    to: [
      { place: thiefs, units: '3900000000', ours: false },
      { place: 'rltc1qourchange', units: '99992620', ours: true },
    ],
    more: 0,
  };
  const { sums, named } = recordOf({ one: textOf(alarm({ wallet: 'hot-ltc', does })) });
  expect(sums).toEqual([{ asset: 'litecoin:ltc', announced: '3900000000', inBlocks: '0' }]);
  expect(named).toMatchObject([{ address: thiefs, as: 'recipient' }]);
});

it('a freeze after a thaw is another one; what each did itself stays apart', () => {
  const thawed = { at: began + 100, chainTime: began, event: 'thawed', thaw: 'f1'.repeat(32), standing: 0 };
  const sent = {
    chainTime: began,
    event: 'evacuation sent',
    wallet: 'hot',
    asset: 'nem:xem',
    units: '7',
    destination: cold,
  };
  const both = recordOf({
    one: textOf(frozen('signer-1', 40), { at: began + 50, ...sent }, thawed, frozen('signer-1', 200)),
    two: textOf(
      frozen('signer-1', 41),
      { at: began + 70, ...sent },
      { ...thawed, at: began + 101 },
      frozen('signer-1', 201),
    ),
  });
  expect(both.signers.map(({ at }) => at - began)).toEqual([40, 200]);
  expect(both.evacuations.map(({ at }) => at - began)).toEqual([50, 70]);
  expect(both.thaws).toMatchObject([{ lifted: began + 100 }]);
});

it('a freeze by a person is a decision of its own', () => {
  const byHand = {
    at: began + 500,
    chainTime: began,
    event: 'alarm',
    why: 'odd',
    by: signer,
    freeze: '09'.repeat(32),
  };
  const heard = recordOf({
    one: textOf(byHand),
    two: textOf({ ...byHand, at: began + 700, passedOnBy: 'signer-1' }),
  });
  expect(heard.freezes).toEqual([{ at: began + 500, by: signer, why: 'odd', assets: null }]);
});

it('the timeline has the milliseconds between, both times, and the chain’s', () => {
  const text = fileOf(record, 'timeline.en.md');
  expect(text).toContain(
    '| First suspicious sight | `2026-01-25T15:02:13.100Z` | 2026-01-26 00:02:13.100 JST | – | 0 |',
  );
  expect(text).toContain(
    '| First alarm | `2026-01-25T15:02:13.120Z` | 2026-01-26 00:02:13.120 JST | 20 | 20 |',
  );
  expect(text).toMatch(/Signer frozen: signer-1 .* \| 20 \| 40 \|/);
  expect(text).toContain('`one`:1, `three`:1, `two`:1, `two`:2, `one`:2, `three`:2 |');
});

it('--since leaves out what came before', () => {
  const late = recordOf(towers, null, began + 50);
  expect(late.facts.map(({ event }) => event)).toEqual(['signer frozen']);
  expect(late.firstAlarm).toBe(null);
});
