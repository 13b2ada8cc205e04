/** Shapes: what stands in each field of what a signer is told, written down apart from the schemas that are tested by it. */
import type { Shape } from './change.ts';
import { wrapper } from './layout.ts';

const hex = (bytes: number): Shape => ({ is: 'hex', bytes });
const text = (least: number, most: number): Shape => ({ is: 'text', least, most });
const form = (least: number, most: number): Shape => ({ is: 'text', least, most, form: true });
const whole = (least: number, most?: number): Shape =>
  most === undefined ? { is: 'whole', least } : { is: 'whole', least, most };
const list = (least: number, most: number): Shape => ({ is: 'list', least, most });
const oneOf = (...options: readonly string[]): Shape => ({ is: 'one of', options });
const object: Shape = { is: 'object' };
const seconds = whole(0, 999_999_999_999);

type Shapes = readonly (readonly [field: RegExp, shape: Shape])[];

const shapes: Shapes = [
  // An unknown kind, or one whose other fields are missing.
  [/^(entry\.)?(body\.)?kind$|authority\.kind$|\.kind$|\.v$/, oneOf()],
  // A signature of the chain takes a while to verify: not every bit of it, and of what it is over.
  [/evidence\.signature$/, { is: 'hex', bytes: null, orNone: true, every: 3 }],
  [/evidence\.bytes$/, { is: 'hex', bytes: null, orNone: true, every: 7 }],
  [/^evidence\.statements\.signature$/, { is: 'hex', bytes: 64, every: 8 }],
  [/^evidence\.statements\.(watchtower|statement\.bytes)$/, { is: 'hex', bytes: 32, every: 8 }],
  [/evidence\.signer$/, text(1, 128)],
  // Of a passkey: P-256 takes a while as well.
  [/assertion\.authenticatorData$/, { is: 'hex', bytes: 37, every: 3 }],
  [/assertion\.(credential|clientDataJSON|signature)$/, { is: 'hex', bytes: null, every: 9 }],
  [/(^|\.)signature$/, hex(64)],
  [/(watchtower|keeper|person|by|suspends)$/, hex(32)],
  [/(^|\.)(plan|share)$/, { is: 'hex', bytes: null, layout: wrapper, every: 5 }],
  [/(tip\.hash|intent\.id|^entry|(^|\.)hash|statement\.bytes|(^|\.)prev|(^|\.)policy|lifts)$/, hex(32)],
  [/(nonces|session)$/, hex(16)],
  [/\.reason$/, oneOf('withdrawal', 'return', 'evacuation', 'sweep', 'refill')],
  [/\.asset$/, oneOf()],
  [/destination\.address$/, text(1, 128)],
  [/destination\.memo$/, text(0, 1024)],
  [/(amount|feeCap|units)$/, { is: 'units' }],
  [/(expiry|number|height|entry\.seq)$/, whole(1)],
  [/(\.at|\.seq|notBefore|\.due|threshold)$/, whole(0)],
  [/request\.method$/, oneOf('GET', 'POST')],
  [/request\.path$/, form(1, 2000)],
  [/request\.query$/, form(0, 2000)],
  [/request\.body$/, text(0, 65_536)],
  [/idempotencyKey$/, form(1, 128)],
  [/(created|expires)$/, seconds],
  [/keyId$/, form(1, 64)],
  [/network$/, oneOf('mainnet', 'testnet', 'devnet')],
  [/purpose$/, oneOf('payment', 'evacuation')],
  [/(^|\.)(wallet|signer)$/, text(1, 64)],
  [/why$/, text(1, 500)],
  [/thaw\.cause$/, text(0, 2000)],
  [/thaw\.answers\.[a-z-]+$/, text(0, 1000)],
  [/grounds$/, list(0, 512)],
  [/intents$/, list(1, 64)],
  [/(approvals|countersignatures|signatures)$/, list(0, 32)],
  [/(facts|statements)$/, list(1, 32)],
  [/control$/, { is: 'object', orNull: true }],
  [/dead$/, list(0, 64)],
  [/heads$/, list(0, 32)],
  [/entries$/, list(0, 1000)],
  [
    /(intent|assertion|authority|request|fact|tip|balance|destination|evidence|statement|entry|body|freeze|thaw|answers|moment|objection|head|line)$/,
    object,
  ],
];

/** Of lists whose items have no name of their own: the item is told from the list by the number that ends its path. */
const items: Shapes = [
  [/(facts|intents|approvals|countersignatures|signatures|statements|heads|entries)$/, object],
  [/nonces$/, hex(16)],
  [/(lifts)$/, hex(32)],
  [/(suspends)$/, hex(32)],
  [/grounds$/, text(1, 160)],
  [/control\.keys$/, text(1, 128)],
];
const lists: Shapes = [
  [/nonces$/, list(1, 32)],
  [/lifts$/, list(1, 256)],
  [/suspends$/, list(0, 64)],
  [/control\.keys$/, list(0, 32)],
];

/** What must stand at a path. Throws for a field that nobody wrote down: a new one must not go untried. */
export function shapeAt(path: string): Shape {
  const field = path.replaceAll(/\.[0-9]+(?=\.|$)/g, '');
  const table = /\.[0-9]+$/.test(path) ? items : [...lists, ...shapes];
  const found = table.find(([pattern]) => pattern.test(field));
  if (!found) throw new Error(`nobody has written down what stands in ${path}`);
  return found[1];
}
