/**
 * Books: the ledger's statements, held against what this watchtower sees by itself. A difference is an incident and somebody is
 * paged; nothing is frozen by it, since then whoever can write the books, or send a statement, could stop the exchange.
 * What is known lives as long as the process: samples come anew with each block, and an old statement is known by its time.
 */
import {
  XEM,
  explainedFor,
  verifyTotals,
  type Policy,
  type Refusal,
  type SignedTotals,
  type Totals,
  type NemWallet,
  type WatchtowerStatus,
} from '@kuramori/core';
import { movements } from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import { jsonText } from '@kuramori/program';
import type { Followed } from './follow.ts';
import { holdAgainst, type Eyes, type Finding } from './hold-against.ts';
import { openFindings } from './findings.ts';
import type { Incident } from './incident.ts';
import { takeSample, type Sample } from './sample.ts';
import type { View } from './testify.ts';

export interface BooksParts {
  readonly policy: Policy;
  readonly nodes: readonly NemNode[];
  readonly incident: Incident;
  readonly followed: () => readonly Followed<unknown>[];
  readonly see: () => View;
  readonly now: () => number;
  readonly patience: BooksPatience;
  /** What else is sampled with the policy's wallets, and who looks at it as well. */
  readonly watched: readonly Pick<NemWallet, 'id' | 'address'>[];
  readonly sampled: (sample: Sample) => void;
}

export interface BooksPatience {
  /** How long no statement may come that counts and keeps up with the chain. Milliseconds. */
  readonly silenceMs: number;
  /** How many blocks a statement may be behind the newest: the confirmations, and what a restart takes to catch up. */
  readonly behindBlocks: number;
}

export interface Books {
  readonly hear: (signed: SignedTotals) => { readonly kind: 'done' } | Refusal;
  /** A spend of a wallet of ours in a block of a node. */
  readonly saw: (seen: SeenTransaction, wallet: NemWallet, node: string, height: number) => void;
  /** Samples a new block, and looks whether the books speak. */
  readonly round: () => Promise<void>;
  readonly status: () => WatchtowerStatus['books'];
}

/** How far a statement's time may be from ours, and how much two custodies' clocks and snapshots may be apart. Milliseconds. */
const [freshMs, skewMs] = [60_000, 10_000];
/** Samples that are kept: as many as blocks can be rewritten, and some. */
const keptSamples = 400;

export function openBooks(parts: BooksParts): Books {
  const { policy, nodes, incident, followed, see, now, patience } = parts;
  const samples = new Map<number, Sample>();
  const payments = new Map<string, { wallet: string; units: bigint; height: number }>();
  /** Since which block a holding is said to be unsettled. */
  const unsettledSince = new Map<string, number>();
  const findings = openFindings(incident, 'the books are in order again');
  let newest: Totals | null = null;
  /** Statements of the last minute, to tell a database that was put back from two custodies that overtake each other. */
  let heard: readonly Pick<Totals, 'at' | 'sequence'>[] = [];
  let peak = 0;
  let compared: number | null = null;
  let goodAt = performance.now();
  let refusedWhy: string | null = null;
  let sampled: Sample | null = null;
  let looked = '';
  /** The newest block seen, and how many came since a statement was compared. */
  let seenAt = '';
  let uncompared = 0;

  const eyes: Eyes = {
    policy,
    paid(wallet, transaction, height) {
      const seen = followed().map(({ url, confirmed }) => {
        const one = payments.get(`${url} ${transaction}`);
        const there = one?.wallet === wallet && confirmed.get(transaction) === one.height;
        return there && one.height <= height && one.height > height - explainedFor ? one.units : undefined;
      });
      return seen.every((units) => units === seen[0]) ? seen[0] : undefined;
    },
    lasts(holding, unsettled, height) {
      if (unsettled === 0n) unsettledSince.delete(holding);
      else if (!unsettledSince.has(holding)) unsettledSince.set(holding, height);
      return height - (unsettledSince.get(holding) ?? height) <= explainedFor;
    },
  };

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
    hold(totals);
    findings.tell();
    return { kind: 'done' };
  }

  /** Every transfer stays, so fewer than before is another database: one that was put back, most likely. */
  function wentBack({ sequence, block }: Totals): void {
    const fields = { sequence, before: peak, height: block.height };
    findings.set('back', [{ key: 'back', once: `${peak}`, event: 'books went back', fields }]);
    findings.tell();
  }

  function hold(totals: Totals): void {
    const { height, hash } = totals.block;
    const states = followed();
    if (!states.every(({ blocks }) => blocks.get(height)?.hash === hash)) {
      // Not yet, or on another chain: what is said of it cannot be judged, and soon counts as silence.
      refusedWhy = `block ${height} of the books, ${hash}, is not on the chain seen here`;
      return;
    }
    const sample = samples.get(height);
    const held = holdAgainst(eyes, totals, sample?.hash === hash ? sample : undefined);
    findings.set('sums', held.sums);
    if (held.chain) {
      findings.set('chain', held.chain);
      compared = height;
      uncompared = 0;
    }
    const tip = Math.max(...states.map((one) => one.height));
    if (tip - height > patience.behindBlocks)
      refusedWhy = `the books stand at block ${height}, the chain at ${tip}`;
    else {
      goodAt = performance.now();
      refusedWhy = null;
    }
  }

  function refuse(why: string, detail: string): Refusal {
    refusedWhy = `the newest statement ${detail}`;
    return { kind: 'refused', why, detail: `totals: ${detail}` };
  }

  async function round(): Promise<void> {
    const view = see();
    if (view.kind === 'blind') {
      // Who sees nothing cannot say that others are silent.
      goodAt = performance.now();
    } else {
      if (view.tip.hash !== seenAt) uncompared += 1;
      seenAt = view.tip.hash;
      if (seenAt !== looked) await look(view.tip);
    }
    findings.set('silence', silence());
    findings.tell();
  }

  async function look(tip: { readonly height: number; readonly hash: string }): Promise<void> {
    const taken = await takeSample(nodes, parts.watched, tip);
    if (taken.kind === 'passed') return;
    looked = tip.hash;
    if (taken.kind === 'sample') {
      sampled = taken.sample;
      samples.set(tip.height, sampled);
      parts.sampled(sampled);
    }
    findings.set('nodes', taken.kind === 'differ' ? [lying(taken.why)] : []);
    forget(tip.height);
  }

  function silence(): readonly Finding[] {
    const ms = performance.now() - goodAt;
    const why = refusedWhy ?? 'no statement came';
    const fields = { seconds: Math.round(ms / 1000), why };
    if (ms > patience.silenceMs) return [{ key: 'silent', once: '', event: 'books are silent', fields }];
    if (uncompared <= patience.behindBlocks) return [];
    // Whoever chose the blocks that nobody sampled would never be compared.
    const event = 'books cannot be compared';
    return [{ key: 'uncompared', once: '', event, fields: { blocks: uncompared, compared } }];
  }

  function forget(tip: number): void {
    for (const height of samples.keys()) if (height < tip - keptSamples) samples.delete(height);
    for (const [name, { height }] of payments) if (height < tip - 2 * explainedFor) payments.delete(name);
  }

  return {
    hear,
    saw({ hash, transaction, cosignatures }, { id, publicKey }, node, height) {
      const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
      if (inner.kind !== 'transfer' || inner.signer !== publicKey) return;
      const fees = cosignatures.map((one) => one.transaction.fee);
      if (transaction.kind === 'multisig') fees.push(transaction.fee);
      const units = movements(inner).filter(({ asset }) => asset === XEM);
      const all = [inner.fee, ...fees, ...units.map(({ quantity }) => quantity)];
      payments.set(`${node} ${hash}`, { wallet: id, height, units: all.reduce((sum, one) => sum + one, 0n) });
      // Years of blocks are read again at each start.
      if (payments.size % 4096 === 0) forget(height);
    },
    round,
    status: () => ({
      heard: newest && { at: newest.at, sequence: newest.sequence, height: newest.block.height },
      sampled: sampled && { height: sampled.height, hash: sampled.hash },
      compared,
      findings: findings.all().map(({ event, fields }) => `${event}: ${jsonText(fields)}`),
    }),
  };
}

function lying(why: string): Finding {
  return { key: 'nodes', once: '', event: 'nodes disagree on a balance', fields: { why } };
}
