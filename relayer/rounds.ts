/** Rounds: what became of each number. What is final is settled, what is in no block is sent again, what is stuck is made dearer, and a number that nothing has is filled. */
import type { Fees } from '@kuramori/chains/ethereum/node';
import { log } from '@kuramori/program';
import { gapOf, give, type Desk, type Payload } from './give.ts';
import type { Numbered } from './journal.ts';
import type { Standing } from './panel.ts';
import { dearer } from './price.ts';

export interface Rounds {
  /** One look. Null where all went well; else what failed. */
  readonly round: () => Promise<string | null>;
  readonly standing: () => Standing | null;
  /** Why a number is not made dearer, or not filled. */
  readonly held: ReadonlyMap<number, string>;
}

export function openRounds(desk: Desk, leastTip: bigint, stuckMs: number): Rounds {
  const { journal, panel, caps, clock, account } = desk;
  const held = new Map<number, string>();
  /** Since when a number has been without anything. */
  const empty = new Map<number, number>();
  let standing: Standing | null = null;

  const open = (): readonly Numbered[] =>
    journal
      .numbers()
      .filter(({ settled }) => settled === null)
      .toSorted((one, other) => one.nonce - other.nonce);

  async function round(): Promise<string | null> {
    const looked = await panel.standing(account);
    if (looked.kind === 'failed') return looked.detail;
    standing = looked.value;
    let failed: string | null = null;
    for (const numbered of open()) {
      const { nonce } = numbered;
      if (nonce < standing.final) failed = (await settle(numbered)) ?? failed;
      else if (nonce >= standing.next) failed = (await hasten(numbered, standing)) ?? failed;
    }
    return (await fill(standing)) ?? failed;
  }

  /** The number is used up for good: by which of its transactions? */
  async function settle({ nonce, attempts }: Numbered): Promise<string | null> {
    for (const { hash } of attempts) {
      const found = await panel.find(hash);
      if (found.kind === 'failed') return found.detail;
      // Its number is final, so it must be in a block or nowhere: a node is behind, or lies.
      if (found.value.kind === 'waits') return `${hash} is said to wait, and its number is used up`;
      if (found.value.kind === 'absent') continue;
      const { height, hash: block, ok, failure, cost } = found.value;
      const why = ok ? null : (failure ?? 'nobody says why');
      journal.append({
        kind: 'settled',
        at: clock.now(),
        nonce,
        transaction: hash,
        height,
        block,
        ok,
        why,
        cost,
      });
      held.delete(nonce);
      log('settled', { nonce, hash, ok, why });
      return null;
    }
    journal.append({
      kind: 'settled',
      at: clock.now(),
      nonce,
      transaction: null,
      height: 0,
      block: null,
      ok: false,
      why: null,
      cost: 0n,
    });
    held.delete(nonce);
    log('a number was used up by what is not in the journal', { nonce });
    return null;
  }

  /** Sent again at each look, as it is: a pool forgets, and a chain is rewritten. After a while dearer. */
  async function hasten(numbered: Numbered, { coins }: Standing): Promise<string | null> {
    const { nonce, attempts } = numbered;
    const newest = attempts.at(-1) ?? attempts[0];
    if (clock.now() - newest.at < stuckMs) {
      await panel.announce(newest.raw);
      return null;
    }
    const now = await panel.fees({ most: caps, leastTip });
    if (now.kind === 'failed') return now.detail;
    const why = await replace(numbered, newest.transaction, now.value, coins);
    if (why === null) held.delete(nonce);
    else held.set(nonce, why);
    if (why !== null) await panel.announce(newest.raw);
    return null;
  }

  async function replace(numbered: Numbered, before: Fees, now: Fees, coins: bigint): Promise<string | null> {
    const payload = payloadOf(numbered);
    if (typeof payload === 'string') return payload;
    const fees = dearer(before, now, caps);
    if (fees === null) return 'it is at the highest fee that may be paid';
    return give(desk, payload, numbered.nonce, fees, coins);
  }

  function payloadOf({ carries, attempts }: Numbered): Payload | string {
    if (carries === null) return gapOf(desk);
    const wallet = desk.wallets.find(({ id }) => id === carries.wallet);
    if (!wallet) return `${carries.wallet} is no wallet of the policy any more`;
    const [{ transaction }] = attempts;
    return { wallet, to: transaction.to, data: transaction.data, plan: carries.execution?.plan ?? null };
  }

  /** Below the highest number under way, one that nothing has: lost with a journal, or sent by somebody with this key. */
  async function fill({ next, free, coins }: Standing): Promise<string | null> {
    const highest = open().at(-1)?.nonce ?? -1;
    for (const nonce of empty.keys()) if (nonce < next || journal.numbered(nonce)) empty.delete(nonce);
    for (let nonce = next; nonce < highest; nonce += 1) {
      // What a pool has for it may still come: it is given time.
      if (journal.numbered(nonce)) continue;
      const since = empty.get(nonce) ?? clock.now();
      empty.set(nonce, since);
      if (clock.now() - since < stuckMs || nonce < free) continue;
      const now = await panel.fees({ most: caps, leastTip });
      if (now.kind === 'failed') return now.detail;
      const why = await give(desk, gapOf(desk), nonce, now.value, coins);
      if (why !== null) held.set(nonce, why);
      log('a number that nothing had is filled', { nonce, why });
    }
    return null;
  }

  return { round, standing: () => standing, held };
}

/** The next number for something new: above whatever was given, whatever the chain has, and whatever waits in every pool. */
export function nextNumber({ journal }: Pick<Desk, 'journal'>, { next, free }: Standing): number {
  const given = journal.numbers().map(({ nonce }) => nonce + 1);
  return Math.max(next, free, ...given);
}
