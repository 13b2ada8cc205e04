/** Nights by the clock on the wall of those who work: past midnight, on holidays, and when clocks are put forward and back. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { hoursText, localTime, nightOf, usualHours } from './hours.ts';

const Hours = z.strictObject(usualHours);
const night = (hours: z.input<typeof Hours>, at: string) => nightOf(Hours.parse(hours), Date.parse(at));

it.each([
  // Monday 26 January 2026, in Tokyo.
  ['2026-01-25T22:59:59Z', '2026-01-25'],
  ['2026-01-25T23:00:00Z', null],
  ['2026-01-26T12:59:59Z', null],
  ['2026-01-26T13:00:00Z', '2026-01-26'],
  ['2026-01-26T18:00:00Z', '2026-01-26'],
])('08:00 to 22:00 in Tokyo: %s', (at, expected) => expect(night({}, at)).toBe(expected));

it('one night has one name, before midnight and after it', () => {
  const names = ['2026-01-26T13:30:00Z', '2026-01-26T15:00:00Z', '2026-01-26T22:59:00Z'].map((at) =>
    night({}, at),
  );
  expect(new Set(names)).toEqual(new Set(['2026-01-26']));
});

it.each([
  ['Monday 21:59', '2026-01-26T21:59:00Z', '2026-01-25'],
  ['Monday 22:00', '2026-01-26T22:00:00Z', null],
  ['Tuesday 03:00, still Monday’s shift', '2026-01-27T03:00:00Z', null],
  ['Tuesday 06:00', '2026-01-27T06:00:00Z', '2026-01-26'],
  ['Saturday 03:00, Friday’s shift', '2026-01-31T03:00:00Z', null],
  ['Sunday 03:00, nobody’s shift', '2026-02-01T03:00:00Z', '2026-01-31'],
])('a shift past midnight, Monday to Friday: %s', (_what, at, expected) => {
  const shift = {
    zone: 'UTC',
    from: '22:00',
    to: '06:00',
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  } as const;
  expect(night({ ...shift, days: [...shift.days] }, at)).toBe(expected);
});

it('a holiday is a night all day long, and a weekend too', () => {
  const office = { holidays: ['2026-12-31'], days: ['mon', 'tue', 'wed', 'thu', 'fri'] } as const;
  const hours = { holidays: [...office.holidays], days: [...office.days] };
  expect(night(hours, '2026-12-30T03:00:00Z')).toBe(null);
  expect(night(hours, '2026-12-31T03:00:00Z')).toBe('2026-12-31');
  expect(night(hours, '2027-01-01T03:00:00Z')).toBe(null);
  expect(night(hours, '2027-01-02T03:00:00Z')).toBe('2027-01-02');
});

it('from and to alike, or 00:00 to 24:00: no hour is odd', () => {
  for (const hours of [
    { from: '00:00', to: '24:00' },
    { from: '09:00', to: '09:00' },
  ])
    for (let hour = 0; hour < 24; hour += 1)
      expect(nightOf(Hours.parse(hours), Date.UTC(2026, 0, 26, hour, 30))).toBe(null);
});

it.each([
  // Clocks go forward in the night to 29 March 2026, and back in the night to 25 October.
  ['the day before, 06:30', '2026-03-28T05:30:00Z', null],
  ['put forward: 06:30 comes an hour earlier', '2026-03-29T04:30:00Z', null],
  ['put forward: 20:30 too', '2026-03-29T18:30:00Z', '2026-03-29'],
  ['the hour that is not there', '2026-03-29T00:59:00Z', '2026-03-28'],
  ['and after it', '2026-03-29T01:00:00Z', '2026-03-28'],
  ['summer, 06:30', '2026-10-24T04:30:00Z', null],
  ['put back: the same moment is 05:30', '2026-10-25T04:30:00Z', '2026-10-24'],
  ['put back: 06:30', '2026-10-25T05:30:00Z', null],
  ['put back: 19:30', '2026-10-25T18:30:00Z', null],
  ['02:30 for the first time', '2026-10-25T00:30:00Z', '2026-10-24'],
  ['02:30 once more, the same night', '2026-10-25T01:30:00Z', '2026-10-24'],
])('06:00 to 20:00 in Berlin: %s', (_what, at, expected) =>
  expect(night({ zone: 'Europe/Berlin', from: '06:00', to: '20:00' }, at)).toBe(expected),
);

it('the hour is written as people there read it', () => {
  expect(localTime('Asia/Tokyo', Date.parse('2026-01-26T18:05:00Z'))).toBe('2026-01-27 03:05 Asia/Tokyo');
  expect(localTime('America/St_Johns', Date.parse('2026-01-01T00:00:00Z'))).toBe(
    '2025-12-31 20:30 America/St_Johns',
  );
  expect(hoursText(Hours.parse({ holidays: ['2026-12-31'] }))).toBe(
    '08:00 to 22:00 Asia/Tokyo, every day (holidays: 1)',
  );
});

it.each([
  ['zone', { zone: 'Asia/Edo' }],
  ['zone', { zone: '' }],
  ['from', { from: '8:00' }],
  ['to', { to: '24:01' }],
  ['days', { days: [] }],
  ['days.0', { days: ['monday'] }],
  ['holidays.0', { holidays: ['2026-02-30'] }],
])('%s that is none is named', (field, hours) => {
  const read = Hours.safeParse(hours);
  expect(read.error?.issues[0]?.path.join('.')).toBe(field);
});
