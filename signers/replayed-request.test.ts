import { afterAll, describe, expect, it, vi } from 'vitest';
import { keyNamed, now, requestFor, tower, why, xem } from '../core/testing/house.ts';
import {
  alice,
  countersignatureOf,
  desk,
  factFor,
  payment,
  planned,
  recorded,
  release,
  thiefAddress,
} from './testing/desk.ts';

const d = desk();
afterAll(() => d[Symbol.dispose]());
const { signer, journal } = d.start();

describe('a request that was paid is not paid again', () => {
  const request = requestFor({ to: alice });
  const first = payment(signer, request);
  const record = recorded(signer.propose(first));

  it('asked again for the same bytes: the identical record, without new facts, and nothing new is written', () => {
    const lines = journal.history().seq;
    expect(recorded(signer.propose(first))).toEqual(record);
    expect(recorded(signer.propose({ ...first, facts: [factFor(['0'.repeat(32)])] }))).toEqual(record);
    expect(journal.history().seq).toBe(lines);
  });

  it('and the identical signature', () => {
    const signed = release(signer, record, countersignatureOf(record));
    expect(signed.kind).toBe('signed');
    expect(release(signer, record, countersignatureOf(record))).toEqual(signed);
  });

  it('other bytes for it are refused: a later deadline', () => {
    const { plan, shares } = planned(alice, xem('10'), now + 60_000);
    const again = payment(signer, request, { plan, share: shares[0]?.share ?? '' });
    expect(why(signer.propose(again))).toBe('paid-by-another-transaction');
  });

  it('the same share towards another wrapper is refused', () => {
    const { plan } = planned(alice, xem('10'), now + 60_000);
    expect(why(signer.propose(payment(signer, request, { plan })))).not.toBe('recorded');
  });

  it('nor after a restart', () => {
    using again = d.start();
    const { plan, shares } = planned(alice, xem('10'), now + 120_000);
    const ask = payment(again.signer, request, { plan, share: shares[0]?.share ?? '' });
    expect(why(again.signer.propose(ask))).toBe('paid-by-another-transaction');
  });
});

describe('the destination altered on the way', () => {
  it('in the bytes', () => {
    const { plan, shares } = planned(thiefAddress, xem('10'));
    const ask = payment(signer, {}, { plan, share: shares[0]?.share ?? '' });
    expect(why(signer.propose(ask))).toBe('output-without-intent');
  });

  it('in the amount of the bytes', () => {
    const { plan, shares } = planned(alice, xem('10.000001'));
    const ask = payment(signer, {}, { plan, share: shares[0]?.share ?? '' });
    expect(why(signer.propose(ask))).toBe('output-without-intent');
  });

  it('in the memo of the bytes', () => {
    const { plan, shares } = planned(alice, xem('10'), now, 'other');
    const ask = payment(signer, {}, { plan, share: shares[0]?.share ?? '' });
    expect(why(signer.propose(ask))).toBe('output-without-intent');
  });

  it('in the intent', () => {
    const ask = payment(signer);
    const [part] = ask.intents;
    if (!part) throw new Error('one intent');
    const intent = { ...part.intent, destination: { address: thiefAddress, memo: '' } };
    expect(why(signer.propose({ ...ask, intents: [{ ...part, intent }] }))).toBe('intent-altered');
  });

  it('to the same bytes under another request: nobody is paid twice by one transaction', () => {
    const ask = payment(signer);
    recorded(signer.propose(ask));
    const { plan, share } = ask;
    expect(why(signer.propose(payment(signer, {}, { plan, share })))).toBe('bytes-recorded-before');
  });
});

describe('facts', () => {
  it('are used up by the payment that they allowed', () => {
    const ask = payment(signer);
    recorded(signer.propose(ask));
    expect(why(signer.propose(payment(signer, {}, { facts: ask.facts })))).toBe('facts-below-quorum');
  });

  it('over three of our nonces speak for three payments, and for no fourth', () => {
    const fact = factFor([signer.nonce().nonce, signer.nonce().nonce, signer.nonce().nonce]);
    for (let count = 0; count < 3; count += 1)
      recorded(signer.propose(payment(signer, {}, { facts: [fact] })));
    expect(why(signer.propose(payment(signer, {}, { facts: [fact] })))).toBe('facts-below-quorum');
  });

  it('whose nonce is used up elsewhere are used up by it: no nonce speaks in two facts', () => {
    const { nonce } = signer.nonce();
    recorded(signer.propose(payment(signer, {}, { facts: [factFor([nonce])] })));
    const again = factFor([nonce], { at: now + 1 });
    expect(why(signer.propose(payment(signer, {}, { facts: [again] })))).toBe('facts-below-quorum');
  });

  it('refused for another reason, a payment uses none up', () => {
    const fact = factFor([signer.nonce().nonce]);
    const tooMuch = payment(signer, { units: 10n ** 15n }, { facts: [fact] });
    expect(why(signer.propose(tooMuch))).toBe('over-payment-limit');
    recorded(signer.propose(payment(signer, {}, { facts: [fact] })));
  });

  it('over a nonce that we did not give out', () => {
    const ask = payment(signer, {}, { facts: [factFor(['0'.repeat(32)])] });
    expect(why(signer.propose(ask))).toBe('facts-below-quorum');
  });

  it('over a nonce of a start before this one', () => {
    using again = d.start();
    const ask = payment(again.signer, {}, { facts: [factFor([signer.nonce().nonce])] });
    expect(why(again.signer.propose(ask))).toBe('facts-below-quorum');
  });

  it('signed by a stranger, over our nonce', () => {
    const fact = factFor([signer.nonce().nonce], {}, keyNamed('thief'));
    expect(why(signer.propose(payment(signer, {}, { facts: [fact] })))).toBe('facts-below-quorum');
  });

  it('of a time before the journal’s', () => {
    const late = { at: now + 200_000 };
    const nonce = signer.nonce().nonce;
    recorded(signer.propose(payment(signer, {}, { facts: [factFor([nonce], late)] })));
    const back = factFor([signer.nonce().nonce], { at: now });
    expect(why(signer.propose(payment(signer, {}, { facts: [back] })))).toBe('time-goes-back');
  });

  it('a flood of nonces forgets the oldest, and takes no more memory than that', () => {
    const old = signer.nonce().nonce;
    for (let asked = 0; asked < 5_000; asked += 1) signer.nonce();
    const at = { at: now + 200_000 };
    expect(why(signer.propose(payment(signer, {}, { facts: [factFor([old], at)] })))).toBe(
      'facts-below-quorum',
    );
  });
});

describe('a nonce', () => {
  it('lives for a minute of the signer’s own clock', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const late = { at: now + 200_000 };
      const [early, tooLate] = [signer.nonce().nonce, signer.nonce().nonce];
      vi.advanceTimersByTime(59_999);
      expect(why(signer.propose(payment(signer, {}, { facts: [factFor([early], late)] })))).toBe('recorded');
      vi.advanceTimersByTime(1);
      expect(why(signer.propose(payment(signer, {}, { facts: [factFor([tooLate], late)] })))).toBe(
        'facts-below-quorum',
      );
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('released without countersignature', () => {
  const other = desk();
  afterAll(() => other[Symbol.dispose]());
  const { signer: another } = other.start();
  const record = recorded(another.propose(payment(another)));
  const second = recorded(another.propose(payment(another)));
  const good = countersignatureOf(record);

  it.each([
    ['none', []],
    ['of another entry', [countersignatureOf(second)]],
    ['by a stranger', [countersignatureOf(record, keyNamed('thief'))]],
    [
      'by a stranger in the watchtower’s name',
      [{ ...countersignatureOf(record, keyNamed('thief')), watchtower: tower.publicKey }],
    ],
    ['the signer’s own', [countersignatureOf(record, keyNamed('record 1'))]],
    ['made up', [{ ...good, signature: '00'.repeat(64) }]],
  ])('%s', (_what, countersignatures) => {
    expect(why(release(another, record, ...countersignatures))).toBe('below-quorum');
  });

  it('of an entry that is not there', () => {
    expect(why(another.release({ entry: 'f'.repeat(64), countersignatures: [good] }))).toBe('no-such-entry');
  });

  it('as it should be, it is signed', () => {
    expect(why(release(another, record, good))).toBe('signed');
  });
});
