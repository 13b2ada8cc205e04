/** Three watchtowers, two needed: one that is dead, blind, old, new or lying neither stops the house nor lets anything out. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  bytesDigest,
  chainOf,
  entryHash,
  isAsk,
  policyDigest,
  signerRoutes,
  signStatement,
  type Policy,
  type PolicyChain,
} from '@kuramori/core';
import { explain, signShare } from '@kuramori/chains/nem/codec';
import { towers, why, xem } from '../core/testing/house.ts';
import { policy as deskPolicy } from '../signers/testing/desk.ts';
import {
  alice,
  cold,
  cosigners,
  hot,
  lookout,
  thiefsAddress,
  until,
  type Lookout,
  type Options,
} from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

const policy: Policy = {
  ...deskPolicy,
  watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
};
const [first] = cosigners;

let l: Lookout;
afterEach(() => l[Symbol.asyncDispose]());
async function open(options: Partial<Options> = {}): Promise<void> {
  l = await lookout({ policy, towers: 3, ...options });
  await l.seeing();
}

const frozen = (which: number) => l.tower(which).status().frozen;
const steal = (amount = xem('40000')) =>
  l.announce(wrapped(first, transfer(hot, thiefsAddress, amount, l.now()), l.now()), first);
const everySignerFrozen = () =>
  until('every signer to be frozen', async () => {
    const all = await Promise.all(
      [...l.sockets.values()].map((socket) => call(socket, signerRoutes.status, {})),
    );
    return all.every((status) => status.kind === 'status' && status.frozen !== null);
  });
/** The chain goes on, and every watchtower has read it. */
async function read(): Promise<void> {
  await l.harvest();
  await l.seeing();
}
const nobodyFrozen = () => expect([0, 1, 2].map(frozen)).toEqual([null, null, null]);

describe('one that was not asked', () => {
  it('asks the others before it cries out, and remembers what they said', async () => {
    await open();
    await l.stopTower(2);
    await l.pay();
    await l.startTower(undefined, 2);
    await read();
    nobodyFrozen();
    // Its own file says so from now on, also with the others dead.
    await l.stopTower(0);
    await l.stopTower(1);
    await l.stopTower(2);
    await l.startTower(undefined, 2);
    await until('it to have read the chain', () => {
      const { nodes, rounds } = l.sees(2);
      return rounds > 3 && nodes.every(({ height }) => height === l.nodes[0].core.chain.last().block.height);
    });
    expect(frozen(2)).toBe(null);
  });

  it('one word is no quorum: what a single watchtower countersigned is unexplained for the two others', async () => {
    await open({ evacuates: false });
    const record = await l.record('signer-1');
    // The thief has signer 1's key, and got one watchtower's countersignature.
    await l.stopTower(0);
    await l.stopTower(2);
    const word = await l.tower(1).countersign(record);
    if (word.kind !== 'countersigned') throw new Error(word.why);
    // And has the signer show that one word as two, and one of his own making as another's.
    const forged = { ...word.countersignature, watchtower: towers[0].publicKey };
    const shown = [word.countersignature, word.countersignature, forged];
    l.journals.get('signer-1')?.words.keep(entryHash(record.entry), shown);
    await l.startTower(undefined, 0);
    await l.startTower(undefined, 2);
    const { body } = record.entry;
    if (!isAsk(body)) throw new Error('an ask');
    expect(l.tower(1).covering({ key: first.publicKey, bytes: bytesDigest(body.share) }).kind).toBe(
      'covering',
    );
    const explained = explain(Uint8Array.fromHex(body.share), 'testnet');
    if (explained.kind === 'refused') throw new Error('a wrapper');
    await l.announce(explained.transaction, first);
    await until('the two others to freeze', () => frozen(0) !== null && frozen(2) !== null);
  });

  it('with both others dead it asks the signers, who keep the words that let it go', async () => {
    await open({ evacuates: false });
    await l.stopTower(2);
    await l.pay();
    await l.stopTower(0);
    await l.stopTower(1);
    await l.startTower(undefined, 2);
    await until('it to have read the chain', () => l.sees(2).rounds > 3);
    expect(frozen(2)).toBe(null);
  });

  it('and where the signers are dead too, it freezes at what it does not know', async () => {
    await open({ evacuates: false });
    await l.stopTower(2);
    await l.pay();
    await l.stopTower(0);
    await l.stopTower(1);
    for (const id of l.sockets.keys()) await l.stopSigner(id);
    await l.startTower(undefined, 2);
    await until('the freeze', () => frozen(2) !== null);
  });
});

describe('a key is stolen', () => {
  it('all three see it, the coins go home with two words for it, and no second time', async () => {
    await open();
    await steal();
    await everySignerFrozen();
    await until('all three to be frozen', () => [0, 1, 2].every((which) => frozen(which) !== null));
    await until(
      'the evacuation',
      () => [0, 1, 2].some((which) => l.incident(which).includes('evacuation sent')),
      20_000,
    );
    await l.harvest();
    expect(await l.balance(cold.address)).toBeGreaterThan(xem('59000'));
    expect(await l.balance(thiefsAddress)).toBe(0n);
  }, 40_000);

  it('also with one of them dead', async () => {
    await open();
    await l.stopTower(0);
    await steal();
    await everySignerFrozen();
    await until(
      'the evacuation',
      () => [1, 2].some((which) => l.incident(which).includes('evacuation sent')),
      20_000,
    );
    await l.harvest();
    expect(await l.balance(cold.address)).toBeGreaterThan(xem('59000'));
  }, 40_000);

  it('one lone watchtower freezes everybody, and sends nothing home: its word alone moves no coin', async () => {
    await open();
    await l.stopTower(0);
    await l.stopTower(1);
    await steal();
    await everySignerFrozen();
    const before = await l.balance(cold.address);
    await until('three attempts', () => (l.tower(2).status().evacuation?.attempts ?? 0) > 2, 20_000);
    expect(l.incident(2)).not.toContain('evacuation sent');
    await l.harvest();
    expect(await l.balance(cold.address)).toBe(before);
  }, 40_000);

  it('no watchtower says of what a quorum countersigned that nothing covers it', async () => {
    await open();
    await l.stopTower(2);
    await l.pay();
    await l.startTower(undefined, 2);
    await l.seeing();
    const record = l.journals.get('signer-1')?.from(1, 1)[0];
    const body = record?.entry.body;
    if (!body || !isAsk(body)) throw new Error('a payment');
    const signature = signShare(first.privateKey, body.share);
    const shown = { wallet: 'hot', bytes: body.share, signer: first.publicKey, signature };
    for (const which of [0, 1, 2])
      expect(why(await l.tower(which).uncovered(shown))).toBe('evidence-is-covered');
    expect(why(await l.tower(0).uncovered({ ...shown, signature: '00' }))).toBe('evidence-signature');
    nobodyFrozen();
  });
});

describe('one with an old archive, or none', () => {
  const archive = (which: number) => join(l.filesOf(which), 'archive.jsonl');

  it('countersigns nothing and shows no signer its copy until it holds what the others hold', async () => {
    await open();
    await l.pay(false);
    for (const which of [0, 1, 2]) await l.stopTower(which);
    rmSync(archive(2));
    await l.startTower(undefined, 2);
    // With all watchtowers dead nobody states a fact, so the record is an old one, shown again.
    const [record] = l.journals.get('signer-1')?.from(1, 1) ?? [];
    if (!record) throw new Error('an entry');
    expect(why(await l.tower(2).countersign(record))).toBe('closed');
    expect(l.tower(2).status().open).toBe(false);
    await l.startTower(undefined, 1);
    await until('a look at the other', () =>
      l
        .tower(2)
        .status()
        .signers.every(({ seq }) => seq > 0),
    );
    // n − k + 1 others: with one of them alone the quorum of what was let go may be the lost one and the silent one.
    expect(l.tower(2).status().open).toBe(false);
    await l.startTower(undefined, 0);
    await l.seeing();
    expect(l.tower(2).status().signers).toEqual(l.tower(0).status().signers);
    nobodyFrozen();
  });

  it('from yesterday takes over what is missing, and judges it by itself', async () => {
    await open();
    await l.pay();
    l.clock.ms += 1_000;
    mkdirSync(join(l.folder, 'backup'));
    copyFileSync(archive(2), join(l.folder, 'backup', 'archive.jsonl'));
    await l.pay();
    await l.stopTower(2);
    copyFileSync(join(l.folder, 'backup', 'archive.jsonl'), archive(2));
    await l.startTower(undefined, 2);
    await l.seeing();
    const newest = l.journals.get('signer-1')?.from(2, 1)[0];
    if (!newest) throw new Error('two entries');
    expect(why(await l.tower(2).countersign(newest))).toBe('countersigned');
    expect(l.tower(2).status().signers).toEqual(l.tower(0).status().signers);
    // And with everybody there it goes on.
    await read();
    await l.pay();
    nobodyFrozen();
  });

  it('a lying watchtower that says «nothing happened» opens nobody: the others are needed too', async () => {
    await open();
    await l.pay(false);
    for (const which of [0, 1, 2]) await l.stopTower(which);
    // Watchtower 1 was taken over, and shows an empty archive; watchtower 2 lost its own.
    rmSync(archive(1));
    rmSync(archive(2));
    await l.startTower(undefined, 1);
    await l.startTower(undefined, 2);
    await until('both to have asked', () => l.sees(1).rounds > 5 && l.sees(2).rounds > 5);
    expect([1, 2].map((which) => l.tower(which).status().open)).toEqual([false, false]);
    for (const status of await Promise.all(
      [...l.sockets.values()].map((socket) => call(socket, signerRoutes.status, {})),
    ))
      expect(status).toMatchObject({ kind: 'status', seq: 1 });
  });

  it('a watchtower that joins by a new version takes over the journals first', async () => {
    const two: Policy = { ...policy, watchtowers: { quorum: 2, keys: policy.watchtowers.keys.slice(0, 2) } };
    const three: Policy = { ...policy, version: 2, prev: policyDigest(two) };
    const line: PolicyChain = [...chainOf(two), ...chainOf(three)];
    l = await lookout({ policy: two, towers: 3 });
    await l.stopTower(2);
    await l.seeing();
    await l.pay();
    for (const which of [0, 1]) await l.stopTower(which);
    for (const which of [0, 1, 2]) await l.startTower(line, which);
    await l.seeing();
    expect(l.tower(2).status().signers).toEqual(l.tower(0).status().signers);
    expect(
      l
        .tower(2)
        .status()
        .signers.every(({ seq }) => seq > 0),
    ).toBe(true);
  });
});

describe('they disagree', () => {
  it('one refuses, two countersign: it is paid; two refuse: it is not', async () => {
    await open();
    const record = await l.record('signer-1');
    expect(why(await l.tower(0).countersign(record))).toBe('countersigned');
    await l.stopTower(2);
    const word = await l.tower(1).countersign(record);
    const mine = await l.tower(0).countersign(record);
    if (word.kind !== 'countersigned' || mine.kind !== 'countersigned') throw new Error('two words');
    const socket = l.sockets.get('signer-1');
    const entry = entryHash(record.entry);
    const release = (...countersignatures: (typeof word.countersignature)[]) =>
      call(socket, signerRoutes.release, { entry, countersignatures });
    expect(await release(mine.countersignature)).toMatchObject({ why: 'below-quorum' });
    expect(await release(mine.countersignature, mine.countersignature)).toMatchObject({
      why: 'below-quorum',
    });
    const forged = {
      watchtower: towers[2].publicKey,
      signature: signStatement(towers[1], 'countersignature', { entry }),
    };
    expect(await release(mine.countersignature, forged)).toMatchObject({ why: 'below-quorum' });
    expect(await release(mine.countersignature, word.countersignature)).toMatchObject({ kind: 'signed' });
  });

  it('its word that it once countersigned a record lets nothing go: it may have frozen since', async () => {
    await open();
    const record = await l.record('signer-1');
    const [mine, other] = [await l.tower(0).countersign(record), await l.tower(1).countersign(record)];
    if (mine.kind !== 'countersigned' || other.kind !== 'countersigned') throw new Error('two words');
    const { body } = record.entry;
    if (!isAsk(body)) throw new Error('an ask');
    // Its answer was lost: whoever has custody asks as a watchtower would.
    const covering = l.tower(0).covering({ key: first.publicKey, bytes: bytesDigest(body.share) });
    if (covering.kind !== 'covering') throw new Error(covering.why);
    const answer = await call(l.sockets.get('signer-1'), signerRoutes.release, {
      entry: entryHash(record.entry),
      countersignatures: [covering.word, other.countersignature],
    });
    expect(answer).toMatchObject({ why: 'below-quorum' });
  });

  it('one that froze stops everybody, whatever the two others see', async () => {
    await open();
    const freeze = { by: towers[2].publicKey, at: l.clock.ms, why: 'I alone saw it' };
    expect(l.tower(1).freeze({ freeze, signature: signStatement(towers[2], 'freeze', freeze) })).toEqual({
      kind: 'done',
    });
    await everySignerFrozen();
    await until('all three to be frozen', () => [0, 1, 2].every((which) => frozen(which) !== null));
    await expect(l.pay()).rejects.toThrow(/facts/);
    expect(await l.balance(alice)).toBe(0n);
  });
});
