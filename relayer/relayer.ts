/**
 * The relayer's life. Asked to relay, it looks at the execution by itself, tries it on its nodes, gives it a number of its
 * account, signs, writes the line, and only then sends; in rounds it looks what became of each number.
 */
import type { Refusal, RelayFate, RelayerStatus } from '@kuramori/core';
import {
  checksummed,
  encodeSweep,
  readPlan,
  safeHash,
  sweepFactory,
  type Address,
} from '@kuramori/chains/ethereum/codec';
import { approve, give, type Desk, type Payload } from './give.ts';
import { spentBy, type Numbered } from './journal.ts';
import type { Standing } from './panel.ts';
import { nextNumber, openRounds } from './rounds.ts';

export interface RelayAsked {
  /** The wallet's id. */
  readonly wallet: string;
  readonly plan: string;
  readonly calldata: string;
}

export interface SweepAsked {
  /** The wallet's id. */
  readonly wallet: string;
  readonly deposits: readonly { readonly salt: string; readonly token: string | null }[];
}

/** What making a forwarder and sending a token on takes, at most, of gas (0029). */
const gasPerDeposit = 200_000n;

export interface Relayer {
  readonly relay: (asked: RelayAsked) => Promise<RelayFate | Refusal>;
  readonly sweep: (asked: SweepAsked) => Promise<RelayFate | Refusal>;
  readonly fate: (asked: { readonly id: string }) => RelayFate;
  readonly status: () => RelayerStatus;
  /** One look at what became of everything. Never throws for what a node does. */
  readonly round: () => Promise<void>;
}

export function openRelayer(desk: Desk, leastTip: bigint, stuckMs: number): Relayer {
  const { account, caps, clock, journal, panel, wallets } = desk;
  const rounds = openRounds(desk, leastTip, stuckMs);
  let failed: string | null = null;
  let line: Promise<unknown> = Promise.resolve();

  /** One after another: two that are asked at once must not get one number. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work);
    line = done.catch(() => undefined);
    return done;
  }

  function fateOf(numbered: Numbered | undefined): RelayFate {
    if (!numbered) return { kind: 'unknown' };
    const { nonce, attempts, settled } = numbered;
    if (settled === null) {
      const transactions = attempts.map(({ hash }) => hash);
      const held = rounds.held.get(nonce) ?? null;
      return { kind: 'under-way', nonce, transactions, since: attempts[0].at, held };
    }
    const { transaction, block, height, ok, why } = settled;
    if (transaction === null || block === null) return { kind: 'displaced', nonce };
    return ok
      ? { kind: 'executed', nonce, transaction, height, block }
      : { kind: 'reverted', nonce, transaction, height, block, why: why ?? '' };
  }

  async function relay({ wallet: name, plan, calldata }: RelayAsked): Promise<RelayFate | Refusal> {
    const wallet = wallets.find(({ id }) => id === name);
    if (!wallet) return refused('unknown-wallet', `${name} is no wallet on Ethereum of the policy`);
    const read = readPlan(plan);
    if (read.kind === 'refused') return refused('not-ours', read.why);
    const known = fateOf(journal.byId(safeHash(read.bound)));
    // What failed as a whole, or never came to be, may be sent once more: its signatures are as good as before.
    if (known.kind === 'under-way' || known.kind === 'executed') return known;
    const payload: Payload = { wallet, to: wallet.address as Address, data: calldata, plan };
    // With the highest fees that there may be: what is refused so is refused however cheap it is.
    const judged = approve(desk, payload, 0, caps);
    if (judged.kind === 'refused') return refused('not-ours', judged.why);
    const standing = await panel.standing(account);
    if (standing.kind === 'failed') return refused('nodes', standing.detail);
    const no = await mayBeNext(payload, read.bound.tx.nonce, standing.value.next);
    return no ?? send(payload, standing.value);
  }

  async function sweep({ wallet: name, deposits }: SweepAsked): Promise<RelayFate | Refusal> {
    const wallet = wallets.find(({ id }) => id === name);
    if (!wallet) return refused('unknown-wallet', `${name} is no wallet on Ethereum of the policy`);
    const room = caps.gasLimit / gasPerDeposit;
    if (BigInt(deposits.length) > room)
      return refused('too-many', `${deposits.length} deposits, and the cap on gas lets ${room} go at once`);
    const flushes = [];
    for (const { salt, token } of deposits) {
      const bare = token?.slice(2).toLowerCase() ?? null;
      if (bare !== null && !/^[0-9a-f]{40}$/.test(bare))
        return refused('not-ours', `deposits: ${token} is no contract’s address`);
      flushes.push({ salt, token: bare === null ? null : checksummed(bare) });
    }
    const data = encodeSweep(wallet.address as Address, flushes);
    const known = fateOf(journal.byId(data));
    // Done once, it may be due again: customers keep their addresses.
    if (known.kind === 'under-way') return known;
    const payload: Payload = { wallet, to: sweepFactory, data, plan: null };
    const judged = approve(desk, payload, 0, caps);
    if (judged.kind === 'refused') return refused('not-ours', judged.why);
    const tried = await panel.tries(account, sweepFactory, data);
    if (tried.kind === 'failed') return refused('nodes', tried.detail);
    if (tried.value.kind === 'reverts') return refused('would-fail', tried.value.why);
    const standing = await panel.standing(account);
    return standing.kind === 'failed' ? refused('nodes', standing.detail) : send(payload, standing.value);
  }

  /** Under the account's next number. */
  async function send(payload: Payload, standing: Standing): Promise<RelayFate | Refusal> {
    const fees = await panel.fees({ most: caps, leastTip });
    if (fees.kind === 'failed') return refused('nodes', fees.detail);
    const nonce = nextNumber(desk, standing);
    const why = await give(desk, payload, nonce, fees.value, standing.coins);
    return why === null ? fateOf(journal.numbered(nonce)) : refused('over-the-caps', why);
  }

  /** Whether a Safe's execution can be the next, or follows those that are under way; else why not. */
  async function mayBeNext(
    { wallet, to, data }: Payload,
    number: bigint,
    used: number,
  ): Promise<Refusal | null> {
    const safe = await panel.safeNonce(wallet);
    if (safe.kind === 'failed') return refused('nodes', safe.detail);
    const next = safe.value;
    if (number < next)
      return refused('number-used', `the Safe’s next number is ${next}, and this is ${number}`);
    const taken = new Set(
      journal.numbers().flatMap(({ nonce, settled, carries }) =>
        // What is in a block and left the Safe's number free has failed there: where the chain is rewritten it may come back,
        // and then one of the two fails, which costs gas alone.
        settled === null && nonce >= used && carries?.execution?.bound.safe === to
          ? carries.execution.bound.tx.nonce
          : [],
      ),
    );
    if (taken.has(number))
      return refused('number-under-way', `something else with the Safe’s number ${number} is under way`);
    for (let before = next; before < number; before += 1n)
      if (!taken.has(before))
        return refused('too-early', `nothing is under way with the Safe’s number ${before}`);
    // Behind others it cannot be tried: it would fail now, and not then.
    if (number > next) return null;
    const tried = await panel.tries(account, to, data);
    if (tried.kind === 'failed') return refused('nodes', tried.detail);
    return tried.value.kind === 'reverts' ? refused('would-fail', tried.value.why) : null;
  }

  return {
    relay: (asked) => inTurn(() => relay(asked)),
    sweep: (asked) => inTurn(() => sweep(asked)),
    fate: ({ id }) => fateOf(journal.byId(id)),
    round: () =>
      inTurn(async () => {
        failed = await rounds.round();
      }),
    status() {
      const standing = rounds.standing();
      const now = clock.now();
      return {
        kind: 'status',
        at: now,
        account,
        coins: standing?.coins ?? null,
        nonce: standing?.next ?? null,
        underWay: journal.numbers().filter(({ settled }) => settled === null).length,
        spent: spentBy(journal.numbers(), now),
        perDay: caps.perDay,
        held: [...rounds.held].slice(0, 64).map(([nonce, why]) => `${nonce}: ${why}`),
        failed,
      };
    },
  };
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
