/** The table that the watchtower runs, its configuration and the page that people read are one. */
import { expect, test } from 'vitest';
import { alarmsPage } from './page.ts';
import { always, table, thresholdOf } from './table.ts';
import { Signs, type SignId } from './thresholds.ts';

test('docs/alarms.md is made from the table: run this test with -u to write it', async () => {
  await expect(alarmsPage()).toMatchFileSnapshot('../../docs/alarms.md');
});

test('each sign has a reason, a threshold with a number, and an action; no two are called the same', () => {
  const signs = Signs.parse({});
  expect(Object.keys(signs).toSorted()).toEqual(Object.keys(table).toSorted());
  for (const id of Object.keys(signs) as SignId[]) {
    const { event, reason } = table[id];
    expect(reason, id).toMatch(/^[^.]+[^]*\.$/);
    expect(thresholdOf(id, signs), id).toMatch(/[0-9]|one|majority/);
    expect(event.length, id).toBeLessThan(80);
  }
  const events = [...Object.values(table), ...always].map(({ event }) => event);
  expect(new Set(events).size).toBe(events.length);
});

test('by default only what no single node, and no stranger, can bring about freezes', () => {
  const frozen = Object.entries(Signs.parse({})).filter(([, { action }]) => action === 'freeze');
  expect(frozen.map(([id]) => id)).toEqual(['balanceFalls', 'repeatedNonce']);
});

test.each([
  [{ shareDrained: { shareBps: 0 } }, 'shareDrained.shareBps'],
  [{ shareDrained: { shareBps: 10_001 } }, 'shareDrained.shareBps'],
  [{ shareDrained: { action: 'ignore' } }, 'shareDrained.action'],
  [{ gas: { units: 1 } }, 'gas.units'],
  [{ gas: { hours: 49 } }, 'gas.hours'],
  [{ anotherChain: { genesis: 'x' } }, 'anotherChain.genesis'],
])('%j is refused, by its field', (signs, field) => {
  const read = Signs.safeParse(signs);
  expect(read.error?.issues[0]?.path.join('.')).toBe(field);
});

test('a sign that there is none of is refused', () => {
  expect(Signs.safeParse({ shareDraind: {} }).success).toBe(false);
});
