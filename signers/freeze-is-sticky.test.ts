import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signShare } from '@kuramori/chains/nem/codec';
import { XEM } from '@kuramori/core';
import { keyNamed, statementOf, tower, why } from '../core/testing/house.ts';
import {
  cosigners,
  countersignatureOf,
  desk,
  evacuation,
  freezeOf,
  payment,
  recorded,
  release,
  show,
  theft,
  thiefAddress,
  type Desk,
} from './testing/desk.ts';

let d: Desk;
beforeEach(() => {
  d = desk();
});
afterEach(() => d[Symbol.dispose]());

describe('a frozen signer', () => {
  it('records no payment, and lets go of none that it recorded before', () => {
    const { signer } = d.start();
    const record = recorded(signer.propose(payment(signer)));
    expect(signer.freeze(freezeOf())).toEqual({ kind: 'done' });
    expect(why(signer.propose(payment(signer)))).toBe('frozen');
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('frozen');
  });

  it('stays so after a restart', () => {
    {
      using first = d.start();
      first.signer.freeze(freezeOf());
    }
    const { signer } = d.start();
    expect(signer.status().frozen).toEqual(freezeOf());
    expect(why(signer.propose(payment(signer)))).toBe('frozen');
  });

  it('of one asset pays it no more, is widened by the same hand, and keeps both after a restart', () => {
    const freezes = [freezeOf(tower, 'one', [XEM]), freezeOf(tower, 'all')];
    {
      using first = d.start();
      const record = recorded(first.signer.propose(payment(first.signer)));
      for (const freeze of freezes.slice(0, 1)) expect(first.signer.freeze(freeze)).toEqual({ kind: 'done' });
      expect(why(first.signer.propose(payment(first.signer)))).toBe('frozen');
      expect(why(release(first.signer, record, countersignatureOf(record)))).toBe('frozen');
      const home = recorded(first.signer.propose(evacuation(first.signer)));
      expect(why(release(first.signer, home, countersignatureOf(home)))).toBe('signed');
      first.signer.freeze(freezeOf(tower, 'one again', [XEM]));
      for (const freeze of freezes) first.signer.freeze(freeze);
    }
    expect(d.start().signer.status().freezes).toEqual(freezes);
  });

  it('is not frozen by a stranger', () => {
    const { signer } = d.start();
    expect(why(signer.freeze(freezeOf(keyNamed('thief'))))).toBe('freeze-signature');
    expect(signer.status().frozen).toBe(null);
  });

  it('is frozen by another signer', () => {
    const { signer } = d.start();
    expect(signer.freeze(freezeOf(keyNamed('record 2')))).toEqual({ kind: 'done' });
  });

  it('lets coins go home', () => {
    const { signer } = d.start();
    signer.freeze(freezeOf());
    const record = recorded(signer.propose(evacuation(signer)));
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('signed');
    expect(why(release(signer, record))).toBe('below-quorum');
  });

  it('lets them go nowhere else', () => {
    const { signer } = d.start();
    expect(why(signer.propose(evacuation(signer)))).toBe('not-frozen');
    signer.freeze(freezeOf());
    expect(why(signer.propose(evacuation(signer, 1, { to: thiefAddress })))).toBe('destination-not-pinned');
    const stolen = theft();
    const altered = { ...stolen, signature: `${stolen.signature.slice(0, -2)}00` };
    const statements = [statementOf(stolen.bytes)];
    for (const evidence of [
      { ...altered, statements },
      // Signed, but by a key that is nobody's here.
      { ...stolen, signer: keyNamed('thief').publicKey, statements },
      { ...stolen, bytes: '00', signature: '', statements: [statementOf('00')] },
    ]) {
      expect(why(signer.propose(evacuation(signer, 1, { evidence })))).toBe('evidence-signature');
    }
    const byThief = [statementOf(stolen.bytes, keyNamed('thief'))];
    expect(why(signer.propose(evacuation(signer, 1, { evidence: { statements: byThief } })))).toBe(
      'evidence-below-quorum',
    );
  });

  it('takes its own released bytes for no evidence', () => {
    const { signer } = d.start();
    const ask = payment(signer);
    const record = recorded(signer.propose(ask));
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('signed');
    signer.freeze(freezeOf());
    expect(why(signer.propose(evacuation(signer, 1, { evidence: byHand(ask.share) })))).toBe(
      'evidence-is-covered',
    );
  });

  it('takes bytes that it recorded and never let go for evidence: the stolen key signed them elsewhere', () => {
    const first = d.start();
    const ask = payment(first.signer);
    recorded(first.signer.propose(ask));
    first.signer.freeze(freezeOf());
    expect(why(first.signer.propose(evacuation(first.signer, 1, { evidence: byHand(ask.share) })))).toBe(
      'recorded',
    );
  });

  it('after a restart nobody knows what was let go: what was recorded before is no evidence', () => {
    let share = '';
    {
      using first = d.start();
      const ask = payment(first.signer);
      recorded(first.signer.propose(ask));
      share = ask.share;
    }
    const { signer } = d.start();
    signer.freeze(freezeOf());
    expect(why(signer.propose(evacuation(signer, 1, { evidence: byHand(share) })))).toBe(
      'evidence-is-covered',
    );
  });

  it('one number is one evacuation, also after a restart', () => {
    {
      using first = d.start();
      first.signer.freeze(freezeOf());
      recorded(first.signer.propose(evacuation(first.signer, 1)));
    }
    const { signer } = d.start();
    const other = evacuation(signer, 1, { units: 7n });
    expect(why(signer.propose(other))).toBe('number-used');
    expect(why(signer.propose(evacuation(signer, 2)))).toBe('recorded');
  });
});

/** A signature over a share by the first signer's key, wherever it was made. */
function byHand(share: string) {
  const [{ publicKey, privateKey }] = cosigners;
  return {
    bytes: share,
    signer: publicKey,
    signature: signShare(privateKey, share),
    statements: [statementOf(share)],
  };
}

describe('a signer that is not open yet', () => {
  it('signs nothing, records nothing, and lets go of nothing', () => {
    const first = d.start();
    const record = recorded(first.signer.propose(payment(first.signer)));
    const { signer } = d.start(1, false);
    expect(why(signer.propose(payment(signer)))).toBe('closed');
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('closed');
  });

  it('holds by a freeze at once, and writes it down only when its journal is the newest', () => {
    const { signer, journal } = d.start(1, false);
    expect(why(signer.freeze(freezeOf()))).toBe('closed');
    expect(signer.status().frozen).toEqual(freezeOf());
    expect(journal.history().seq).toBe(0);
    show(signer, []);
    expect(journal.history().freezes).toEqual([freezeOf()]);
    expect(signer.freeze(freezeOf())).toEqual({ kind: 'done' });
    expect(why(signer.propose(payment(signer)))).toBe('frozen');
  });

  it.each([
    ['by a stranger', keyNamed('thief'), undefined, 'head-signature'],
    ['for an earlier start', tower, '0'.repeat(32), 'head-session'],
  ])('is not opened %s', (_what, by, session, expected) => {
    const { signer } = d.start(1, false);
    expect(why(show(signer, [], by, session))).toBe(expected);
    expect(signer.status().open).toBe(false);
  });
});
