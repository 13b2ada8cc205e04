/** How much of each sign is too much, and what is done about it then: the watchtower's configuration `signs`, with its defaults. */
import { z } from 'zod';
import { Hash, Units } from '@kuramori/core';
import { usualHours } from '@kuramori/program';

const Action = z.enum(['page', 'freeze']);
export type Action = z.infer<typeof Action>;

function sign<Shape extends z.ZodRawShape>(shape: Shape, action: Action = 'page') {
  return z.strictObject({ ...shape, action: Action.default(action) }).prefault({} as never);
}

const count = z.int().positive();
/** Hundredths of a percent. */
const bps = z.int().min(1).max(10_000);
const minutes = z.int().min(1).max(2_880);
/** What blocks brought is kept for two days. */
const hours = z.int().min(1).max(48);
const seconds = z.int().min(1).max(86_400);

export const Signs = z
  .strictObject({
    probeThenBurst: sign({
      probeBps: bps.default(10),
      hours: hours.default(24),
      burstBps: bps.default(500),
      others: count.default(5),
      minutes: minutes.default(60),
    }),
    manyAssets: sign({
      minutes: minutes.default(60),
      atLeast: count.default(4),
      timesUsual: count.default(2),
    }),
    shareDrained: sign({ minutes: minutes.default(60), shareBps: bps.default(5_000) }),
    limitUsed: sign({ shareBps: bps.default(8_000) }),
    firstSeen: sign({
      minutes: minutes.default(60),
      atLeast: count.default(50),
      timesUsual: count.default(5),
      shareBps: bps.default(9_000),
    }),
    gas: sign({ hours: hours.default(24), units: Units.prefault('1000000') }),
    unspendable: sign({ hours: hours.default(24), payments: count.default(1) }),
    balanceFalls: sign({ blocks: count.default(3) }, 'freeze'),
    hotShare: sign({ minutes: minutes.default(60) }),
    repeatedNonce: sign({ newest: z.int().min(2).max(1_000_000).default(100_000) }, 'freeze'),
    likeNonces: sign({ bits: z.int().min(48).max(248).default(64) }),
    unsent: sign({ minutes: minutes.default(30) }),
    nodeBehind: sign({ blocks: count.default(5), seconds: seconds.default(120) }),
    nodeApart: sign({ seconds: seconds.default(120) }),
    nodeRewrites: sign({ blocks: count.default(6) }),
    nodeSilent: sign({ seconds: seconds.default(30) }),
    pushSilent: sign({ blocks: count.default(3), seconds: seconds.default(120) }),
    anotherChain: sign({
      /** The hash of the chain's first block; null: the nodes are compared with each other, and with what they were. */
      genesis: Hash.nullable().default(null),
    }),
    blind: sign({ seconds: seconds.default(120) }),
    guardApart: sign({}),
    keyFileRead: sign({}),
    keyFilesUnwatched: sign({}),
    otherCode: sign({ seconds: seconds.default(120) }),
    codeChanged: sign({}),
    refusals: sign({ minutes: minutes.default(10), atLeast: count.default(5) }),
    oddHours: sign(usualHours),
    dormantKey: sign({ days: z.int().min(1).max(3_650).default(90) }),
    roomSilent: sign({ seconds: seconds.default(120) }),
    diskNearlyFull: sign({ megabytes: z.int().min(0).max(1_000_000).default(512) }),
    clockApart: sign({ seconds: seconds.default(10) }),
    slowRounds: sign({ seconds: seconds.default(10) }),
  })
  .prefault({});
export type Signs = z.output<typeof Signs>;
export type SignId = keyof Signs;
