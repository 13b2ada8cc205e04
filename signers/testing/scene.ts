/** Scene: a real signer, a message that it takes, what may be changed about it, and what must be answered to each change. */
import {
  approvalOf,
  canonicalText,
  signStatement,
  XEM,
  type Kind,
  type PaymentAsk,
  type Plain,
  type Policy,
  type SignedFact,
  type SignedRequest,
  type SigningKey,
} from '@kuramori/core';
import { nemTimeOf, planPayment } from '@kuramori/chains/nem/codec';
import {
  exchange,
  hour,
  intentFor,
  keyNamed,
  keyOf,
  now,
  partOf,
  requestFor,
  rule,
  towers,
  xem,
} from '../../core/testing/house.ts';
import { alice, cosigners, desk, factFor, hot, policy, show, thiefAddress, type Open } from './desk.ts';
import { at, type Change, type Wire } from './change.ts';
import type { SignedPart } from './forgery.ts';

/** First that fits `field: change`; a lie ends in `, signed again`. Several reasons, by `|`, where one is as right as the other. */
export type Expected = readonly (readonly [change: RegExp, why: string])[];

export interface Scene extends Disposable {
  /** Reads a message as the socket does; null where nothing but `send` reads it. */
  readonly schema: { readonly safeParse: (message: unknown) => Read };
  readonly message: Wire;
  readonly changes: () => Generator<Change>;
  /** Why it must be refused; `allowed: …` where it must be taken all the same. */
  readonly expected: (change: Change) => string;
  readonly send: (message: never) => { readonly kind: string; readonly why?: string };
  readonly open: Open;
  /** Whether the signer counts what it refuses; a file that does not open is nobody's ask. */
  readonly counts?: false;
  /** What a refusal is called where all are counted. */
  readonly called?: (why: string) => string;
}

/** For what is read by `send` alone. */
export const asItIs: Scene['schema'] = { safeParse: (data) => ({ success: true, data }) };

type Read =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export function whyOf(table: Expected, { field, change, signedAgain }: Change): string {
  const name = `${field}: ${change}${signedAgain ? ', signed again' : ''}`;
  const found = table.find(([pattern]) => pattern.test(name));
  if (!found) throw new Error(`nobody has written down what must be answered to ${name}`);
  return found[1];
}

export const wireOf = (value: unknown): Wire => JSON.parse(canonicalText(value as Plain)) as Wire;

export const people = [keyNamed('person 1'), keyNamed('person 2'), keyNamed('person 3')] as const;
/** A key of the exchange that may ask for no payment. */
export const clerk = keyNamed('clerk');
export const keysSince = now / 1000 - 48 * 3600;

/** Every limit is there: three watchtowers, people who approve, denials, sweeps. */
export const strict: Policy = {
  ...policy,
  exchanges: [
    {
      id: 'exchange-1',
      keys: [
        keyOf('key-1', exchange.publicKey, { notBefore: keysSince }),
        keyOf('deposits', clerk.publicKey, { roles: ['read', 'deposit'] }),
      ],
    },
  ],
  watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
  rules: [
    {
      ...rule,
      wallet: 'hot',
      approvals: { from: xem('5'), quorum: 2, people: people.map(({ publicKey }) => publicKey) },
      sweep: { to: ['cold'], perDay: { count: 3, fees: xem('6') }, leave: xem('20000') },
    },
  ],
  lists: [{ id: 'thieves', addresses: [thiefAddress] }],
  denials: [
    { id: 'thieves', when: { destination: { in: ['thieves'] } } },
    { id: 'large', when: { assets: [XEM], amount: { above: xem('500') } }, unless: { waitedSeconds: 1800 } },
  ],
};

/** A desk with one signer, which two of the three watchtowers have opened. */
export function openedDesk(which: 1 | 2 = 1, of = strict): Open {
  const d = desk(of);
  const one = d.start(which);
  show(one.signer, [], towers[1]);
  return { ...one, [Symbol.dispose]: () => d[Symbol.dispose]() };
}

/** Of two of the three watchtowers, over one fresh nonce. */
export function facts({ signer }: Open, change: Parameters<typeof factFor>[1] = {}): readonly SignedFact[] {
  const { nonce } = signer.nonce();
  return [towers[0], towers[1]].map((by) => factFor([nonce], change, by));
}

export interface Wanted {
  readonly to?: string;
  readonly units?: bigint;
  /** Absent: exactly what the network takes. */
  readonly feeCap?: bigint;
  readonly memo?: string;
  /** When the exchange asked, and when it was planned; Unix ms. */
  readonly asked?: number;
  readonly planned?: number;
  readonly by?: SigningKey;
  readonly facts?: readonly SignedFact[];
  readonly request?: SignedRequest;
  readonly key?: string;
}

let seconds = 0;

/** What an honest custody asks of a signer, approved by two people; nothing of it is sent yet. */
export function askFor(one: Open, wanted: Wanted = {}): PaymentAsk {
  const { to = alice, units = xem('10'), memo = 'thanks', asked = now - hour } = wanted;
  seconds += 1;
  const timeStamp = nemTimeOf(wanted.planned ?? now) - seconds;
  const keys = cosigners.slice(0, 2).map(({ publicKey }) => publicKey);
  const times = { timeStamp, deadline: timeStamp + 3600 };
  const common = { wallet: hot, network: 'testnet', recipient: to, units, memo, keys } as const;
  const plan = planPayment({ ...common, ...times });
  if (plan.kind === 'refused') throw new Error(plan.why);
  const feeCap = wanted.feeCap ?? plan.planned.fees;
  const request =
    wanted.request ??
    requestFor({
      to,
      units,
      memo,
      feeCap,
      at: asked,
      ...(wanted.by && { by: wanted.by }),
      ...(wanted.key !== undefined && { key: wanted.key }),
    });
  const intent = intentFor(request);
  const which = Number(one.signer.status().signer.at(-1)) - 1;
  const approvals = people.slice(0, 2).map((person) => ({
    person: person.publicKey,
    signature: signStatement(person, 'approval', approvalOf(intent)),
  }));
  return {
    kind: 'payment',
    wallet: 'hot',
    intents: [{ ...partOf(request, intent), approvals }],
    plan: plan.planned.plan,
    share: plan.planned.shares[which]?.share ?? '',
    facts: [...(wanted.facts ?? facts(one))],
  };
}

/** A statement that stands in the message, and its signature beside it. */
export function partAt(
  path: string,
  statement: string,
  signer: string | null,
  kind: Kind,
  key: SigningKey,
): SignedPart {
  const inside = (name: string) => (path === '' ? name : `${path}.${name}`);
  return {
    statement: inside(statement),
    signature: inside('signature'),
    signer: signer === null ? null : inside(signer),
    kind,
    key,
    sign: (message, by, as) => signStatement(by, as as Kind, at(message, inside(statement))),
  };
}

export interface Told {
  readonly change: Change;
  readonly why: string;
}

/** Changed everywhere alike, by whoever has the exchange's key, or a quorum of the watchtowers. */
export function toldOf(field: string, change: string, why: string, ask: () => unknown): Told {
  const message = () => wireOf(ask());
  return { why, change: { field, path: field, change, malformed: false, signedAgain: true, message } };
}
