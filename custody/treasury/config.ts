/** How the treasury is run. What may be hot, and where sweeps may go, is the policy's: this only says how well it is used. */
import { AssetName, Units } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import { z } from 'zod';
import { Moment } from './price.ts';

const Percent = z.int().min(0).max(100);

export const TreasuryConfig = z.strictObject({
  /** Hours from asking the vaults until their coins can be paid out, on the worst day of the week. */
  refillHours: z.number().positive().max(720).default(24),
  /** What is taken to leave in an hour at least: for a house that has no history yet, or after a holiday. */
  leastOutflow: z.array(z.strictObject({ asset: AssetName, perHour: Units })).default([]),
  sweep: z
    .strictObject({
      /** So far above its limit a wallet may be before it is swept, in percent of the limit. */
      slack: Percent.default(10),
      /** Less is not worth the fee. */
      least: z.array(z.strictObject({ asset: AssetName, units: Units })).default([]),
    })
    .prefault({}),
  /** Below so much of its limit a wallet asks to be refilled, in percent of the limit. */
  refillBelow: Percent.default(50),
  prices: z
    .strictObject({
      /** Asked for prices by GET; null where the exchange tells them by POST /v1/prices. */
      url: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null),
      moment: Moment.default({ time: '15:00', offset: '+09:00' }),
      /** Older ones are none, and that is an alarm. */
      staleMinutes: z.int().positive().max(10_080).default(60),
    })
    .prefault({}),
  /** How often it is all looked at. */
  everySeconds: z.number().min(0.1).max(3600).default(60),
});
export type TreasuryConfig = z.infer<typeof TreasuryConfig>;

/** Throws a Misconfigured that names the field. */
export function checkFeed({ prices: { url } }: TreasuryConfig, devnet: boolean): void {
  if (url === null) return;
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'https:' && hostname !== '127.0.0.1' && !devnet)
    throw new Misconfigured('treasury.prices.url: must be https; http is for 127.0.0.1');
  if (username !== '' || password !== '')
    throw new Misconfigured('treasury.prices.url: must hold no password: it would stand in the logs');
}
