/** Unexplained: what leaves a Safe or changes in it by nothing that its owners signed: a module, a delegatecall, other code, a token that takes. */
import { ETH, type Asset } from '@kuramori/core';
import { meaningOf, tokenAsset, tokenOf, type Address } from '../codec/index.ts';
import type { SeenExecution, Told } from './executed.ts';
import type { Ours } from './ours.ts';
import type { Move, SeenChange } from './seen.ts';

/** In sentences; none where every spend and change is what an execution in the same transaction means. */
export function unexplainedIn(
  executions: readonly SeenExecution[],
  moves: readonly Move[],
  changes: readonly SeenChange[],
  told: readonly Told[],
  ours: Ours,
): readonly string[] {
  return [
    ...outflows(executions, moves),
    ...strayed(moves, ours),
    ...changed(executions, changes),
    ...unheralded(executions, told),
  ];
}

interface Flow {
  readonly wallet: string;
  readonly asset: Asset;
  /** Null: the token itself, or nobody, which is how tokens keep a part of what is sent. */
  readonly to: Address | null;
  units: bigint;
}

/** What leaves each Safe goes where its executions send it, and no more: code that is not SafeL2's can tell of an old payment. */
function outflows(executions: readonly SeenExecution[], moves: readonly Move[]): readonly string[] {
  const left = new Map<string, Flow>();
  const flow = (wallet: string, asset: Asset, to: Address | null, units: bigint): void => {
    const key = `${wallet} ${asset} ${to}`;
    const before = left.get(key);
    if (before) before.units += units;
    else left.set(key, { wallet, asset, to, units });
  };
  for (const { wallet, asset, units, way, salt, other } of moves)
    if (way === 'out' && salt === null) flow(wallet, asset, kept(asset, other) ? null : other, units);
  for (const { wallet, bound, outcome } of executions) {
    const meaning = meaningOf(bound);
    if (outcome !== 'done' || (meaning.kind !== 'coins' && meaning.kind !== 'token')) continue;
    const asset = meaning.kind === 'coins' ? ETH : tokenAsset(meaning.token);
    flow(wallet, asset, meaning.to, -meaning.units);
  }
  const flows = [...left.values()];
  return flows
    .filter(({ wallet, asset, to, units }) => {
      if (to !== null) return units > 0n;
      // What a token keeps is of what the executions were to bring, and have not.
      const missing = flows
        .filter((one) => one.to !== null && one.wallet === wallet && one.asset === asset && one.units < 0n)
        .reduce((sum, one) => sum - one.units, 0n);
      return units > missing;
    })
    .map(
      ({ wallet, asset, to, units }) =>
        `${units} units of ${asset} leave ${wallet} for ${to ?? 'the token itself'} by no execution`,
    );
}

function kept(asset: Asset, to: Address): boolean {
  return asset !== ETH && (to === tokenOf(asset) || to === nobody);
}

const nobody = `0x${'0'.repeat(40)}`;

/** A forwarder pays its own Safe and nobody else: 0029. */
function strayed(moves: readonly Move[], ours: Ours): readonly string[] {
  return moves
    .filter(
      ({ way, salt, wallet, other }) =>
        way === 'out' && salt !== null && other !== ours.wallet(wallet).address,
    )
    .map(({ units, asset, address, other }) => `${units} units of ${asset} leave ${address} for ${other}`);
}

/** An owner is exchanged by a swap, which tells of both; nothing else changes for good. A Safe that is born tells of all it is. */
function changed(executions: readonly SeenExecution[], changes: readonly SeenChange[]): readonly string[] {
  const born = new Set(changes.filter(({ kind }) => kind === 'setup').map(({ wallet }) => wallet));
  const swaps = executions.flatMap(({ wallet, bound, outcome }) => {
    const meaning = meaningOf(bound);
    return outcome === 'done' && meaning.kind === 'swap' ? [{ wallet, ...meaning }] : [];
  });
  return changes
    .filter(({ wallet, kind, value }) => {
      if (born.has(wallet)) return false;
      return !swaps.some(
        (swap) =>
          swap.wallet === wallet &&
          ((kind === 'added-owner' && value === swap.add) ||
            (kind === 'removed-owner' && value === swap.remove)),
      );
    })
    .map(({ wallet, kind, value }) => `${wallet} tells of ${kind} ${value}, which no execution means`);
}

/** An outcome of what no event announced: another contract's code tells so, and not SafeL2's. */
function unheralded(executions: readonly SeenExecution[], told: readonly Told[]): readonly string[] {
  return told.flatMap(({ wallet, event }) =>
    event.kind === 'outcome' && !executions.some(({ hash }) => hash === event.hash)
      ? [`${wallet.id} tells that ${event.hash} was executed, and not what that is`]
      : [],
  );
}
