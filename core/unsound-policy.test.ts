import { describe, expect, it } from 'vitest';
import {
  BTC,
  canonicalText,
  readPolicy,
  signStatement,
  soundness,
  type Policy,
  type Wallet,
} from './index.ts';
import {
  exchange as exchangesKey,
  keepers,
  keyNamed,
  keyOf,
  operator,
  policy,
  records,
  thief,
  tower,
  towers,
} from './testing/house.ts';

const pinned = { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 };

/** The file as it lies on the disk: amounts as texts. */
function fileOf(of: Policy, by = keepers as readonly (typeof thief)[]): Record<string, unknown> {
  const signatures = by.map((keeper) => ({
    keeper: keeper.publicKey,
    signature: signStatement(keeper, 'policy', of),
  }));
  return { policy: JSON.parse(canonicalText(of)) as unknown, signatures };
}

type Refusal = { readonly field: string; readonly why: string };
const refusal = (file: unknown, keys = pinned): Refusal | 'read' => {
  const read = readPolicy(file, keys);
  return read.kind === 'policy' ? 'read' : read;
};

describe('signatures', () => {
  it('of a quorum of the pinned keepers', () => {
    expect(refusal(fileOf(policy))).toBe('read');
  });

  it.each([
    ['nobody', []],
    ['too few', [keepers[0]]],
    ['one twice', [keepers[0], keepers[0]]],
    ['one and a stranger', [keepers[0], thief]],
  ])('by %s: nothing of the file is used', (_who, by) => {
    expect(refusal(fileOf(policy, by))).toMatchObject({ field: 'signatures' });
  });

  it('over other rules than the file holds', () => {
    const loosened = { ...policy, rules: policy.rules.map((rule) => ({ ...rule, perPayment: 10n ** 15n })) };
    const file = { ...fileOf(loosened), signatures: fileOf(policy)['signatures'] };
    expect(refusal(file)).toMatchObject({
      field: 'signatures',
      why: expect.stringContaining('0 of the 2') as string,
    });
  });

  it('a quorum of none is not a quorum', () => {
    expect(refusal(fileOf(policy, []), { ...pinned, quorum: 0 })).toMatchObject({ field: 'signatures' });
  });
});

const [hot, cold] = policy.wallets;
if (!hot || !cold) throw new Error('the test policy has two wallets');
const withHot = (change: Partial<typeof hot>): Policy => ({
  ...policy,
  wallets: [{ ...hot, ...change } as Wallet, cold],
});
const withCold = (change: Partial<typeof cold>): Policy => ({
  ...policy,
  wallets: [hot, { ...cold, ...change } as Wallet],
});
const online = (...names: (string | null)[]) =>
  names.map((signer, index) => ({ publicKey: `c${index + 1}`, signer }));
const [rule] = policy.rules;
if (!rule) throw new Error('the test policy has a rule');

const threeKeys = towers.map(({ publicKey }) => publicKey);
const four = [...online('signer-1', 'signer-2', null), { publicKey: 'c4', signer: null }];
const opening = [{ asset: rule.asset, units: 1n }];
const bothOpen: Policy = { ...policy, wallets: [hot, cold].map((wallet) => ({ ...wallet, opening })) };

const withSweep = (to: string[]): Policy => ({
  ...policy,
  rules: [{ ...rule, sweep: { to, perDay: { count: 1, fees: 1n }, leave: 0n } }],
});

const onEthereum: Wallet = {
  id: cold.id,
  role: 'cold',
  chain: 'ethereum',
  address: 'SAFE',
  threshold: 2,
  cosigners: ['e1', 'e2', 'e3'].map((publicKey) => ({ publicKey, signer: null })),
  evacuateTo: null,
};
const elsewhere: Policy = { ...policy, wallets: [hot, onEthereum] };

const keptBy = (quorum: number, by: readonly (typeof thief)[] = keepers): Policy => ({
  ...policy,
  keepers: {
    quorum,
    people: by.map(({ publicKey }, index) => ({ name: `keeper-${index}`, key: publicKey })),
  },
});

describe('layouts that one key or one process would break', () => {
  const unsound: readonly (readonly [what: string, field: string, policy: Policy])[] = [
    ['a sweep to a hot wallet', 'rules.0.sweep.to', withSweep(['hot'])],
    ['a sweep to nobody’s wallet', 'rules.0.sweep.to', withSweep(['cold', 'elsewhere'])],
    ['a sweep to one wallet twice', 'rules.0.sweep.to', withSweep(['cold', 'cold'])],
    [
      'a bid against a thief where no fee decides',
      'rules.0.outbid',
      { ...policy, rules: [{ ...rule, outbid: { shareBps: 100 } }] },
    ],
    ['n-of-n', 'wallets.0.threshold', withHot({ threshold: 3 })],
    ['more signatures than cosigners', 'wallets.0.threshold', withHot({ threshold: 4 })],
    ['one key moves everything cold', 'wallets.1.threshold', withCold({ threshold: 1 })],
    [
      'quorums that share one signer only',
      'wallets.0.threshold',
      withHot({ cosigners: online('signer-1', 'signer-2', 'signer-3'), threshold: 2 }),
    ],
    [
      'too few online to ever sign',
      'wallets.0.cosigners',
      withHot({ cosigners: online('signer-1', null, null) }),
    ],
    [
      'a signer with two keys',
      'wallets.0.cosigners',
      withHot({ cosigners: online('signer-1', 'signer-1', null) }),
    ],
    [
      'a signer that is nobody',
      'wallets.0.cosigners',
      withHot({ cosigners: online('signer-1', 'signer-9', null) }),
    ],
    ['no way home', 'wallets.0.evacuateTo', withHot({ evacuateTo: null })],
    ['home is the hot wallet', 'wallets.0.evacuateTo', withHot({ evacuateTo: 'hot' })],
    ['home is on another chain, where the address is nobody’s', 'wallets.0.evacuateTo', elsewhere],
    [
      'a sweep to another chain',
      'rules.0.sweep.to',
      {
        ...elsewhere,
        wallets: [
          { ...hot, evacuateTo: 'home' },
          ...elsewhere.wallets.slice(1),
          { ...cold, id: 'home', address: 'HOME' },
        ],
        rules: withSweep(['cold']).rules,
      },
    ],
    [
      'a rule for an asset of another chain',
      'rules.0.asset',
      { ...policy, rules: [{ ...rule, asset: BTC }] },
    ],
    [
      'a cold wallet with an online signer',
      'wallets.1.cosigners',
      withCold({ cosigners: [...cold.cosigners.slice(1), { publicKey: 'd1', signer: 'signer-1' }] }),
    ],
    [
      'a cold key that is online elsewhere',
      'wallets.1.cosigners',
      withCold({ cosigners: [...cold.cosigners.slice(1), { publicKey: 'c1', signer: null }] }),
    ],
    ['a cold wallet that goes home', 'wallets.1.evacuateTo', withCold({ evacuateTo: 'cold' })],
    ['a rule for a cold wallet', 'rules.0.wallet', { ...policy, rules: [{ ...rule, wallet: 'cold' }] }],
    [
      'half of the watchtowers',
      'watchtowers.quorum',
      { ...policy, watchtowers: { quorum: 1, keys: [tower.publicKey, thief.publicKey] } },
    ],
    [
      'more watchtowers than there are',
      'watchtowers.quorum',
      { ...policy, watchtowers: { quorum: 2, keys: [tower.publicKey] } },
    ],
    ['books that are kept with a watchtower’s key', 'policy', { ...policy, books: { key: tower.publicKey } }],
    [
      'books that are kept with the exchange’s key',
      'policy',
      { ...policy, books: { key: exchangesKey.publicKey } },
    ],
    [
      'books that are kept with a signer’s key',
      'policy',
      { ...policy, books: { key: records[0].publicKey } },
    ],
    [
      'books that are kept with a wallet’s key',
      'books.key',
      withHot({
        cosigners: [...hot.cosigners.slice(1), { publicKey: policy.books.key, signer: 'signer-1' }],
      }),
    ],
    [
      'a wallet that opens with two figures',
      'policy',
      withHot({ opening: [1n, 2n].map((units) => ({ asset: rule.asset, units })) }),
    ],
    [
      'a second wallet that opens with two figures of one asset',
      'policy',
      withCold({ opening: [1n, 2n].map((units) => ({ asset: rule.asset, units })) }),
    ],
    ['a cold wallet all of whose keys must sign', 'wallets.1.threshold', withCold({ threshold: 3 })],
    [
      'one cosigner that is another key than the account’s: a multisig account of one',
      'wallets.0.threshold',
      withHot({ threshold: 1, cosigners: [{ publicKey: 'c1', signer: 'signer-1' }] }),
    ],
    [
      'an account that is its own cosigner beside others',
      'wallets.0.threshold',
      withHot({
        publicKey: 'c1',
        threshold: 1,
        cosigners: online('signer-1', 'signer-2', null),
      }),
    ],
    [
      'one key that must sign twice',
      'wallets.0.threshold',
      withHot({ threshold: 2, cosigners: [{ publicKey: 'hot', signer: 'signer-1' }] }),
    ],
    [
      'a cold wallet of one key, held online',
      'wallets.1.cosigners',
      withCold({ threshold: 1, cosigners: [{ publicKey: 'cold', signer: 'signer-1' }] }),
    ],
    [
      'a rule for a wallet of nobody',
      'rules.0.wallet',
      { ...policy, rules: [{ ...rule, wallet: 'nobody' }] },
    ],
    [
      'a key of the exchange’s first that counts at once, though the policy is new',
      'exchanges.0.keys.0.notBefore',
      {
        ...policy,
        exchanges: [
          {
            id: 'exchange-1',
            keys: [keyOf('key-1', exchangesKey.publicKey, { notBefore: policy.issued + 1 })],
          },
        ],
      },
    ],
    ['more keepers than there are', 'keepers.quorum', keptBy(3)],
    ['half of the keepers', 'keepers.quorum', keptBy(1)],
    [
      'one keeper alone on mainnet',
      'keepers.quorum',
      { ...keptBy(1, keepers.slice(0, 1)), network: 'mainnet' },
    ],
    ['a first version that follows another', 'prev', { ...policy, prev: 'f'.repeat(64) }],
    ['a later version that follows none', 'prev', { ...policy, version: 2 }],
    [
      'one key on mainnet',
      'wallets.0.threshold',
      {
        ...withHot({ threshold: 1, cosigners: [{ publicKey: 'hot', signer: 'signer-1' }] }),
        network: 'mainnet',
      },
    ],
  ];

  const withKey = (change: Parameters<typeof keyOf>[2]): Policy => ({
    ...policy,
    exchanges: policy.exchanges.map(({ id, keys }) => ({
      id,
      keys: [...keys, keyOf('key-2', thief.publicKey, change)],
    })),
  });
  const soon = policy.issued + policy.keyDelay;

  it.each([
    ['in a minute', policy.issued + 60],
    ['a second too early', soon - 1],
  ])('a key that this version adds, and that counts %s', (_when, notBefore) => {
    expect(refusal(fileOf(withKey({ notBefore })))).toMatchObject({
      field: 'exchanges.0.keys.1.notBefore',
      why: expect.stringContaining(`at least ${soon}`) as string,
    });
  });

  it.each([
    ['since before this version', policy.issued],
    ['after the delay', soon],
  ])('a key that counts %s', (_when, notBefore) => {
    expect(refusal(fileOf(withKey({ notBefore })))).toBe('read');
  });

  it.each([
    ['no role', { roles: [] }, 'policy.exchanges.0.keys.1.roles'],
    ['a role that is none', { roles: ['all'] as never }, 'policy.exchanges.0.keys.1.roles.0'],
    ['no address', { addresses: [] }, 'policy.exchanges.0.keys.1.addresses'],
    ['an address without its length', { addresses: ['10.0.0.1'] }, 'policy.exchanges.0.keys.1.addresses.0'],
    ['a length beyond the address', { addresses: ['10.0.0.0/33'] }, 'policy.exchanges.0.keys.1.addresses.0'],
    ['an address that is a name', { addresses: ['localhost/8'] }, 'policy.exchanges.0.keys.1.addresses.0'],
  ])('a key with %s', (_what, change, field) => {
    expect(refusal(fileOf(withKey(change)))).toMatchObject({ field });
  });

  it.each(unsound)('%s', (_what, field, of) => {
    expect(refusal(fileOf(of))).toMatchObject({ field });
  });

  it.each<[string, Policy]>([
    ['one keeper, where it is not mainnet', keptBy(1, keepers.slice(0, 1))],
    ['two of three watchtowers', { ...policy, watchtowers: { quorum: 2, keys: threeKeys } }],
    ['all of three watchtowers', { ...policy, watchtowers: { quorum: 3, keys: threeKeys } }],
    ['a cold wallet of two of three', withCold({ threshold: 2 })],
    ['two of four, two of whom are online', withHot({ threshold: 2, cosigners: four })],
    ['a sweep to a cold wallet', withSweep(['cold'])],
    ['two openings of two wallets', bothOpen],
  ])('%s is sound', (_what, of) => {
    expect(soundness(of)?.field ?? 'sound').toBe('sound');
  });

  it('a cold wallet with an online signer is told so, and not only that a key is shared', () => {
    const cosigners = [...cold.cosigners.slice(1), { publicKey: 'd1', signer: 'signer-1' }];
    expect(soundness(withCold({ cosigners }))?.why).toContain('no online signer');
  });

  it('one key is for a drill on a devnet', () => {
    expect(
      refusal(fileOf(withHot({ threshold: 1, cosigners: [{ publicKey: 'hot', signer: 'signer-1' }] }))),
    ).toBe('read');
  });
});

describe('names that lead to two', () => {
  const [exchange] = policy.exchanges;
  const [first] = policy.signers;
  if (!exchange || !first) throw new Error('the test policy has an exchange and signers');
  const twice: readonly (readonly [what: string, policy: Policy])[] = [
    [
      'an exchange',
      {
        ...policy,
        exchanges: [exchange, { ...exchange, keys: [keyOf('key-2', thief.publicKey)] }],
      },
    ],
    ['an exchange’s key id', { ...policy, exchanges: [exchange, { ...exchange, id: 'exchange-2' }] }],
    ['a signer', { ...policy, signers: [...policy.signers, { ...first, recordKey: thief.publicKey }] }],
    ['a wallet', { ...policy, wallets: [hot, cold, { ...cold, address: 'OTHER' }] }],
    ['an address', { ...policy, wallets: [hot, cold, { ...cold, id: 'other' }] }],
    ['a cosigner', withCold({ cosigners: [...cold.cosigners, { publicKey: 'd1', signer: null }] })],
    ['a rule', { ...policy, rules: [rule, rule] }],
    [
      'an operator',
      {
        ...policy,
        operators: [operator, keyNamed('operator 2')].map(({ publicKey }) => ({
          name: 'op',
          key: publicKey,
        })),
      },
    ],
    [
      'an operator’s key',
      { ...policy, operators: ['a', 'b'].map((name) => ({ name, key: operator.publicKey })) },
    ],
    [
      'a keeper',
      {
        ...policy,
        keepers: { quorum: 2, people: keepers.map(({ publicKey }) => ({ name: 'keeper', key: publicKey })) },
      },
    ],
    [
      'a group',
      {
        ...policy,
        groups: ['person 1', 'person 2'].map((one) => ({ id: 'ops', people: [keyNamed(one).publicKey] })),
      },
    ],
    ['a value', { ...policy, values: [1n, 2n].map((yen) => ({ asset: rule.asset, yen, per: 1n })) }],
    ['a watchtower', { ...policy, watchtowers: { quorum: 2, keys: [tower.publicKey, tower.publicKey] } }],
    [
      'a key that is a watchtower’s and a signer’s',
      { ...policy, watchtowers: { quorum: 1, keys: [records[0].publicKey] } },
    ],
  ];

  it.each(twice)('%s', (_what, of) => {
    expect(refusal(fileOf(of))).toMatchObject({ why: expect.stringContaining('twice') as string });
  });
});

describe('a malformed file: the field is named', () => {
  const file = fileOf(policy);
  const inPolicy = (change: object) => ({ ...file, policy: { ...(file['policy'] as object), ...change } });
  const malformed: readonly (readonly [what: string, field: string, file: unknown])[] = [
    ['not an object', 'file', 7],
    ['no signatures', 'signatures', { policy: file['policy'] }],
    ['a member that nobody knows', 'policy', inPolicy({ more: 1 })],
    [
      'an amount as a number',
      'policy.rules.0.perPayment',
      inPolicy({ rules: [{ ...rule, perPayment: 7, rolling: { hours: 1, units: '1' }, feeCap: '1' }] }),
    ],
    ['a network that is none', 'policy.network', inPolicy({ network: 'symbol' })],
    [
      'a lone surrogate, which has no canonical form',
      'policy.wallets.0.address',
      inPolicy({ wallets: [{ ...hot, address: '\ud800' }, cold] }),
    ],
    [
      'a signature that is too short',
      'signatures.0.signature',
      { ...file, signatures: [{ keeper: thief.publicKey, signature: '00' }] },
    ],
  ];

  it.each(malformed)('%s', (_what, field, given) => {
    expect(refusal(given)).toMatchObject({ field });
  });
});
