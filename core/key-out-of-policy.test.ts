/** A key of the exchange that may not, not yet, or no more: co-signers and watchtowers judge by it as custody does. */
import { describe, expect, it } from 'vitest';
import {
  judge,
  requestedIntent,
  returnPath,
  Role,
  signRequest,
  type ExchangeKey,
  type Policy,
} from './index.ts';
import {
  bytes,
  control,
  exchange,
  keyOf,
  now,
  partOf,
  paymentCase,
  policy,
  requestFor,
  spendFor,
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

  it.each([
    ['treasury', 'approved'],
    ['withdraw', 'authority-role'],
  ] as const)('a deposit goes back by treasury: %s is %s', (role, expected) => {
    const asked = requestFor();
    const { customer: _customer, ...rest } = JSON.parse(asked.body) as { customer: string };
    const body = JSON.stringify({ ...rest, deposit: `${'a'.repeat(64)}:0` });
    const request = signRequest(exchange, { ...asked, path: returnPath, body });
    const read = requestedIntent('exchange-1', 'hot', request);
    if (read.kind === 'refused') throw new Error(read.why);
    const share = bytes();
    const given = paymentCase([], {
      ask: { intents: [partOf(request, read.intent)], plan: share, share },
      case: {
        policy: keyed(keyOf('key-1', exchange.publicKey, { roles: [role] })),
        explained: { kind: 'spend', spend: spendFor([read.intent], share) },
      },
    });
    expect(why(judge(given))).toBe(expected);
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

describe('one of several keys, of several exchanges', () => {
  const others = keyOf('key-2', thief.publicKey);
  const own = keyOf('key-1', exchange.publicKey);
  const asked = requestFor();
  const under = (exchanges: Policy['exchanges']) =>
    why(judge(paymentCase([asked], { case: { policy: { ...policy, exchanges } } })));

  it.each<[string, Policy['exchanges'], string]>([
    ['the second of its exchange', [{ id: 'exchange-1', keys: [others, own] }], 'approved'],
    [
      'of the second exchange',
      [
        { id: 'exchange-2', keys: [others] },
        { id: 'exchange-1', keys: [own] },
      ],
      'approved',
    ],
    // The id of an intent names its exchange: what one asks for is no other's.
    [
      'of another exchange than asked',
      [
        { id: 'exchange-1', keys: [others] },
        { id: 'exchange-2', keys: [own] },
      ],
      'intent-altered',
    ],
  ])('%s', (_what, exchanges, expected) => {
    expect(under(exchanges)).toBe(expected);
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
