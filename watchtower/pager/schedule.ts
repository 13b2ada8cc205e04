/** The week: whose turn it is, and when something of every day or week was last due. Times: milliseconds of Unix time. */
import { weekdays, type PagerConfig } from './config.ts';

const minute = 60_000;
const day = 86_400_000;
const week = 7 * day;
/** 1970-01-05 was a Monday. */
const firstMonday = 4 * day;

type Moment = { readonly weekday: (typeof weekdays)[number]; readonly at: string };

function zoneMs(zone: string): number {
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minute;
}

function timeMs(at: string): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  return (hours * 60 + minutes) * minute;
}

/** The newest moment of this time of day that is not after `now`. */
export function lastDaily(zone: string, at: string, now: number): number {
  const shift = timeMs(at) - zoneMs(zone);
  return Math.floor((now - shift) / day) * day + shift;
}

/** The newest moment of this weekday and time that is not after `now`. */
export function lastWeekly(zone: string, { weekday, at }: Moment, now: number): number {
  const shift = firstMonday + weekdays.indexOf(weekday) * day + timeMs(at) - zoneMs(zone);
  return Math.floor((now - shift) / week) * week + shift;
}

export function nextWeekly(zone: string, moment: Moment, now: number): number {
  return lastWeekly(zone, moment, now) + week;
}

/** Who is on call. */
export function onCall({ zone, schedule }: Pick<PagerConfig, 'zone' | 'schedule'>, now: number): string {
  const { first, handovers, rotation } = schedule;
  const count = (at: number) =>
    handovers.reduce((sum, moment) => {
      const last = lastWeekly(zone, moment, at);
      return sum + Math.round((last - lastWeekly(zone, moment, 0)) / week);
    }, 0);
  const firstDayEnds = Date.parse(`${first}T00:00:00Z`) - zoneMs(zone) + day - 1;
  const turns = count(now) - count(firstDayEnds);
  const index = ((turns % rotation.length) + rotation.length) % rotation.length;
  return rotation[index] ?? '';
}
