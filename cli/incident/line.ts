/** A line of a watchtower's incident.jsonl. What is counted is read strictly; an event that is not known here is only shown. */
import { z } from 'zod';

/** Up to the last moment that a Date has, in Japan: a line that names a later one is none of ours. */
const time = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000 - 86_400_000);
const word = z.string().max(20_000);
const units = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,77})$/, 'must be whole smallest units, as a decimal string');
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/, 'must be lower-case hex');
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 digits of lower-case hex');
const address = z.string().regex(/^[A-Z2-7]{40}$/, 'must be a NEM address without dashes');
/** Of whatever chain. */
const anyAddress = z.string().regex(/^[0-9A-Za-z]{1,128}$/, 'must be an address');
const name = z.string().max(200);

const transfer = z.strictObject({
  kind: z.literal('transfer'),
  from: address,
  to: address,
  moves: z.array(z.strictObject({ asset: name, units })),
  message: z.strictObject({ kind: z.enum(['plain', 'encrypted']), hex }).nullable(),
  fee: units,
});
const cosigner = z.strictObject({ key: hash, address });
const modification = z.strictObject({
  kind: z.literal('modification'),
  account: address,
  adds: z.array(cosigner),
  removes: z.array(cosigner),
  minimumChange: z.int().nullable(),
  fee: units,
});
const cosignature = z.strictObject({
  kind: z.literal('cosignature'),
  by: hash,
  account: address,
  consentsTo: hash,
  fee: units,
});
const unread = z.strictObject({ kind: z.literal('unread'), why: word });
const proposal = z.strictObject({
  kind: z.literal('proposal'),
  by: hash,
  of: z.discriminatedUnion('kind', [transfer, modification]),
  fee: units,
});
/** Of Bitcoin's family: coins that it spends, and what it pays, to our own wallets (`ours`) or to others. */
const spend = z.strictObject({
  kind: z.literal('spend'),
  asset: name,
  spends: z.array(z.string().regex(/^[0-9a-f]{64}:[0-9]{1,10}$/)).max(64),
  to: z.array(z.strictObject({ place: word, units, ours: z.boolean() })).max(64),
  /** Inputs and outputs that are not told one by one. */
  more: z.int().nonnegative(),
});
/** Of a Safe: which of its executions there are, what leaves it, and what nobody's execution means. */
const safe = z.strictObject({
  kind: z.literal('safe'),
  by: name.nullable(),
  executions: z
    .array(z.strictObject({ safe: anyAddress, number: units, means: name, outcome: name }))
    .max(64),
  pays: z.array(z.strictObject({ from: anyAddress, to: anyAddress, asset: name, units })).max(64),
  unexplained: z.array(word).max(64),
  /** Whatever is not told one by one. */
  more: z.int().nonnegative(),
});
/** What signed bytes do, as watchtower/described.ts has it. */
export const Does = z.discriminatedUnion('kind', [
  transfer,
  modification,
  cosignature,
  unread,
  proposal,
  spend,
  safe,
]);
export type Does = z.infer<typeof Does>;

const common = { at: time, chainTime: z.number().nonnegative() };
/** A spend as a node showed it. Older watchtowers said less. */
const seen = {
  transaction: hash.optional(),
  /** One of Ethereum counts under each plan that it carries. */
  transactions: z.array(hash).max(256).optional(),
  node: name.optional(),
  height: time.nullable().optional(),
  wallet: name.optional(),
  does: Does.optional(),
  seenAt: time.optional(),
};
const alarm = {
  ...common,
  ...seen,
  why: word,
  signer: name.optional(),
  /** Of one that could not be read. */
  hash: hash.nullable().optional(),
  evidence: z.strictObject({ bytes: hex, signature: hex }).optional(),
  signatureVerifies: z.boolean().optional(),
  freeze: hash.nullable().optional(),
  /** Of a freeze that somebody else made: whose, when, and who passed it on. */
  by: hash.optional(),
  frozenAt: time.optional(),
  /** What it stops, where that is not everything. */
  assets: z.array(name).max(64).optional(),
  passedOnBy: name.optional(),
};
const moved = {
  wallet: name,
  asset: name.optional(),
  units: units.optional(),
  destination: anyAddress.optional(),
};

const Known = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('alarm: frozen'), ...alarm }),
  z.strictObject({ event: z.literal('alarm'), ...alarm }),
  z.strictObject({ event: z.literal('unexplained, and in a block'), ...common, ...seen }),
  z.strictObject({ event: z.literal('signer frozen'), ...common, signer: name }),
  z.strictObject({
    event: z.literal('evacuation announced'),
    ...common,
    ...moved,
    node: name.optional(),
    code: word,
    fees: units.optional(),
    intent: hash.optional(),
    transaction: hash.optional(),
  }),
  z.strictObject({
    event: z.literal('evacuation sent'),
    ...common,
    ...moved,
    fees: units.optional(),
    intent: hash.optional(),
  }),
  z.strictObject({
    event: z.literal('thaw taken up'),
    ...common,
    thaw: hash,
    lifts: z.array(hash),
    suspends: z.array(hash),
    due: time,
    keepers: z.array(hash).optional(),
    cause: word.optional(),
    answers: z.record(name, word).optional(),
    passedOnBy: name.optional(),
  }),
  z.strictObject({ event: z.literal('thawed'), ...common, thaw: hash, standing: time }),
]);

const Other = z.looseObject({ ...common, event: z.string().min(1).max(200) }).catchall(z.json());

type Known = z.infer<typeof Known>;
export type Line =
  | { readonly kind: 'known'; readonly said: Known }
  | { readonly kind: 'other'; readonly said: z.infer<typeof Other> };

const events: ReadonlySet<unknown> = new Set(Known.options.map(({ shape }) => shape.event.value));

/** The line, or which field is wrong and how. */
export function readLine(value: unknown): Line | { readonly kind: 'wrong'; readonly why: string } {
  const known = typeof value === 'object' && value !== null && 'event' in value && events.has(value.event);
  const read = known ? Known.safeParse(value) : Other.safeParse(value);
  if (read.success) return { kind: known ? 'known' : 'other', said: read.data } as Line;
  const issue = read.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? ` (${issue.keys.join(', ')})` : '';
  return {
    kind: 'wrong',
    why: `${issue?.path.join('.') || 'the whole line'}: ${issue?.message ?? 'is malformed'}${keys}`,
  };
}
