/** Decided: what keepers tell a signer: a thaw, and an objection to a version that waits. */
import {
  chainOf,
  freezeDigest,
  policyDigest,
  signerRoutes,
  signStatement,
  type Kind,
  type Policy,
  type PolicyChain,
  type SigningKey,
  type Thaw,
} from '@kuramori/core';
import { answered, keepers, now, records, thief, tower, towers, xem } from '../../core/testing/house.ts';
import { at, changesOf, put, type Wire } from './change.ts';
import { forgeriesOf, liesOf, type SignedPart } from './forgery.ts';
import { desk, freezeOf, recorded, show } from './desk.ts';
import {
  askFor,
  facts,
  openedDesk,
  partAt,
  strict,
  toldOf,
  whyOf,
  wireOf,
  type Expected,
  type Scene,
} from './scene.ts';
import { shapeAt } from './shapes.ts';

const ofThaw: Expected = [
  [/^moment.moment.(signer|session): .*, signed again$/, 'moment-session'],
  [
    /^moment.moment.at: .*, signed again$/,
    'allowed: an old one turns nothing back, and one alone nothing ahead',
  ],
  [/^moment/, 'moment-signature'],
  [/^thaw.thaw.policy/, 'thaw-policy'],
  [/^thaw.thaw.(cause|answers.*): empty, signed again$/, 'thaw-without-answers'],
  [
    /^thaw.thaw.(lifts|notBefore|cause|answers.*): .*, signed again$/,
    'allowed: what it names, when and why is the keepers’ to say',
  ],
  [/^thaw.signatures: (the first twice|turned round)/, 'allowed: a keeper counts once, in whatever order'],
  [/^thaw/, 'thaw-below-quorum'],
];

export function thawScene(): Scene {
  const one = openedDesk();
  one.signer.freeze(freezeOf());
  const thaw: Thaw = {
    lifts: [freezeDigest(freezeOf())],
    suspends: [],
    policy: policyDigest(strict),
    notBefore: now,
    ...answered,
  };
  const session = one.signer.status().session;
  const moments = [towers[1], towers[0]].map((by) => {
    const moment = { signer: 'signer-1', session, at: now };
    return { moment, watchtower: by.publicKey, signature: signStatement(by, 'moment', moment) };
  });
  const decided = (change: Partial<Thaw> = {}, by: readonly SigningKey[] = keepers) => {
    const changed = { ...thaw, ...change };
    const signatures = by.map((key) => {
      return { keeper: key.publicKey, signature: signStatement(key, 'thaw', changed) };
    });
    return { thaw: { thaw: changed, signatures }, moment: moments[1] as (typeof moments)[number] };
  };
  // Both watchtowers have told the time, with what is no thaw.
  for (const moment of moments) one.signer.thaw({ ...decided({}, [thief]), moment });
  const message = wireOf(decided());
  const suspended = towers.slice(0, 2).map(({ publicKey }) => publicKey);
  const told = [
    toldOf('thaw.thaw.suspends', 'a stranger', 'suspends-a-stranger', () =>
      decided({ suspends: [thief.publicKey] }),
    ),
    toldOf('thaw.thaw.suspends', 'a keeper', 'suspends-a-stranger', () =>
      decided({ suspends: [keepers[0].publicKey] }),
    ),
    toldOf('thaw.thaw.suspends', 'all but one', 'suspends-too-many', () => decided({ suspends: suspended })),
    toldOf('thaw.signatures', 'one keeper', 'thaw-below-quorum', () => decided({}, [keepers[0]])),
    toldOf('thaw.signatures', 'one keeper twice', 'thaw-below-quorum', () =>
      decided({}, [keepers[0], keepers[0]]),
    ),
    toldOf('thaw.signatures', 'those who froze', 'thaw-below-quorum', () => decided({}, [tower, records[0]])),
  ];
  const parts = [0, 1].map((index) => ({
    ...partAt(`thaw.signatures.${index}`, 'x', 'keeper', 'thaw', keepers[index as 0 | 1]),
    sign: (from: Wire, by: SigningKey, as: Kind | 'request') =>
      signStatement(by, as as Kind, at(from, 'thaw.thaw')),
  }));
  return {
    ...one,
    open: one,
    schema: signerRoutes.thaw.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      for (const part of parts) yield* forgeriesOf(message, part);
      for (const change of changesOf(message, shapeAt, 'thaw.thaw')) {
        if (change.malformed || change.change.includes('bit ')) continue;
        yield { ...change, signedAgain: true, message: () => parts.reduce(signedAgain, change.message()) };
      }
      const moment = partAt('moment', 'moment', 'watchtower', 'moment', tower);
      yield* forgeriesOf(message, moment);
      yield* liesOf(message, moment, shapeAt);
      yield* told.map(({ change }) => change);
    },
    expected: (change) => told.find((story) => story.change === change)?.why ?? whyOf(ofThaw, change),
    // Taken up, it waits.
    send: (asked: Parameters<typeof one.signer.thaw>[0]) => {
      const answer = one.signer.thaw(asked);
      return answer.kind === 'refused' && answer.why === 'thaw-waits' ? { kind: 'waits' } : answer;
    },
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

function signedAgain(message: Wire, { signature, key, kind, sign }: SignedPart): Wire {
  return put(message, signature, sign(message, key, kind));
}

export function objectScene(): Scene {
  const d = desk(strict);
  const one = d.start(1, true, versions);
  show(one.signer, [], towers[1]);
  recorded(one.signer.propose(askFor(one, { facts: facts(one) })));
  const objectionTo = (of: Policy) => {
    const objection = { policy: policyDigest(of), keeper: keepers[0].publicKey };
    return { objection, signature: signStatement(keepers[0], 'objection', objection) };
  };
  const message = wireOf(objectionTo(next));
  const part = partAt('', 'objection', 'objection.keeper', 'objection', keepers[0]);
  const told = [toldOf('objection.policy', 'the one in force', 'no-such-version', () => objectionTo(strict))];
  const expected: Expected = [
    [/^objection.policy: .*, signed again$/, 'no-such-version'],
    [/./, 'objection-signature'],
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.object.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      yield* forgeriesOf(message, part);
      yield* liesOf(message, part, shapeAt);
      yield* told.map(({ change }) => change);
    },
    expected: (change) => told.find((story) => story.change === change)?.why ?? whyOf(expected, change),
    send: one.signer.object,
    [Symbol.dispose]: () => d[Symbol.dispose](),
  };
}

/** A tighter version, that waits. */
export const next: Policy = {
  ...strict,
  version: 2,
  prev: policyDigest(strict),
  rules: strict.rules.map((rule) => ({ ...rule, perPayment: xem('900') })),
};
export const versions: PolicyChain = [...chainOf(strict), ...chainOf(next)];
