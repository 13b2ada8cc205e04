/** WEAPON: false alarms, to stop an exchange again and again for free; and HONEST: days on which nothing may stop. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  freezeDigest,
  policyDigest,
  signerRoutes,
  signingKeyFromSeed,
  signStatement,
  watchtowerRoutes,
  type SignedFreeze,
  type Thaw,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  sortModifications,
  type Address,
  type Modification,
  type Multisig,
  type PublicKey,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import { clientOf, deposit, done, requestWithdrawal } from '../../day.ts';
import { announce, must, transfer, until } from '../../house/chain.ts';
import type { Account } from '../../house/people.ts';
import { towerNames } from '../../house/plan.ts';
import { whereOf } from '../../house/rooms.ts';
import { policyFor } from '../../house/write-policy.ts';
import { send, times } from '../thief.ts';
import type { Scene } from './drill.ts';

const xem = 1_000_000n;
const [minute, hour] = [60_000, 3_600_000];
const feeCap = 5n * xem;

async function frozen({ house }: Scene): Promise<number> {
  const all = await Promise.all(
    house.deed.signers.map(({ id }) => call(whereOf(house.plan, id), signerRoutes.status, {})),
  );
  return all.filter((status) => status.kind === 'status' && status.frozen !== null).length;
}

/** A stranger's account, with coins of his own. */
async function stranger(scene: Scene): Promise<Account> {
  const { house, account, now, jumpTo } = scene;
  const own = account();
  await announce(house.nodes[0], transfer(house.people.treasury, own.address, 10_000n * xem, '', now()));
  await jumpTo(now() + 2 * minute);
  return own;
}

/**
 * All that a stranger can do to our accounts for the price of fees: dust, messages, coins for our cosigners' own accounts,
 * our keys made cosigners of an account of his, proposals there that wait for our signatures, proposals in our name.
 */
export async function strangers(scene: Scene): Promise<void> {
  const { house, now, jumpTo, note } = scene;
  const { deed } = house;
  const [one, two] = [await stranger(scene), await stranger(scene)];
  const keys = [...deed.signers.map(({ chainKey }) => chainKey), deed.vaultKey ?? '']
    .filter((key) => key !== '')
    .map((key) => key as PublicKey);
  const common = (by: Account) => ({
    network: 'testnet' as const,
    signer: by.publicKey,
    ...times(now(), 3600),
  });
  const pay = (by: PublicKey, recipient: Address, amount: bigint): Transfer => ({
    kind: 'transfer',
    version: 1,
    network: 'testnet',
    ...times(now(), 3600),
    signer: by,
    fee: 100_000n,
    recipient,
    amount,
    message: { kind: 'none' },
    mosaics: [],
  });
  let taken = 0;
  const count = ({ code }: { code: number }) => (taken += code === 1 ? 1 : 0);
  for (let round = 0; round < 5; round += 1) {
    for (const address of [deed.hot.address, deed.cold.address] as Address[])
      for (const units of [0n, 1n, xem]) {
        const sent = transfer(one, address, units, `look here ${round} ${units}`, now());
        count(must(await house.nodes[round % 2 === 0 ? 0 : 1].announce(sent)));
      }
    await jumpTo(now() + 2 * minute);
  }
  const adopt: Modification = {
    kind: 'modification',
    version: 2,
    ...common(two),
    fee: 500_000n,
    modifications: sortModifications(
      [...keys, one.publicKey].map((cosigner) => ({ type: 'add', cosigner })),
      'testnet',
    ),
    minCosignatoriesChange: 2,
  };
  count(await send(house.nodes[0], two, adopt));
  await jumpTo(now() + 2 * minute);
  const wrap = (by: Account, inner: Transfer): Multisig => ({
    kind: 'multisig',
    version: 1,
    ...common(by),
    fee: 150_000n,
    inner,
  });
  // His own account, of which our keys are cosigners now; and ours, of which he is none.
  for (const inner of [
    pay(two.publicKey, deed.hot.address as Address, xem),
    pay(two.publicKey, one.address, xem),
    pay(deed.hot.publicKey as PublicKey, one.address, xem),
  ])
    count(await send(house.nodes[1], one, wrap(one, inner)));
  await jumpTo(now() + hour);
  note(`${taken} transactions of strangers accepted; ${await frozen(scene)} signers frozen`);
}

/** One of three watchtowers is taken, and freezes; the keepers thaw and hear it no more; it freezes again. */
export async function lyingWatchtower(scene: Scene): Promise<void> {
  const { house, now, jumpTo, note } = scene;
  const { deed, plan, people } = house;
  const seed = readFileSync(join(plan.folder, 'watchtower-3', 'seed'), 'utf8').trim();
  const liar = signingKeyFromSeed(Buffer.from(seed, 'hex'));
  await house.kill('watchtower-3');
  const statuses = () =>
    Promise.all(deed.signers.map(({ id }) => call(whereOf(plan, id), signerRoutes.status, {})));
  const freeze = async (why: string) => {
    const said = { by: liar.publicKey, at: now(), why };
    const signed: SignedFreeze = { freeze: said, signature: signStatement(liar, 'freeze', said) };
    for (const { id } of deed.signers) await call(whereOf(plan, id), signerRoutes.freeze, signed);
  };
  await freeze('a lie');
  note(`after the first lie ${await frozen(scene)} signers frozen`);
  const standing = (await statuses()).flatMap((one) => (one.kind === 'status' ? one.freezes : []));
  const thaw: Thaw = {
    lifts: [...new Set(standing.map(freezeDigest))],
    suspends: [liar.publicKey],
    policy: policyDigest(policyFor(deed, plan, people.exchange.publicKey)),
    notBefore: now(),
    cause: 'one watchtower lied about a spend, and nobody else has seen it',
    answers: {
      'key-replaced': 'none was stolen: nothing of ours was signed',
      'evidence-explained': 'there is none',
      'rooms-rebuilt': 'the liar is suspended',
      'people-told': 'nobody: nothing has happened',
      'who-decided': 'the keepers of this drill',
    },
  };
  const signature = signStatement(people.keeper, 'thaw', thaw);
  const signed = { thaw, signatures: [{ keeper: people.keeper.publicKey, signature }] };
  const others = towerNames(deed.watchtowerKeys.length).filter((name) => name !== 'watchtower-3');
  await until('the watchtowers to have heard of the freeze', async () => {
    const answers = await Promise.all(
      others.map((name) => call(whereOf(plan, name), watchtowerRoutes.thaw, signed)),
    );
    return answers.every((one) => one.kind === 'done' || (one.kind === 'refused' && one.why === 'thaw-waits'))
      ? true
      : undefined;
  });
  await until('the thaw to wait at every signer', async () =>
    (await statuses()).every((one) => one.kind === 'status' && one.thaws.length > 0) ? true : undefined,
  );
  await scene.jumpAnyhow(now() + (plan.thawDelay + 10) * 1000);
  await until('every signer to be thawed', async () => ((await frozen(scene)) === 0 ? true : undefined));
  await freeze('the same lie once more');
  await jumpTo(now() + 5 * minute);
  note(`after the second ${await frozen(scene)}`);
}

/** A busy day, and a rush after bad news: many customers, new destinations, everybody at once. CoinDCX: 31,000 requests in a day. */
export async function busyDay(scene: Scene): Promise<void> {
  const { house, now, jumpTo, note } = scene;
  const day = { house, now, pass: () => jumpTo(now() + minute) };
  const client = clientOf(day);
  const customers = Array.from({ length: 6 }, (_, index) => `customer-${index + 1}`);
  for (const customer of customers) await deposit(day, customer, 20_000n * xem);
  const asked: string[] = [];
  const ask = async (customer: string, to: string, units: bigint) => {
    const { body: shown } = done(await requestWithdrawal(scene, { customer, to, units, feeCap }));
    asked.push(shown.id);
  };
  // A day in the hours of which somebody withdraws, often to where nobody of us ever sent.
  for (let hours = 0; hours < 12; hours += 1) {
    for (const [index, customer] of customers.entries())
      if ((index + hours) % 3 === 0)
        await ask(
          customer,
          index % 2 === 0 ? house.people.customer.address : scene.account().address,
          BigInt(100 + 37 * hours) * xem,
        );
    await jumpTo(now() + hour);
  }
  // And then everybody at once.
  for (const customer of customers)
    for (let turn = 0; turn < 10; turn += 1)
      await ask(
        customer,
        turn % 2 === 0 ? house.people.customer.address : scene.account().address,
        500n * xem,
      );
  for (let rounds = 0; rounds < 30; rounds += 1) {
    await jumpTo(now() + 2 * minute);
    const states = await Promise.all(
      asked.map(async (id) => done(await client.call('showWithdrawal', { params: { id } })).body.state),
    );
    if (states.every((state) => state === 'final')) break;
  }
  const states = await Promise.all(
    asked.map(async (id) => done(await client.call('showWithdrawal', { params: { id } })).body.state),
  );
  const final = states.filter((state) => state === 'final').length;
  note(`${final} of ${states.length} withdrawals paid; ${await frozen(scene)} signers frozen`);
}
