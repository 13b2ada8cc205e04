/** Payments to try a policy on: a file that people or drills write, or a signer's journal, which is what was really paid. */
import {
  AssetName,
  bytesDigest,
  Name,
  Person,
  SignedEntry,
  Units,
  XEM,
  type PaymentAsk,
} from '@kuramori/core';
import { z } from 'zod';
import { readDocument, type Flaw } from './document.ts';

/** ISO 8601 with its zone; YAML reads it as a text. As milliseconds of Unix time. */
const Moment = z.iso
  .datetime({
    offset: true,
    error: 'must be a moment of the calendar with its zone, as 2018-01-26T00:02:13+09:00',
  })
  .transform((iso) => Date.parse(iso));

export const Payment = z.strictObject({
  at: Moment,
  /** When the exchange asked for it. Absent: at once. */
  requested: Moment.optional(),
  wallet: Name,
  asset: AssetName.default(XEM),
  to: z.string().min(1).max(128),
  memo: z.string().max(1024).default(''),
  amount: Units,
  feeCap: Units,
  reason: z.enum(['withdrawal', 'return', 'sweep']).default('withdrawal'),
  /** How many people of each group approved it; `rule` for those whom the wallet's rule names. */
  approvals: z.record(z.string(), z.int().min(0).max(32)).default({}),
  /** Who approved it, by their keys or names, as a journal has them. */
  people: z.array(Person).default([]),
  /** What the wallet held. Absent: what `balances` gave it, less what was paid since. */
  balance: Units.optional(),
});
export type Payment = z.output<typeof Payment>;

const Payments = z.strictObject({
  /** What each wallet holds before the first payment, of the asset that is paid. */
  balances: z.record(Name, Units).default({}),
  payments: z.array(Payment).min(1).max(1_000_000),
});

export interface Past {
  readonly balances: ReadonlyMap<string, bigint>;
  /** In the order of their times. */
  readonly payments: readonly Payment[];
}

export type ReadPayments =
  | { readonly kind: 'payments'; readonly past: Past }
  | { readonly kind: 'refused'; readonly flaws: readonly Flaw[] };

export function readPayments(text: string): ReadPayments {
  const journal = readJournal(text);
  if (journal) return journal;
  const read = readDocument(text);
  if (read.kind === 'refused') return read;
  const parsed = Payments.safeParse(read.document.value);
  if (!parsed.success)
    return {
      kind: 'refused',
      flaws: parsed.error.issues.map(({ path, message }) => read.document.flawAt(path, message)),
    };
  const { balances, payments } = parsed.data;
  const unknown = payments.findIndex(
    ({ balance, wallet }) => balance === undefined && balances[wallet] === undefined,
  );
  if (unknown >= 0)
    return {
      kind: 'refused',
      flaws: [
        read.document.flawAt(
          ['payments', unknown, 'wallet'],
          `holds nobody knows what: give balances.${payments[unknown]?.wallet}, or the payment's balance`,
        ),
      ],
    };
  return { kind: 'payments', past: inOrder(new Map(Object.entries(balances)), payments) };
}

function inOrder(balances: ReadonlyMap<string, bigint>, payments: readonly Payment[]): Past {
  return { balances, payments: payments.toSorted((one, other) => one.at - other.at) };
}

/** Undefined where the text is no journal at all. Its signatures are the journal's own to verify. */
function readJournal(text: string): ReadPayments | undefined {
  if (!text.startsWith('{"entry":{')) return undefined;
  const payments: Payment[] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const flaw = (why: string): ReadPayments => {
      return { kind: 'refused', flaws: [{ line: index + 1, column: 1, field: 'entry', why }] };
    };
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return flaw('is no JSON: the line is torn or was edited');
    }
    const read = SignedEntry.safeParse(json);
    if (!read.success) return flaw(`is no entry of a journal: ${read.error.issues[0]?.message}`);
    const { body, at } = read.data.entry;
    if (body.kind !== 'payment') continue;
    // Planned anew it is the same payment.
    for (const part of body.intents)
      if (seen.size !== seen.add(part.intent.id).size) payments.push(paid(part, body, at));
  }
  return { kind: 'payments', past: inOrder(new Map(), payments) };
}

function paid(
  { intent, authority, approvals }: PaymentAsk['intents'][number],
  { facts }: PaymentAsk,
  at: number,
): Payment {
  const { wallet, asset, destination, amount, feeCap, reason } = intent;
  const held = facts.map(({ fact }) => fact.balance.units);
  return {
    at,
    requested: authority.kind === 'treasury' ? undefined : authority.request.created * 1000,
    wallet,
    asset,
    to: destination.address,
    memo: destination.memo,
    amount,
    feeCap,
    reason: reason === 'return' || reason === 'sweep' ? reason : 'withdrawal',
    approvals: {},
    people: approvals.map(({ person }) => person),
    balance: held.reduce((least, units) => (units < least ? units : least)),
  };
}

/** A name for a payment's bytes that no other has. */
export function bytesFor(number: number): string {
  return bytesDigest(number.toString(16).padStart(16, '0'));
}
