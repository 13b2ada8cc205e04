/** A person's key, used while that person sleeps: told with the hour at which it happened, once a night, by whoever sees it and however late. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  approvalOf,
  chainOf,
  policyDigest,
  signerRoutes,
  signStatement,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type SigningKey,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { keepers, keyNamed, requestFor, thief, towers, xem } from '../../core/testing/house.ts';
import { policy as deskPolicy } from '../../signers/testing/desk.ts';
import { alice, lookout, until, type Lookout, type Options } from '../testing/lookout.ts';

const [ann, ben] = [keyNamed('ann'), keyNamed('ben')];
const policy: Policy = {
  ...deskPolicy,
  rules: deskPolicy.rules.map((rule) => ({
    ...rule,
    approvals: { from: xem('100'), quorum: 1, people: [ann, ben].map(({ publicKey }) => publicKey) },
  })),
};

let l: Lookout;
async function open(options: Partial<Options> = {}): Promise<void> {
  l = await lookout({ policy, ...options });
  await l.seeing();
}
afterEach(() => l[Symbol.asyncDispose]());

/** In Tokyo it is nine hours later. */
async function at(utc: string): Promise<void> {
  l.clock.ms = Date.parse(utc);
  await l.harvest();
  await l.seeing();
}

let ahead = 0;
async function approved(by: readonly SigningKey[], signers = ['signer-1', 'signer-2']): Promise<void> {
  const request = requestFor({ to: alice, units: xem('200'), at: l.clock.ms });
  ahead += 1;
  for (const id of signers) {
    const ask = await l.ask(id, ahead, request);
    const record = await l.record(id, withApprovals(ask, by));
    for (const which of running) {
      const word = await l.tower(which).countersign(record);
      if (word.kind !== 'countersigned') throw new Error(JSON.stringify(word));
    }
  }
}
let running: readonly number[] = [0];

/** `named`: whose approvals they are said to be. */
function withApprovals(ask: PaymentAsk, by: readonly SigningKey[], named?: SigningKey): PaymentAsk {
  return {
    ...ask,
    intents: ask.intents.map((part) => ({
      ...part,
      approvals: by.map((key) => ({
        person: (named ?? key).publicKey,
        signature: signStatement(key, 'approval', approvalOf(part.intent)),
      })),
    })),
  };
}

const told = (id = 'oddHours', which = 0) => l.told(which).filter(({ sign }) => sign === id);
/** Signs are looked for once a second. */
const looks = () => new Promise((resolve) => setTimeout(resolve, 2_500));
async function restart(under?: PolicyChain): Promise<void> {
  await l.stopTower();
  await l.startTower(under);
  await l.seeing();
}

describe('an approver’s key', () => {
  it('by day says nothing; at three in the morning one page, for that key and that night, and none after a restart', async () => {
    await open();
    await at('2026-01-26T01:00:00Z');
    await approved([ann]);
    await looks();
    expect(told()).toEqual([]);
    await at('2026-01-26T18:00:00Z');
    await approved([ann]);
    await until('it to be told', () => told().length === 1);
    expect(told()[0]).toMatchObject({
      event: 'a key was used at an odd hour',
      action: 'page',
      key: ann.publicKey,
      of: 'approver',
      did: expect.stringMatching(/^approved intent [0-9a-f]{64}$/) as string,
      hour: '2026-01-27 03:01 Asia/Tokyo',
      night: '2026-01-26',
    });
    await approved([ann]);
    await restart();
    await looks();
    expect(told()).toHaveLength(1);
    // Another key is another page, and so is another night.
    await approved([ben]);
    await until('the other to be told', () => told().length === 2);
    await at('2026-01-27T13:30:00Z');
    await approved([ann]);
    await until('the next night to be told', () => told().length === 3);
    expect(told().map(({ key, night }) => [key, night])).toEqual([
      [ann.publicKey, '2026-01-26'],
      [ben.publicKey, '2026-01-26'],
      [ann.publicKey, '2026-01-27'],
    ]);
    expect(l.tower().status().frozen).toBe(null);
  }, 60_000);

  it('on a holiday, at ten in the morning', async () => {
    await open({ signs: { oddHours: { holidays: ['2026-02-11'] } } });
    await at('2026-02-10T01:00:00Z');
    await approved([ann]);
    await looks();
    expect(told()).toEqual([]);
    await at('2026-02-11T01:00:00Z');
    await approved([ann]);
    await until('it to be told', () => told().length === 1);
  }, 60_000);

  it('whose signature is another’s is not used, and a payment that nobody approved wakes nobody', async () => {
    await open();
    await at('2026-01-26T18:00:00Z');
    await l.pay();
    const request = requestFor({ to: alice, units: xem('50'), at: l.clock.ms });
    ahead += 1;
    const forged = withApprovals(await l.ask('signer-1', ahead, request), [thief], ann);
    await l.tower().countersign(await l.record('signer-1', forged));
    await looks();
    expect(told()).toEqual([]);
    // And hides no use that follows.
    const real = withApprovals(await l.ask('signer-2', ahead, request), [ann]);
    await l.tower().countersign(await l.record('signer-2', real));
    await until('it to be told', () => told().length === 1);
  }, 60_000);

  it('freezes where the configuration says so, and not once more after a restart', async () => {
    await open({ signs: { oddHours: { action: 'freeze' } } });
    await at('2026-01-26T18:00:00Z');
    await approved([ann]);
    await until('the freeze', () => l.tower().status().frozen !== null);
    expect(l.tower().status().frozen?.freeze.why).toBe('a key was used at an odd hour');
    await l.stopTower();
    await l.startTower();
    await looks();
    expect(l.incident().filter((event) => event.startsWith('alarm'))).toEqual(['alarm: frozen']);
  }, 60_000);
});

describe('a watchtower that was down', () => {
  const three: Policy = {
    ...policy,
    watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
  };
  async function without2(utc: string, by: SigningKey): Promise<void> {
    await l.stopTower(2);
    running = [0, 1];
    await at(utc);
    await approved([by]);
    running = [0];
  }

  it('at night tells nothing of what was approved by day, and by day what was approved at night, with its hour', async () => {
    await open({ policy: three, towers: 3 });
    await without2('2026-01-26T01:00:00Z', ann);
    await at('2026-01-26T18:00:00Z');
    await l.startTower(undefined, 2);
    await l.seeing();
    await until('it to hold what the others hold', () => l.tower(2).status().signers[0]?.seq === 1);
    await looks();
    expect(told('oddHours', 2)).toEqual([]);
    await without2('2026-01-26T19:00:00Z', ben);
    await at('2026-01-27T01:00:00Z');
    await l.startTower(undefined, 2);
    await l.seeing();
    await until('it to be told', () => told('oddHours', 2).length === 1);
    expect(told('oddHours', 2)[0]).toMatchObject({
      key: ben.publicKey,
      hour: '2026-01-27 04:01 Asia/Tokyo',
    });
  }, 60_000);
});

describe('a keeper’s key', () => {
  const second: Policy = { ...policy, version: 2, prev: policyDigest(policy) };
  const both = [...chainOf(policy), ...chainOf(second)] as unknown as PolicyChain;

  it('a version taken up at night is told by the watchtower’s own clock, whatever date it carries; and once', async () => {
    await open();
    await at('2026-01-26T18:00:00Z');
    await restart(both);
    await until('it to be told', () => told().length === 1);
    expect(told()[0]).toMatchObject({ key: 'version 2 of the policy', of: 'keepers', night: '2026-01-26' });
    await restart(both);
    await looks();
    expect(told()).toHaveLength(1);
  }, 60_000);

  it('an objection at night, from a signer’s journal, is one use at however many signers', async () => {
    await open({ signersUnder: both });
    await restart(both);
    await at('2026-01-26T18:00:00Z');
    const [keeper] = keepers;
    const objection = { policy: policyDigest(second), keeper: keeper.publicKey };
    const signed = { objection, signature: signStatement(keeper, 'objection', objection) };
    for (const id of ['signer-1', 'signer-2']) {
      await l.record(id);
      const answer = await call(l.sockets.get(id), signerRoutes.object, signed);
      if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
      await l.tower().countersign(await l.record(id, await l.ask(id, (ahead += 1))));
    }
    await until('it to be told', () => told().length === 1);
    await looks();
    expect(told()).toMatchObject([{ key: keeper.publicKey, of: 'keeper' }]);
    expect(told()[0]?.['did']).toMatch(/^objected to version/);
  }, 60_000);
});

describe('a key that nobody used for three months', () => {
  it('is told when it is used, and then not before three months have passed again', async () => {
    await open();
    await at('2026-01-26T01:00:00Z');
    await approved([ann]);
    await at('2026-03-02T01:00:00Z');
    await approved([ann]);
    await looks();
    expect(told('dormantKey')).toEqual([]);
    await at('2026-05-31T01:02:00Z');
    await approved([ann]);
    await until('it to be told', () => told('dormantKey').length === 1);
    expect(told('dormantKey')[0]).toMatchObject({ key: ann.publicKey, days: 90, everUsed: true });
    // Pinned since the beginning, and never used.
    await approved([ben]);
    await until('the other to be told', () => told('dormantKey').length === 2);
    expect(told('dormantKey')[1]).toMatchObject({ key: ben.publicKey, days: 125, everUsed: false });
    await restart();
    await approved([ann, ben]);
    await looks();
    expect(told('dormantKey')).toHaveLength(2);
    expect(told()).toEqual([]);
  }, 60_000);
});
