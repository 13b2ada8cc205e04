import { describe, expect, it } from 'vitest';
import { judge, treasuryId, type Case } from './index.ts';
import { emptyHistory } from './history.ts';
import {
  evacuationCase,
  frozenHistory,
  headsOf,
  type keyNamed,
  now,
  policy,
  spendFor,
  statementOf,
  thief,
  tower,
  towers,
  why,
  xem,
} from './testing/house.ts';

const stolen = 'aabbcc';
const evidence = (...statements: ReturnType<typeof statementOf>[]) => ({ bytes: stolen, statements });

describe('an evacuation as it should be', () => {
  it('is approved', () => {
    expect(why(judge(evacuationCase()))).toBe('approved');
    expect(why(judge(evacuationCase({ evidence: evidence(statementOf(stolen)) })))).toBe('approved');
  });
});

describe('a forged evacuation', () => {
  const away = { address: 'THIEF', memo: '' };
  const cases: readonly (readonly [what: string, expected: string, given: Case])[] = [
    ['nobody has frozen', 'not-frozen', evacuationCase({}, { history: emptyHistory() })],
    [
      'to an address that is not pinned',
      'destination-not-pinned',
      evacuationCase({ intent: { destination: away } }),
    ],
    [
      'back into the hot wallet',
      'destination-not-pinned',
      evacuationCase({ intent: { destination: { address: 'HOT', memo: '' } } }),
    ],
    [
      'with a memo',
      'destination-not-pinned',
      evacuationCase({ intent: { destination: { address: 'COLD', memo: 'x' } } }),
    ],
    ['under another reason', 'intent-altered', evacuationCase({ intent: { reason: 'withdrawal' } })],
    [
      'under another number’s id',
      'intent-altered',
      evacuationCase({ intent: { id: treasuryId('evacuation', 'hot', 2) } }),
    ],
    [
      'under another wallet’s id',
      'intent-altered',
      evacuationCase({ intent: { id: treasuryId('evacuation', 'cold', 1) } }),
    ],
    [
      'for another wallet than it names, under this one’s number',
      'intent-altered',
      evacuationCase({ intent: { wallet: 'cold' } }),
    ],
    [
      'of an asset that no rule is about',
      'no-rule',
      evacuationCase({}, { policy: { ...policy, rules: [] } }),
    ],
    [
      'from a wallet that has no home',
      'destination-not-pinned',
      evacuationCase(
        {},
        { policy: { ...policy, wallets: policy.wallets.map((one) => ({ ...one, evacuateTo: null })) } },
      ),
    ],
    [
      'evidence that no key of ours signed',
      'evidence-signature',
      evacuationCase({}, { evidenceSigned: false }),
    ],
    ['expired', 'intent-expired', evacuationCase({ intent: { expiry: Math.floor(now / 1000) } })],
    [
      'no statement by a watchtower',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf(stolen, thief)) }),
    ],
    [
      'a statement about other bytes',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf('ddeeff')) }),
    ],
    [
      'a statement about another wallet',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf(stolen, tower, headsOf([0, 0]), 'cold')) }),
    ],
    [
      'a statement that does not name this signer’s journal',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf(stolen, tower, headsOf([0, 0]).slice(1))) }),
    ],
    [
      'a statement that does not name another signer’s journal',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf(stolen, tower, headsOf([0]))) }),
    ],
    [
      'a statement that names the journals of another house',
      'evidence-below-quorum',
      evacuationCase({
        evidence: evidence(
          statementOf(
            stolen,
            tower,
            headsOf([0, 0]).map((head) => ({ ...head, signer: `${head.signer}-of-another` })),
          ),
        ),
      }),
    ],
    [
      'a statement about a journal longer than ours',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence(statementOf(stolen, tower, headsOf([1, 0]))) }),
    ],
    [
      'a statement whose signature is another’s',
      'evidence-below-quorum',
      evacuationCase({ evidence: evidence({ ...statementOf(stolen), watchtower: thief.publicKey }) }),
    ],
  ];

  it.each(cases)('%s', (_what, expected, given) => {
    expect(why(judge(given))).toBe(expected);
  });

  it('is none because another signer’s journal is longer than what this one knows of it', () => {
    const given = evacuationCase({ evidence: evidence(statementOf(stolen, tower, headsOf([0, 9]))) });
    expect(why(judge(given))).toBe('approved');
  });

  it('evidence that left by our own hand', () => {
    const given = evacuationCase({ evidence: evidence(statementOf(stolen)) }, { evidenceCovered: true });
    expect(why(judge(given))).toBe('evidence-is-covered');
  });

  it('bytes that pay somebody else under a pinned intent', () => {
    const given = evacuationCase();
    if (given.explained.kind !== 'spend') throw new Error('explained');
    const { spend } = given.explained;
    const outputs = spend.outputs.map((output) => ({ ...output, address: 'THIEF' }));
    const explained = { kind: 'spend', spend: { ...spend, outputs } } as const;
    expect(why(judge({ ...given, explained }))).toBe('output-without-intent');
  });

  it('fees beyond the cap of the intent, and beyond that of the rule', () => {
    for (const [feeCap, fees, expected] of [
      [xem('2'), xem('2'), 'approved'],
      [xem('2'), xem('2.000001'), 'fee-over-cap'],
      [xem('9'), xem('5'), 'approved'],
      [xem('9'), xem('5.000001'), 'fee-over-cap'],
    ] as const) {
      const given = evacuationCase({ intent: { feeCap } });
      if (given.ask.kind !== 'evacuation') throw new Error('an evacuation');
      const spend = spendFor([given.ask.intent], given.ask.share, { fees });
      expect(why(judge({ ...given, explained: { kind: 'spend', spend } }))).toBe(expected);
    }
  });
});

describe('a fee beyond the cap of the rule, to outbid a thief', () => {
  const outbid = { ...policy, rules: policy.rules.map((one) => ({ ...one, outbid: { shareBps: 5_000 } })) };
  const other = 'ddeeff';
  const beside = [{ bytes: other, signer: 'c1', signature: '00', statements: [statementOf(other)] }];
  function judged(fees: bigint, over: Partial<Case> = {}, more: Parameters<typeof evacuationCase>[0] = {}) {
    const given = evacuationCase(
      { intent: { feeCap: xem('90000') }, ...more, ask: { beside, ...more.ask } },
      { policy: outbid, races: true, ...over },
    );
    if (given.ask.kind !== 'evacuation') throw new Error('an evacuation');
    const spend = spendFor([given.ask.intent], given.ask.share, { fees });
    return why(judge({ ...given, explained: { kind: 'spend', spend } }));
  }

  it('is the policy’s share of what the coins held, and not a unit more', () => {
    // 49,000 go home, so the coins held twice as much where as much is paid.
    expect(judged(xem('49000'))).toBe('approved');
    expect(judged(xem('49000.000002'))).toBe('fee-over-cap');
    expect(judged(xem('49000'), {}, { intent: { feeCap: xem('48999') } })).toBe('fee-over-cap');
  });

  it('only where the theft is wholly signed, and the policy has a share', () => {
    expect(judged(xem('6'), { races: false })).toBe('fee-over-cap');
    expect(judged(xem('5'), { races: false })).toBe('approved');
    expect(judged(xem('6'), { policy })).toBe('fee-over-cap');
  });

  it('by no evidence that one of the keys’ records covers, or that no quorum speaks for', () => {
    expect(judged(xem('6'), { evidenceCovered: true })).toBe('evidence-is-covered');
    expect(judged(xem('6'), { evidenceSigned: false })).toBe('evidence-signature');
    const by = (statement: ReturnType<typeof statementOf>) => [
      { bytes: other, signer: 'c1', signature: '00', statements: [statement] },
    ];
    expect(judged(xem('6'), {}, { ask: { beside: by(statementOf(other, thief)) } })).toBe(
      'evidence-below-quorum',
    );
    expect(judged(xem('6'), {}, { ask: { beside: by(statementOf(stolen)) } })).toBe('evidence-below-quorum');
  });
});

describe('a quorum of watchtowers', () => {
  const three = { ...policy, watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) } };
  const judged = (...by: readonly ReturnType<typeof keyNamed>[]) =>
    why(
      judge(
        evacuationCase(
          { evidence: evidence(...by.map((one) => statementOf(stolen, one))) },
          { policy: three },
        ),
      ),
    );

  it('is two different ones of three', () => {
    expect(judged(towers[0], towers[2])).toBe('approved');
    expect(judged(towers[0])).toBe('evidence-below-quorum');
    expect(judged(towers[0], towers[0])).toBe('evidence-below-quorum');
    expect(judged(towers[0], thief)).toBe('evidence-below-quorum');
  });
});

describe('numbers', () => {
  const numbered = (number: number, last: number) =>
    why(
      judge(
        evacuationCase(
          { ask: { number }, intent: { id: treasuryId('evacuation', 'hot', number) } },
          { history: { ...frozenHistory(), evacuations: new Map([['hot', last]]) } },
        ),
      ),
    );

  it('are used once, and never again', () => {
    expect(numbered(1, 1)).toBe('number-used');
    expect(numbered(1, 2)).toBe('number-used');
    expect(numbered(2, 1)).toBe('approved');
  });

  it('cannot all be used up by whoever has seen the evidence', () => {
    expect(numbered(Number.MAX_SAFE_INTEGER, 0)).toBe('number-far-ahead');
    expect(numbered(1_000_000, 0)).toBe('approved');
    expect(numbered(1_000_001, 0)).toBe('number-far-ahead');
  });
});
