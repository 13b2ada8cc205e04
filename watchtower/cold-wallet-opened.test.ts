/** Vaults sign what a quorum of watchtowers ordered, on a real chain and without an alarm; whoever has their keys, custody or one watchtower gets nothing by it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  beforeFirst,
  entryHash,
  moveIntent,
  policyDigest,
  signCeremony,
  signEntry,
  signStatement,
  Told,
  XEM,
  type Entry,
  type Intent,
  type Order,
} from '@kuramori/core';
import { combine, type Planned } from '@kuramori/chains/nem/codec';
import { operator, towers, xem } from '../core/testing/house.ts';
import { vaultKeys } from '../core/testing/vaults.ts';
import { making } from '../signers/testing/made.ts';
import type { OrderAnswer } from '../signers/vault/sign-order.ts';
import { cold, coldKeys, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import {
  carried,
  cold2,
  cold2Keys,
  keysAt,
  orderFor as orderedBy,
  planOf,
  policy,
  refillOf,
  right,
  signOrder,
  typing,
  vaultIn,
  type Asking,
} from './testing/cold-house.ts';
import { cosigned, transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-vaults-'));
  l = await lookout({ policy, towers: 3, another: { account: cold2, units: '100000000', keys: cold2Keys } });
  await l.seeing();
});
afterEach(async () => {
  await l[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const vaultAt = (which: number, file?: string) => vaultIn(l, folder, which, file);
const refill = (number?: number, units?: bigint, more?: Partial<Intent>) => refillOf(l, number, units, more);
const orderFor = (which: number, intent: Intent, asked?: Asking) => orderedBy(l, which, intent, asked);
const journalOf = (which: number) => readFileSync(join(folder, `vault-${which + 1}.jsonl`), 'utf8');
const events = () => [0, 1, 2].map((tower) => l.incident(tower));

async function announce(plan: Planned, answers: readonly OrderAnswer[]): Promise<void> {
  const combined = combine(plan, new Map(answers.map(({ key, signature }) => [key, signature])));
  if (combined.kind === 'refused') throw new Error(combined.why);
  for (const { data, signature } of combined.announcements) await l.announceRaw(data, signature);
}

/** Until all watchtowers see it so. */
const confirmed = ({ plan }: Planned) =>
  until('all to see it confirmed', () =>
    [0, 1, 2].every((tower) => {
      const fate = l.tower(tower).fate({ wallet: 'cold', plan });
      return fate.kind === 'fate' && fate.fate === 'confirmed';
    }),
  );

async function told(tower: number, { entries }: OrderAnswer): Promise<string> {
  let last = '';
  for (const one of entries) {
    const answer = await l.tower(tower).told(Told.parse(one));
    // Who was there is taken whatever is frozen.
    if (one.record.entry.body.kind === 'ceremony') continue;
    last = answer.kind === 'refused' ? answer.why : answer.kind;
  }
  return last;
}

describe('a refill', () => {
  it('ordered by a quorum, signed by two vaults, raises no alarm: not at a watchtower that was away, nor at one that starts again', async () => {
    await l.stopTower(2);
    const intent = refill();
    const first = await orderFor(0, intent, { by: [0, 1] });
    const second = await orderFor(1, intent, { by: [0, 1], plan: first.plan });
    const answers = [
      await signOrder(vaultAt(0), 'order', carried(first), right('500')),
      await signOrder(vaultAt(1), 'order', carried(second), right('500')),
    ];
    // Again: the same, and nobody is asked.
    expect(await signOrder(vaultAt(0), 'order', carried(first), typing(null))).toEqual(answers[0]);
    await l.startTower(undefined, 2);
    await l.stopTower(1);
    await l.startTower(undefined, 1);
    await l.seeing();
    await announce(first.plan, answers);
    await l.harvest();
    await confirmed(first.plan);
    expect(events()).toEqual([[], [], []]);
    // The vaults' journals come back to all three, also to the one that ordered nothing.
    for (const tower of [0, 1, 2]) for (const answer of answers) await told(tower, answer);
    for (const tower of [0, 1])
      expect(l.tower(tower).status().signers).toContainEqual(
        expect.objectContaining({ signer: 'vault-2', seq: 2 }),
      );
  });

  it('or a move to another cold wallet, within the same limits of the day, raises none', async () => {
    const [hotOne, amount] = [refill(), xem('700')];
    const moved = { asset: XEM, amount, feeCap: xem('2'), expiry: hotOne.expiry, number: 1 };
    const move = moveIntent({ id: 'cold' }, cold2, moved);
    const first = await orderFor(0, move);
    const second = await orderFor(1, move, { plan: first.plan });
    const typed = typing(`700 ${cold2.address.slice(-6)}`);
    const answers = [
      await signOrder(vaultAt(0), 'order', carried(first), typed),
      await signOrder(vaultAt(1), 'order', carried(second), typed),
    ];
    for (const tower of [0, 1, 2])
      for (const answer of answers) expect(await told(tower, answer)).toBe('countersigned');
    await announce(first.plan, answers);
    await l.harvest();
    await confirmed(first.plan);
    expect(events()).toEqual([[], [], []]);
    // What is moved counts as what refills take: of two a day the second is the last.
    const head = entryHash(answers[0]?.entries.at(-1)?.record.entry as Parameters<typeof entryHash>[0]);
    expect((await orderFor(0, refill(2), { number: 2, head })).answers[0]).toMatchObject({ kind: 'ordered' });
    expect((await orderFor(0, refill(3), { number: 3, head })).answers[0]).toMatchObject({
      detail: expect.stringContaining('over-move-count') as string,
    });
  });

  it('stopped between order and announcement: no watchtower lets it go', async () => {
    const intent = refill();
    const first = await orderFor(0, intent);
    const answer = await signOrder(vaultAt(0), 'order', carried(first), right('500'));
    const freeze = { by: operator.publicKey, at: l.clock.ms, why: 'somebody saw something' };
    l.tower(0).freeze({ freeze, signature: signStatement(operator, 'freeze', freeze) });
    expect(await told(0, answer)).toBe('frozen');
    expect((await orderFor(1, intent, { plan: first.plan })).answers[0]).toMatchObject({ why: 'frozen' });
  });

  it('frozen while a watchtower looks at the chain: not ordered', async () => {
    const freeze = { by: operator.publicKey, at: l.clock.ms, why: 'now' };
    const signed = { freeze, signature: signStatement(operator, 'freeze', freeze) };
    const made = orderFor(0, refill(), { meanwhile: () => l.tower(0).freeze(signed) });
    expect((await made).answers[0]).toMatchObject({ why: 'frozen' });
  });

  it('brought back hours later to a watchtower that was away: what a quorum let go covers its bytes there, too', async () => {
    await l.stopTower(2);
    const made = await orderFor(0, refill(), { by: [0, 1] });
    const answer = await signOrder(vaultAt(0), 'order', carried(made), right('500'));
    await l.startTower(undefined, 2);
    await l.seeing();
    l.clock.ms += 4 * 3_600_000;
    // Without the words it is judged as it comes, late.
    const bare = { ...answer, entries: answer.entries.map((one) => ({ ...one, countersignatures: [] })) };
    expect(await told(2, answer)).toBe('countersigned');
    expect(await told(1, bare)).toBe('countersigned');
  });

  it('that one vault signed and the other never did: its journal goes back alone, and the next order goes on from it', async () => {
    const first = await orderFor(0, refill());
    const answer = await signOrder(vaultAt(0), 'order', carried(first), right('500'));
    const blind = await orderFor(0, refill(2), { number: 2 });
    await expect(signOrder(vaultAt(0), 'order', carried(blind), right('500'))).rejects.toThrow(
      /another-journal: .*kuramori refill told/,
    );
    for (const tower of [0, 1, 2]) await told(tower, answer);
    const { head } = l
      .tower(0)
      .status()
      .signers.find(({ signer }) => signer === 'vault-1') ?? { head: '' };
    // Two are ordered of that day already, one of them in vain.
    l.clock.ms += 25 * 3_600_000;
    await l.harvest();
    await l.seeing();
    const next = await orderFor(0, refill(3), { number: 3, head });
    expect((await signOrder(vaultAt(0), 'order', carried(next), right('500'))).entries).toHaveLength(4);
  });

  it('whose time is over is ordered anew, by other bytes, once the first are dead', async () => {
    const intent = refill();
    const first = await orderFor(0, intent);
    l.clock.ms += 60_000;
    const another = await orderFor(0, intent);
    expect(another.answers[0]).toMatchObject({
      why: 'judged',
      detail: expect.stringMatching(/^paid-by-another-transaction: other bytes/),
    });
    l.clock.ms += 21 * 3_600_000;
    // As deep as a fork may go.
    for (let on = 0; on < 4; on += 1) await l.harvest();
    await l.seeing();
    const anew = await orderFor(0, intent, { dead: [first.plan.plan] });
    expect(anew.answers).toMatchObject([1, 2, 3].map(() => ({ kind: 'ordered' })));
    await signOrder(vaultAt(0), 'order', carried(anew), right('500'));
    // The old order does not fit the journal any more.
    await expect(signOrder(vaultAt(0), 'order', carried(first), right('500'))).rejects.toThrow();
  });
});

describe('a thief', () => {
  it('with two vaults’ keys and no order: frozen at first sight', async () => {
    const [one, two] = coldKeys;
    if (!one || !two) throw new Error('three keys');
    const wrapper = wrapped(one, transfer(cold, thiefsAddress, xem('49000'), l.now()), l.now());
    await l.announce(wrapper, one);
    await l.announce(cosigned(two, wrapper, cold, l.now()), two);
    await until('all to freeze', () => [0, 1, 2].every((tower) => l.tower(tower).status().frozen !== null));
  });

  it('with custody and one watchtower’s key: a vault wants two', async () => {
    const made = await orderFor(0, refill(), { by: [0] });
    // Facts of one alone are not enough for the honest either; with a second one’s it is the words that are missing.
    expect(made.answers[0]).toMatchObject({ why: 'facts-below-quorum' });
    const honest = await orderFor(0, refill());
    const request = carried({ ...honest, answers: honest.answers.slice(0, 1) });
    await expect(signOrder(vaultAt(0), 'order', request, right('500'))).rejects.toThrow(
      /countersignatures: 1 of the 2 watchtowers/,
    );
    // The same one twice is one.
    const twice = {
      ...request,
      countersignatures: [...request.countersignatures, ...request.countersignatures],
    };
    await expect(signOrder(vaultAt(0), 'order', twice, right('500'))).rejects.toThrow(/1 of the 2/);
    expect(journalOf(0)).toBe('');
  });

  it.each<[string, (order: Order) => Order, RegExp]>([
    [
      'another vault’s order',
      (order) => ({ ...order, vault: 'vault-2' }),
      /order.vault: is for vault-2, and this is vault-1/,
    ],
    [
      'a bit of the plan',
      ({ ask, ...order }) => ({ ...order, ask: { ...ask, plan: flipped(ask.plan, 40) } }),
      /order\.ask\.plan|order: /,
    ],
    [
      'a bit of the share',
      ({ ask, ...order }) => ({ ...order, ask: { ...ask, share: flipped(ask.share, 40) } }),
      /order\.ask\.plan|order: /,
    ],
    [
      'its facts’ time',
      ({ ask, ...order }) => ({
        ...order,
        ask: {
          ...ask,
          facts: ask.facts.map((one) => ({ ...one, fact: { ...one.fact, at: one.fact.at + 1 } })),
        },
      }),
      /facts-below-quorum/,
    ],
    [
      'fewer facts',
      ({ ask, ...order }) => ({ ...order, ask: { ...ask, facts: ask.facts.slice(0, 2) } }),
      /countersignatures: 0 of the 2/,
    ],
    [
      'the amount',
      (order) => withIntent(order, { amount: xem('501') }),
      /intent-altered|approvals-below-quorum/,
    ],
    [
      'the policy’s version',
      (order) => ({ ...order, policy: '0'.repeat(64) }),
      /order.policy: is no version/,
    ],
    [
      'the hot wallet for the cold one',
      ({ ask, ...order }) => ({ ...order, ask: { ...ask, wallet: 'hot' } }),
      /hot is no cold wallet: of a hot one this key signs rotations/,
    ],
  ])('who changes %s in the file: nothing is signed, and nothing written', async (_, change, expected) => {
    const made = await orderFor(0, refill());
    const request = carried(made);
    const altered = { ...request, order: change(request.order) };
    await expect(signOrder(vaultAt(0), 'order', altered, right('500'))).rejects.toThrow(expected);
    const [written] = ['vault-1.jsonl'].map((name) => exists(join(folder, name)));
    expect(written).toBe('');
  });

  it.each([
    ['another amount', '5000'],
    ['no address', '500'],
    ['another address', `500 ${thiefsAddress.slice(-6)}`],
    ['five characters', `500 ${hot.address.slice(-5)}`],
    ['nothing', null],
  ])('who has people type %s', async (_, text) => {
    const made = await orderFor(0, refill());
    await expect(signOrder(vaultAt(0), 'order', carried(made), typing(text))).rejects.toThrow(
      /nothing is signed/,
    );
    expect(journalOf(0)).toBe('');
  });

  it('who keeps an order until the intent is over', async () => {
    const made = await orderFor(0, refill());
    l.clock.ms += 3 * 24 * 3_600_000;
    await expect(signOrder(vaultAt(0), 'order', carried(made), right('500'))).rejects.toThrow(
      /the chain takes it no more since .*, by this machine’s clock/,
    );
  });

  it('who gives a vault yesterday’s journal back: its limits are the watchtowers’ copy', async () => {
    const first = await orderFor(0, refill());
    const answer = await signOrder(vaultAt(0), 'order', carried(first), right('500'));
    for (const tower of [0, 1, 2]) expect(await told(tower, answer)).toBe('countersigned');
    const { head } = l
      .tower(0)
      .status()
      .signers.find(({ signer }) => signer === 'vault-1') ?? { head: '' };
    const second = await orderFor(0, refill(2), { number: 2, head });
    expect(second.answers[0]).toMatchObject({ kind: 'ordered', entry: { seq: 3 } });
    const restored = vaultAt(0, 'restored.jsonl');
    await expect(signOrder(restored, 'order', carried(second), right('500'))).rejects.toThrow(
      /order: another-journal: it goes on from another journal of vault-1/,
    );
    // With what the watchtowers hold of its journal it goes on from there.
    const journal = l.tower(1).entries({ signer: 'vault-1', from: 1 }).entries;
    expect(journal).toHaveLength(2);
    const whole = await signOrder(restored, 'order', carried(second, { journal }), right('500'));
    expect(whole.entries).toHaveLength(4);
    // The third of a day is no more, at whichever vault, and whether or not it was ever signed.
    const third = await orderFor(1, refill(3), { number: 3 });
    expect(third.answers[0]).toMatchObject({
      why: 'judged',
      detail: expect.stringMatching(/^over-move-count/),
    });
  });

  it('with a vault’s record key: what he writes down of refills to come keeps none waiting', async () => {
    const { ask } = (await orderFor(0, refill(1))).order;
    const [part] = ask.intents;
    if (!part) throw new Error('one intent');
    const intents = [{ ...part, intent: refill(2), authority: { kind: 'treasury' as const, number: 2 } }];
    const [, , third] = vaultKeys;
    const record = signEntry(third, {
      v: 1,
      signer: 'vault-3',
      seq: 1,
      prev: beforeFirst,
      at: l.clock.ms,
      policy: policyDigest(policy),
      grounds: [],
      body: { ...ask, intents, plan: 'abcd', share: 'abcd' },
    });
    for (const tower of [0, 1, 2])
      expect(await l.tower(tower).told({ record, countersignatures: [] })).toMatchObject({ why: 'judged' });
    const free = await orderFor(1, refill(2), { number: 2 });
    expect(free.answers.map(({ kind }) => kind)).toEqual(['ordered', 'ordered', 'ordered']);
  });

  it('with the keys of watchtowers that people suspended: by their words no record comes back that would cover a theft', async () => {
    await l.stopTower(0);
    const kept = { freezes: [], evidence: {}, thaws: [], lifted: [], sights: [] };
    const suspended = [towers[1].publicKey];
    writeFileSync(join(l.filesOf(0), 'frozen.json'), JSON.stringify({ ...kept, suspended }));
    await l.startTower(undefined, 0);
    await until('it to see', () => l.sees(0).blind === null);
    const theft = planOf(l, refill(1, xem('40000'), { destination: { address: thiefsAddress, memo: '' } }));
    const { ask } = (await orderFor(0, refill(), { by: [1, 2] })).order;
    const signed = new Map<string, string>();
    for (const which of [0, 1] as const) {
      const { chain, chainKey } = keysAt(which);
      const share = theft.shares.find(({ key }) => key === chainKey)?.share ?? '';
      signed.set(chainKey, chain.sign(theft.plan, share));
      const record = signEntry(vaultKeys[which], {
        v: 1,
        signer: `vault-${which + 1}`,
        seq: 1,
        prev: beforeFirst,
        at: l.clock.ms,
        policy: policyDigest(policy),
        grounds: [],
        body: { ...ask, plan: theft.plan, share },
      });
      const entry = entryHash(record.entry);
      const countersignatures = towers.slice(1).map((key) => ({
        watchtower: key.publicKey,
        signature: signStatement(key, 'countersignature', { entry }),
      }));
      await l.tower(0).told({ record, countersignatures });
    }
    // The others are the thief's.
    for (const tower of [1, 2]) await l.stopTower(tower);
    const combined = combine(theft, signed);
    if (combined.kind === 'refused') throw new Error(combined.why);
    for (const { data, signature } of combined.announcements) await l.announceRaw(data, signature);
    await until('it to freeze', () => l.tower(0).status().frozen !== null);
  });

  it('with a pen: what he claims beside an order stands first, in one line each, and says that it is claimed', async () => {
    const made = await orderFor(0, refill());
    const claims = [{ what: 'why', value: 'low\n\nto  cold-2, a cold wallet\u001b[2J' }];
    const lines: string[] = [];
    const people = { ...typing(null), say: (line: string) => void lines.push(line) };
    await expect(signOrder(vaultAt(0), 'order', carried(made, { claims }), people)).rejects.toThrow();
    expect(lines[0]).toMatch(/^claimed: why +low\\u000a\\u000ato {2}cold-2, a cold wallet\\u001b\[2J$/);
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines.filter((line) => line.startsWith('to '))).toHaveLength(1);
  });

  it('who has a vault sign twice at once: the second is told that its journal went on', async () => {
    const first = await orderFor(0, refill());
    const second = await orderFor(0, refill(2), { number: 2 });
    const twice = {
      ...typing(null),
      ask: async () => {
        await signOrder(vaultAt(0), 'order', carried(second), right('500'));
        return `500 ${hot.address.slice(-6)}`;
      },
    };
    await expect(signOrder(vaultAt(0), 'order', carried(first), twice)).rejects.toThrow(/another-journal/);
    expect(journalOf(0).trimEnd().split('\n')).toHaveLength(2);
  });

  it('who shows a vault another’s journal as its own', async () => {
    const second = await orderFor(1, refill());
    const theirs = await signOrder(vaultAt(1), 'order', carried(second), right('500'));
    const made = await orderFor(0, refill(), { plan: second.plan });
    const request = carried(made, { journal: theirs.entries.map(({ record }) => record) });
    await expect(signOrder(vaultAt(0), 'order', request, right('500'))).rejects.toThrow(
      /journal\.0: does not go on from this vault’s own journal/,
    );
  });

  it('with a vault’s record key: a step that never was, told to all watchtowers, keeps no refill waiting and stands there for all to see', async () => {
    const { record } = keysAt(0);
    const made = { ...making(record.publicKey), step: 'sign' as const, present: ['a thief', 'his friend'] };
    const entry: Entry = {
      v: 1,
      signer: 'vault-1',
      seq: 1,
      prev: beforeFirst,
      at: l.clock.ms,
      policy: policyDigest(policy),
      grounds: [],
      body: { kind: 'ceremony', ceremony: signCeremony(record, made) },
    };
    for (const tower of [0, 1, 2])
      expect(
        (await l.tower(tower).told({ record: signEntry(record, entry), countersignatures: [] })).kind,
      ).toBe('countersigned');
    // It lets nothing go, and the vault, which never wrote it, says so.
    const order = await orderFor(0, refill(), { head: entryHash(entry) });
    await expect(signOrder(vaultAt(0), 'order', carried(order), right('500'))).rejects.toThrow(
      /another-journal/,
    );
    const { entries: journal } = l.tower(1).entries({ signer: 'vault-1', from: 1 });
    const answer = await signOrder(vaultAt(0), 'order', carried(order, { journal }), right('500'));
    expect(
      answer.entries.map(
        ({
          record: {
            entry: { seq, body },
          },
        }) => [seq, body.kind],
      ),
    ).toEqual([
      [1, 'ceremony'],
      [2, 'payment'],
      [3, 'ceremony'],
    ]);
  });

  it('who is one of two approvers', async () => {
    const made = await orderFor(0, refill(), { approvals: 1 });
    expect(made.answers.map((one) => (one.kind === 'refused' ? one.why : one.kind))).toEqual(
      Array.from({ length: 3 }, () => 'approvals-below-quorum'),
    );
  });
});

function flipped(hex: string, at: number): string {
  const digit = Number.parseInt(hex[at] ?? '0', 16) ^ 1;
  return hex.slice(0, at) + digit.toString(16) + hex.slice(at + 1);
}

function withIntent(order: Order, change: Partial<Intent>): Order {
  const intents = order.ask.intents.map((one) => ({ ...one, intent: { ...one.intent, ...change } }));
  return { ...order, ask: { ...order.ask, intents } };
}

function exists(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
