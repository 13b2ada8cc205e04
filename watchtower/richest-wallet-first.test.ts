/** A thief has keys of several wallets: the one that holds most goes home first, wherever the policy names it. */
import { afterEach, expect, it } from 'vitest';
import { nemNode } from '@kuramori/chains/nem/node';
import { asNem, type NemWallet, type Wallet } from '@kuramori/core';
import { xem } from '../core/testing/house.ts';
import { policy } from '../signers/testing/desk.ts';
import { accountAt } from './chains/nem-account.ts';
import { mostWorthFirst } from './home.ts';
import {
  chainKey,
  cold,
  cosigners,
  hot,
  lookout,
  thiefsAddress,
  until,
  type Lookout,
} from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

const rich = chainKey('rich');
const [first] = policy.wallets;
const [rule] = policy.rules;
if (!first || !rule) throw new Error('a hot wallet');
const walletOf = (id: string, of: typeof hot, threshold = first.threshold): NemWallet => ({
  ...asNem(first),
  id,
  threshold,
  address: of.address,
  publicKey: of.publicKey,
});
const richest = walletOf('rich', rich);
const two = {
  ...policy,
  wallets: [...policy.wallets, richest],
  rules: [...policy.rules, { ...rule, wallet: 'rich' }],
};

let l: Lookout | undefined;
afterEach(() => l?.[Symbol.asyncDispose]());

it('both are seen at once: the richer one is sent home first, and both are', async () => {
  l = await lookout({ policy: two, another: { account: rich, units: '90001000000' } });
  const here = l;
  await here.seeing();
  await here.stopTower();
  for (const wallet of [hot, rich])
    await here.announce(
      wrapped(cosigners[0], transfer(wallet, thiefsAddress, xem('1'), here.now()), here.now()),
      cosigners[0],
    );
  await here.startTower();
  const sent = () => here.told().filter(({ event }) => event === 'evacuation sent');
  await until('both to be sent home', () => new Set(sent().map(({ wallet }) => wallet)).size === 2, 15_000);
  expect(sent()[0]?.['wallet']).toBe('rich');
}, 30_000);

it('of two that hold the same, that which fewer keys move; what no node tells about last', async () => {
  l = await lookout();
  const nodes = l.nodes.map(({ url }) => nemNode(url, 'testnet'));
  const holds = async ({ address }: Pick<Wallet, 'address'>) => {
    const account = await accountAt(nodes, address);
    return typeof account === 'string' ? null : account.balance;
  };
  const single = walletOf('single', cold, 1);
  const unknown = { ...walletOf('unknown', hot), address: 'NOWHERE' };
  const order = await mostWorthFirst({ holds }, [unknown, walletOf('hot', hot), single]);
  expect(order.map(({ id }) => id)).toEqual(['single', 'hot', 'unknown']);
});
