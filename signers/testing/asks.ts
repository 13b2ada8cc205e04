/** Asks: a payment, everything that may be changed about it, and the right answer to each change. */
import {
  approvalOf,
  signerRoutes,
  signRequest,
  signStatement,
  XEM,
  type Intent,
  type Kind,
  type PaymentAsk,
  type SignedRequest,
} from '@kuramori/core';
import { authenticatorNamed, origin, rpId } from '../../core/testing/authenticator.ts';
import { exchange, hour, now, xem } from '../../core/testing/house.ts';
import { at, changesOf, flipped, put, type Change, type Shape, type Wire } from './change.ts';
import { forgeriesOf, liesOf, type SignedPart } from './forgery.ts';
import { ownClock, recorded, thiefAddress } from './desk.ts';
import { cosignature, numberAt, partOfBit, wrapper, type Layout } from './layout.ts';
import {
  askFor,
  clerk,
  facts,
  openedDesk,
  people,
  strict,
  toldOf,
  whyOf,
  wireOf,
  type Expected,
  type Scene,
  type Told,
  type Wanted,
} from './scene.ts';
import { shapeAt } from './shapes.ts';
import { factPart, ofFacts } from './fact-changes.ts';

const request = 'intents.0.authority.request';

/** The exchange's own signature has a form of its own (RFC 9421). */
const byExchange: SignedPart = {
  statement: request,
  signature: `${request}.signature`,
  signer: null,
  kind: 'request',
  key: exchange,
  sign(message, by, as) {
    const asked = at(message, request);
    if (as !== 'request') return signStatement(by, as, asked);
    return signRequest(by, asked as unknown as SignedRequest).signature;
  },
};

const approvalPart = (index: number): SignedPart => ({
  statement: null,
  signature: `intents.0.approvals.${index}.signature`,
  signer: `intents.0.approvals.${index}.person`,
  kind: 'approval',
  key: people[index as 0 | 1],
  sign: (message, by, as) =>
    signStatement(by, as as Kind, approvalOf(at(message, 'intents.0.intent') as unknown as Intent)),
});

const bodyShapes: Readonly<Record<string, Shape>> = {
  customer: { is: 'text', least: 1, most: 64, form: true },
  asset: { is: 'one of', options: [] },
  amount: { is: 'units' },
  destination: { is: 'object' },
  'destination.address': { is: 'text', least: 1, most: 128 },
  'destination.memo': { is: 'text', least: 0, most: 1024 },
  feeCap: { is: 'units' },
};

/** Each field of what the exchange asked for, in a request that its key signs again. */
function* bodyChanges(message: Wire): Generator<Change> {
  const body = JSON.parse(at(message, `${request}.body`) as string) as Wire;
  const shape = (path: string) => bodyShapes[path] ?? { is: 'object' as const };
  for (const change of changesOf(body, shape)) {
    const changed = () => put(message, `${request}.body`, JSON.stringify(change.message()));
    yield {
      ...change,
      field: `${request.replace('.0', '')}.body.${change.field}`,
      change: change.malformed ? `${change.change}, malformed` : change.change,
      malformed: false,
      signedAgain: true,
      message: () => put(changed(), byExchange.signature, byExchange.sign(changed(), exchange, 'request')),
    };
  }
}

/** Each bit of the bytes to sign, in the plan and in the share alike. */
function* bitsOfBoth(message: Wire, layout: Layout): Generator<Change> {
  const bytes = at(message, 'plan') as string;
  for (let bit = 0; bit < bytes.length * 4; bit += 1) {
    const other = flipped(bytes, bit);
    yield {
      field: 'plan and share',
      path: 'plan',
      change: `${partOfBit(layout, bit)} bit ${bit}`,
      malformed: false,
      signedAgain: false,
      message: () => put(put(message, 'plan', other), 'share', other),
    };
  }
}

/** Micro-XEM: all there are; no transaction says more. */
const mostXem = 8_999_999_999_000_000n;

/** What a changed fee leads to: NIS has no such fee, it is over the cap, or it is within it. */
function feeAnswer(cap: bigint, fees: readonly bigint[]): string {
  if (fees.some((fee) => fee > mostXem)) return 'bytes-refused';
  return fees.reduce((sum, fee) => sum + fee, 0n) > cap
    ? 'fee-over-cap'
    : 'allowed: the fees stay within the cap that the exchange signed';
}

const ofPayment: Expected = [
  [/^wallet: /, 'facts-below-quorum'],
  [/^intents: the first twice/, 'intent-twice'],
  [/^intents.intent/, 'intent-altered'],
  [/^intents.approvals: (the first twice|turned round)/, 'allowed: a person counts once, in whatever order'],
  [/^intents.approvals/, 'approvals-below-quorum'],
  [/request.body.*, malformed, signed again$/, 'authority-request'],
  [
    /request.body.customer: .*, signed again$/,
    'allowed: whose coins they are is the books’ matter; the payment is the same',
  ],
  [/request.body.amount: zero, signed again$/, 'authority-request'],
  [/request.body\..*, signed again$/, 'intent-altered'],
  [/request.(method|path|query|body): .*, signed again$/, 'authority-request'],
  [/request.keyId: /, 'authority-key-unknown'],
  [/request.created: zero, signed again$/, 'authority-key-early'],
  [/request.created: the most, signed again$/, 'request-from-the-future'],
  [/request.(created|idempotencyKey): .*, signed again$/, 'intent-altered'],
  [/request.expires: .*, signed again$/, 'allowed: until when the API takes it is custody’s matter'],
  [/request/, 'authority-signature'],
  [/^(plan|share): /, 'bytes-refused'],
  ...ofFacts,
];

/** Bits of a wrapper that this signer is asked to sign itself. */
function answerToBit(change: Change, cap: bigint): string {
  const bytes = at(change.message(), 'share') as string;
  const part = change.change.split(' ')[0] ?? '';
  const fee = (name: string) => numberAt(wrapper, bytes, name);
  if (part === 'signer') return 'signs-with-another-key';
  if (/^(inner\.)?fee$/.test(part)) return feeAnswer(cap, [fee('fee'), fee('inner.fee')]);
  if (part === 'inner.amount') return fee(part) > mostXem ? 'bytes-refused' : 'output-without-intent';
  if (part === 'inner.payload') return 'output-without-intent|bytes-refused';
  return 'bytes-refused';
}

/** A payment by the first signer, who proposes it: everything about it. */
export function paymentScene(): Scene {
  const one = openedDesk();
  const paid = [990, 991].map((units) => {
    const ask = askFor(one, { units: xem(String(units)), feeCap: xem('1') });
    recorded(one.signer.propose(ask));
    return ask;
  });
  const told = paymentStories(one, paid[0] as PaymentAsk);
  const message = wireOf(askFor(one));
  const cap = BigInt(at(message, 'intents.0.intent.feeCap') as string);
  return {
    ...one,
    open: one,
    schema: signerRoutes.propose.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      yield* bitsOfBoth(message, wrapper);
      for (const part of [byExchange, approvalPart(0), approvalPart(1), factPart(0), factPart(1)]) {
        yield* forgeriesOf(message, part);
        yield* liesOf(message, part, shapeAt);
      }
      yield* bodyChanges(message);
      yield* told.map(({ change }) => change);
    },
    expected(change) {
      if (change.field === 'plan and share') return answerToBit(change, cap);
      return told.find((story) => story.change === change)?.why ?? whyOf(ofPayment, change);
    },
    send: one.signer.propose,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

/** A payment that one approved by a passkey, and another by a key: each byte of both. */
export function passkeyScene(): Scene {
  const phone = authenticatorNamed('phone');
  const [first, second] = people;
  const one = openedDesk(1, {
    ...strict,
    passkeys: { rpId, origins: [origin], people: [{ person: first.publicKey, passkeys: [phone.passkey] }] },
  });
  const asked = askFor(one);
  const [part] = asked.intents;
  if (!part) throw new Error('an ask of nothing');
  const byKey = part.approvals.filter(({ person }) => person === second.publicKey);
  const approvals = [phone.approve(first.publicKey, part.intent), ...byKey];
  return {
    ...one,
    open: one,
    schema: signerRoutes.propose.asked,
    message: wireOf({ ...asked, intents: [{ ...part, approvals }] }),
    *changes() {
      yield* changesOf(this.message, shapeAt, 'intents.0.approvals');
    },
    expected: (change) => whyOf(ofPayment, change),
    send: one.signer.propose,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

/** The second signer, whose cosignature binds the inner transaction alone: every bit of the wrapper and of its own. */
export function cosignedScene(): Scene {
  const one = openedDesk(2);
  const message = wireOf(askFor(one));
  const cap = BigInt(at(message, 'intents.0.intent.feeCap') as string);
  const shapes = (path: string): Shape => ({
    is: 'hex',
    bytes: null,
    layout: path === 'share' ? cosignature : wrapper,
  });
  return {
    ...one,
    open: one,
    schema: signerRoutes.propose.asked,
    message,
    *changes() {
      yield* changesOf(message, shapes, 'plan');
      yield* changesOf(message, shapes, 'share');
    },
    expected(change) {
      const part = change.change.split(' ')[0] ?? '';
      if (part === 'fee') {
        const fee = (layout: Layout, path: string, name: string) =>
          numberAt(layout, at(change.message(), path) as string, name);
        const all = [
          fee(wrapper, 'plan', 'fee'),
          fee(wrapper, 'plan', 'inner.fee'),
          fee(cosignature, 'share', 'fee'),
        ];
        return feeAnswer(cap, all);
      }
      if (part === 'signer')
        return change.path === 'share'
          ? 'signs-with-another-key'
          : 'allowed: who proposes the wrapper is no part of a cosignature; a stranger’s is refused by every node';
      return 'bytes-refused';
    },
    send: one.signer.propose,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

function paymentStories(one: ReturnType<typeof openedDesk>, before: PaymentAsk): readonly Told[] {
  const ask = (wanted: Wanted) => () => askFor(one, wanted);
  const poor = () => askFor(one, { facts: facts(one, { balance: { asset: XEM, units: xem('19000') } }) });
  const [again] = before.intents;
  const { plan, share } = before;
  const alike = { units: xem('990'), feeCap: xem('1') };
  return [
    toldOf('amount', 'over the limit of one', 'over-payment-limit', ask({ units: xem('1000.000001') })),
    toldOf('amount', 'over the day’s', 'over-rolling-limit', ask({ units: xem('1000'), feeCap: xem('20') })),
    toldOf('amount', 'large, and asked just now', 'denied-now', ask({ units: xem('501'), asked: now })),
    toldOf('amount', 'over a new destination’s share', 'over-first-seen-share', poor),
    toldOf('destination', 'on the thieves’ list', 'denied', ask({ to: thiefAddress })),
    toldOf('destination', 'in the bytes alone', 'output-without-intent', () => toThief(one)),
    toldOf('feeCap', 'below the fees', 'fee-over-cap', ask({ feeCap: xem('0.1') })),
    toldOf('created', 'a day ago', 'intent-expired', ask({ asked: now - 24 * hour })),
    toldOf('created', 'nearly a day ago', 'outlives-intent', ask({ asked: now - 23.5 * hour })),
    toldOf('created', 'before the key counted', 'authority-key-early', ask({ asked: now - 49 * hour })),
    toldOf('created', 'in ten minutes', 'request-from-the-future', ask({ asked: now + 600_000 })),
    toldOf('keyId', 'a key that may ask for no payment', 'authority-role', () => byClerk(one)),
    toldOf('intents', 'a second one, not paid', 'intent-without-output', () => withSecond(one)),
    toldOf('plan', 'another for what was paid', 'paid-by-another-transaction', () => {
      return { ...askFor(one, alike), intents: [again] };
    }),
    toldOf('plan', 'one that paid another', 'bytes-recorded-before', () => ({
      ...askFor(one, alike),
      plan,
      share,
    })),
    toldOf('facts.fact.at', 'by both, five minutes ahead', 'clock-strays', () => astray(one, 301_000)),
    toldOf('facts.fact.at', 'by both, five minutes behind', 'clock-strays', () => astray(one, -301_000)),
    toldOf('facts.fact.at', 'by both, before the journal’s', 'time-goes-back', () => astray(one, -60_001)),
    toldOf('wallet', 'a cold one', 'unknown-wallet', () => inWallet(one, 'cold')),
    toldOf('wallet', 'none of ours', 'unknown-wallet', () => inWallet(one, 'nowhere')),
  ];
}

function toThief(one: ReturnType<typeof openedDesk>): PaymentAsk {
  const { plan, share } = askFor(one, { to: thiefAddress });
  return { ...askFor(one), plan, share };
}

function byClerk(one: ReturnType<typeof openedDesk>): PaymentAsk {
  const { authority } = askFor(one).intents[0] as PaymentAsk['intents'][number];
  if (authority.kind === 'treasury') throw new Error('the exchange asked for it');
  const unsigned = { ...authority.request, keyId: 'deposits' };
  return askFor(one, { request: signRequest(clerk, unsigned) });
}

function withSecond(one: ReturnType<typeof openedDesk>): PaymentAsk {
  const ask = askFor(one);
  return { ...ask, intents: [...ask.intents, ...askFor(one).intents] };
}

/** Both watchtowers tell a time that this machine's clock does not. */
function astray(one: ReturnType<typeof openedDesk>, ms: number): PaymentAsk {
  const ask = askFor(one, { facts: facts(one, { at: now + ms }) });
  ownClock.ms = now;
  return ask;
}

function inWallet(one: ReturnType<typeof openedDesk>, wallet: string): PaymentAsk {
  return { ...askFor(one, { facts: facts(one, { wallet }) }), wallet };
}
