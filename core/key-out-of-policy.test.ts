/** A key of the exchange that may not, not yet, or no more: co-signers and watchtowers judge by it as custody does. */
import { describe, expect, it } from 'vitest';
import { judge, Role, type ExchangeKey, type Policy } from './index.ts';
import {
  control,
  exchange,
  keyOf,
  now,
  paymentCase,
  policy,
  requestFor,
  thief,
  why,
} from './testing/house.ts';

const keyed = (...keys: ExchangeKey[]): Policy => ({ ...policy, exchanges: [{ id: 'exchange-1', keys }] });
const judged = (key: ExchangeKey, request = requestFor(), at = now) =>
  why(
    judge(
      paymentCase([request], {
        case: { policy: keyed(key), witnessed: { at, balance: 50_000_000_000n, control, dead: new Set() } },
        spend: { validUntil: Math.floor(at / 1000) + 7200 },
      }),
    ),
  );

describe('a key’s roles', () => {
  it.each(Role.options.filter((role) => role !== 'withdraw'))('%s alone pays nobody', (role) => {
    expect(judged(keyOf('key-1', exchange.publicKey, { roles: [role] }))).toBe('authority-role');
  });

  it('withdraw alone does', () => {
    expect(judged(keyOf('key-1', exchange.publicKey, { roles: ['withdraw'] }))).toBe('approved');
  });
});

describe('a key that was added', () => {
  const from = now / 1000 + 3600;
  const key = keyOf('key-1', exchange.publicKey, { notBefore: from });

  it('pays nobody before its time', () => {
    expect(judged(key)).toBe('authority-key-early');
    expect(judged(key, requestFor({ at: (from - 1) * 1000 }), (from - 1) * 1000)).toBe('authority-key-early');
  });

  it('does from then on', () => {
    expect(judged(key, requestFor({ at: from * 1000 }), from * 1000)).toBe('approved');
  });

  it('and what it signed before does not count then: whoever had it early keeps nothing for later', () => {
    expect(judged(key, requestFor({ at: (from - 1) * 1000 }), (from + 60) * 1000)).toBe(
      'authority-key-early',
    );
  });

  it('nor does a request dated ahead, at a time before the key’s', () => {
    expect(judged(key, requestFor({ at: from * 1000 }), (from - 1) * 1000)).toBe('authority-key-early');
  });
});

describe('a key that was removed', () => {
  it('pays nobody any more, not even what it asked for before', () => {
    expect(judged(keyOf('key-2', thief.publicKey), requestFor({ at: now - 600_000 }))).toBe(
      'authority-key-unknown',
    );
  });

  it('nor when its name is given to another key', () => {
    expect(judged(keyOf('key-1', thief.publicKey))).toBe('authority-signature');
  });
});
