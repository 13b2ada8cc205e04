/** Whoever sits between the watchtower and all its nodes hides a spend: the balance still falls, and that freezes. One node alone can bring nothing of the kind about. */
import { afterEach, expect, it } from 'vitest';
import { xem } from '../../core/testing/house.ts';
import { cosigners, hot, lookout, stranger, thiefsAddress, until, type Lookout } from '../testing/lookout.ts';
import { Liar, type Change } from '../testing/liar.ts';
import { cosigned, transfer, wrapped } from '../testing/transactions.ts';

let l: Lookout;
let liars: readonly Liar[];
async function open(): Promise<void> {
  l = await lookout({
    evacuates: false,
    through: async (urls) => {
      liars = await Promise.all(urls.map(async (url) => Liar.before(url)));
      return liars.map(({ url }) => url);
    },
  });
  await l.seeing();
}
afterEach(async () => {
  await l[Symbol.asyncDispose]();
  for (const liar of liars) await liar[Symbol.asyncDispose]();
});

const frozen = () => l.tower().status().frozen;
const tip = () => l.nodes[0].core.chain.last().block;
/** A block, and all wallets looked at there. */
async function harvest(): Promise<void> {
  await l.harvest();
  await until(
    'the block to be sampled',
    () => l.tower().status().books.chains[0]?.sampled?.height === tip().height,
  );
}

/** No transaction waits, and none is in a block; hashes and balances are true. */
const hiding: Change = (path, body) => {
  if (path.startsWith('/account/unconfirmed')) return { data: [] };
  if (!path.endsWith('/blocks-after')) return body;
  return { data: (body['data'] as object[]).map((block) => ({ ...block, txes: [] })) };
};

const balance =
  (change: number): Change =>
  (path, body) => {
    const { account } = body as { account?: { address: string; balance: number } };
    return path.startsWith('/account/get') && account?.address === hot.address
      ? { ...body, account: { ...account, balance: account.balance + change } }
      : body;
  };

async function steal(): Promise<void> {
  const [first, second] = cosigners;
  const wrapper = wrapped(first, transfer(hot, thiefsAddress, xem('100'), l.now()), l.now());
  expect(await l.announce(wrapper, first)).toBe(1);
  expect(await l.announce(cosigned(second, wrapper, hot, l.now()), second)).toBe(1);
}

it('all nodes hide a theft with two keys: frozen at the third block that says so', async () => {
  await open();
  await harvest();
  for (const liar of liars) liar.lie = hiding;
  await steal();
  await harvest();
  await harvest();
  expect(await l.balance(thiefsAddress)).toBe(xem('100'));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(frozen()).toBe(null);
  await harvest();
  await until('the freeze', () => frozen() !== null);
  expect(frozen()?.freeze.why).toBe('a balance falls without a spend');
  expect(l.tower().status().signs).toEqual([expect.stringMatching(/"wallet":"hot","missing":"100[0-9]{6}"/)]);
  expect(l.incident()).toContain('a balance falls without a spend');
});

it('what covers it is no matter: a payment of ours, and a deposit beside it, explain all', async () => {
  await open();
  await harvest();
  await l.pay();
  await l.announce(transfer(stranger, hot.address, xem('7'), l.now()), stranger);
  for (let blocks = 0; blocks < 5; blocks += 1) await harvest();
  expect(l.tower().status().signs).toEqual([]);
  expect(frozen()).toBe(null);
});

it('one node states less for ten blocks: that is a lie, and freezes nobody', async () => {
  await open();
  await harvest();
  const [, liar] = liars;
  if (liar) liar.lie = balance(-1_000_000);
  for (let blocks = 0; blocks < 10; blocks += 1) await l.harvest();
  await until('it to be told', () => l.incident().includes('nodes disagree on a balance'));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(frozen()).toBe(null);
});

it('one node makes up a deposit, for which the balance would then be too low', async () => {
  await open();
  await harvest();
  const gift = transfer(stranger, hot.address, xem('9'), l.now());
  await l.announce(gift, stranger);
  const hideOnFirst = liars[0];
  // As if the first node were the honest one, and the second had made the deposit up.
  if (hideOnFirst) hideOnFirst.lie = hiding;
  for (const liar of liars) {
    const before = liar.lie;
    liar.lie = (path, body) =>
      balance(-9_000_000)(path, before ? ((before as Change)(path, body) as typeof body) : body);
  }
  for (let blocks = 0; blocks < 5; blocks += 1) await harvest();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(frozen()).toBe(null);
});

it('all nodes state less at two blocks, and then what is true', async () => {
  await open();
  await harvest();
  for (const liar of liars) liar.lie = balance(-1);
  await harvest();
  await harvest();
  for (const liar of liars) liar.lie = null;
  await harvest();
  await harvest();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(frozen()).toBe(null);
});
