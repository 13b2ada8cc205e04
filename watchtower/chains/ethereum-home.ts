/**
 * Home on EVM chains: the coin and every token that the policy has a rule for, one execution of the Safe each, with its next
 * numbers, signed and sent at once. Which of them goes with which number is the race's to say. What lost its number is planned anew. A relayer pays for the gas: any of several, since one
 * may be dead or taken, and else anybody who is told the bytes.
 */
import { ETH, everyKey, type Asset, type EthereumWallet, type Network } from '@kuramori/core';
import type { Where } from '@kuramori/chains/http';
import {
  combine,
  meaningOf,
  planPayment,
  readPlan,
  safeHash,
  tokenAsset,
  type Bound,
  type Planned,
} from '@kuramori/chains/ethereum/codec';
import type { SafeAt } from '@kuramori/chains/ethereum/node';
import type { Homeward, Homing, Sent } from '../eye.ts';
import { carry, isLate, type Signed } from './ethereum-carry.ts';
import { choose, type Move, type Ours } from './ethereum-race.ts';

/** A relayer that has it is asked again so often whether that is still so. Milliseconds. */
const askAgainMs = 2_000;
/** What would not move, a token that is paused, say, is left so long: it must not stand before what does, nor fill journals. */
const leftMs = 10_000;

/** So long after another watchtower's newest one is seen, those behind it in the policy leave the rest to it. */
const turnMs = 1_500;

export interface HomeParts {
  readonly network: Network;
  readonly relayers: readonly Where[];
  /** How long what goes home stands behind a payment that is owed and waits. */
  readonly owedMs: number;
  /** So long after it was signed people are told of what no block has, whatever relayers say. */
  readonly lateMs: number;
  /** Milliseconds of Unix time. */
  readonly now: () => number;
}

/** An execution of the Safe that waits in a node's pool. */
export interface WaitingExecution {
  readonly bound: Bound;
  readonly hash: string;
  /** Whether a record of ours covers each signature on it. */
  readonly covered: boolean;
  /** Whether every node shows it. */
  readonly everywhere: boolean;
}

/** What of a wallet there is, at one moment. */
export interface AtHome {
  readonly safe: SafeAt;
  /** What it has of an asset after the same block; a text says why that cannot be told. */
  readonly units: (asset: Asset) => Promise<bigint | string>;
  readonly waits: readonly WaitingExecution[];
  /** Whether an execution is in a block of every node, whatever became of it there. */
  readonly isMined: (hash: string) => boolean;
  /** Whether some node has it that the plan was executed. */
  readonly isDone: (plan: string) => boolean;
}

export interface EthereumHome {
  readonly plan: (asked: Homing & { readonly wallet: EthereumWallet }, found: AtHome) => Promise<Homeward>;
}

export function openEthereumHome({ network, relayers, owedMs, lateMs, now }: HomeParts): EthereumHome {
  let underWay: readonly Signed[] = [];
  /** Safe, asset and number → how often that was planned: no signer signs the same bytes for another intent. */
  const planned = new Map<string, bigint>();
  /** Executions of others that records cover, by their hashes → since when we know them (this machine's monotonic time, ms). */
  const since = new Map<string, number>();
  /** Safe → at how many numbers somebody was quicker, or paid more for gas, in the newest block that had ours: he may be so again. */
  const outrun = new Map<string, number>();
  /** Safe and asset → until when it is left (this machine's monotonic time, ms). */
  const left = new Map<string, number>();

  /** What is still to come of a Safe's: without what its number was used up for, and what has failed or would. */
  async function stillComing(
    { address }: EthereumWallet,
    { safe, units, isMined, isDone }: AtHome,
  ): Promise<readonly Signed[]> {
    const here = underWay.filter((one) => one.wallet.address === address);
    const kept: Signed[] = [];
    let lost = 0;
    for (const one of here) {
      const used = one.number < safe.nonce;
      if (!used && one.taken && performance.now() - one.askedAt > askAgainMs)
        await carry(relayers, one, lateMs);
      const mined = isMined(one.hash);
      if (!used && !mined && !one.hopeless) {
        kept.push(one);
        continue;
      }
      // It is in a block, and failed there, where somebody's with its number came first in the same one.
      const beaten = used && !isDone(one.plan);
      if (beaten) lost += 1;
      // Its number went to another: planned anew, it may pass. What stood behind that and failed, too.
      if (beaten || one.number > safe.nonce) continue;
      const has = await units(one.asset);
      // It was its turn, and nothing has left, or could not: the asset itself does not move, whatever its contract answers.
      if (typeof has === 'string' || has >= (used ? one.had : one.units))
        left.set(`${address} ${one.asset}`, performance.now() + leftMs);
    }
    if (here.some(({ number }) => number < safe.nonce)) outrun.set(address, lost);
    underWay = [...underWay.filter((one) => one.wallet.address !== address), ...kept];
    return kept;
  }

  function waitedMs(hash: string): number {
    const began = since.get(hash) ?? performance.now();
    since.set(hash, began);
    return performance.now() - began;
  }

  return {
    async plan({ wallet, home, keys, worth, rank }, found) {
      const { safe, units: unitsOf, waits } = found;
      const coming = await stillComing(wallet, found);
      const mine = new Set(coming.map(({ hash }) => hash));
      const others = waits.filter(({ hash }) => !mine.has(hash));
      const theirs = others.filter((one) => goesTo(home, one) && waitedMs(one.hash) < owedMs);
      if (rank > 0 && theirs.some(({ hash }) => waitedMs(hash) < turnMs))
        return { kind: 'refused', why: 'another watchtower is sending home' };
      const { number: first, owed } = owedFirst(
        others.filter((one) => !theirs.includes(one)),
        safe.nonce,
        (hash) => waitedMs(hash) < owedMs,
      );
      const ours = [...coming, ...theirs.flatMap(({ bound }) => numbered(bound))];
      let number = first;
      while (ours.some((one) => one.number === number)) number += 1n;
      const held = await Promise.all(worth.map(async (one) => ({ ...one, units: await unitsOf(one.asset) })));
      const free = held.flatMap((one) => {
        if (typeof one.units === 'string') return [];
        const units = one.units - (owed.get(one.asset) ?? 0n);
        return units > 0n ? { ...one, units } : [];
      });
      const stays = free.filter(
        ({ asset }) => performance.now() <= (left.get(`${wallet.address} ${asset}`) ?? 0),
      );
      const next = choose(
        free.filter((one) => !stays.includes(one)),
        {
          number,
          first,
          rivals: rivalsOf(others, first),
          ours,
          lost: outrun.get(wallet.address) ?? 0,
        },
      );
      const late = coming.find((one) => !one.told && isLate(one, lateMs));
      const again = late ?? (next ? undefined : coming.find(({ taken }) => !taken));
      if (again) {
        const { asset, units, plan } = again;
        return { kind: 'signed', asset, units, fees: 0n, plan, send: () => carry(relayers, again, lateMs) };
      }
      if (!next) {
        const why = [
          ...held.flatMap(({ units }) => (typeof units === 'string' ? units : [])),
          ...stays.map(({ asset, units }) => `${units} units of ${asset} did not move: left for a moment`),
        ];
        return why.length > 0 ? { kind: 'refused', why: why.join('; ') } : { kind: 'nothing-left' };
      }
      const { asset } = next;
      const had = free.find((one) => one.asset === asset)?.units ?? 0n;
      const tries = planned.get(keyOf(wallet, asset, number)) ?? 0n;
      const units = next.units > tries ? next.units - tries : next.units + tries;
      const made = planPayment({ wallet, network, nonce: number, keys, asset, recipient: home, units });
      if (made.kind === 'refused') return { kind: 'refused', why: `${made.field}: ${made.why}` };
      const key = keyOf(wallet, asset, number);
      planned.set(key, (planned.get(key) ?? 0n) + 1n);
      const { plan, shares } = made.planned;
      return {
        kind: 'planned',
        asset,
        plan,
        shares,
        units,
        fees: 0n,
        // Nothing of it ever ends by time: an hour for the signers to say yes.
        expiry: Math.floor(now() / 1000) + 3600,
        previous: [],
        more: true,
        send: (signatures) => send(wallet, { asset, units, had, number }, made.planned, signatures),
      };
    },
  };

  async function send(
    wallet: EthereumWallet,
    what: Pick<Signed, 'asset' | 'units' | 'had' | 'number'>,
    { plan }: Planned,
    signatures: ReadonlyMap<string, string>,
  ): Promise<Sent> {
    const combined = combine({ ...wallet, cosigners: everyKey(wallet) }, plan, signatures);
    if (combined.kind === 'refused') return { kind: 'refused', why: `${combined.key} ${combined.why}` };
    const read = readPlan(plan);
    if (read.kind === 'refused') throw new Error(`our own plan: ${read.why}`);
    const hash = safeHash(read.bound);
    const one: Signed = {
      ...what,
      wallet,
      plan,
      hash,
      calldata: combined.calldata,
      taken: false,
      hopeless: false,
      askedAt: 0,
      signedAt: performance.now(),
      told: false,
    };
    underWay = [...underWay, one];
    return carry(relayers, one, lateMs);
  }
}

/**
 * The first number that is not owed to somebody: payments that records cover and every node shows are never raced, and what they
 * move is theirs. Where a thief has something with the same number it is raced all the same: else he may be first. So it is where
 * it has waited for long, held up by whoever sent it, say: it is planned anew once people have looked.
 */
function owedFirst(
  waits: readonly WaitingExecution[],
  next: bigint,
  isPatient: (hash: string) => boolean,
): { readonly number: bigint; readonly owed: ReadonlyMap<Asset, bigint> } {
  const owed = new Map<Asset, bigint>();
  for (let number = next; ; number += 1n) {
    const here = waits.filter(({ bound }) => bound.tx.nonce === number);
    const payment = here.find(({ covered, everywhere }) => covered && everywhere);
    if (!payment || here.some(({ covered }) => !covered) || !isPatient(payment.hash)) return { number, owed };
    const moved = movedBy(payment.bound);
    if (moved) owed.set(moved.asset, (owed.get(moved.asset) ?? 0n) + moved.units);
  }
}

/** Whether it is another watchtower's, or custody's own: covered, for the pinned cold address, and known to every node. */
function goesTo(home: string, { bound, covered, everywhere }: WaitingExecution): boolean {
  const meaning = meaningOf(bound);
  return (
    covered && everywhere && (meaning.kind === 'coins' || meaning.kind === 'token') && meaning.to === home
  );
}

function numbered(bound: Bound): readonly Ours[] {
  const moved = movedBy(bound);
  return moved ? [{ ...moved, number: bound.tx.nonce }] : [];
}

/** What others have waiting that no record covers. Of several with one number whichever takes the most. */
function rivalsOf(waits: readonly WaitingExecution[], first: bigint): ReadonlyMap<bigint, Move | null> {
  const rivals = new Map<bigint, Move | null>();
  for (const { bound, covered } of waits) {
    const { nonce } = bound.tx;
    if (covered || nonce < first) continue;
    const [moved, before] = [movedBy(bound) ?? null, rivals.get(nonce) ?? null];
    rivals.set(nonce, before && (!moved || moved.units < before.units) ? before : moved);
  }
  return rivals;
}

function movedBy(bound: Bound): Move | undefined {
  const meaning = meaningOf(bound);
  if (meaning.kind === 'coins') return { asset: ETH, units: meaning.units };
  return meaning.kind === 'token' ? { asset: tokenAsset(meaning.token), units: meaning.units } : undefined;
}

function keyOf({ address }: EthereumWallet, asset: Asset, number: bigint): string {
  return `${address} ${asset} ${number}`;
}
