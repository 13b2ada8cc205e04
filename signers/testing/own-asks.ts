/** The house's own asks: a sweep and an evacuation, which no request of the exchange leads to. */
import { signerRoutes, treasuryId, XEM, type Intent, type PaymentAsk, type SignedFact } from '@kuramori/core';
import { headsOf, now, statementOf, towers, xem } from '../../core/testing/house.ts';
import { changesOf } from './change.ts';
import { forgeriesOf, liesOf } from './forgery.ts';
import { cold, evacuation, freezeOf, planned, recorded, theft, type Open } from './desk.ts';
import {
  askFor,
  facts,
  openedDesk,
  partAt,
  toldOf,
  whyOf,
  wireOf,
  type Expected,
  type Scene,
} from './scene.ts';
import { shapeAt } from './shapes.ts';
import { factPart, ofFacts } from './fact-changes.ts';
const ofSweep: Expected = [
  [/^wallet: /, 'facts-below-quorum'],
  [/^intents: the first twice/, 'intent-twice'],
  [/intent.destination/, 'destination-not-pinned'],
  [/intent.amount: zero/, 'no-rule'],
  [/intent.amount: the most/, 'leaves-too-little'],
  [/intent.amount/, 'output-without-intent'],
  [/intent.feeCap: zero/, 'fee-over-cap'],
  [/intent.feeCap: (one more|the most)/, 'over-sweep-fees'],
  [/intent.feeCap/, 'allowed: the fees stay within it, and it within the day’s'],
  [/intent.expiry: one less/, 'outlives-intent'],
  [/intent.expiry/, 'allowed: it may confirm no longer than these bytes say'],
  [/intents.(intent|authority)/, 'intent-altered'],
  [/^(plan|share): /, 'bytes-refused'],
  [/^facts.fact.balance.units: zero, signed again$/, 'leaves-too-little'],
  ...ofFacts,
];

/** A sweep has nobody's word but the policy's: what its number, its place and its limits do not bind may be changed. */
export function sweepScene(): Scene {
  const one = openedDesk();
  const sweep = (number: number, units = xem('10'), feeCap = xem('2')) =>
    sweepAsk(one, number, units, feeCap);
  recorded(one.signer.propose(sweep(4)));
  recorded(one.signer.propose(sweep(5)));
  const message = wireOf(sweep(6));
  const told = [
    toldOf('number', 'used', 'paid-by-another-transaction', () => sweep(5, xem('11'))),
    toldOf('number', 'smaller', 'number-used', () => sweep(3)),
    toldOf('number', 'a million ahead', 'number-far-ahead', () => sweep(1_000_006)),
    toldOf('feeCap', 'over what a day may cost', 'over-sweep-fees', () =>
      sweep(6, xem('10'), xem('2.000001')),
    ),
    toldOf('amount', 'all there is', 'leaves-too-little', () => sweep(6, xem('29999'))),
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.propose.asked,
    message,
    *changes() {
      for (const change of changesOf(message, shapeAt))
        if (!/^(plan|share|facts)/.test(change.path)) yield change;
      yield* told.map(({ change }) => change);
    },
    expected: (change) => told.find((story) => story.change === change)?.why ?? whyOf(ofSweep, change),
    send: one.signer.propose,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

export function sweepAsk(
  one: Open,
  number: number,
  units: bigint,
  feeCap: bigint,
  told: readonly SignedFact[] = facts(one),
  at = now,
): PaymentAsk {
  const began = at - (number % 1000) * 1000;
  const { plan, shares } = planned(cold.address, units, began);
  const intent: Intent = {
    id: treasuryId('sweep', 'hot', number),
    reason: 'sweep',
    wallet: 'hot',
    asset: XEM,
    destination: { address: cold.address, memo: '' },
    amount: units,
    feeCap,
    expiry: Math.floor(began / 1000) + 3600,
  };
  const which = Number(one.signer.status().signer.at(-1)) - 1;
  return {
    kind: 'payment',
    wallet: 'hot',
    intents: [{ intent, authority: { kind: 'treasury', number }, approvals: [] }],
    plan,
    share: shares[which]?.share ?? '',
    facts: [...told],
  };
}

const ofEvacuation: Expected = [
  [/^wallet: /, 'facts-below-quorum'],
  [/^intent.destination/, 'destination-not-pinned'],
  [/^intent.amount/, 'output-without-intent'],
  [/^intent.feeCap: zero/, 'fee-over-cap'],
  [/^intent.feeCap/, 'allowed: the fees stay within it, and within the rule’s'],
  [/^intent.expiry: one less/, 'outlives-intent'],
  [/^intent.expiry/, 'allowed: it may confirm no longer than these bytes say'],
  [/^(intent|number)/, 'intent-altered'],
  [/^(plan|share): /, 'bytes-refused'],
  [
    /^evidence.statements: (the first twice|turned round)/,
    'allowed: a watchtower counts once, in whatever order',
  ],
  [
    /^evidence.statements.statement.at.*, signed again/,
    'allowed: when a watchtower looked; that it looked at each journal counts',
  ],
  [
    /^evidence.statements.statement.heads: (the first twice|turned round), signed again/,
    'allowed: every journal is named',
  ],
  [
    /^evidence.statements.statement.heads.seq: (one less|zero), signed again/,
    'allowed: what came since, this signer knows by itself',
  ],
  [
    /^evidence.statements.statement.heads.hash.*, signed again/,
    'allowed: how far a watchtower looked is told by the number',
  ],
  [/^evidence.statements/, 'evidence-below-quorum'],
  [/^evidence/, 'evidence-signature'],
  [/^facts.fact.balance.units: .*, signed again$/, 'allowed: what is there is not what limits a way home'],
  [/^facts.fact.control.*, signed again$/, 'allowed: nor whose keys act'],
  ...ofFacts,
];

/** What a frozen signer is asked: coins go home on evidence, and on nothing that looks like it. */
export function evacuationScene(): Scene {
  const one = openedDesk();
  one.signer.freeze(freezeOf());
  recorded(one.signer.propose(homeAsk(one, 1)));
  const message = wireOf(homeAsk(one, 2));
  const statements = [0, 1].map((index) =>
    partAt(`evidence.statements.${index}`, 'statement', 'watchtower', 'uncovered', towers[index as 0 | 1]),
  );
  const told = [
    toldOf('number', 'used', 'number-used', () => homeAsk(one, 1, xem('7'))),
    toldOf('number', 'a million ahead', 'number-far-ahead', () => homeAsk(one, 1_000_002)),
    toldOf('kind', 'a payment', 'frozen', () => askFor(one)),
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.propose.asked,
    message,
    *changes() {
      for (const change of changesOf(message, shapeAt)) {
        // The payment's has every bit of its facts and bytes.
        const known = /^(plan|share|facts|evidence\.statements\.0\.statement\.heads)/.test(change.path);
        if (!known || !change.change.includes('bit ')) yield change;
      }
      for (const part of [factPart(0), ...statements]) {
        yield* forgeriesOf(message, part);
        yield* liesOf(message, part, shapeAt);
      }
      yield* told.map(({ change }) => change);
    },
    expected(change) {
      const head = /^evidence\.statements\.[01]\.statement\.heads\.([01])\.seq$/.exec(change.path);
      if (head && change.signedAgain && head[1] === '1')
        return 'allowed: another signer’s journal, of which this one knows nothing';
      return told.find((story) => story.change === change)?.why ?? whyOf(ofEvacuation, change);
    },
    send: one.signer.propose,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

/** The stolen key's bytes, and two watchtowers' word that no journal has them. */
function homeAsk(one: Open, number: number, units = xem('40000')) {
  const stolen = theft();
  const heads = headsOf([one.journal.history().seq, 0]);
  const statements = towers.slice(0, 2).map((by) => statementOf(stolen.bytes, by, heads));
  const ask = evacuation(one.signer, number % 1000, { units, evidence: { statements } });
  const id = treasuryId('evacuation', 'hot', number);
  const expiry = now / 1000 + (number % 1000) + 3600;
  return {
    ...ask,
    number,
    intent: { ...ask.intent, id, expiry },
    facts: [...facts(one, { purpose: 'evacuation' })],
  };
}
