/** A thief with the same keys is the quicker one at whichever numbers of the Safe he likes: what ours move passes all the same. */
import {
  array,
  assert,
  bigInt,
  boolean,
  integer,
  option,
  pre,
  property,
  record,
  uniqueArray,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETH, type Asset } from '@kuramori/core';
import { choose, type Held, type Move, type Ours } from './chains/ethereum-race.ts';

const runs = Number(process.env['KURAMORI_ROUNDS'] ?? 400);
const assets = [ETH, ...['a', 'b', 'c', 'd'].map((name) => `ethereum:0x${name.repeat(40)}` as Asset)];

const units = array(bigInt({ min: 1n, max: 10_000n }), { minLength: 5, maxLength: 5 });
const values = array(bigInt({ min: 1n, max: 50n }), { minLength: 5, maxLength: 5 });
/** What he asks for with the first numbers: a part of an asset, in per mille, or nothing that leaves the Safe. */
const asked = array(
  option(record({ asset: integer({ min: 0, max: 4 }), part: bigInt({ min: 1n, max: 1_000n }) }), {
    freq: 6,
  }),
  { maxLength: 6 },
);

type Rivals = ReadonlyMap<bigint, Move | null>;

function heldOf(amounts: readonly bigint[], yen: readonly bigint[]): readonly Held[] {
  return assets.map((asset, at) => ({
    asset,
    units: amounts[at] ?? 1n,
    feeCap: 0n,
    value: { yen: yen[at] ?? 1n, per: 1n },
  }));
}

/** He asks for no more than there is: else it would fail, and leave the number to ours. */
function rivalsOf(
  held: readonly Held[],
  wanted: readonly ({ readonly asset: number; readonly part: bigint } | null)[],
): Rivals {
  const left = new Map(held.map((one) => [one.asset, one.units]));
  return new Map(
    wanted.map((one, at) => {
      const asset = one && assets[one.asset];
      const has = asset ? (left.get(asset) ?? 0n) : 0n;
      if (!one || !asset || has === 0n) return [BigInt(at), null] as const;
      const some = (has * one.part) / 1_000n || 1n;
      left.set(asset, has - some);
      return [BigInt(at), { asset, units: some }] as const;
    }),
  );
}

/** Number after number, until nothing more is sent before the block. */
function planned(
  held: readonly Held[],
  rivals: Rivals,
  lost = 0,
  before: readonly Ours[] = [],
): readonly Ours[] {
  const ours = [...before];
  for (;;) {
    const number = BigInt(ours.length);
    const move = choose(held, { number, first: 0n, rivals, ours, lost });
    if (!move) return ours;
    expect(move.units).toBeGreaterThan(0n);
    ours.push({ ...move, number });
    expect(ours.length).toBeLessThan(200);
  }
}

/** The block: at each number his or ours, as `wins` says, and the end where whoever is next would take more than there is. */
function played(
  held: readonly Held[],
  rivals: Rivals,
  ours: readonly Ours[],
  wins: (number: bigint) => boolean,
) {
  const left = new Map(held.map((one) => [one.asset, one.units]));
  const home = new Map<Asset, bigint>();
  const his = new Map<Asset, bigint>();
  let passed = 0;
  for (const { number, ...own } of ours) {
    const rival = rivals.get(number);
    // What would take more than there is fails, and leaves the number to the other.
    const could = !rival || rival.units <= (left.get(rival.asset) ?? 0n);
    const isHis = rival !== undefined && could && wins(number);
    const move = isHis ? rival : own;
    if (move) {
      const has = left.get(move.asset) ?? 0n;
      if (move.units > has) break;
      left.set(move.asset, has - move.units);
      const whose = isHis ? his : home;
      whose.set(move.asset, (whose.get(move.asset) ?? 0n) + move.units);
    }
    passed += 1;
  }
  return { passed, home, his, left };
}

/** By value, what he asks for, and what he does not. */
function worth(held: readonly Held[], of: (asset: Asset) => bigint): bigint {
  return held.reduce((sum, { asset, value }) => sum + (value?.yen ?? 0n) * of(asset), 0n);
}

describe('the race for the numbers of a Safe', () => {
  it('he asks for less than what is left, and wins whichever numbers: what is not his is home, but a 32nd part of the coins', () => {
    assert(
      property(
        units,
        values,
        asked,
        integer({ min: 0, max: 3 }),
        array(boolean(), { minLength: 6, maxLength: 6 }),
        (amounts, yen, wanted, lost, won) => {
          const held = heldOf(amounts, yen);
          const rivals = rivalsOf(held, wanted);
          const asks = (asset: Asset) =>
            [...rivals.values()].reduce((sum, one) => (one?.asset === asset ? sum + one.units : sum), 0n);
          const all = (asset: Asset) => held.find((one) => one.asset === asset)?.units ?? 0n;
          pre(worth(held, asks) * 2n <= worth(held, all));
          const ours = planned(held, rivals, lost);
          const { home, his, left } = played(held, rivals, ours, (number) => won[Number(number)] ?? false);
          // Where he moves nothing with a number, ours stakes a single unit on it.
          const staked = BigInt(rivals.size + lost);
          for (const { asset, units: had } of held) {
            const stays = left.get(asset) ?? 0n;
            expect(stays).toBeLessThanOrEqual((asset === ETH ? had / 32n : 0n) + staked);
            expect((home.get(asset) ?? 0n) + (his.get(asset) ?? 0n) + stays).toBe(had);
          }
        },
      ),
      { numRuns: runs },
    );
  });

  it('he asks for more, and wins whichever numbers: nothing fails before what stands there once more', () => {
    assert(
      property(
        units,
        values,
        asked,
        array(boolean(), { minLength: 6, maxLength: 6 }),
        (amounts, yen, wanted, won) => {
          const held = heldOf(amounts, yen);
          const rivals = rivalsOf(held, wanted);
          const ours = planned(held, rivals);
          const { passed } = played(held, rivals, ours, (number) => won[Number(number)] ?? false);
          const next = ours[passed];
          expect(!next || ours.slice(0, passed).some(({ asset }) => asset === next.asset)).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  });

  it('he comes when ours have their numbers, and takes the coin for gas: all whose numbers he takes passes behind him', () => {
    assert(
      property(
        units,
        values,
        uniqueArray(integer({ min: 0, max: 5 }), { maxLength: 4 }),
        (amounts, yen, numbers) => {
          const held = heldOf(amounts, yen);
          // The first that he asked for was seen, so ours keep a part of the coin for what he takes next.
          const first: Rivals = new Map([[0n, null]]);
          const before = planned(held, first);
          const gas = (held[0]?.units ?? 0n) / 32n / 8n;
          const rivals: Rivals = new Map([
            ...first,
            ...numbers.map((at) => [BigInt(at + 1), gas > 0n ? { asset: ETH, units: gas } : null] as const),
          ]);
          const { home } = played(held, rivals, planned(held, rivals, 0, before), () => true);
          for (const { asset, units: had } of held)
            if (asset !== ETH) expect(home.get(asset)).toBe(had);
            else expect((had - (home.get(asset) ?? 0n)) * 4n).toBeLessThanOrEqual(had);
        },
      ),
      { numRuns: runs },
    );
  });

  it('he asks for everything: with each number goes the most valuable that he has not asked for before', () => {
    const held = heldOf([100n, 7n, 9n, 5n, 3n], [1n, 50n, 1n, 1n, 1n]);
    const rivals: Rivals = new Map(
      held.map(({ asset, units: all }, at) => [BigInt(at), { asset, units: all }]),
    );
    const ours = planned(held, rivals);
    expect(ours.map(({ asset }) => asset)).toEqual(assets.slice(1));
  });

  it('he was quicker at two numbers of the last block, and shows nothing now: the two least valuable stand there', () => {
    const held = heldOf([100n, 7n, 9n, 5n, 3n], [1n, 50n, 2n, 1n, 1n]);
    const ours = planned(held, new Map(), 2);
    expect(ours.map(({ asset }) => asset)).toEqual([assets[4], assets[3], assets[1], ETH, assets[2]]);
    const [last] = held;
    if (!last) throw new Error('no coin');
    // Of the only one a unit each, and the rest behind.
    expect(planned([last], new Map(), 2).map(({ units: some }) => some)).toEqual([1n, 1n, 95n]);
  });

  it('he asks for each number that ours have, again and again: of each asset four stand there, no more', () => {
    const held = heldOf([100n, 7n, 9n, 5n, 3n], [1n, 50n, 2n, 1n, 1n]);
    const rivals = new Map<bigint, Move | null>();
    let ours: readonly Ours[] = [];
    for (let times = 0; times < 20; times += 1) {
      ours = planned(held, rivals, 0, ours);
      for (const { number } of ours) rivals.set(number, { asset: ETH, units: 0n });
    }
    for (const { asset } of held)
      expect(ours.filter((one) => one.asset === asset).length).toBeLessThanOrEqual(4);
  });
});
