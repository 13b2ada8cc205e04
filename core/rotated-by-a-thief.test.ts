/** Who can put another key into a wallet: the keepers together, a spare that the policy pinned, in the place of one key, and nobody else. */
import { describe, expect, it } from 'vitest';
import {
  judge,
  judgeRotation,
  policyDigest,
  signStatement,
  soundness,
  type Case,
  type Change,
  type Policy,
  type Rotation,
  type RotationAsk,
  type SigningKey,
} from './index.ts';
import {
  bytes,
  evacuationCase,
  frozenHistory,
  keepers,
  now,
  operator,
  paymentCase,
  policy,
  thief,
  why,
  xem,
} from './testing/house.ts';

const withSpares: Policy = {
  ...policy,
  signers: [...policy.signers, { id: 'signer-3', recordKey: 'f'.repeat(64) }],
  wallets: policy.wallets.map((wallet) =>
    wallet.id === 'hot'
      ? {
          ...wallet,
          spares: [
            { publicKey: 's1', signer: 'signer-3' },
            { publicKey: 's2', signer: null },
          ],
        }
      : wallet,
  ),
};

function rotationCase(
  change: {
    readonly rotation?: Partial<Rotation>;
    readonly by?: readonly SigningKey[];
    readonly bytes?: Partial<Change>;
    readonly case?: Partial<Case>;
  } = {},
): Case {
  const share = bytes();
  const rotation: Rotation = {
    wallet: 'hot',
    remove: 'c2',
    add: 's1',
    policy: policyDigest(withSpares),
    expiry: Math.floor(now / 1000) + 7200,
    ...change.rotation,
  };
  const signatures = (change.by ?? keepers).map((key) => ({
    keeper: key.publicKey,
    signature: signStatement(key, 'rotation', rotation),
  }));
  const ask: RotationAsk = {
    kind: 'rotation',
    wallet: 'hot',
    rotation: { rotation, signatures },
    plan: share,
    share,
    facts: [],
  };
  const meant: Change = {
    account: 'HOT',
    remove: 'c2',
    add: 's1',
    fees: xem('0.8'),
    validUntil: Math.floor(now / 1000) + 3600,
    signer: 'c1',
    share,
    ...change.bytes,
  };
  return {
    ...paymentCase(),
    policy: withSpares,
    ask,
    explained: { kind: 'change', change: meant },
    ...change.case,
  };
}

describe('a rotation', () => {
  it('by the keepers, of one key for a spare of its kind: frozen or not', () => {
    expect(why(judge(rotationCase()))).toBe('approved');
    expect(why(judge(rotationCase({ case: { history: frozenHistory() } })))).toBe('approved');
    const vault = { remove: 'c3', add: 's2' };
    expect(why(judge(rotationCase({ rotation: vault, bytes: vault })))).toBe('approved');
  });

  it.each<[string, Parameters<typeof rotationCase>[0], string]>([
    ['one keeper', { by: keepers.slice(0, 1) }, 'rotation-below-quorum'],
    ['one keeper twice', { by: [keepers[0], keepers[0]] }, 'rotation-below-quorum'],
    ['a keeper and an operator', { by: [keepers[0], operator] }, 'rotation-below-quorum'],
    ['a thief', { by: [thief, thief] }, 'rotation-below-quorum'],
    ['the keepers, under another version', { rotation: { policy: '0'.repeat(64) } }, 'rotation-policy'],
    ['a key that is no spare', { rotation: { add: 'thief' }, bytes: { add: 'thief' } }, 'no-spare'],
    ['a key of the wallet', { rotation: { add: 'c1' }, bytes: { add: 'c1' } }, 'no-spare'],
    ['a vault’s spare for an online key', { rotation: { add: 's2' }, bytes: { add: 's2' } }, 'no-spare'],
    [
      'an online spare for a vault’s key',
      { rotation: { remove: 'c3' }, bytes: { remove: 'c3' } },
      'no-spare',
    ],
    ['a key that is not there', { rotation: { remove: 'c9' }, bytes: { remove: 'c9' } }, 'not-a-cosigner'],
    ['bytes that add another', { bytes: { add: 's2' } }, 'rotation-altered'],
    ['bytes that remove another', { bytes: { remove: 'c1' } }, 'rotation-altered'],
    ['bytes of another account', { bytes: { account: 'COLD' } }, 'spends-another-account'],
    ['another wallet’s', { rotation: { wallet: 'cold' } }, 'rotation-altered'],
    ['bytes for another key', { bytes: { signer: 'c2' } }, 'signs-with-another-key'],
    ['too dear', { bytes: { fees: xem('5') + 1n } }, 'fee-over-cap'],
    ['too late', { rotation: { expiry: now / 1000 } }, 'intent-expired'],
    ['bytes that outlive it', { bytes: { validUntil: now / 1000 + 7201 } }, 'outlives-intent'],
  ])('%s: refused', (_what, change, expected) => {
    expect(why(judge(rotationCase(change)))).toBe(expected);
  });

  it.each<[string, Parameters<typeof rotationCase>[0]]>([
    ['as dear as the rule allows', { bytes: { fees: xem('5') } }],
    ['valid as long as it is', { bytes: { validUntil: Math.floor(now / 1000) + 7200 } }],
  ])('%s: approved, in the keepers’ name', (_what, change) => {
    expect(judge(rotationCase(change))).toMatchObject({ approved: { grounds: ['keepers: c2 by s1'] } });
  });

  it('is no payment, nor an evacuation, and they are none', () => {
    const { explained } = rotationCase();
    const payment = paymentCase();
    expect(why(judge({ ...payment, explained: withShare(explained, payment) }))).toBe('bytes-refused');
    const evacuation = evacuationCase();
    expect(why(judge({ ...evacuation, explained: withShare(explained, evacuation) }))).toBe('bytes-refused');
    const rotation = rotationCase();
    expect(why(judge({ ...rotation, explained: withShare(payment.explained, rotation) }))).toBe(
      'bytes-refused',
    );
  });
});

/** A vault asks for no facts and has no journal: it judges the rotation alone, and stands behind no other check. */
describe('before a vault', () => {
  const judged = (change: Partial<Change> = {}, under: Policy = withSpares) => {
    const { ask, explained } = rotationCase({ rotation: { policy: policyDigest(under) }, bytes: change });
    const wallet = under.wallets.find(({ id }) => id === 'hot');
    if (ask.kind !== 'rotation' || explained.kind !== 'change' || !wallet) throw new Error('a rotation');
    const judgement = judgeRotation({ policy: under, witnessed: { at: now } }, ask, wallet, explained.change);
    return 'why' in judgement ? judgement.why : 'allowed';
  };
  const [rule] = withSpares.rules;
  if (!rule) throw new Error('the test policy has a rule');
  const dear = { ...rule, wallet: 'another', feeCap: xem('100') };

  it.each<[string, Partial<Change>, Policy, string]>([
    ['as it should be', {}, withSpares, 'allowed'],
    ['bytes of another account', { account: 'COLD' }, withSpares, 'rotation-altered'],
    ['a wallet without spares', {}, policy, 'no-spare'],
    ['a wallet that no rule is about', {}, { ...withSpares, rules: [] }, 'no-rule'],
    [
      'fees that another wallet’s rule allows',
      { fees: xem('6') },
      { ...withSpares, rules: [dear, rule] },
      'fee-over-cap',
    ],
  ])('%s', (_what, change, under, expected) => {
    expect(judged(change, under)).toBe(expected);
  });
});

function withShare(explained: Case['explained'], { ask: { share } }: Case): Case['explained'] {
  if (explained.kind === 'spend') return { kind: 'spend', spend: { ...explained.spend, share } };
  return explained.kind === 'change' ? { kind: 'change', change: { ...explained.change, share } } : explained;
}

describe('a spare', () => {
  const flawOf = (spares: NonNullable<Policy['wallets'][number]['spares']>) =>
    soundness({
      ...withSpares,
      wallets: withSpares.wallets.map((wallet) => (wallet.id === 'hot' ? { ...wallet, spares } : wallet)),
    })?.field;
  it.each<[string, Parameters<typeof flawOf>[0], string | undefined]>([
    [
      'of a signer of its own, and one of a vault',
      [
        { publicKey: 's1', signer: 'signer-3' },
        { publicKey: 's2', signer: null },
      ],
      undefined,
    ],
    ['that is a cosigner already', [{ publicKey: 'c1', signer: null }], 'wallets.0.spares.0.publicKey'],
    ['that is a cold wallet’s key', [{ publicKey: 'd1', signer: null }], 'wallets.0.spares.0.publicKey'],
    [
      'named twice',
      [
        { publicKey: 's1', signer: null },
        { publicKey: 's1', signer: null },
      ],
      'wallets.0.spares.0.publicKey',
    ],
    ['that is the wallet’s own', [{ publicKey: 'hot', signer: null }], 'wallets.0.spares.0.publicKey'],
    [
      'of a vault beside another of a vault',
      [
        { publicKey: 's1', signer: null },
        { publicKey: 's2', signer: null },
      ],
      undefined,
    ],
    [
      'of a signer that holds another spare',
      [
        { publicKey: 's1', signer: 'signer-3' },
        { publicKey: 's2', signer: 'signer-3' },
      ],
      'wallets.0.spares.0.signer',
    ],
    ['of a signer that nobody knows', [{ publicKey: 's1', signer: 'signer-9' }], 'wallets.0.spares.0.signer'],
    [
      'of a signer that holds a key of the wallet',
      [{ publicKey: 's1', signer: 'signer-1' }],
      'wallets.0.spares.0.signer',
    ],
  ])('%s', (_what, spares, expected) => {
    expect(flawOf(spares)).toBe(expected);
  });

  it('that stands by for two wallets', () => {
    const spares = [{ publicKey: 's2', signer: null }];
    const both = { ...policy, wallets: policy.wallets.map((wallet) => ({ ...wallet, spares })) };
    expect(soundness(both)?.field).toBe('wallets.0.spares.0.publicKey');
  });
});
