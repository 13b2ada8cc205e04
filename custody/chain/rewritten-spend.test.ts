/** Coins that left without a withdrawal, in blocks that the chain takes back: the books follow the chain, there and back. */
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openNeighbourhood, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';
import { announceTheft, theft } from '../testing/theft.ts';

let n: Neighbourhood;
let begins = 0n;
beforeAll(async () => {
  n = await openNeighbourhood();
  begins = await n.balance(n.people.hot.address);
  const hash = await n.announce(
    transfer(n, n.people.customer, n.people.hot.address, 100_000_000n),
    n.people.customer,
  );
  await n.harvest(5);
  await n.scan();
  await n.t.ask({ path: '/v1/house/own-funds', body: { deposit: `${hash}:0` } });
});
afterAll(() => n[Symbol.asyncDispose]());

const status = async () => (await n.t.ask({ path: '/v1/status' })).body;
const scan = async () => expect(await n.scan()).toMatchObject({ stopped: null, complaints: [] });
function takeBack(blocks: number, transactions: 'pending' | 'forgotten'): void {
  const to = n.nodes[0].core.chain.last().block.height - blocks;
  for (const { core } of n.nodes) core.rewind(to, transactions);
  n.pass(7);
}

/** The books say of both wallets what the chain says. */
async function balanced(): Promise<void> {
  const found = await verify(n.t.database.prover);
  expect(found.kind === 'refuted' ? found.findings : []).toEqual([]);
  const { accounts } = (await status()) as { accounts: { kind: string; balance: string }[] };
  const books = (kind: string) => BigInt(accounts.find((one) => one.kind === kind)?.balance ?? '0');
  expect(books('hot')).toBe((await n.balance(n.people.hot.address)) - begins);
  expect(books('cold')).toBe(await n.balance(n.people.cold.address));
}

it.each([
  ['to a stranger', () => n.people.treasury.address],
  ['home to cold', () => n.people.cold.address],
  ['to ourselves', () => n.people.hot.address],
])('%s: in the books again while it is gone, and out of them once it is back', async (_what, to) => {
  const spend = theft(n, transfer(n, n.people.hot, to(), 3_000_000n));
  const hash = await announceTheft(n, spend);
  await n.harvest(3);
  await scan();
  await balanced();
  // Again, in another block: booked as before.
  takeBack(3, 'pending');
  await n.harvest(5);
  await scan();
  await balanced();
  takeBack(5, 'forgotten');
  await n.harvest(7);
  await Promise.all([n.scan(), n.scan(), n.scan()]);
  await scan();
  await balanced();
  const { notices, otherSpends } = (await status()) as { notices: object[]; otherSpends: object[] };
  expect(notices).toContainEqual(expect.objectContaining({ key: `gone:${hash}`, severity: 'warning' }));
  expect(otherSpends).not.toContainEqual(expect.objectContaining({ transaction: hash }));
  // NIS remembers a verdict for ten minutes.
  n.pass(660);
  expect(await announceTheft(n, spend)).toBe(hash);
  await n.harvest(3);
  await scan();
  await balanced();
});

it('with other cosignatures in the new block, and so another fee', async () => {
  const inner = transfer(n, n.people.hot, n.people.treasury.address, 2_000_000n);
  const spend = theft(n, inner);
  await announceTheft(n, spend);
  await n.harvest(3);
  await scan();
  await balanced();
  takeBack(3, 'forgotten');
  n.pass(660);
  const dearer = { ...spend, cosignature: { ...spend.cosignature, fee: 400_000n } };
  await announceTheft(n, dearer);
  await n.harvest(5);
  await scan();
  await balanced();
});
