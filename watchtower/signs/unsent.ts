/**
 * A record was countersigned, its deadline is past, and no node shows the transaction: the signatures may be in somebody's
 * hand who did not send them. No honest harvester takes them any more, but with a stolen key they still could serve.
 */
import { isAsk, type SignedEntry, type Wallet } from '@kuramori/core';
import { traceOf, type NemNetwork, type Trace } from '@kuramori/chains/nem/codec';
import type { Followed } from '../follow.ts';
import { fate, type Deadline } from '../chains/nem-fate.ts';
import { hourMs, minuteMs } from './payments.ts';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

export interface Unsent {
  /** Takes up what was countersigned since, and looks at what is due. The nodes agree. */
  readonly look: (
    nodes: readonly Followed<unknown>[],
    now: number,
    at: Signs['unsent'],
  ) => readonly Sighting[];
}

interface Plan {
  readonly wallet: string;
  readonly plan: string;
  readonly intents: readonly string[];
  readonly trace: Trace;
}

/** How long one that is missing is told of, and how far back a start looks: an intent lives a day. */
const keptMs = 48 * hourMs;

export function openUnsent(
  released: () => readonly SignedEntry[],
  walletOf: (id: string) => Wallet | undefined,
  network: NemNetwork,
  margin: Deadline,
): Unsent {
  let read = 0;
  const plans = new Map<string, Plan>();

  function takeUp(now: number): void {
    const all = released();
    for (; read < all.length; read += 1) {
      const entry = all[read]?.entry;
      // A rotation changes keys and pays nobody; whoever holds one that was not sent can send it, and nothing else.
      if (!entry || !isAsk(entry.body) || entry.body.kind === 'rotation' || entry.at < now - keptMs) continue;
      const { wallet, plan } = entry.body;
      const found = walletOf(wallet);
      const trace = plans.has(plan) || found?.chain !== 'nem' ? undefined : traceOf(found, plan, network);
      if (!trace) continue;
      const intents =
        entry.body.kind === 'payment'
          ? entry.body.intents.map(({ intent }) => intent.id)
          : [entry.body.intent.id];
      plans.set(plan, { wallet, plan, intents, trace });
    }
  }

  return {
    look(nodes, now, at) {
      takeUp(now);
      const chainTime = Math.min(...nodes.map(({ tipTime }) => tipTime * 1000));
      const missing = new Map<string, string[]>();
      for (const { wallet, plan, intents, trace } of plans.values()) {
        const due = trace.validUntil * 1000;
        if (chainTime - due > keptMs) plans.delete(plan);
        if (chainTime - due < at.minutes * minuteMs || chainTime - due > keptMs) continue;
        const { fate: became } = fate(nodes, trace, margin);
        if (became === 'confirmed') plans.delete(plan);
        if (became === 'unseen' || became === 'dead')
          missing.set(wallet, [...(missing.get(wallet) ?? []), ...intents]);
      }
      return [...missing].map(([wallet, intents]) => ({
        key: wallet,
        once: intents.at(-1) ?? '',
        fields: { wallet, payments: intents.length, intents: intents.slice(-8) },
      }));
    },
  };
}
