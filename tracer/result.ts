/** Result: where the money is, of every account that taint reached. */
import type { State, Sums } from './state.ts';
import { cell } from './table.ts';
import type { Tag } from './tag.ts';

export interface Place {
  readonly account: string;
  readonly asset: string;
  /** `presumed`: nobody tags it, but it lives from money that the case does not show, so the trail ends there. */
  readonly kind: 'source' | 'account' | 'service' | 'presumed';
  readonly tag: Tag | null;
  /** Taint that arrived, that began here, that left again, and that lies here; at a service nothing lies, it has ended. */
  readonly received: bigint;
  /** What a source had stolen, what a rise of the price added; under poison, what it made tainted of clean money. */
  readonly added: bigint;
  readonly passed: bigint;
  readonly held: bigint;
  /** Transaction that brought the account its first taint. Null for a source that none came back to. */
  readonly reachedBy: string | null;
}

export interface Result {
  readonly sums: readonly ({ readonly asset: string } & Readonly<Sums>)[];
  readonly places: readonly Place[];
}

export function resultOf(state: State): Result {
  const { table, services } = state.of;
  const places: Place[] = [];
  for (const [slot, flow] of state.flows.entries()) {
    const [account, asset] = [cell(table.slotAccount, slot), cell(table.slotAsset, slot)];
    const holding = state.holdings[slot];
    if (flow.taintReceived === 0n && flow.taintSent === 0n && (holding?.taint ?? 0n) === 0n) continue;
    const kind = kindOf(state, account);
    const first = state.reachedBy[account] ?? -1;
    const ended = kind === 'service' || kind === 'presumed';
    const held = ended ? 0n : (holding?.taint ?? 0n);
    places.push({
      account: table.accounts[account] ?? '',
      asset: table.assets[asset] ?? '',
      kind,
      tag: services.get(account) ?? null,
      received: flow.taintReceived,
      added: ended ? 0n : state.rule.conserves ? flow.added : held + flow.taintSent - flow.taintReceived,
      passed: flow.taintSent,
      held,
      reachedBy: first < 0 ? null : (table.txs[cell(table.tx, first)] ?? null),
    });
  }
  return {
    sums: state.sums.map((sums, asset) => ({ asset: table.assets[asset] ?? '', ...sums })),
    places,
  };
}

function kindOf(state: State, account: number): Place['kind'] {
  if (state.of.sources.has(account)) return 'source';
  if (state.of.services.has(account)) return 'service';
  return state.presumed[account] === 1 ? 'presumed' : 'account';
}
