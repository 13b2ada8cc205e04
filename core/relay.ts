/** The relayer's words: what it is asked, and what it says became of it. Times: milliseconds of Unix time; units: wei. */
import { z } from 'zod';
import { Units } from './amount.ts';
import { Hash, Hex } from './key.ts';
import { Name, text } from './text.ts';
import { route } from './wire.ts';

const Time = z.int().nonnegative();
/** Of the relayer's own account. */
const Nonce = z.int().nonnegative();

/** What became of a Safe's execution. */
export const RelayFate = z.discriminatedUnion('kind', [
  /** Never asked, or asked of another: nothing here was sent. */
  z.strictObject({ kind: z.literal('unknown') }),
  z.strictObject({
    kind: z.literal('under-way'),
    nonce: Nonce,
    /** Each transaction that was made for it, the newest last: at most one of them can ever be in a block. */
    transactions: z.array(Hash).min(1),
    since: Time,
    /** Why it is not made dearer though it is stuck; null where nothing keeps it. */
    held: z.string().nullable(),
  }),
  /** In a final block, and done. */
  z.strictObject({
    kind: z.literal('executed'),
    nonce: Nonce,
    transaction: Hash,
    height: z.int(),
    block: Hash,
  }),
  /** In a final block, and failed as a whole: the Safe's number is not used up, and the signatures are as good as before. */
  z.strictObject({
    kind: z.literal('reverted'),
    nonce: Nonce,
    transaction: Hash,
    height: z.int(),
    block: Hash,
    why: z.string(),
  }),
  /** The account's number was used up by a transaction that is not in the journal: nothing that was made for it can be sent any more. */
  z.strictObject({ kind: z.literal('displaced'), nonce: Nonce }),
]);
export type RelayFate = z.infer<typeof RelayFate>;

export const RelayerStatus = z.strictObject({
  kind: z.literal('status'),
  at: Time,
  /** The account that pays for gas. */
  account: text(1, 64),
  /** Null until the nodes have said. */
  coins: Units.nullable(),
  /** The account's next number, as the chain has it. */
  nonce: Nonce.nullable(),
  underWay: z.int().nonnegative(),
  /** Of the last 24 hours: what was paid, and what the most is that is under way. */
  spent: Units,
  perDay: Units,
  /** Why some are not made dearer, or not sent. */
  held: z.array(z.string()).max(64),
  /** What the last look at the nodes failed by; null where it did not. */
  failed: z.string().nullable(),
});
export type RelayerStatus = z.infer<typeof RelayerStatus>;

/** A customer's forwarder, by its salt, and what of it shall be sent on: null for the chain's coin, or a token's contract. */
export const Standing = z.strictObject({ salt: Hash, token: text(42, 42).nullable() });

export const relayerRoutes = {
  /** A Safe's execution by enough owners: its plan, and the calldata. Asked again, it says what became of it. */
  relay: route(
    '/v1/relay',
    z.strictObject({ wallet: Name, plan: Hex.max(200_000), calldata: Hex.max(200_000) }),
    RelayFate,
  ),
  /** What stands at customers' addresses goes on to their Safe. Asked for again while it is under way, it says so. */
  sweep: route(
    '/v1/sweep',
    z.strictObject({ wallet: Name, deposits: z.array(Standing).min(1).max(64) }),
    RelayFate,
  ),
  /** By the Safe's hash. */
  fate: route('/v1/fate', z.strictObject({ id: Hash }), RelayFate),
  status: route('/v1/status', z.strictObject({}), RelayerStatus),
} as const;
