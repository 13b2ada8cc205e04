/** Sight: what signers and watchtowers say of freezes, asked of all of them at once. Whoever is silent has said nothing. */
import {
  freezeDigest,
  freezeOf,
  signerRoutes,
  watchtowerRoutes,
  type Asset,
  type SignerStatus,
  type WatchtowerStatus,
} from '@kuramori/core';
import type { House } from '../house.ts';
import { pause } from '../pause.ts';

/** Of an asset: who said that it is frozen, by which freezes, and the first one's reason. */
export interface Frozen {
  readonly by: readonly string[];
  readonly freezes: readonly string[];
  readonly why: string;
}

export interface Sight {
  readonly frozen: ReadonlyMap<string, Frozen>;
  /** Everybody that answered. */
  readonly answered: readonly string[];
  /**
   * Whether as many signers answered as a payment takes, and as many watchtowers. With fewer no payment could leave, so
   * nothing is opened by their word; to ask for all would let one dead machine keep everything closed.
   */
  readonly enough: boolean;
}

export function assetsOf({ policy }: Pick<House, 'policy'>): readonly Asset[] {
  return [...new Set(policy.rules.map(({ asset }) => asset))].sort();
}

export function everybody({
  signers,
  watchtowers,
}: Pick<House, 'signers' | 'watchtowers'>): readonly string[] {
  return [...signers.keys(), ...watchtowers.map(({ key }) => key)];
}

export async function look(house: House): Promise<Sight> {
  const [signers, watchtowers] = await Promise.all([
    Promise.all(
      Array.from(house.signers, async ([who, at]) => {
        return { who, status: await soon(house.lines.ask(at, signerRoutes.status, {})) };
      }),
    ),
    Promise.all(
      house.watchtowers.map(async ({ key: who, at }) => {
        return { who, status: await soon(house.lines.ask(at, watchtowerRoutes.status, {})) };
      }),
    ),
  ]);
  const said = (all: readonly { readonly who: string; readonly status: { readonly kind: string } }[]) =>
    all.filter(({ status }) => status.kind === 'status').length;
  const told = [...signers, ...watchtowers].flatMap(({ who, status }) =>
    status.kind === 'status' ? { who, status } : [],
  );
  return {
    frozen: frozenIn(house, told),
    answered: told.map(({ who }) => who),
    enough:
      said(signers) >= Math.max(...house.branches.map(({ hot }) => hot.threshold)) &&
      said(watchtowers) >= house.policy.watchtowers.quorum,
  };
}

/** One that hangs must not keep us from hearing the others. ms */
const patienceMs = 1_000;

export async function soon<T>(answer: Promise<T>): Promise<T | { readonly kind: 'silent' }> {
  const over = new AbortController();
  const silent = pause(patienceMs, over.signal).then(() => ({ kind: 'silent' }) as const);
  try {
    return await Promise.race([answer, silent]);
  } finally {
    over.abort();
  }
}

function frozenIn(
  house: House,
  told: readonly {
    readonly who: string;
    readonly status: Pick<SignerStatus | WatchtowerStatus, 'freezes'>;
  }[],
): Sight['frozen'] {
  const frozen = new Map<string, Frozen>();
  for (const asset of assetsOf(house)) {
    const saying = told.filter(({ status }) => freezeOf(status.freezes, asset));
    const [first] = saying;
    if (!first) continue;
    const all = saying.flatMap(({ status }) => status.freezes.filter((one) => freezeOf([one], asset)));
    const why = `frozen: ${all[0]?.freeze.why ?? 'no reason is told'}`;
    frozen.set(asset, {
      why,
      by: saying.map(({ who }) => who),
      freezes: [...new Set(all.map(freezeDigest))],
    });
  }
  return frozen;
}
