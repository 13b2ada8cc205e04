/** One row: a house with these defences is built, the thief comes, and what is left is read from the chain and the incident. */
import type { House } from '../house/house.ts';
import { usualRule, type HousePlan } from '../house/plan.ts';
import { attacks } from './attacks.ts';
import type { RowPlan } from './rows.ts';
import { setStage, type Measured } from './stage.ts';
import type { Theft } from './theft.ts';

export type Verdict = 'stopped' | 'bounded' | 'missed';

export interface Row extends Measured {
  readonly attack: string;
  readonly defences: readonly string[];
  readonly verdict: Verdict;
}

export interface RowOptions {
  readonly folder: string;
  readonly step: (text: string) => void;
  /** Changes to the house, for tests that show that the rows come out of it. */
  readonly change?: {
    readonly rule?: HousePlan['rule'];
    /** Runs when the house stands, before the thief comes. */
    readonly before?: (house: House) => Promise<void>;
  };
}

/** Half an hour before the first transfer: time for the wallets to be made. */
const before = 30 * 60_000;
/** What the limit of a hot wallet leaves out of the cold: 5 % (Cabinet Office Order 7/2017 art. 27). */
export const hotShare = { of: 20n };
/** The fees of the eleven transfers: 0.05 + 10 × 1.25 XEM. */
const theftFees = 12_550_000n;

/** What Coincheck's wallet held: what was stolen, and the fees of taking it. Micro-XEM. */
export const wholeOf = ({ total }: Theft) => total + theftFees;

export async function runRow({ attack, defences }: RowPlan, theft: Theft, options: RowOptions): Promise<Row> {
  const has = (defence: string) => (defences as readonly string[]).includes(defence);
  const whole = wholeOf(theft);
  const hot = has('cold') ? whole / hotShare.of : whole;
  await using stage = await setStage({
    folder: options.folder,
    step: options.step,
    begins: (theft.transfers[0]?.at ?? 0) - before,
    hot,
    cold: whole - hot,
    wallet: has('multisig') ? 'multisig' : 'single-key',
    plan: {
      rule: options.change?.rule ?? usualRule,
      watchtower: has('watchtower'),
      custody: has('judging'),
    },
  });
  await options.change?.before?.(stage.house);
  options.step(`the thief comes: ${attack} against ${defences.join(' + ') || 'nothing'}`);
  stage.purse(theft.thief);
  await attacks[attack]({ ...stage, theft });
  const measured = await stage.measure();
  const { stolen, burnt } = measured;
  return { attack, defences, ...measured, verdict: verdictOf(stolen + burnt, whole) };
}

/** Stopped: nothing was stolen or burnt. Bounded: at most what a hot wallet may hold, 5 % of everything. Missed: more. */
export function verdictOf(stolen: bigint, whole: bigint): Verdict {
  if (stolen === 0n) return 'stopped';
  return stolen * hotShare.of <= whole ? 'bounded' : 'missed';
}
