/**
 * Die at: where a process is killed on purpose, so that a crash there can be tried (`kuramori chaos`). The points are
 * diagnostics channels, which cost nothing while nobody listens: before and after every commit, write, send and answer.
 */
import { channel, subscribe } from 'node:diagnostics_channel';
import { Misconfigured } from './config.ts';

const points = ['commit', 'write', 'send', 'answer'] as const;
type Point = (typeof points)[number];
type Side = 'before' | 'after';

const channels = new Map(points.map((point) => [point, channel(nameOf(point))]));

/** Says that a process is before or after one of its points. */
export function reach(point: Point, side: Side): void {
  channels.get(point)?.publish(side);
}

/** The channel's name, for rooms that publish and import nothing. */
function nameOf(point: Point): string {
  return `kuramori:${point}`;
}

/** `--die-at=commit:before:17`: at the seventeenth time the process kills itself, without a word, as a crash does. */
export function dieAt(argument: string): void {
  const [, point, side, count] = /^--die-at=([a-z]+):(before|after):([1-9][0-9]{0,8})$/.exec(argument) ?? [];
  const known = points.find((one) => one === point);
  if (known === undefined)
    throw new Misconfigured(`${argument}: must be --die-at=<${points.join('|')}>:<before|after>:<count>`);
  let left = Number(count);
  subscribe(nameOf(known), (reached) => {
    if (reached === side && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
  });
}
