/** Sequence: what may be asked of a signer one after the other, and a signer that goes through it. */
import { array, boolean, constant, constantFrom, integer, oneof, record, type Arbitrary } from 'fast-check';
import {
  bytesDigest,
  chainOf,
  policyDigest,
  XEM,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type SignedEntry,
} from '@kuramori/core';
import { now, towers, xem } from '../../core/testing/house.ts';
import { chainKey, countersignatureOf, desk, release, show, type Desk, type Open } from './desk.ts';
import type { Known, Signed } from './limit-model.ts';
import { sweepAsk } from './own-asks.ts';
import { askFor, facts, strict } from './scene.ts';

const destinations = ['a', 'b', 'c'].map((name) => chainKey(`customer ${name}`).address as string);

const [strictRule] = strict.rules;
/** Limits that a day of payments meets. */
const first: Policy = {
  ...strict,
  rules: strict.rules.map((rule) => ({
    ...rule,
    approvals: { from: xem('700'), quorum: 2, people: strictRule?.approvals?.people ?? [] },
    sweep: { to: ['cold'], perDay: { count: 2, fees: xem('4') }, leave: xem('11500') },
  })),
  denials: [{ id: 'often', when: { rolling: { per: 'destination', hours: 2, aboveCount: 2 } } }],
};

function after(before: Policy, perPayment: string, units: string): Policy {
  const limits = { perPayment: xem(perPayment), rolling: { hours: 24, units: xem(units) } };
  return {
    ...before,
    version: before.version + 1,
    prev: policyDigest(before),
    rules: before.rules.map((rule) => ({ ...rule, ...limits })),
  };
}
const looser = after(first, '2000', '6000');
const tighter = after(looser, '500', '1500');
/** What an empty journal begins under. */
export const everSince: Known = { policy: first, at: -Infinity };
const versions = [first, looser, tighter] as const;

export interface Step {
  readonly do: 'pay' | 'pay two' | 'plan anew' | 'sweep' | 'start again' | 'new version';
  /** Milliseconds since the step before; a little back, too. */
  readonly passed: number;
  readonly to: number;
  readonly units: bigint;
  readonly feeCap: bigint;
  readonly balance: bigint;
  readonly approved: boolean;
  /** Whether the countersignatures are brought, and the signature leaves. */
  readonly released: boolean;
  /** Whether the watchtowers say that the plans before are dead. */
  readonly dead: boolean;
}

const hour = 3_600_000;
const round = (text: string) => integer({ min: 1, max: Number(text) }).map((units) => xem(String(units)));

export const steps: Arbitrary<readonly Step[]> = array(
  record({
    do: constantFrom(
      ...([
        'pay',
        'pay',
        'pay',
        'pay',
        'pay two',
        'plan anew',
        'sweep',
        'start again',
        'new version',
      ] as const),
    ),
    passed: oneof(constant(0), integer({ min: -50_000, max: 60_000 }), integer({ min: hour, max: 9 * hour })),
    to: integer({ min: 0, max: destinations.length - 1 }),
    units: oneof(round('100'), round('1100'), constantFrom(xem('1000'), xem('699.5'), xem('2000'))),
    feeCap: constantFrom(xem('1'), xem('2'), xem('3')),
    balance: constantFrom(xem('50000'), xem('12000')),
    approved: boolean(),
    released: integer({ min: 0, max: 5 }).map((one) => one > 0),
    dead: boolean(),
  }),
  { minLength: 12, maxLength: 28 },
);

/** What one signer answered to each step, and what it recorded and let go. */
export interface Gone {
  readonly answers: readonly string[];
  readonly recorded: readonly Signed[];
  readonly signed: readonly Signed[];
  /** Of each step that was refused for a limit: what it was about. */
  readonly refused: readonly { readonly why: string; readonly one: Signed; readonly after: number }[];
}

/** Walks one signer through the steps, all of which it answers by itself. */
export function walk(which: 1 | 2, all: readonly Step[]): Gone {
  using d = desk(first);
  let version = 1;
  let open = started(d, which, version);
  let [time, sweeps] = [now, 0];
  const [answers, recorded, signed]: [string[], Signed[], Signed[]] = [[], [], []];
  const refused: { why: string; one: Signed; after: number }[] = [];
  const asked: PaymentAsk[] = [];
  for (const step of all) {
    time += step.passed;
    if (step.do === 'start again' || step.do === 'new version') {
      if (step.do === 'new version') version = Math.min(version + 1, versions.length);
      open[Symbol.dispose]();
      open = started(d, which, version);
      answers.push(step.do);
      continue;
    }
    if (step.do === 'sweep') sweeps += 1;
    const ask = askOf(open, step, time, asked, sweeps);
    const answer = open.signer.propose(ask);
    answers.push(answer.kind === 'refused' ? answer.why : answer.kind);
    const at = answer.kind === 'refused' ? Math.max(time, open.journal.history().at) : answer.record.entry.at;
    const one = signedOf(ask, step, at, knownBy(open));
    if (answer.kind === 'refused') {
      // Of two together the second may be too much; the model judges one.
      if (step.do !== 'pay two') refused.push({ why: answer.why, one, after: recorded.length });
      continue;
    }
    if (step.do === 'pay' || step.do === 'plan anew') asked.push(ask);
    recorded.push(one);
    if (step.released && letGo(open, answer.record)) signed.push(one);
  }
  return { answers, recorded, signed, refused };
}

function started(d: Desk, which: 1 | 2, version: number): Open {
  const line = versions.slice(0, version).flatMap((one) => [...chainOf(one)]) as unknown as PolicyChain;
  const one = d.start(which, true, line);
  show(one.signer, [...one.journal.from(1, 1_000)], towers[1]);
  return one;
}

function askOf(open: Open, step: Step, at: number, asked: readonly PaymentAsk[], sweeps: number): PaymentAsk {
  const { to, units, feeCap, balance, approved } = step;
  const told = { at, balance: { asset: XEM, units: balance } };
  if (step.do === 'sweep') return sweepAsk(open, sweeps, units, feeCap, facts(open, told), at);
  const wanted = { to: destinations[to] ?? '', units, feeCap, asked: at, planned: at };
  const before = step.do === 'plan anew' ? asked.at(-1 - to) : undefined;
  if (before) {
    // The same intent by other bytes, at a later time; the plans before are dead, if the watchtowers say so.
    const { intent, authority } = before.intents[0] as PaymentAsk['intents'][number];
    if (authority.kind === 'treasury') throw new Error('the exchange asked for it');
    const proof = { height: 500, hash: 'd'.repeat(64) };
    const plans = open.journal.history().plans.get(intent.id) ?? [];
    const dead = step.dead ? plans.map((plan) => ({ plan: bytesDigest(plan), proof })) : [];
    const again = { ...wanted, to: intent.destination.address, units: intent.amount };
    const ask = askFor(open, { ...again, facts: facts(open, { ...told, dead }) });
    return { ...ask, intents: before.intents };
  }
  const ask = askFor(open, { ...wanted, facts: facts(open, told) });
  const [part] = ask.intents as [PaymentAsk['intents'][number]];
  const intents = [approved ? part : { ...part, approvals: [] }];
  // These bytes pay one: the second would have to be counted, and is not paid.
  if (step.do === 'pay two') intents.push(...askFor(open, { ...wanted, facts: ask.facts }).intents);
  return { ...ask, intents };
}

function signedOf({ intents }: PaymentAsk, { balance }: Step, at: number, known: readonly Known[]): Signed {
  const [{ intent, authority, approvals }] = intents as [PaymentAsk['intents'][number]];
  return {
    kind: authority.kind === 'treasury' ? 'sweep' : 'payment',
    intent: intent.id,
    at,
    to: intent.destination.address,
    amount: intent.amount,
    feeCap: intent.feeCap,
    balance,
    approvals: approvals.length,
    known,
  };
}

function letGo({ signer }: Open, made: SignedEntry): boolean {
  const by = towers.slice(0, 2).map((tower) => countersignatureOf(made, tower));
  return release(signer, made, ...by).kind === 'signed';
}

function knownBy({ journal }: Open): readonly Known[] {
  const known: Known[] = [everSince];
  for (const { entry } of journal.from(1, 1_000)) {
    const policy = versions[known.length];
    if (entry.body.kind === 'policy' && policy) known.push({ policy, at: entry.at });
  }
  return known;
}
