import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import {
  signerRoutes,
  signStatement,
  treasuryId,
  XEM,
  type EvacuationAsk,
  type SignedEntry,
  asNem,
} from '@kuramori/core';
import { nemTimeOf, planPayment } from '@kuramori/chains/nem/codec';
import { keyNamed, records, requestFor, statementOf, xem } from '../core/testing/house.ts';
import { theft } from '../signers/testing/desk.ts';
import {
  alice,
  cold,
  cosigners,
  lookout,
  hot,
  thiefsAddress,
  until,
  type Lookout,
} from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const [first] = cosigners;
const socketOf = (id: string) => l.sockets.get(id);
const steal = () =>
  l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()), first);
describe('records that the watchtower never heard of', () => {
  it('are fetched from the signer when a later one comes', async () => {
    await l.record('signer-1', await l.ask('signer-1', 1));
    await l.record('signer-1', await l.ask('signer-1', 2));
    const third = await l.record('signer-1', await l.ask('signer-1', 3));
    expect(await l.tower().countersign(third)).toMatchObject({ kind: 'countersigned' });
    expect(l.tower().status().signers[0]?.seq).toBe(3);
  });

  it('do not use up the number of an evacuation for ever', async () => {
    // Somebody who has seen the evidence asks for an evacuation, and shows the record to nobody.
    const theirs = theft(2);
    await call(socketOf('signer-1'), signerRoutes.freeze, freezeByTower());
    const nonce = await call(socketOf('signer-1'), signerRoutes.nonce, {});
    if (nonce.kind !== 'nonce') throw new Error('a nonce');
    const fact = await l
      .tower()
      .fact({ wallet: 'hot', nonces: [nonce.nonce], plans: [], purpose: 'evacuation' });
    if (fact.kind !== 'fact') throw new Error(`a fact: ${fact.why}`);
    const recorded = await call(
      socketOf('signer-1'),
      signerRoutes.propose,
      evacuation(7, [fact.fact], theirs),
    );
    expect(recorded).toMatchObject({ kind: 'recorded' });
    await steal();
    await until('the evacuation', () => l.incident().includes('evacuation sent'), 15_000);
    await l.harvest();
    const evacuated = l.journals.get('signer-1')?.history().evacuations.get('hot');
    expect(evacuated).toBeGreaterThan(7);
  });
});

function freezeByTower() {
  const freeze = { by: records[1].publicKey, at: 1, why: 'test' };
  return { freeze, signature: signStatement(records[1], 'freeze', freeze) };
}

function evacuation(
  number: number,
  facts: EvacuationAsk['facts'],
  stolen: ReturnType<typeof theft>,
): EvacuationAsk {
  const timeStamp = nemTimeOf(l.clock.ms);
  const [wallet] = l.policy.wallets;
  if (!wallet) throw new Error('a wallet');
  const keys = cosigners.slice(0, 2).map(({ publicKey }) => publicKey);
  const plan = planPayment({
    wallet: asNem(wallet),
    network: 'testnet',
    recipient: cold.address,
    units: 1n,
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys,
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return {
    kind: 'evacuation',
    wallet: 'hot',
    number,
    intent: {
      id: treasuryId('evacuation', 'hot', number),
      reason: 'evacuation',
      wallet: 'hot',
      asset: XEM,
      destination: { address: cold.address, memo: '' },
      amount: 1n,
      feeCap: plan.planned.fees,
      expiry: Math.floor(l.clock.ms / 1000) + 7200,
    },
    plan: plan.planned.plan,
    share: plan.planned.plan,
    facts,
    evidence: { ...stolen, statements: [statementOf(stolen.bytes)] },
  };
}

describe('what is countersigned', () => {
  it('once and at once by many callers: one judgement, one line', async () => {
    const record = await l.record('signer-1');
    const answers = await Promise.all(Array.from({ length: 20 }, () => l.tower().countersign(record)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.kind).toBe('countersigned');
    const lines = readFileSync(join(l.folder, 'archive.jsonl'), 'utf8').trimEnd().split('\n');
    // Beside the first, which says since when the policy is known.
    expect(lines.length).toBe(3);
  });

  it('two records of one number: the second is a fork, refused and noted', async () => {
    const record = await l.record('signer-1');
    expect(await l.tower().countersign(record)).toMatchObject({ kind: 'countersigned' });
    const other = signed({ ...record.entry, at: record.entry.at + 1 });
    expect(await l.tower().countersign(other)).toMatchObject({ kind: 'refused', why: 'fork' });
    expect(l.incident()).toContain('a signer has two journals');
  });

  it('not by another policy, not misdated, not while frozen', async () => {
    const { entry } = await l.record('signer-1');
    expect(await l.tower().countersign(signed({ ...entry, policy: 'f'.repeat(64) }))).toMatchObject({
      why: 'policy',
    });
    const dated = (at: number) => l.tower().countersign(signed({ ...entry, at }, 'signer-2'));
    expect(await dated(l.clock.ms - 4 * 3_600_000)).toMatchObject({
      why: 'judged',
      detail: expect.stringContaining('misdated') as string,
    });
    const record = await l.record('signer-1', await l.ask('signer-1', 5));
    await steal();
    await until('the freeze', () => l.tower().status().frozen !== null);
    expect(await l.tower().countersign(record)).toMatchObject({ why: 'frozen' });
  });

  it('not a second transaction for an intent that another signer recorded', async () => {
    const request = requestFor({ to: alice, at: l.clock.ms });
    const one = await l.record('signer-1', await l.ask('signer-1', 1, request));
    const other = await l.record('signer-2', await l.ask('signer-2', 2, request));
    expect(await l.tower().countersign(one)).toMatchObject({ kind: 'countersigned' });
    expect(await l.tower().countersign(other)).toMatchObject({ why: 'paid-by-another-transaction' });
  });
});

/** As a signer whose record key was taken would sign it. */
function signed(entry: SignedEntry['entry'], signer = 'signer-1'): SignedEntry {
  const whole = { ...entry, signer };
  const key = keyNamed(`record ${signer.at(-1)}`);
  return { entry: whole, signature: signStatement(key, 'journal-entry', whole) };
}
