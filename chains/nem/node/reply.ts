/** What a NIS1 node answers, as far as we read it. Unknown members are let through: nodes differ in what they add. */
import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** A JSON number that a double holds exactly; XEM's whole supply in micro-XEM does (below 2^53). */
const units = z.int().nonnegative();

export const Height = z.object({ height: z.int().positive() });
export const NetworkTime = z.object({ sendTimeStamp: units, receiveTimeStamp: units });

export const NodeInfo = z.object({ metaData: z.object({ networkId: z.int() }) });

export const AccountReply = z.object({
  meta: z.object({
    cosignatories: z.array(z.object({ address: z.string(), publicKey: z.string().nullable() })),
  }),
  account: z.object({
    address: z.string(),
    balance: units,
    publicKey: z.string().nullable(),
    multisigInfo: z.object({ cosignatoriesCount: z.int().optional(), minCosignatories: z.int().optional() }),
  }),
});

export const UnconfirmedReply = z.object({
  data: z.array(z.object({ meta: z.object({ data: z.string().nullable() }), transaction: z.unknown() })),
});

export const BlocksReply = z.object({
  data: z.array(
    z.object({
      txes: z.array(z.object({ tx: z.unknown(), hash })),
      block: z.object({
        timeStamp: units,
        height: z.int().positive(),
        prevBlockHash: z.object({ data: hash }),
      }),
      hash,
    }),
  ),
});

export const AnnounceReply = z.object({
  type: z.int(),
  code: z.int32(),
  message: z.string(),
  transactionHash: z.object({ data: hash.optional() }),
});

/** The error object that NIS sends with a status other than 200. */
export const ErrorReply = z.object({ error: z.string(), message: z.string().nullable(), status: z.int() });
