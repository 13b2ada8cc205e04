/** Frozen by an operator or by a theft: what starts the house again, and what does not. No custody is there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { call } from '@kuramori/chains/http';
import {
  chainOf,
  freezeDigest,
  newestOf,
  policyDigest,
  signerRoutes,
  signStatement,
  type Policy,
  type PolicyChain,
  type SignedFreeze,
  type SignedThaw,
  type SigningKey,
  type Thaw,
} from '@kuramori/core';
import {
  answered,
  keepers,
  keyNamed,
  operator,
  statementOf,
  thief,
  tower,
  why,
} from '../core/testing/house.ts';
import { policy } from '../signers/testing/desk.ts';
import { openFreezer } from './frozen.ts';
import { chainKey, cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const [first, second] = cosigners;
const delayMs = policy.thaw.delay * 1000;

function freezeOf(by: SigningKey, reason = 'something is wrong'): SignedFreeze {
  const freeze = { by: by.publicKey, at: l.clock.ms, why: reason };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}

const frozen = () => l.tower().status().frozen;
const statuses = () =>
  Promise.all(
    [...l.sockets.values()].map(async (socket) => {
      const status = await call(socket, signerRoutes.status, {});
      if (status.kind !== 'status') throw new Error(JSON.stringify(status));
      return status;
    }),
  );
const everybody = (what: string, is: (status: Awaited<ReturnType<typeof statuses>>[number]) => boolean) =>
  until(`every signer to be ${what}`, async () => (await statuses()).every(is));
const everybodyFrozen = () => everybody('frozen', (one) => one.frozen !== null);
const everybodyThawed = () => everybody('thawed', (one) => one.frozen === null);

/** The keepers lift everything that stands anywhere. */
async function thawOf(
  change: Partial<Thaw> = {},
  of: PolicyChain = chainOf(policy),
  by: readonly SigningKey[] = keepers,
): Promise<SignedThaw> {
  const all = [l.tower().status(), ...(await statuses())].flatMap(({ freezes }) => freezes);
  const thaw: Thaw = {
    lifts: [...new Set(all.map(freezeDigest))],
    suspends: [],
    policy: newestOf(of).digest,
    notBefore: l.clock.ms,
    ...answered,
    ...change,
  };
  return {
    thaw,
    signatures: by.map((key) => ({ keeper: key.publicKey, signature: signStatement(key, 'thaw', thaw) })),
  };
}

const steal = (by: typeof first = first) =>
  l.announce(wrapped(by, transfer(hot, thiefsAddress, 1_000_000n, l.now()), l.now()), by);

describe('what a theft has shown', () => {
  it('sends nothing home any more once it is lifted, though an operator keeps the asset stopped', () => {
    const file = join(l.folder, 'another.json');
    const stolen = { bytes: '00', signer: 's', signature: '00', statements: [statementOf('00')] };
    const freezer = openFreezer(file, tower);
    freezer.alarm({
      at: l.clock.ms,
      why: 'a spend',
      sight: 'a spend',
      evidence: { wallet: 'hot', evidence: stolen },
    });
    const own = freezer.state()?.freezes.map(freezeDigest) ?? [];
    freezer.take(freezeOf(operator));
    const inForce = newestOf(chainOf(policy));
    const thaw = { lifts: own, suspends: [], policy: inForce.digest, notBefore: l.clock.ms, ...answered };
    const signatures = keepers.map((key) => ({
      keeper: key.publicKey,
      signature: signStatement(key, 'thaw', thaw),
    }));
    const by = { inForce, standing: [policy], stillStolen: () => null };
    expect(why(freezer.thaw({ thaw, signatures }, l.clock.ms, by))).toBe('thaw-waits');
    expect(freezer.state()?.evidence).toEqual({ hot: [stolen] });
    expect(freezer.lift(l.clock.ms + delayMs, by)).toHaveLength(1);
    for (const one of [freezer, openFreezer(file, tower)])
      expect(one.state()).toEqual({ freezes: [freezeOf(operator)], evidence: {} });
  });
});

describe('an operator', () => {
  it('freezes the house through any one watchtower; the keepers thaw it after the wait, and it pays', async () => {
    expect(l.tower().freeze(freezeOf(operator))).toEqual({ kind: 'done' });
    await everybodyFrozen();
    expect(l.tower().vouch({ exchange: 'exchange-1', customer: 'c', asset: 'XEM' } as never)).toMatchObject({
      why: 'frozen',
    });
    const thaw = await thawOf();
    expect(why(l.tower().thaw(thaw))).toBe('thaw-waits');
    await everybody('waiting', (one) => one.thaws.length === 1);
    l.clock.ms += delayMs - 1;
    expect(why(l.tower().thaw(thaw))).toBe('thaw-waits');
    l.clock.ms += 1;
    await everybodyThawed();
    await until('the watchtower to be thawed', () => frozen() === null);
    expect(l.incident()).toEqual(expect.arrayContaining(['thaw taken up', 'thawed']));
    await l.harvest();
    await l.seeing();
    await l.pay();
  });

  it('freezes through any one signer, and a thaw shown to the watchtower alone reaches all', async () => {
    const [socket] = l.sockets.values();
    expect(await call(socket, signerRoutes.freeze, freezeOf(operator))).toEqual({ kind: 'done' });
    await everybodyFrozen();
    l.tower().thaw(await thawOf());
    await everybody('waiting', (one) => one.thaws.length === 1);
    await l.stopTower();
    await l.startTower();
    l.clock.ms += delayMs;
    await everybodyThawed();
  });

  it('freezes while all watchtowers are dead, and they take it over when they come', async () => {
    await l.stopTower();
    for (const socket of l.sockets.values())
      expect(await call(socket, signerRoutes.freeze, freezeOf(operator))).toEqual({ kind: 'done' });
    await l.startTower();
    await until('the watchtower to be frozen', () => frozen() !== null);
    expect(frozen()).toEqual(freezeOf(operator));
  });

  it('cannot thaw, nor can one keeper, nor whoever has custody and old papers', async () => {
    l.tower().freeze(freezeOf(operator));
    expect(why(l.tower().thaw(await thawOf({}, undefined, [operator])))).toBe('thaw-below-quorum');
    expect(why(l.tower().thaw(await thawOf({}, undefined, [keepers[0]])))).toBe('thaw-below-quorum');
    const unsaid = { answers: { ...answered.answers, 'people-told': '' } };
    expect(l.tower().thaw(await thawOf(unsaid))).toMatchObject({
      why: 'thaw-without-answers',
      detail: expect.stringContaining('people-told is not answered'),
    });
    expect(why(l.tower().freeze(freezeOf(thief)))).toBe('freeze-signature');
  });

  it('who froze falsely is suspended, and freezes no more', async () => {
    l.tower().freeze(freezeOf(operator));
    await everybodyFrozen();
    l.tower().thaw(await thawOf({ suspends: [operator.publicKey] }));
    await everybody('waiting', (one) => one.thaws.length === 1);
    l.clock.ms += delayMs;
    await everybodyThawed();
    // In its own time: signers may be first.
    await until('the watchtower to be thawed', () => frozen() === null);
    expect(why(l.tower().freeze(freezeOf(operator, 'once more')))).toBe('freeze-suspended');
    const [socket] = l.sockets.values();
    expect(await call(socket, signerRoutes.freeze, freezeOf(operator, 'once more'))).toMatchObject({
      why: 'freeze-suspended',
    });
  });
});

describe('after a theft', () => {
  // What is sent home reserves all that is left, and a second theft must still be possible.
  beforeEach(async () => {
    await l[Symbol.asyncDispose]();
    l = await lookout({ evacuates: false });
    await l.seeing();
  });
  it('nothing is thawed while the chain lets the stolen key act, whatever a version of the policy names', async () => {
    await steal();
    await until('the freeze', () => frozen() !== null);
    const stolen = { why: 'stolen-key-pinned', detail: expect.stringContaining(first.publicKey) };
    expect(l.tower().thaw(await thawOf())).toMatchObject(stolen);
    const cosignersThen = [{ publicKey: chainKey('c4').publicKey, signer: 'signer-1' }];
    const next: Policy = {
      ...policy,
      version: 2,
      prev: policyDigest(policy),
      wallets: policy.wallets.map((wallet) =>
        wallet.id === 'hot'
          ? { ...wallet, cosigners: [...cosignersThen, ...wallet.cosigners.slice(1)] }
          : wallet,
      ),
    };
    const line: PolicyChain = [...chainOf(policy), ...chainOf(next)];
    await l.stopTower();
    await l.startTower(line);
    // The new version counts alone once its wait is over, by the watchtower's own clock.
    l.clock.ms += policy.loosening.delay * 1000;
    expect(why(l.tower().thaw(await thawOf()))).toBe('thaw-policy');
    await until('the watchtower to have looked at the account', () => l.sees().rounds > 3);
    expect(l.tower().thaw(await thawOf({}, line))).toMatchObject(stolen);
  });

  it('a spend that is seen while a thaw waits is not lifted by it', async () => {
    l.tower().freeze(freezeOf(operator));
    await everybodyFrozen();
    const thaw = await thawOf();
    expect(why(l.tower().thaw(thaw))).toBe('thaw-waits');
    await everybody('waiting', (one) => one.thaws.length === 1);
    await steal();
    await everybody('frozen twice', (one) => one.freezes.length === 2);
    l.clock.ms += delayMs;
    await everybody('frozen once', (one) => one.freezes.length === 1 && one.thaws.length === 0);
    expect((await statuses()).map((one) => one.frozen?.freeze.why)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/no record covers it/)),
    );
    // It names what was seen since, and a key of it is still there.
    expect(why(l.tower().thaw(await thawOf()))).toBe('stolen-key-pinned');
    expect(why(l.tower().thaw(thaw))).toBe('stolen-key-pinned');
    expect(l.tower().status().freezes).toHaveLength(2);
  });

  it('a second spend of a watchtower that froze before is not lifted by a thaw that was decided before it', async () => {
    l.tower().freeze(freezeOf(keyNamed('record 2')));
    await steal();
    await everybody('frozen by both', (one) => one.freezes.length === 2);
    const early = await thawOf();
    l.clock.ms += 1_000;
    await steal(second);
    await until(
      'the second alarm',
      () => l.incident().filter((event) => event.startsWith('alarm')).length > 2,
    );
    const own = l
      .tower()
      .status()
      .freezes.find(({ freeze }) => freeze.why.includes('no record'));
    expect(own && early.thaw.lifts.includes(freezeDigest(own))).toBe(false);
  });
});
