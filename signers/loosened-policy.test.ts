/** A policy that is loosened, by keepers or by a thief who has enough of their keys: what it allows counts a day later, what it forbids at once. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalText,
  chainOf,
  policyDigest,
  signStatement,
  type Plain,
  type Policy,
  type PolicyChain,
  type SignedObjection,
  type SigningKey,
} from '@kuramori/core';
import { hour, keepers, keyNamed, now, thief, towers, why, xem } from '../core/testing/house.ts';
import { signer as openSigner } from './cosigner/signer.ts';
import { openJournal } from './journal.ts';
import { openTiles } from './tiles.ts';
import { openKeystore } from './keystore.ts';
import {
  chainKey,
  countersignatureOf,
  desk,
  evacuation,
  factFor,
  freezeOf,
  ownClock,
  payment,
  policy,
  recorded,
  release,
  show,
  type Desk,
} from './testing/desk.ts';
import { program, start, type Program } from './testing/program.ts';

let d: Desk;
beforeEach(() => {
  d = desk();
});
afterEach(() => d[Symbol.dispose]());

const after = (before: Policy, change: Partial<Policy>): Policy => ({
  ...before,
  version: before.version + 1,
  prev: policyDigest(before),
  ...change,
});
const line = (...policies: readonly Policy[]): PolicyChain =>
  policies.flatMap((one) => [...chainOf(one)]) as unknown as PolicyChain;
const perPayment = (units: string) => ({
  rules: policy.rules.map((rule) => ({ ...rule, perPayment: xem(units) })),
});
const loose = after(policy, perPayment('2000'));
const tight = after(policy, perPayment('100'));
const day = 24 * hour;

const large = (one: ReturnType<Desk['start']>, at = now) =>
  why(one.signer.propose(payment(one.signer, { units: xem('1500'), at })));
const small = (one: ReturnType<Desk['start']>, at = now, units = '150') =>
  why(one.signer.propose(payment(one.signer, { units: xem(units), at })));

function objectionTo(of: Policy, by: SigningKey): SignedObjection {
  const objection = { policy: policyDigest(of), keeper: by.publicKey };
  return { objection, signature: signStatement(by, 'objection', objection) };
}

describe('a looser policy', () => {
  it('allows nothing more for a day, and then it does', () => {
    const one = d.start(1, true, line(policy, loose));
    expect(large(one)).toBe('over-payment-limit');
    expect(small(one)).toBe('recorded');
    expect(large(one, now + day - 1000)).toBe('over-payment-limit');
    expect(large(one, now + day)).toBe('recorded');
  });

  it('says by which version it refuses', () => {
    const one = d.start(1, true, line(policy, loose));
    const answer = one.signer.propose(payment(one.signer, { units: xem('1500') }));
    expect(answer).toMatchObject({ detail: expect.stringMatching(/^by version 1: /) });
    const above = one.signer.propose(payment(one.signer, { units: xem('2500') }));
    expect(above).toMatchObject({ detail: expect.stringMatching(/^by version 1: /) });
  });

  it('does not begin its day before the watchtowers tell the time, however late that is', () => {
    const one = d.start(1, true, line(policy, loose));
    // Its file lay there for a year.
    expect(large(one, now + 365 * day)).toBe('over-payment-limit');
    expect(large(one, now + 366 * day)).toBe('recorded');
  });

  it('waits on after a restart, also one between the two writes', () => {
    {
      using first = d.start(1, true, line(policy, loose));
      expect(large(first)).toBe('over-payment-limit');
      // Taken up, and nothing recorded: as after a death in between.
      expect(first.journal.history().seq).toBe(1);
    }
    const second = d.start(1, true, line(policy, loose));
    expect(large(second, now + day - 1000)).toBe('over-payment-limit');
    expect(large(second, now + day)).toBe('recorded');
    expect(second.journal.history().policies).toHaveLength(2);
  });

  it('cannot be hurried by a yet looser one', () => {
    const hasty = after(loose, { loosening: { delay: 0, objection: 0 } });
    const loosest = after(hasty, perPayment('3000'));
    {
      using first = d.start(1, true, line(policy, loose));
      expect(small(first)).toBe('recorded');
    }
    const one = d.start(1, true, line(policy, loose, hasty, loosest));
    const huge = (at: number) => small(one, at, '2500');
    expect(huge(now + hour)).toBe('over-payment-limit');
    // The first of them counts by now, and its wait is over; theirs is not.
    expect(huge(now + day + hour - 1000)).toBe('over-payment-limit');
    expect(huge(now + day + hour)).toBe('recorded');
  });

  it('two versions that wait: a payment needs the word of all three', () => {
    const one = d.start(1, true, line(policy, loose, after(loose, perPayment('100'))));
    expect(small(one, now, '99')).toBe('recorded');
    expect(small(one, now, '150')).toBe('over-payment-limit');
    expect(small(one, now + day, '150')).toBe('over-payment-limit');
  });
});

describe('a tighter policy', () => {
  it('forbids at once, before it is even taken up', () => {
    const one = d.start(1, true, line(policy, tight));
    expect(small(one)).toBe('over-payment-limit');
    expect(small(one, now, '99')).toBe('recorded');
  });

  it('a key that it no longer names opens nothing, though the version before does', () => {
    const [first, second] = towers;
    const changed = after(policy, { watchtowers: { quorum: 1, keys: [second.publicKey] } });
    const one = d.start(1, false, line(policy, changed));
    expect(show(one.signer, [], first)).toMatchObject({ kind: 'done' });
    expect(one.signer.status().open).toBe(false);
    expect(show(one.signer, [], second)).toMatchObject({ kind: 'done' });
    expect(one.signer.status().open).toBe(true);
    // Facts and countersignatures too are needed of both.
    expect(small(one)).toBe('facts-below-quorum');
    const nonces = [one.signer.nonce().nonce];
    const facts = [factFor(nonces), factFor(nonces, {}, second)];
    const record = recorded(one.signer.propose(payment(one.signer, {}, { facts })));
    expect(why(release(one.signer, record, countersignatureOf(record, first)))).toBe('below-quorum');
    expect(why(release(one.signer, record, countersignatureOf(record, second)))).toBe('below-quorum');
    const both = [countersignatureOf(record, first), countersignatureOf(record, second)];
    expect(why(release(one.signer, record, ...both))).toBe('signed');
  });
});

describe('an objection', () => {
  it('is a day more, is kept, and is not the last word', () => {
    {
      using one = d.start(1, true, line(policy, loose));
      small(one);
      expect(one.signer.object(objectionTo(loose, keepers[0]))).toEqual({ kind: 'done' });
      expect(one.signer.object(objectionTo(loose, keepers[0]))).toEqual({ kind: 'done' });
    }
    const one = d.start(1, true, line(policy, loose));
    expect(large(one, now + 2 * day - 1000)).toBe('over-payment-limit');
    expect(large(one, now + 2 * day)).toBe('recorded');
    expect(why(one.signer.object(objectionTo(loose, keepers[1])))).toBe('too-late');
  });

  it.each<[string, () => SignedObjection, string]>([
    ['of a thief', () => objectionTo(loose, thief), 'objection-signature'],
    [
      'of a thief in a keeper’s name',
      () => ({
        objection: { policy: policyDigest(loose), keeper: keepers[0].publicKey },
        signature: objectionTo(loose, thief).signature,
      }),
      'objection-signature',
    ],
    ['to a version that nobody knows', () => objectionTo(tight, keepers[0]), 'no-such-version'],
    ['to the one in force', () => objectionTo(policy, keepers[0]), 'no-such-version'],
  ])('%s is none', (_what, objection, expected) => {
    const one = d.start(1, true, line(policy, loose));
    small(one);
    expect(why(one.signer.object(objection()))).toBe(expected);
  });
});

describe('coins may go home while a version waits', () => {
  // A thief with the keepers' keys pins a cold wallet of his own; or keepers move to another one.
  const elsewhere = chainKey('elsewhere');
  const moved = after(policy, {
    wallets: policy.wallets.map((wallet) =>
      wallet.id === 'cold'
        ? { ...wallet, address: elsewhere.address, publicKey: elsewhere.publicKey }
        : wallet,
    ),
  });
  const frozen = () => {
    const one = d.start(1, true, line(policy, moved));
    small(one);
    one.signer.freeze(freezeOf());
    return one.signer;
  };

  it('to the cold wallet of the version in force', () => {
    const one = frozen();
    const record = recorded(one.propose(evacuation(one)));
    expect(why(release(one, record, countersignatureOf(record)))).toBe('signed');
  });

  it('and not to that of the one that waits', () => {
    const one = frozen();
    expect(why(one.propose(evacuation(one, 1, { to: elsewhere.address })))).toBe('destination-not-pinned');
  });
});

describe('a file that is older, or another', () => {
  it('where the journal is lost too: the watchtowers’ copy goes further, so it stays closed and writes nothing', () => {
    let kept;
    {
      using one = d.start(1, true, line(policy, loose));
      small(one);
      kept = [...one.journal.from(1, 100)];
    }
    rmSync(join(d.folder, 'signer-1.jsonl'));
    {
      const one = d.start(1, false, line(policy));
      expect(show(one.signer, kept)).toMatchObject({
        why: 'another-policy',
        detail: expect.stringMatching(/has not the version .*Put the newest one back/),
      });
      expect(one.signer.status()).toMatchObject({ open: false, seq: 0 });
      expect(small(one)).toBe('closed');
      one[Symbol.dispose]();
    }
    const one = d.start(1, false, line(policy, loose));
    expect(show(one.signer, kept)).toEqual({ kind: 'done' });
    expect(one.signer.status()).toMatchObject({ open: true, seq: kept.length });
  });

  it('does not start, and says what to do', async () => {
    using one = program();
    const next = after(one.policy, { keyDelay: 7 });
    const signed = (of: Policy) => ({
      policy: of as unknown as Plain,
      signatures: keepers.map((keeper) => ({
        keeper: keeper.publicKey,
        signature: signStatement(keeper, 'policy', of),
      })),
    });
    const bundles = (...of: readonly Policy[]) => canonicalText({ bundles: of.map(signed) });
    one.write('journal.jsonl', journalUnder(one, line(one.policy, next)));
    one.write('policy.json', bundles(one.policy));
    await expect(start(one)).rejects.toThrow(
      /policy\.json: has not the version .* older file.*Put the newest one back/,
    );
    one.write('policy.json', bundles(one.policy, after(one.policy, { keyDelay: 8 })));
    await expect(start(one)).rejects.toThrow(/policy\.json: has not the version/);
  });

  /** One that has taken up the second version, as the signer itself writes it. */
  function journalUnder(one: Program, versions: PolicyChain): string {
    const file = join(one.folder, 'other.jsonl');
    const keys = openKeystore(one.at('keystore.json'), Buffer.from('correct horse'));
    using written = openJournal(file, 'signer-1', keys.record);
    const tiles = openTiles(join(one.folder, 'other'), 'signer-1', keys.record, versions, written);
    const clock = { now: () => ownClock.ms };
    const here = openSigner({ id: 'signer-1', chain: versions, keys, journal: written, tiles, clock });
    show(here, []);
    // The bytes are for another key, so it records nothing; the version it has taken up.
    here.propose(payment(here, { units: 1n }));
    expect(written.history().policies).toHaveLength(2);
    return readFileSync(file, 'utf8');
  }
});

describe('keepers who are exchanged', () => {
  it('a keeper who joins has a say at once, one who left keeps theirs while the version waits', () => {
    const joined = keyNamed('keeper 9');
    const people = [keepers[0], joined].map(({ publicKey }, index) => ({
      name: `keeper-${index + 1}`,
      key: publicKey,
    }));
    const changed = after(policy, { keepers: { quorum: 2, people } });
    const one = d.start(1, true, line(policy, changed, after(changed, perPayment('2000'))));
    small(one, now, '99');
    const third = after(changed, perPayment('2000'));
    expect(one.signer.object(objectionTo(third, joined))).toEqual({ kind: 'done' });
    expect(one.signer.object(objectionTo(changed, keepers[1]))).toEqual({ kind: 'done' });
  });
});
