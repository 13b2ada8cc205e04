/** "How a signature leaves", with everybody in turn, and all at once, dying between any two of its steps: asked again, one record, one signature, one payment, no alarm. */
import { afterEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  entryHash,
  isAsk,
  signerRoutes,
  type Countersignature,
  type PaymentAsk,
  type Policy,
  type SignedEntry,
} from '@kuramori/core';
import { combine } from '@kuramori/chains/nem/codec';
import { requestFor, towers, xem } from '../core/testing/house.ts';
import { cosigners, policy as deskPolicy } from '../signers/testing/desk.ts';
import { alice, lookout, planned, type Lookout } from './testing/lookout.ts';

const policy: Policy = {
  ...deskPolicy,
  watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
};
const ids = ['signer-1', 'signer-2'] as const;

let l: Lookout;
afterEach(() => l[Symbol.asyncDispose]());

const steps = [
  'before anything',
  'after the first record',
  'after both records',
  'after one countersignature',
  'after a quorum of them',
  'after the first signature',
  'after both signatures',
] as const;
type Step = (typeof steps)[number];

const actors: Readonly<Record<string, () => Promise<void>>> = {
  'signer-1': () => signer('signer-1'),
  'signer-2': () => signer('signer-2'),
  'the first watchtower': () => tower(0),
  'the last watchtower': () => tower(2),
  everybody: async () => {
    for (const id of ids) await l.stopSigner(id);
    for (const which of [0, 1, 2]) await l.stopTower(which);
    for (const which of [0, 1, 2]) await l.startTower(undefined, which);
    for (const id of ids) await l.startSigner(id);
  },
};

async function signer(id: string): Promise<void> {
  await l.stopSigner(id);
  await l.startSigner(id);
}
async function tower(which: number): Promise<void> {
  await l.stopTower(which);
  await l.startTower(undefined, which);
}

/** As custody goes the way, from its beginning: up to a step, where it learns no more. */
async function goTo(end: Step, request: ReturnType<typeof requestFor>, at: number) {
  const records: SignedEntry[] = [];
  const signatures = new Map<string, string>();
  const words: Countersignature[][] = [];
  const done = () => ({ records, signatures });
  if (end === 'before anything') return done();
  for (const id of ids) {
    const ask: PaymentAsk = await l.ask(id, at - l.now(), request);
    records.push(await l.record(id, ask));
    if (end === 'after the first record') return done();
  }
  if (end === 'after both records') return done();
  for (const record of records) {
    const given: Countersignature[] = [];
    for (const which of [0, 1, 2]) {
      const word = await l.tower(which).countersign(record);
      if (word.kind === 'countersigned') given.push(word.countersignature);
      if (end === 'after one countersignature') return done();
    }
    words.push(given);
  }
  if (end === 'after a quorum of them') return done();
  for (const [index, id] of ids.entries()) {
    const record = records[index];
    const answer = await call(l.sockets.get(id), signerRoutes.release, {
      entry: record ? entryHash(record.entry) : '',
      countersignatures: words[index] ?? [],
    });
    if (answer.kind !== 'signed') throw new Error(JSON.stringify(answer));
    signatures.set(cosigners[index]?.publicKey ?? '', answer.signature);
    if (end === 'after the first signature') return done();
  }
  return done();
}

describe.each(Object.keys(actors))('%s dies', (who) => {
  it.each(steps)('%s', async (step) => {
    l = await lookout({ policy, towers: 3 });
    await l.seeing();
    const request = requestFor({ to: alice, at: l.clock.ms });
    const at = l.now();
    const first = await goTo(step, request, at);
    await actors[who]?.();
    await l.seeing();
    const again = await goTo('after both signatures', request, at);
    // What was given once is given again, to the letter.
    for (const [index, record] of first.records.entries()) expect(again.records[index]).toEqual(record);
    for (const [key, signature] of first.signatures) expect(again.signatures.get(key)).toBe(signature);
    for (const id of ids) {
      const asks = l.journals
        .get(id)
        ?.from(1, 99)
        .filter(({ entry }) => isAsk(entry.body));
      expect(asks).toHaveLength(1);
    }
    const combined = combine(planned(xem('10'), at), again.signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    for (const { data, signature } of combined.announcements) await l.announceRaw(data, signature);
    await l.harvest();
    await l.seeing();
    expect(await l.balance(alice)).toBe(xem('10'));
    for (const which of [0, 1, 2]) expect(l.tower(which).status().frozen).toBe(null);
  });
});
