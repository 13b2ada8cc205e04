/** Usual hours: when people work, so that a key or a login of theirs is no surprise. What is outside of them belongs to a night. */
import { z } from 'zod';

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const timeOfDay = z
  .string()
  .regex(/^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'must be a time of day, as 08:00, and at most 24:00');

/** Fields of a configuration. */
export const usualHours = {
  /** By its name, since an offset from UTC is another one in summer. */
  zone: z
    .string()
    .refine(isZone, 'must be a time zone by its IANA name, as Asia/Tokyo')
    .default('Asia/Tokyo'),
  /** From this time of day until before that one, past midnight where it is the earlier one; both alike: the whole day. */
  from: timeOfDay.default('08:00'),
  to: timeOfDay.default('22:00'),
  /** The days on which they begin. */
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .default([...weekdays]),
  /** Dates on which nobody works, whatever the day. */
  holidays: z.array(z.iso.date('must be a date, as 2026-12-31')).max(1_000).default([]),
};
const UsualHours = z.strictObject(usualHours);
export type UsualHours = z.infer<typeof UsualHours>;

/** A whole day, in minutes. */
const dayLong = 1_440;

/** Null within the usual hours; else the night that a moment (milliseconds of Unix time) belongs to: the date of the working day before its end. */
export function nightOf({ zone, from, to, days, holidays }: UsualHours, at: number): string | null {
  const { date, minute } = localAt(zone, at);
  const begins = minutesOf(from) % dayLong;
  const passed = (minute - begins + dayLong) % dayLong;
  const long = (minutesOf(to) - begins + dayLong) % dayLong || dayLong;
  // Until work begins it is still the day before: its night, or its late shift.
  const workday = minute < begins ? dayBefore(date) : date;
  const works = days.includes(weekdayOf(workday)) && !holidays.includes(workday);
  return works && passed < long ? null : workday;
}

/** As people of that zone write it, to the minute. */
export function localTime(zone: string, at: number): string {
  const { date, minute } = localAt(zone, at);
  const two = (count: number) => String(count).padStart(2, '0');
  return `${date} ${two(Math.floor(minute / 60))}:${two(minute % 60)} ${zone}`;
}

export function hoursText({ zone, from, to, days, holidays }: UsualHours): string {
  const on = days.length === weekdays.length ? 'every day' : days.join(', ');
  return `${from} to ${to} ${zone}, ${on}${holidays.length === 0 ? '' : ` (holidays: ${holidays.length})`}`;
}

function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

function localAt(zone: string, at: number): { readonly date: string; readonly minute: number } {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Dates alone: a day of a calendar has 24 hours, whatever clocks do. */
function dayBefore(date: string): string {
  return new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
}

function weekdayOf(date: string): (typeof weekdays)[number] {
  return weekdays[new Date(date).getUTCDay()] ?? 'sun';
}
