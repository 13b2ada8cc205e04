/** What was ours once is watched for good: wallets that a later version dropped, cold ones, empty ones, and the accounts of those who cosign. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyDigest, type Policy, type PolicyChain } from '@kuramori/core';
import { xem } from '../../core/testing/house.ts';
import { policy as deskPolicy } from '../../signers/testing/desk.ts';
import {
  chainKey,
  cold,
  coldKeys,
  cosigners,
  lookout,
  stranger,
  thiefsAddress,
  until,
  type Lookout,
} from '../testing/lookout.ts';
import { transfer, wrapped } from '../testing/transactions.ts';

const retired = chainKey('retired');
const empty = chainKey('empty');
const newHot = chainKey('new hot');
const single = (
  id: string,
  of: typeof retired,
  role: 'hot' | 'cold' = 'cold',
): Policy['wallets'][number] => ({
  id,
  role,
  chain: 'nem',
  address: of.address,
  publicKey: of.publicKey,
  threshold: 1,
  cosigners: [{ publicKey: of.publicKey, signer: null }],
  evacuateTo: role === 'hot' ? 'cold' : null,
});
const first: Policy = {
  ...deskPolicy,
  wallets: [
    ...deskPolicy.wallets,
    single('retired', retired),
    single('empty', empty),
    single('new-hot', newHot, 'hot'),
  ],
};
const second: Policy = {
  ...first,
  version: 2,
  prev: policyDigest(first),
  wallets: first.wallets.filter(({ id }) => id !== 'retired'),
};
const both: PolicyChain = [
  { policy: first, digest: policyDigest(first) },
  { policy: second, digest: policyDigest(second) },
];

let l: Lookout;
beforeEach(async () => {
  l = await lookout({ policy: first, evacuates: false });
  await l.seeing();
  await l.stopTower();
  await l.startTower(both);
  await l.seeing();
  // Long after the wait of the second version: the retired wallet is in no version that counts.
  l.clock.ms += 2 * 86_400_000;
  await l.harvest();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const frozen = () => l.tower().status().frozen;
const why = () => frozen()?.freeze.why;
async function fund(account: typeof retired, units = xem('10')): Promise<void> {
  await l.announce(transfer(stranger, account.address, units, l.now()), stranger);
  await l.harvest();
  await l.seeing();
}
const steal = (from: typeof retired) => l.announce(transfer(from, thiefsAddress, xem('1'), l.now()), from);

describe('a spend freezes while it is unconfirmed', () => {
  it.each([
    ['of a wallet that only an older version names', retired],
    ['of one that was empty until a stranger sent something', empty],
  ])('%s', async (_whose, account) => {
    await fund(account);
    expect(frozen()).toBe(null);
    expect(await steal(account)).toBe(1);
    await until('the freeze', () => frozen() !== null);
    expect(why()).toBe('a transfer unconfirmed: no record covers it');
  });

  it('of a cold wallet, by one of its three keys', async () => {
    const [key] = coldKeys as [typeof retired];
    await l.announce(wrapped(key, transfer(cold, thiefsAddress, xem('1'), l.now()), l.now()), key);
    await until('the freeze', () => frozen() !== null);
  });
});

it('a cosigner’s own account: in its block', async () => {
  const [, , vaults] = cosigners;
  await steal(vaults);
  await l.harvest();
  await until('the freeze', () => frozen() !== null);
});

describe('coins from a stranger', () => {
  it.each([
    ['a retired wallet', retired],
    ['an empty wallet', empty],
    ['a cosigner’s account', cosigners[1]],
  ])('to %s: told once, and nothing freezes', async (_whose, account) => {
    await fund(account);
    await until('it to be told', () => l.incident().includes('a stranger funds an account of ours'));
    await fund(cosigners[0]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(l.incident()).toEqual(['a stranger funds an account of ours']);
    expect(frozen()).toBe(null);
  });

  it('the first deposit of a new hot wallet is what it is for', async () => {
    await fund(newHot);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(l.incident()).toEqual([]);
  });

  it('dust to each of them tells nobody anything', async () => {
    for (const account of [retired, empty, ...cosigners]) await fund(account, 1n);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(l.incident()).toEqual([]);
  });
});
