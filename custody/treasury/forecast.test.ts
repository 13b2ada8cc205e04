/** What is expected: never less than the day or the week brought, and each hour as the same hour was. */
import { array, assert, bigInt, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { forecast, outflowAnHour, type Flow } from './flow.ts';
import { lastMoment } from './price.ts';

const week = 168;
const empty = () => Array.from({ length: week }, () => 0n);
const now = Date.UTC(2026, 0, 26, 3);

it('a rush of today counts today, and a quiet day does not empty the wallet for tomorrow', () => {
  const rush = empty();
  rush[0] = 2_400n;
  expect(outflowAnHour({ out: rush, in: empty(), hours: week })).toBe(100n);
  const quiet = empty().map((_, ago) => (ago < 24 ? 0n : 70n));
  expect(outflowAnHour({ out: quiet, in: empty(), hours: week })).toBe(60n);
});

it('a house of an hour ago is not thinned out over a week that it was not there', () => {
  const first = empty();
  first[0] = 500n;
  expect(outflowAnHour({ out: first, in: empty(), hours: 1 })).toBe(500n);
});

it('the expected outflow is never below the mean of the day or of the week', () => {
  const flow = array(bigInt({ min: 0n, max: 10n ** 15n }), { minLength: week, maxLength: week });
  assert(
    property(flow, integer({ min: 24, max: week }), (out, hours) => {
      const all = out.map((one, ago) => (ago < hours ? one : 0n));
      const sum = (window: number) => all.slice(0, window).reduce((total, one) => total + one, 0n);
      const told = outflowAnHour({ out: all, in: empty(), hours });
      expect(told * 24n).toBeGreaterThanOrEqual(sum(24));
      expect(told * BigInt(hours)).toBeGreaterThanOrEqual(sum(week));
    }),
  );
});

it('each hour as the same hour of the days before was, and what is then left', () => {
  // Every evening, between 19 and 20 hours before `now`'s hour of the day, 700 leave; every morning 300 come.
  const out = empty().map((_, ago) => (ago % 24 === 19 ? 700n : 0n));
  const came = empty().map((_, ago) => (ago % 24 === 2 ? 300n : 0n));
  const told = forecast({ out, in: came, hours: week }, 500n, now, 24);
  // 19 to 20 hours ago is, of tomorrow, 4 to 5 hours from now.
  expect(told.map((hour) => hour.out).indexOf(700n)).toBe(4);
  expect(told.map((hour) => hour.in).indexOf(300n)).toBe(21);
  expect(told[3]).toEqual({ from: now + 3 * 3_600_000, out: 0n, in: 0n, left: 500n });
  expect(told[4]?.left).toBe(-200n);
  expect(told.at(-1)?.left).toBe(100n);
});

it('before a day is known, as all hours were', () => {
  const flow: Flow = { out: [6n, 4n, ...empty().slice(2)], in: empty(), hours: 2 };
  expect(forecast(flow, 12n, now, 3).map(({ left }) => left)).toEqual([7n, 2n, -3n]);
});

it('the set moment is the newest one that is past, by its own clock', () => {
  const tokyo = { time: '15:00', offset: '+09:00' };
  const at = (hour: number, minute = 0) => Date.UTC(2026, 0, 26, hour, minute);
  expect(lastMoment(tokyo, at(6))).toBe(at(6));
  expect(lastMoment(tokyo, at(5, 59))).toBe(at(6) - 86_400_000);
  expect(lastMoment({ time: '00:30', offset: '-03:30' }, at(4, 1))).toBe(at(4));
  expect(lastMoment({ time: '00:30', offset: '+14:00' }, at(12))).toBe(at(10, 30));
});
