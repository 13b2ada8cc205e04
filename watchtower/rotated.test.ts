/** A key is stolen: the others put a spare in its place in one modification, on a real chain, frozen as they are; and nobody else does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  canonicalText,
  controlOf,
  entryHash,
  freezeDigest,
  policyDigest,
  signerRoutes,
  signStatement,
  type Countersignature,
  type Plain,
  type Policy,
  type Rotation,
  type RotationAsk,
  type SignedEntry,
  type SignedThaw,
  type Thaw,
  type SigningKey,
  asNem,
} from '@kuramori/core';
import { combine, explain, planRotation, sign, keyOf } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { answered, keepers, keyNamed, tower, why } from '../core/testing/house.ts';
import { policy as deskPolicy } from '../signers/testing/desk.ts';
import { keysOf } from '../signers/keystore.ts';
import { pinsOf } from '../signers/testing/made.ts';
import { cosign, judgedRotation } from '../signers/vault/rotation.ts';
import { ends } from '../signers/vault/ends.ts';
import { chainKey, cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { cosigned, importanceTransfer, modification, transfer, wrapped } from './testing/transactions.ts';

const [first, second, vault] = cosigners;
const spare = chainKey('spare');
const policy: Policy = {
  ...deskPolicy,
  signers: [...deskPolicy.signers, { id: 'signer-3', recordKey: keyNamed('record 3').publicKey }],
  wallets: deskPolicy.wallets.map((wallet) =>
    wallet.id === 'hot'
      ? { ...wallet, spares: [{ publicKey: spare.publicKey, signer: 'signer-3' }] }
      : wallet,
  ),
};

const [hotWallet] = policy.wallets as [Policy['wallets'][number]];

let l: Lookout;
beforeEach(async () => {
  l = await lookout({
    policy,
    spare: { id: 'signer-3', recordKey: keyNamed('record 3'), chain: spare },
    evacuates: false,
  });
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const socketOf = (id: string) => l.sockets.get(id);
const frozen = () => l.tower().status().frozen;
const statuses = () => Promise.all(l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})));

/** The keepers lift all that stands. */
async function thawOf(): Promise<SignedThaw> {
  const told = (await statuses()).flatMap((status) => (status.kind === 'status' ? status.freezes : []));
  const thaw: Thaw = {
    lifts: [...new Set([...l.tower().status().freezes, ...told].map(freezeDigest))],
    suspends: [],
    policy: policyDigest(policy),
    notBefore: l.clock.ms,
    ...answered,
  };
  const signatures = keepers.map((key) => ({
    keeper: key.publicKey,
    signature: signStatement(key, 'thaw', thaw),
  }));
  return { thaw, signatures };
}

const propose = async (id: string, by: readonly (typeof hot)[]) =>
  call(socketOf(id), signerRoutes.propose, await l.ask(id, 0, undefined, by));

function signedRotation(change: Partial<Rotation> = {}, by: readonly SigningKey[] = keepers) {
  const rotation: Rotation = {
    wallet: 'hot',
    remove: first.publicKey,
    add: spare.publicKey,
    policy: policyDigest(policy),
    expiry: Math.floor(l.clock.ms / 1000) + 7200,
    ...change,
  };
  const signatures = by.map((key) => ({
    keeper: key.publicKey,
    signature: signStatement(key, 'rotation', rotation),
  }));
  return { rotation, signatures };
}

/** By the second signer and the vault, without the one who goes. */
function plan(change: { remove?: string; add?: string } = {}) {
  const [wallet] = policy.wallets;
  if (!wallet) throw new Error('a hot wallet');
  return planRotation({
    wallet: asNem(wallet),
    network: 'testnet',
    remove: change.remove ?? first.publicKey,
    add: change.add ?? spare.publicKey,
    timeStamp: l.now(),
    deadline: l.now() + 3600,
    keys: [second.publicKey, vault.publicKey],
  });
}

async function ask(planned = plan(), rotation = signedRotation()): Promise<RotationAsk> {
  const nonce = await call(socketOf('signer-2'), signerRoutes.nonce, {});
  if (nonce.kind !== 'nonce') throw new Error('a nonce');
  const fact = await l.tower().fact({ wallet: 'hot', nonces: [nonce.nonce], plans: [], purpose: 'rotation' });
  if (fact.kind !== 'fact') throw new Error(`${fact.why} ${fact.detail}`);
  return {
    kind: 'rotation',
    wallet: 'hot',
    rotation,
    plan: planned.plan,
    share: planned.shares[0]?.share ?? '',
    facts: [fact.fact],
  };
}

/** What the vault is carried. */
const request = (record: SignedEntry, countersignatures: readonly Countersignature[]) => ({
  policy: JSON.parse(
    canonicalText({
      policy: policy as unknown as Plain,
      signatures: keepers.map((key) => ({
        keeper: key.publicKey,
        signature: signStatement(key, 'policy', policy as unknown as Plain),
      })),
    }),
  ) as unknown,
  record,
  countersignatures: [...countersignatures],
});
const pins = pinsOf(keyNamed('vault').publicKey, policy);
const vaultKeys = keysOf(keyNamed('vault'), keyOf(vault.privateKey));

async function recorded(planned = plan()) {
  const record = await call(socketOf('signer-2'), signerRoutes.propose, await ask(planned));
  if (record.kind !== 'recorded') throw new Error(JSON.stringify(record));
  const word = await l.tower().countersign(record.record);
  if (word.kind !== 'countersigned') throw new Error(`${word.why} ${word.detail}`);
  return { record: record.record, word: word.countersignature };
}

const cosignersNow = async () => {
  const read = await nemNode(l.nodes[0].url, 'testnet').account(hot.address);
  if (read.kind === 'failed') throw new Error(read.detail);
  return [...read.value.cosigners].toSorted();
};

describe('from the alarm to the confirmed change', () => {
  it('frozen by the theft, the house replaces the stolen key, and no second alarm comes of it', async () => {
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, 1_000_000n, l.now()), l.now()), first);
    await until('both signers to be frozen', async () => {
      const all = await Promise.all(
        [...l.sockets.values()].map((socket) => call(socket, signerRoutes.status, {})),
      );
      return all.every((status) => status.kind === 'status' && status.frozen !== null);
    });
    const planned = plan();
    const { record, word } = await recorded(planned);
    const released = await call(socketOf('signer-2'), signerRoutes.release, {
      entry: entryHash(record.entry),
      countersignatures: [word],
    });
    if (released.kind !== 'signed') throw new Error(JSON.stringify(released));
    const judged = judgedRotation(vaultKeys, pins, request(record, [word]));
    expect(judged.shown).toContainEqual(['goes', `${first.publicKey} (signer-1)`]);
    expect(judged.shown).toContainEqual([
      'comes',
      `${spare.publicKey} (signer-3), a spare that the policy has pinned`,
    ]);
    const { share, signature } = cosign(vaultKeys, judged);
    expect(share).toBe(planned.shares[1]?.share);
    const combined = combine(
      planned,
      new Map([
        [second.publicKey as string, released.signature],
        [vault.publicKey as string, signature],
      ]),
    );
    if (combined.kind === 'refused') throw new Error(combined.why);
    const alarms = l.incident().filter((event) => event.startsWith('alarm')).length;
    for (const part of combined.announcements) await l.announceRaw(part.data, part.signature);
    await l.harvest();
    await l.seeing();
    expect(await cosignersNow()).toEqual(
      [spare, second, vault].map(({ publicKey }) => publicKey as string).toSorted(),
    );
    expect(l.incident().filter((event) => event.startsWith('alarm'))).toHaveLength(alarms);
    // The thief's key signs for nothing any more.
    const again = wrapped(first, transfer(hot, thiefsAddress, 2_000_000n, l.now()), l.now());
    expect(await l.announce(again, first)).toBe(71);

    // No new version of the policy is needed to start again: the spare was pinned, and the chain says that it acts.
    await until('the thaw to wait', async () => why(l.tower().thaw(await thawOf())) === 'thaw-waits');
    await until('the signers to wait', async () =>
      (await statuses()).every((status) => status.kind === 'status' && status.thaws.length > 0),
    );
    l.clock.ms += policy.thaw.delay * 1000;
    await until('the watchtower to be thawed', () => frozen() === null);
    await until('the signers to be thawed', async () =>
      (await statuses()).every((status) => status.kind === 'status' && status.frozen === null),
    );
    await l.harvest();
    await l.seeing();
    expect(why(await propose('signer-1', [first, second]))).toBe('not-a-cosigner');
    await l.pay(true, [spare, second]);
    await l.harvest();
    await l.seeing();
    expect(frozen()).toBe(null);

    // The thief still has the old key, which is an ordinary account's again: he can stop nobody with it.
    expect(await l.announce(transfer(first, thiefsAddress, 1n, l.now()), first)).toBe(1);
    // Nor with what no codec of ours reads: he lends his account's importance to a key of his own.
    const lent = importanceTransfer(first, chainKey('remote'), l.now());
    await l.announceRaw(lent.toHex(), sign(first.privateKey, lent));
    await l.harvest();
    await l.seeing();
    expect(frozen()).toBe(null);

    // What was lifted is no news after a restart; a second theft is.
    await l.stopTower();
    await l.startTower();
    await until('the watchtower to have read the chain', () => l.sees().rounds > 3);
    expect(frozen()).toBe(null);
    await l.announce(wrapped(spare, transfer(hot, thiefsAddress, 1_000_000n, l.now()), l.now()), spare);
    await until('the second alarm', () => frozen() !== null);
    expect(l.tower().thaw(await thawOf())).toMatchObject({
      why: 'stolen-key-pinned',
      detail: expect.stringContaining(spare.publicKey),
    });
  }, 60_000);

  it('while the chain lets a key act that is not pinned, or fewer must sign, nothing is paid', async () => {
    const asked = await l.ask('signer-2');
    const [{ fact: honest } = { fact: null }] = asked.facts;
    if (!honest?.control) throw new Error('a watchtower says whose keys act');
    expect(honest.control).toEqual(controlOf(hotWallet));
    const { keys } = honest.control;
    for (const control of [
      { threshold: 1, keys },
      { threshold: 2, keys: [...keys.slice(1), chainKey('thief').publicKey] },
      { threshold: 2, keys: keys.slice(1) },
      { threshold: 2, keys: [...keys, spare.publicKey as string] },
      // An online signer's spare in the place of the vault's key: the layout would not be sound.
      { threshold: 2, keys: [first, second, spare].map(({ publicKey }) => publicKey as string) },
      { threshold: 0, keys: [] },
      null,
    ]) {
      const fact = { ...honest, control };
      const signature = signStatement(tower, 'chain-fact', fact);
      const facts = [{ fact, watchtower: tower.publicKey, signature }];
      const answer = await call(socketOf('signer-2'), signerRoutes.propose, { ...asked, facts });
      expect([control, why(answer)]).toEqual([control, 'keys-on-chain']);
    }
  });
});

describe('a modification that is not ours', () => {
  it('by a stolen key, waiting for a second signature: an alarm', async () => {
    const theirs = wrapped(first, modification(hot, [chainKey('thief')], l.now(), 0), l.now());
    await l.announce(theirs, first);
    await until('the freeze', () => frozen() !== null);
  });

  it('the vault’s key cosigning anything but the recorded rotation: an alarm, be it the fee', async () => {
    const planned = plan();
    const { record, word } = await recorded(planned);
    await call(socketOf('signer-2'), signerRoutes.release, {
      entry: entryHash(record.entry),
      countersignatures: [word],
    }).then(async (released) => {
      if (released.kind !== 'signed') throw new Error(JSON.stringify(released));
      await l.announceRaw(planned.plan, released.signature);
    });
    await l.seeing();
    expect(frozen()).toBe(null);
    const read = explain(Uint8Array.fromHex(planned.plan), 'testnet');
    if (read.kind === 'refused' || read.transaction.kind !== 'multisig') throw new Error('a wrapper');
    const dear = { ...cosigned(vault, read.transaction, hot, l.now()), fee: 900_000_000n };
    expect(await l.announce(dear, vault)).toBe(1);
    await until('the freeze', () => frozen() !== null);
  });
});

describe('a signer and a watchtower refuse', () => {
  it.each<[string, () => Promise<RotationAsk>, string]>([
    ['one keeper', () => ask(plan(), signedRotation({}, keepers.slice(0, 1))), 'rotation-below-quorum'],
    ['another version', () => ask(plan(), signedRotation({ policy: '0'.repeat(64) })), 'rotation-policy'],
    [
      'a thief’s key in bytes that the keepers did not decide',
      () => ask(plan({ add: chainKey('thief').publicKey })),
      'rotation-altered',
    ],
    [
      'a thief’s key that stolen keepers decided: it is no spare',
      () => {
        const add = chainKey('thief').publicKey as string;
        return ask(plan({ add }), signedRotation({ add }));
      },
      'no-spare',
    ],
    [
      'a payment called a rotation',
      async () => {
        const payment = await l.ask('signer-2');
        return { ...(await ask()), plan: payment.plan, share: payment.share };
      },
      'bytes-refused',
    ],
  ])('%s', async (_what, asked, expected) => {
    expect(why(await call(socketOf('signer-2'), signerRoutes.propose, await asked()))).toBe(expected);
    expect(l.journals.get('signer-2')?.history().seq).toBe(0);
  });

  it('facts for payments are none for a rotation, and the other way round', async () => {
    const nonce = await call(socketOf('signer-2'), signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error('a nonce');
    const fact = await l.tower().fact({ wallet: 'hot', nonces: [nonce.nonce], plans: [] });
    if (fact.kind !== 'fact') throw new Error('a fact');
    const asked = { ...(await ask()), facts: [fact.fact] };
    expect(why(await call(socketOf('signer-2'), signerRoutes.propose, asked))).toBe('facts-below-quorum');
  });
});

describe('the vault refuses', () => {
  const tried = (keys: typeof vaultKeys, given: Parameters<typeof judgedRotation>[2], by = pins) => {
    try {
      cosign(keys, judgedRotation(keys, by, given));
      return 'signed';
    } catch (cause) {
      return (cause as Error).message;
    }
  };

  it('whatever the keepers, an online signer and the watchtowers have not all agreed to', async () => {
    const { record, word } = await recorded();
    const given = request(record, [word]);
    expect(tried(vaultKeys, given)).toBe('signed');
    expect(tried(vaultKeys, { ...given, countersignatures: [] })).toMatch(/^countersignatures: 0 of the 1/);
    const forged = {
      ...word,
      signature: signStatement(keyNamed('thief'), 'countersignature', { entry: entryHash(record.entry) }),
    };
    expect(tried(vaultKeys, { ...given, countersignatures: [forged] })).toMatch(
      /^countersignatures: 0 of the 1/,
    );
    expect(tried(vaultKeys, given, { ...pins, keys: [keyNamed('thief').publicKey] })).toMatch(
      /^policy\.signatures: /,
    );
    const altered = { ...record, entry: { ...record.entry, at: record.entry.at + 1 } };
    expect(tried(vaultKeys, request(altered, [word]))).toMatch(/^record: is not signed/);
    const other = keysOf(keyNamed('vault'), keyOf(spare.privateKey));
    expect(tried(other, given)).toMatch(/^record: hot has no key of this vault/);
    const online = keysOf(keyNamed('vault'), keyOf(second.privateKey));
    expect(tried(online, given)).toMatch(/^record: hot has no key of this vault/);
  });

  it('whoever has not looked at the key that comes', async () => {
    const { record, word } = await recorded();
    const { change } = judgedRotation(vaultKeys, pins, request(record, [word]));
    const typed = (answer: string | null) => ends(answer, change.add);
    const { publicKey } = spare;
    expect([
      typed(publicKey.slice(-6)),
      typed(` ${publicKey.slice(-8).toUpperCase()}`),
      typed(publicKey),
    ]).toEqual([true, true, true]);
    for (const answer of [
      null,
      '',
      'yes',
      publicKey.slice(-5),
      publicKey.slice(0, 6),
      first.publicKey.slice(-6),
    ])
      expect([answer, typed(answer)]).toEqual([answer, false]);
  });

  it('a payment, whoever has countersigned it', async () => {
    const record = await l.record('signer-1');
    const word = await l.tower().countersign(record);
    if (word.kind !== 'countersigned') throw new Error(word.why);
    expect(tried(vaultKeys, request(record, [word.countersignature]))).toMatch(
      /^record: records a payment: this key signs rotations, and nothing else/,
    );
  });
});

describe('a rotation that keepers sign at three in the morning', () => {
  it('is one page for each of their keys, and says what was put in whose place', async () => {
    l.clock.ms = Date.UTC(2026, 0, 26, 18);
    await l.harvest();
    await l.seeing();
    await recorded();
    const told = () => l.told().filter((one) => one['sign'] === 'oddHours');
    await until('it to be told', () => told().length === keepers.length);
    expect(told().map(({ key }) => key)).toEqual(keepers.map(({ publicKey }) => publicKey));
    expect(told()[0]).toMatchObject({
      of: 'keeper',
      did: `rotated ${first.publicKey} out of hot for ${spare.publicKey}`,
      night: '2026-01-26',
    });
  });
});
