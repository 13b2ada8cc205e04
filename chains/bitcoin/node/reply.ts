/** What nodes answer, as far as it is asked for. Amounts are floats of whole coins there: only fee rates are read that way. */
import { z } from 'zod';

/** A block's hash or a transaction's id, as nodes write it. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/);
export const Hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);
export const Height = z.int().nonnegative();
export const Hashes = z.array(Hash);
export const BlockchainInfo = z.looseObject({ chain: z.string().max(32) });
export const MempoolEntry = z.looseObject({});
/** `feerate` in coins per 1,000 virtual bytes; absent where the node has seen too little. */
export const FeeEstimate = z.looseObject({ feerate: z.number().positive().max(1_000).optional() });
export const HeaderHex = z.string().regex(/^[0-9a-f]{160}$/);
