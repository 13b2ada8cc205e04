/** Books on one chain: what wallets hold there block by block, by our own eyes, and how the newest statement stands against it. */
import {
  explainedFor,
  type Asset,
  type ChainName,
  type Policy,
  type Totals,
  type WatchtowerStatus,
} from '@kuramori/core';
import type { Eye, Left } from './eye.ts';
import type { Findings } from './findings.ts';
import { holdAgainst, type Eyes, type Finding } from './hold-against.ts';
import { watchedOn, type Ours } from './ours.ts';
import type { Sample } from './sample.ts';
import type { At } from './view.ts';

export interface BooksPatience {
  /** How long no statement may come that counts and keeps up with the chain. Milliseconds. */
  readonly silenceMs: number;
  /** How many blocks a statement may be behind the newest: the confirmations, and what a restart takes to catch up. */
  readonly behindBlocks: number;
}

export interface ChainBooksParts {
  readonly policy: Policy;
  readonly ours: Ours;
  readonly eye: Pick<Eye, 'chain' | 'finalAfter' | 'followed' | 'see' | 'sample'>;
  readonly findings: Findings;
  readonly patience: BooksPatience;
  /** Who looks at samples as well. */
  readonly sampled: (chain: ChainName, sample: Sample) => void;
}

export interface ChainBooks {
  readonly chain: ChainName;
  readonly saw: (left: Left) => void;
  readonly hold: (totals: Totals) => void;
  /** Why the newest statement does not count. */
  readonly refused: (why: string) => void;
  readonly round: () => Promise<void>;
  readonly status: (newest: Totals | null) => WatchtowerStatus['books']['chains'][number];
}

/** Samples that are kept: as many as blocks can be rewritten, and some. */
const keptSamples = 400;

export function openChainBooks(parts: ChainBooksParts): ChainBooks {
  const { policy, eye, findings, patience } = parts;
  const { chain, followed, see } = eye;
  const behindBlocks = patience.behindBlocks + eye.finalAfter;
  const watched = watchedOn(parts.ours, chain);
  const samples = new Map<number, Sample>();
  const payments = new Map<string, Left>();
  /** Since which block a token has not told what wallets have of it. */
  const untoldSince = new Map<Asset, number>();
  /** Since which block a holding is said to be unsettled. */
  const unsettledSince = new Map<string, number>();
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
    chain,
    paid(wallet, asset, transaction, height) {
      const seen = followed().map(({ url, confirmed }) => {
        const one = payments.get(`${url} ${wallet} ${asset} ${transaction}`);
        const there = one && confirmed.get(transaction) === one.height;
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

  const set = (about: string, found: readonly Finding[]) => findings.set(`${chain} ${about}`, found);

  function hold(totals: Totals): void {
    const block = totals.blocks.find((one) => one.chain === chain);
    if (!block) {
      refusedWhy = `the books name no block of ${chain}, on which the policy has wallets`;
      return;
    }
    const { height, hash } = block;
    const states = followed();
    if (!states.every(({ blocks }) => blocks.get(height)?.hash === hash)) {
      // Not yet, or on another chain: what is said of it cannot be judged, and soon counts as silence.
      refusedWhy = `block ${height} of the books, ${hash}, is not on the chain seen here`;
      return;
    }
    const sample = samples.get(height);
    const held = holdAgainst(eyes, totals, block, sample?.hash === hash ? sample : undefined);
    set('sums', held.sums);
    if (held.chain) {
      set('chain', held.chain);
      set('tokens', untold(held.untold, height));
      compared = height;
      uncompared = 0;
    }
    const tip = Math.max(...states.map((one) => one.height));
    if (tip - height > behindBlocks) refusedWhy = `the books stand at block ${height}, the chain at ${tip}`;
    else {
      goodAt = performance.now();
      refusedWhy = null;
    }
  }

  /** A token that breaks, or nodes that hide what it says, for as long as blocks may be late: nobody compares it meanwhile. */
  function untold(assets: readonly Asset[], height: number): readonly Finding[] {
    for (const asset of untoldSince.keys()) if (!assets.includes(asset)) untoldSince.delete(asset);
    return assets.flatMap((asset) => {
      const since = untoldSince.get(asset) ?? height;
      untoldSince.set(asset, since);
      if (height - since <= behindBlocks) return [];
      const fields = { chain, asset, blocks: height - since, compared: since };
      return { key: `untold ${asset}`, once: '', event: 'books cannot be compared', fields };
    });
  }

  async function look(tip: At): Promise<void> {
    const taken = await eye.sample(watched, tip);
    if (taken.kind === 'passed') return;
    looked = tip.hash;
    if (taken.kind === 'sample') {
      sampled = taken.sample;
      samples.set(tip.height, sampled);
      parts.sampled(chain, sampled);
    }
    set('nodes', taken.kind === 'differ' ? [lying(chain, taken.why)] : []);
    forget(tip.height);
  }

  function silence(): readonly Finding[] {
    const ms = performance.now() - goodAt;
    const why = refusedWhy ?? 'no statement came';
    const fields = { chain, seconds: Math.round(ms / 1000), why };
    if (ms > patience.silenceMs)
      return [{ key: `silent ${chain}`, once: '', event: 'books are silent', fields }];
    if (uncompared <= behindBlocks) return [];
    // Whoever chose the blocks that nobody sampled would never be compared.
    const event = 'books cannot be compared';
    return [{ key: `uncompared ${chain}`, once: '', event, fields: { chain, blocks: uncompared, compared } }];
  }

  function forget(tip: number): void {
    for (const height of samples.keys()) if (height < tip - keptSamples) samples.delete(height);
    for (const [name, { height }] of payments) if (height < tip - 2 * explainedFor) payments.delete(name);
  }

  return {
    chain,
    saw(left) {
      payments.set(`${left.node} ${left.wallet} ${left.asset} ${left.transaction}`, left);
      // Years of blocks are read again at each start.
      if (payments.size % 4096 === 0) forget(left.height);
    },
    hold,
    refused: (why) => (refusedWhy = why),
    async round() {
      const view = see();
      if (view.kind === 'blind') {
        // Who sees nothing cannot say that others are silent.
        goodAt = performance.now();
      } else {
        if (view.tip.hash !== seenAt) uncompared += 1;
        seenAt = view.tip.hash;
        if (seenAt !== looked) await look(view.tip);
      }
      set('silence', silence());
    },
    status: (newest) => ({
      chain,
      heard: newest?.blocks.find((one) => one.chain === chain)?.height ?? null,
      sampled: sampled && { height: sampled.height, hash: sampled.hash },
      compared,
    }),
  };
}

function lying(chain: ChainName, why: string): Finding {
  return {
    key: `nodes ${chain}`,
    once: '',
    event: 'nodes disagree on a balance',
    fields: { chain, why },
  };
}
