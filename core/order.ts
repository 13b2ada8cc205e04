/**
 * Order: what a vault is to sign, and where its journal then goes on. The vault has no network and no clock that is believed, so the
 * entry follows from the order, its journal and the policy alone: watchtowers derive it from their copies, the vault from its own
 * journal, and countersignatures fit only where those are one. Nobody in between hands an entry around.
 */
import { z } from 'zod';
import { refuse, type Case, type Refused } from './case.ts';
import { readFacts } from './fact.ts';
import { entryHash, PaymentAsk, statedAsset, type Entry } from './journal.ts';
import { judge, recordOf } from './judge.ts';
import { Hash } from './key.ts';
import type { History } from './history.ts';
import type { PolicyChain } from './policy.ts';
import { text } from './text.ts';

export const Order = z.strictObject({
  vault: text(1, 64),
  /** The version in force, as the watchtowers have it. */
  policy: Hash,
  ask: PaymentAsk,
});
export type Order = z.infer<typeof Order>;

/** The nonce that an order's facts carry: of the journal that it goes on from, so that no facts of an earlier order do. */
export function orderNonce({ head }: Pick<History, 'head'>): string {
  return head.slice(0, 32);
}

export type Written =
  | {
      readonly kind: 'written';
      /** Versions of the policy that came since, and the record, which is the last. */
      readonly entries: readonly [...Entry[], Entry];
      /** The record's hash. */
      readonly hash: string;
      /** By the watchtowers' clocks, in milliseconds of Unix time. */
      readonly at: number;
    }
  | Refused;

/** What is known of an order's bytes: by the codec of its chain. */
export type Read = Pick<Case, 'explained' | 'conflicts'>;

/** The entries that the vault's journal gets by the order, if it may be signed. `history`: the journal as it is. */
export function writtenBy(
  { vault, policy: digest, ask }: Order,
  chain: PolicyChain,
  history: History,
  read: Read,
): Written {
  const place = chain.findIndex((one) => one.digest === digest);
  const version = chain[place];
  if (!version) return refuse('order-policy', `${digest} is no version of this policy`);
  const { policy } = version;
  const last = history.policies.at(-1)?.digest;
  const before = last === undefined ? place : chain.findIndex((one) => one.digest === last);
  if (before < 0 || before > place)
    return refuse('order-policy', 'its journal goes by a later version, and never goes back');
  const asset = statedAsset(policy, ask);
  if (asset === undefined) return refuse('unknown-wallet', `no wallet is called ${ask.wallet}`);
  const nonce = orderNonce(history);
  const facts = ask.facts.filter(({ fact }) => fact.nonces.includes(nonce));
  if (facts.length === 0)
    return refuse(
      'another-journal',
      `it goes on from another journal of ${vault} than the one here, whose entry ${history.seq} is ${history.head.slice(0, 16)}…: bring the vault’s last answer to the watchtowers (kuramori refill told), then order anew; with --journal for a vault that was restored`,
    );
  const stated = readFacts(policy, ask.wallet, asset, facts);
  if (stated.kind === 'refused')
    return refuse(
      stated.why,
      'facts must be signed by a quorum of watchtowers over the journal that it goes on from',
    );
  const { witnessed } = stated;
  if (witnessed.at < history.at)
    return refuse('time-goes-back', 'the watchtowers state an earlier time than the journal holds');
  const judged = judge({
    policy,
    signer: vault,
    ask,
    ...read,
    evidenceSigned: false,
    evidenceCovered: false,
    races: false,
    witnessed,
    history,
  });
  if (judged.kind === 'refused') return judged;
  let { seq, head } = history;
  const entries: Entry[] = [];
  for (const [index, later] of chain.slice(before + 1, place + 1).entries()) {
    const prev = chain[before + index]?.digest ?? '';
    const entry: Entry = {
      v: 1,
      signer: vault,
      seq: seq + 1,
      prev: head,
      at: witnessed.at,
      policy: later.digest,
      grounds: [],
      body: { kind: 'policy', prev, facts: [...facts] },
    };
    entries.push(entry);
    seq = entry.seq;
    head = entryHash(entry);
  }
  const { entry, hash } = recordOf(judged.approved, vault, digest, { seq, head, at: history.at });
  return { kind: 'written', entries: [...entries, entry], hash, at: witnessed.at };
}
