/** What a drill came to, as it is kept and printed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPages } from '@kuramori/watchtower/pager';
import type { House } from '../../house/house.ts';
import { towerNames } from '../../house/plan.ts';
import { verdictOf, type Verdict } from '../run-row.ts';
import type { Defence } from './defences.ts';
import type { EthereumDrill, Kind, LitecoinDrill } from './drill.ts';

export interface Result {
  readonly id: string;
  readonly drill: string;
  readonly kind: Kind;
  /** The defence that was switched off; null where all stood. */
  readonly without: Defence | null;
  readonly verdict: Verdict;
  /** Of what was hot when he came, and of everything: what he has, and what he destroyed. Between 0 and 1. */
  readonly stolenShareOfWallet: number;
  readonly stolenShareOfAll: number;
  /** XEM; null on another chain, where the notes say what was taken. */
  readonly stolenXem: string | null;
  /** Wall clock, from the node's acceptance of the first bad transaction; null where it did not happen. */
  readonly firstAlarmMs: number | null;
  readonly signersRefusingMs: number | null;
  readonly evacuatedShare: number;
  readonly pages: number;
  /** Freezes that no theft was behind, and that nobody undid for good. */
  readonly falseFreezes: number;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Pages that the watchtowers' word opened and somebody must answer; not the pager's own tests, of which driven time makes one a day. */
export function pagesOf({ plan, deed }: House): number {
  const file = join(plan.folder, 'pager', 'pages.jsonl');
  if (!existsSync(file)) return 0;
  const towers: readonly string[] = towerNames(deed.watchtowerKeys.length);
  return readPages(file).pages.filter(
    ({ needs, sources }) => needs === 'answer' && sources.some(({ source }) => towers.includes(source)),
  ).length;
}

/** To the millionth. */
export function share(part: bigint, whole: bigint): number {
  return Number((part * 1_000_000n) / whole) / 1_000_000;
}

/** What a drill on a real node left, in units or in yen. */
export interface Left {
  /** What the thief has, and what he burnt of ours for it. */
  readonly lost: bigint;
  readonly evacuated: bigint;
  readonly hot: bigint;
  readonly whole: bigint;
  readonly firstAlarmMs: number | null;
  readonly signingStoppedMs: number | null;
}

export function resultOn(
  { id, name, kind }: Pick<EthereumDrill | LitecoinDrill, 'id' | 'name' | 'kind'>,
  without: Defence | null,
  { lost, evacuated, hot, whole, firstAlarmMs, signingStoppedMs }: Left,
  house: House,
  notes: readonly string[],
  began: number,
): Result {
  return {
    id,
    drill: name,
    kind,
    without,
    verdict: verdictOf(lost, whole),
    stolenShareOfWallet: share(lost, hot),
    stolenShareOfAll: share(lost, whole),
    stolenXem: null,
    firstAlarmMs,
    signersRefusingMs: signingStoppedMs,
    evacuatedShare: share(evacuated, hot),
    pages: pagesOf(house),
    falseFreezes: 0,
    notes,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}
