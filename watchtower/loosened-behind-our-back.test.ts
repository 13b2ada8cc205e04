/** Signers whose wait for a looser policy is over, by what their journals say: a watchtower counts its own, from when it saw the version. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  chainOf,
  policyDigest,
  signerRoutes,
  signStatement,
  XEM,
  type Policy,
  type PolicyChain,
} from '@kuramori/core';
import { hour, keepers, requestFor, xem } from '../core/testing/house.ts';
import { alice, chainKey, policy } from '../signers/testing/desk.ts';
import { cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

const loose: Policy = {
  ...policy,
  version: 2,
  prev: policyDigest(policy),
  rules: policy.rules.map((rule) => ({ ...rule, perPayment: xem('2000') })),
};
const both = [...chainOf(policy), ...chainOf(loose)] as unknown as PolicyChain;

let l: Lookout;
beforeEach(async () => {
  l = await lookout({ signersUnder: both });
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const large = async (id: string, ahead = 0) =>
  l.ask(id, ahead, requestFor({ to: alice, units: xem('1500'), at: l.clock.ms }));
async function pass(hours: number): Promise<void> {
  l.clock.ms += hours * hour;
  await l.harvest();
  await l.seeing();
}
/** The watchtower is given another file, and started again. */
async function under(chain: PolicyChain): Promise<void> {
  await l.stopTower();
  await l.startTower(chain);
  await l.seeing();
}

it('a version that is none of its own is not countersigned; one that is waits here too', async () => {
  // The signer takes it up, a day before anybody shows it to the watchtower.
  const early = await l.record('signer-1');
  expect(await l.tower().countersign(early)).toMatchObject({ kind: 'refused', why: 'policy' });
  await pass(25);
  await under(both);
  const record = await l.record('signer-1', await large('signer-1', 1));
  expect(await l.tower().countersign(record)).toMatchObject({
    kind: 'refused',
    why: 'not-now',
    detail: expect.stringMatching(/^over-payment-limit: by version 1/),
  });
  // The one that was refused is in the signer's journal, and counts there for a day.
  await pass(24.1);
  const later = await l.record('signer-1', await large('signer-1', 3));
  expect(await l.tower().countersign(later)).toMatchObject({ kind: 'countersigned' });
});

it('its wait goes on after a restart, and an older file does not start', async () => {
  await under(both);
  await pass(12);
  await under(both);
  await pass(12.1);
  // The signer has taken it up only now; the watchtower's wait is over, the signer's begins.
  const ask = await large('signer-1');
  expect(await call(l.sockets.get('signer-1'), signerRoutes.propose, ask)).toMatchObject({
    why: 'over-payment-limit',
  });
  await pass(24);
  const record = await l.record('signer-1', await large('signer-1', 1));
  expect(await l.tower().countersign(record)).toMatchObject({ kind: 'countersigned' });
  await l.stopTower();
  await expect(l.startTower()).rejects.toThrow(/older/);
});

it('a keeper’s objection in any signer’s journal is heard here', async () => {
  await under(both);
  await l.record('signer-1');
  const objection = { policy: policyDigest(loose), keeper: keepers[0].publicKey };
  const signed = { objection, signature: signStatement(keepers[0], 'objection', objection) };
  expect(await call(l.sockets.get('signer-1'), signerRoutes.object, signed)).toEqual({ kind: 'done' });
  const next = await l.record('signer-1', await l.ask('signer-1', 1));
  expect(await l.tower().countersign(next)).toMatchObject({ kind: 'countersigned' });
  // The other one was told nothing, and believes that a day is enough.
  await l.record('signer-2', await l.ask('signer-2', 2));
  await pass(25);
  const record = await l.record('signer-2', await large('signer-2', 3));
  expect(await l.tower().countersign(record)).toMatchObject({
    why: 'not-now',
    detail: expect.stringMatching(/by version 1/),
  });
});

it('a version that drops a wallet: a theft from it is still seen, and its coins still go home', async () => {
  const other = chainKey('another hot');
  const wallets = policy.wallets.map((wallet) =>
    wallet.id === 'hot'
      ? { ...wallet, id: 'hot-2', address: other.address, publicKey: other.publicKey }
      : wallet,
  );
  const rules = policy.rules.map((rule) => ({ ...rule, wallet: 'hot-2' }));
  const dropped = [...chainOf(policy), ...chainOf({ ...loose, wallets, rules })] as unknown as PolicyChain;
  await l[Symbol.asyncDispose]();
  l = await lookout({ signersUnder: dropped });
  await l.seeing();
  await under(dropped);
  const [first] = cosigners;
  await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()), first);
  await until('the evacuation', () => l.incident().includes('evacuation sent'));
  expect(l.tower().status().frozen).not.toBeNull();
});

it('customers are sent where the version in force says, not where one that waits does', async () => {
  const thiefs = chainKey('thief');
  const wallets = policy.wallets.map((wallet) =>
    wallet.id === 'hot' ? { ...wallet, address: thiefs.address, publicKey: thiefs.publicKey } : wallet,
  );
  await under([...chainOf(policy), ...chainOf({ ...loose, wallets })] as unknown as PolicyChain);
  const asked = { exchange: 'exchange-1', customer: 'alice', asset: XEM, number: 0 };
  const answer = l.tower().vouch(asked);
  expect(answer).toMatchObject({
    voucher: { voucher: { place: { address: hot.address }, policy: policyDigest(policy) } },
  });
});
