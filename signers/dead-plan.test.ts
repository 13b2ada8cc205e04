/** A co-signer and a second transaction for one payment: forged, stale and foreign facts, and a journal from before the first. */
import { rmSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesDigest, type PaymentAsk, type SignedFact } from '@kuramori/core';
import { now, records, requestFor, thief, tower } from '../core/testing/house.ts';
import {
  alice,
  countersignatureOf,
  desk,
  factFor,
  freezeOf,
  payment,
  recorded,
  release,
  show,
  type Desk,
  type Open,
} from './testing/desk.ts';

let d: Desk;
let one: Open;
beforeEach(() => {
  d = desk();
  one = d.start();
});
afterEach(() => d[Symbol.dispose]());

const proof = { height: 500, hash: 'd'.repeat(64) };
const deadOf = (plan: string) => [{ plan: bytesDigest(plan), proof }];

/** Another transaction for the same request, with these facts. */
function again(first: PaymentAsk, facts: (nonce: string) => readonly SignedFact[]): PaymentAsk {
  const [part] = first.intents;
  if (part?.authority.kind !== 'exchange-request') throw new Error('a payment pays somebody');
  return payment(one.signer, part.authority.request, { facts: [...facts(one.signer.nonce().nonce)] });
}
const why = (answer: { readonly kind: string; readonly why?: string }) => answer.why ?? answer.kind;
const first = () => {
  const ask = payment(one.signer, requestFor({ to: alice, at: now }));
  return { ask, record: recorded(one.signer.propose(ask)) };
};

describe('a second transaction for a payment', () => {
  it('is recorded where the watchtower states that the first is dead, and the facts stay in the journal', () => {
    const { ask } = first();
    const second = again(ask, (nonce) => [factFor([nonce], { dead: deadOf(ask.plan) })]);
    const record = recorded(one.signer.propose(second));
    expect(record.entry.body).toMatchObject({ facts: [{ fact: { dead: deadOf(ask.plan) } }] });
  });

  it.each<[string, string, (ask: PaymentAsk, nonce: string) => SignedFact]>([
    ['that says nothing of it', 'paid-by-another-transaction', (_ask, nonce) => factFor([nonce])],
    [
      'about other bytes',
      'paid-by-another-transaction',
      (_ask, nonce) => factFor([nonce], { dead: deadOf('00ff') }),
    ],
    [
      'about the share instead of the plan',
      'paid-by-another-transaction',
      (ask, nonce) => factFor([nonce], { dead: [{ plan: bytesDigest(`${ask.share}00`), proof }] }),
    ],
    ['of a thief', 'facts-below-quorum', (ask, nonce) => factFor([nonce], { dead: deadOf(ask.plan) }, thief)],
    [
      'that a thief wrote it into',
      'facts-below-quorum',
      (ask, nonce) => {
        const honest = factFor([nonce]);
        return { ...honest, fact: { ...honest.fact, dead: deadOf(ask.plan) } };
      },
    ],
    [
      'over a nonce that this signer never gave',
      'facts-below-quorum',
      (ask) => factFor(['e'.repeat(32)], { dead: deadOf(ask.plan) }),
    ],
    [
      'about another wallet',
      'facts-below-quorum',
      (ask, nonce) => factFor([nonce], { wallet: 'cold', dead: deadOf(ask.plan) }),
    ],
  ])('is refused on a fact %s', (_what, expected, fact) => {
    const { ask } = first();
    expect(why(one.signer.propose(again(ask, (nonce) => [fact(ask, nonce)])))).toBe(expected);
  });

  it('a fact that was true and is used up does not serve for the next one', () => {
    const { ask } = first();
    const fact = factFor([one.signer.nonce().nonce], { dead: deadOf(ask.plan) });
    const second = again(ask, () => [fact]);
    recorded(one.signer.propose(second));
    expect(why(one.signer.propose(again(second, () => [fact])))).toBe('facts-below-quorum');
    // And a fresh one that names the first alone says nothing of the second.
    const fresh = (nonce: string) => [factFor([nonce], { dead: deadOf(ask.plan) })];
    expect(why(one.signer.propose(again(second, fresh)))).toBe('paid-by-another-transaction');
  });

  it('is refused once frozen, whatever is dead', () => {
    const { ask } = first();
    one.signer.freeze(freezeOf());
    expect(
      why(one.signer.propose(again(ask, (nonce) => [factFor([nonce], { dead: deadOf(ask.plan) })]))),
    ).toBe('frozen');
  });
});

it('the dead one’s signature is not let go any more, if it was not yet', () => {
  const { ask, record } = first();
  recorded(one.signer.propose(again(ask, (nonce) => [factFor([nonce], { dead: deadOf(ask.plan) })])));
  expect(why(release(one.signer, record, countersignatureOf(record)))).toBe('superseded');
});

it('a journal from before the first: closed until the watchtower shows the rest, and then it knows', () => {
  const file = join(d.folder, 'signer-1.jsonl');
  const yesterday = readFileSync(file);
  const { ask, record } = first();
  one[Symbol.dispose]();
  rmSync(file);
  writeFileSync(file, yesterday);
  one = d.start(1, false);
  const second = () => again(ask, (nonce) => [factFor([nonce])]);
  expect(why(one.signer.propose(second()))).toBe('closed');
  expect(show(one.signer, [record], tower)).toEqual({ kind: 'done' });
  expect(why(one.signer.propose(second()))).toBe('paid-by-another-transaction');
  expect(records).toHaveLength(2);
});
