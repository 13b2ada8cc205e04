/** Unexplained: what leaves a Safe or changes in it by nothing that its owners signed: a module, a delegatecall, other code, a token that takes. */
import { ETH, type Asset } from '@kuramori/core';
import { meaningOf, tokenAsset } from '../codec/index.ts';
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

/** Of each Safe and asset, no more may leave than its executions pay. */
function outflows(executions: readonly SeenExecution[], moves: readonly Move[]): readonly string[] {
  const left = new Map<string, { readonly wallet: string; readonly asset: Asset; units: bigint }>();
  for (const { wallet, asset, units, way, salt } of moves) {
    if (way !== 'out' || salt !== null) continue;
    const key = `${wallet} ${asset}`;
    const before = left.get(key);
    if (before) before.units += units;
    else left.set(key, { wallet, asset, units });
  }
  for (const { wallet, bound, outcome } of executions) {
    const meaning = meaningOf(bound);
    if (outcome !== 'done' || (meaning.kind !== 'coins' && meaning.kind !== 'token')) continue;
    const asset = meaning.kind === 'coins' ? ETH : tokenAsset(meaning.token);
    const found = left.get(`${wallet} ${asset}`);
    if (found) found.units -= meaning.units;
  }
  return [...left.values()]
    .filter(({ units }) => units > 0n)
    .map(({ wallet, asset, units }) => `${units} units of ${asset} leave ${wallet} by no execution`);
}

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
