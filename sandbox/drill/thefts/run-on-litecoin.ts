/** Runs one drill against wallets on Litecoin, with all its defences or without one, and says what it came to. */
import { formatAmount, LTC, parseAmount } from '@kuramori/core';
import { setLitecoinStage, type LitecoinMeasured } from '../litecoin/stage.ts';
import { hotShare } from '../run-row.ts';
import { boundlessOnLitecoin, defences, usualOnLitecoin, type Defence } from './defences.ts';
import type { LitecoinDrill } from './drill.ts';
import { resultOn, type Result } from './result.ts';

/** What a regtest's first blocks leave to spend, and in how many coins the hot wallet holds its part. */
const whole = parseAmount('2000', LTC);
const coins = 20;

export async function runOnLitecoin(
  drill: LitecoinDrill,
  without: Defence | null,
  folder: string,
  say: (text: string) => void,
): Promise<Result> {
  const began = performance.now();
  const has = (defence: Defence) => defence !== without;
  const hot = has('cold') ? whole / hotShare.of : whole;
  const notes: string[] = [];
  const watched = has('watchtower');
  await using stage = await setLitecoinStage({
    folder,
    step: say,
    hot,
    cold: whole - hot,
    coins,
    // What a thief takes of custody is its place before the signers: it need not run for that.
    plan: {
      towers: 3,
      evacuates: has('evacuation'),
      litecoinRule: has('limits') ? usualOnLitecoin : boundlessOnLitecoin,
      loosening: has('keepers') ? 24 * 3600 : 0,
      watchtower: watched,
      pager: watched,
      custody: false,
      ...drill.plan,
    },
  });
  say(`the thief comes${without === null ? '' : `, and ${defences[without].split(';')[0]}`}`);
  const note = (text: string) => {
    notes.push(text);
    say(text);
  };
  await drill.attack({ ...stage, has, step: say, note });
  const measured = await stage.measure();
  if (measured.taken > 0) note(taken(measured));
  const left = { ...measured, lost: measured.stolen + measured.fees };
  return resultOn(drill, without, left, stage.house, notes, began);
}

function taken({ taken: sent, through, stolen, fees }: LitecoinMeasured): string {
  const paid = fees === 0n ? '' : `, for ${formatAmount(fees, LTC)} in fees`;
  return `${through} of the ${sent} transactions that his node took are in blocks; ${formatAmount(stolen, LTC)} LTC are his${paid}`;
}
