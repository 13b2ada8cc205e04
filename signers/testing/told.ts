/** Told: what a signer hears beside asks: countersignatures, the newest journal, a freeze. */
import {
  digest,
  entryHash,
  signerRoutes,
  signStatement,
  signText,
  type Kind,
  type SigningKey,
} from '@kuramori/core';
import { records, tower, towers } from '../../core/testing/house.ts';
import { at, changesOf, type Shape, type Wire } from './change.ts';
import { forgeriesOf, liesOf, type SignedPart } from './forgery.ts';
import { countersignatureOf, desk, freezeOf, recorded, show } from './desk.ts';
import { askFor, openedDesk, partAt, strict, whyOf, wireOf, type Expected, type Scene } from './scene.ts';
import { shapeAt } from './shapes.ts';

export function releaseScene(): Scene {
  const one = openedDesk();
  const record = recorded(one.signer.propose(askFor(one)));
  const message = wireOf({
    entry: entryHash(record.entry),
    countersignatures: towers.slice(0, 2).map((by) => countersignatureOf(record, by)),
  });
  const parts = [0, 1].map((index) => ({
    statement: null,
    signature: `countersignatures.${index}.signature`,
    signer: `countersignatures.${index}.watchtower`,
    kind: 'countersignature' as const,
    key: towers[index as 0 | 1],
    sign: (from: Wire, by: SigningKey, as: Kind | 'request') =>
      signStatement(by, as as Kind, { entry: at(from, 'entry') as string }),
  }));
  const expected: Expected = [
    [/^entry: /, 'no-such-entry'],
    [
      /^countersignatures: (the first twice|turned round)/,
      'allowed: a watchtower counts once, in whatever order',
    ],
    [/^countersignatures/, 'below-quorum'],
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.release.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      for (const part of parts) yield* forgeriesOf(message, part);
    },
    expected: (change) => whyOf(expected, change),
    send: one.signer.release,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

/** Its own entry, as its record key signed it. */
export const entryPart = (path: string): SignedPart => ({
  statement: null,
  signature: `${path}.signature`,
  signer: null,
  kind: 'journal-entry',
  key: records[0],
  sign: (message, by, as) => signText(by, as, digest(as as Kind, at(message, `${path}.entry`))),
});

const headPart = partAt('head', 'head', 'watchtower', 'journal-head', tower);

const ofHead: Expected = [
  [/^head.head.(signer|session): .*, signed again$/, 'head-session'],
  [/^head.head.seq: (one more|the most), signed again$/, 'entries-missing'],
  [/^head.head.(seq|hash): .*, signed again$/, 'fork'],
  [/^head/, 'head-signature'],
];

/** Of a record every bit. */
function everyBit(path: string): Shape {
  const shape = shapeAt(path);
  return shape.is === 'hex' ? { ...shape, every: 1 } : shape;
}

/** A signer that lost its journal hears from a watchtower what it wrote. */
export function adoptScene(): Scene {
  using before = openedDesk();
  const record = recorded(before.signer.propose(askFor(before)));
  const d = desk(strict);
  const one = d.start(1, false);
  const message = adoptMessage(one.signer.status().session, 1, entryHash(record.entry), [record]);
  const expected: Expected = [
    [/^entries: empty/, 'entries-missing'],
    [/^entries: the first twice/, 'allowed: the second time it is there already'],
    [/^entries.entry.policy: /, 'another-policy'],
    [/^entries/, 'entry-refused'],
    ...ofHead,
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.adopt.asked,
    message,
    *changes() {
      yield* changesOf(message, everyBit);
      yield* forgeriesOf(message, headPart);
      yield* forgeriesOf(message, entryPart('entries.0'));
    },
    expected: (change) => whyOf(expected, change),
    send: one.signer.adopt,
    [Symbol.dispose]: () => d[Symbol.dispose](),
  };
}

function adoptMessage(session: string, seq: number, hash: string, entries: readonly unknown[]): Wire {
  const head = { signer: 'signer-1', session, seq, hash };
  const signed = { head, watchtower: tower.publicKey, signature: signStatement(tower, 'journal-head', head) };
  return wireOf({ head: signed, entries });
}

/** A signer that starts on its own journal, and hears how far it goes. */
export function headScene(): Scene {
  const d = desk(strict);
  const first = d.start();
  show(first.signer, [], towers[1]);
  const record = recorded(first.signer.propose(askFor(first)));
  first[Symbol.dispose]();
  const one = d.start(1, false);
  const message = adoptMessage(one.signer.status().session, 1, entryHash(record.entry), []);
  return {
    ...one,
    open: one,
    schema: signerRoutes.adopt.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      yield* liesOf(message, headPart, shapeAt);
    },
    expected: (change) => whyOf(ofHead, change),
    send: one.signer.adopt,
    [Symbol.dispose]: () => d[Symbol.dispose](),
  };
}

export function freezeScene(): Scene {
  const one = openedDesk();
  const message = wireOf(freezeOf());
  const part = partAt('', 'freeze', 'freeze.by', 'freeze', tower);
  const expected: Expected = [
    [/^freeze.(at|why): .*, signed again$/, 'allowed: it is a freeze all the same'],
    [/./, 'freeze-signature'],
  ];
  return {
    ...one,
    open: one,
    schema: signerRoutes.freeze.asked,
    message,
    *changes() {
      yield* changesOf(message, shapeAt);
      yield* forgeriesOf(message, part);
      yield* liesOf(message, part, shapeAt);
    },
    // Whose it is stands in the statement: a pinned key signs its own freeze, and no other.
    expected: (change) => whyOf(expected, change),
    send: one.signer.freeze,
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}
