/**
 * Books: the ledger's statements, held against what this watchtower sees by itself, each chain's at the block that they name of
 * it. A difference is an incident and somebody is paged; nothing is frozen by it, since then whoever can write the books, or send
 * a statement, could stop the exchange. What is known lives as long as the process: samples come anew with each block, and an old
 * statement is known by its time.
 */
import {
  verifyTotals,
  type Policy,
  type Refusal,
  type SignedTotals,
  type Totals,
  type WatchtowerStatus,
} from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { openChainBooks, type BooksPatience, type ChainBooksParts } from './books-on-chain.ts';
import type { Eye, Left } from './eye.ts';
import { openFindings } from './findings.ts';
import { holdUnwatched } from './hold-against.ts';
import type { Incident } from './incident.ts';
import type { Ours } from './ours.ts';

export interface BooksParts extends Pick<ChainBooksParts, 'sampled'> {
  readonly policy: Policy;
  readonly ours: Ours;
  readonly eyes: readonly Eye[];
  readonly incident: Incident;
  readonly now: () => number;
  readonly patience: BooksPatience;
}

export interface Books {
  readonly hear: (signed: SignedTotals) => { readonly kind: 'done' } | Refusal;
  /** A spend of a wallet of ours in a block of a node. */
  readonly saw: (left: Left) => void;
  /** Samples new blocks, and looks whether the books speak. */
  readonly round: () => Promise<void>;
  readonly status: () => WatchtowerStatus['books'];
}

/** How far a statement's time may be from ours, and how much two custodies' clocks and snapshots may be apart. Milliseconds. */
const [freshMs, skewMs] = [60_000, 10_000];

export function openBooks(parts: BooksParts): Books {
  const { policy, incident, now } = parts;
  const findings = openFindings(incident, 'the books are in order again');
  const chains = parts.eyes.map((eye) => openChainBooks({ ...parts, eye, findings }));
  let newest: Totals | null = null;
  /** Statements of the last minute, to tell a database that was put back from two custodies that overtake each other. */
  let heard: readonly Pick<Totals, 'at' | 'sequence'>[] = [];
  let peak = 0;

  function hear(signed: SignedTotals): { readonly kind: 'done' } | Refusal {
    if (!verifyTotals(policy, signed))
      return refuse('signature', 'is not signed by the key that the policy pins for the books');
    const { totals } = signed;
    const age = now() - totals.at;
    if (Math.abs(age) > freshMs)
      return refuse('stale', `was made ${Math.round(age / 1000)} s ago by this watchtower’s clock`);
    if (newest && totals.at < newest.at) return refuse('older', 'is older than the newest one');
    if (newest && totals.sequence < newest.sequence) {
      const before = heard.findLast(({ at }) => at <= totals.at - skewMs);
      const back = before !== undefined && totals.sequence < before.sequence;
      if (back) wentBack(totals);
      // The higher books may be alive still: two databases, of which only one can be the house's.
      if (!back || totals.at <= newest.at + skewMs)
        return refuse('older', `has ${totals.sequence} transfers, and ${newest.sequence} were there before`);
      heard = [];
    }
    if (totals.sequence >= peak) findings.set('back', []);
    peak = Math.max(peak, totals.sequence);
    heard = [...heard.filter(({ at }) => at > totals.at - freshMs), totals];
    newest = totals;
    for (const one of chains) one.hold(totals);
    findings.set(
      'unwatched',
      holdUnwatched(
        totals,
        chains.map(({ chain }) => chain),
      ),
    );
    findings.tell();
    return { kind: 'done' };
  }

  /** Every transfer stays, so fewer than before is another database: one that was put back, most likely. */
  function wentBack({ sequence, blocks }: Totals): void {
    const fields = { sequence, before: peak, blocks };
    findings.set('back', [{ key: 'back', once: `${peak}`, event: 'books went back', fields }]);
    findings.tell();
  }

  function refuse(why: string, detail: string): Refusal {
    for (const one of chains) one.refused(`the newest statement ${detail}`);
    return { kind: 'refused', why, detail: `totals: ${detail}` };
  }

  return {
    hear,
    saw(left) {
      chains.find(({ chain }) => chain === left.chain)?.saw(left);
    },
    async round() {
      // Nodes of one chain that are slow must not keep the others' blocks from being sampled.
      await Promise.all(chains.map((one) => one.round()));
      findings.tell();
    },
    status: () => ({
      heard: newest && { at: newest.at, sequence: newest.sequence },
      chains: chains.map((one) => one.status(newest)),
      findings: findings.all().map(({ event, fields }) => `${event}: ${jsonText(fields)}`),
    }),
  };
}
