/** What nodes answer, as far as it is asked for. Amounts are floats of whole coins there: none is believed that no signature binds. */
import { z } from 'zod';

/** A block's hash or a transaction's id, as nodes write it. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/);
export const Hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);
export const Height = z.int().nonnegative();
export const Hashes = z.array(Hash);
export const BlockchainInfo = z.looseObject({ chain: z.string().max(32) });
export const MempoolEntry = z.looseObject({});
/** An output that nobody has spent; null where there is none. `value` in coins: 2^53 units are more than there are. */
export const TxOut = z
  .looseObject({
    value: z.number().nonnegative().max(84_000_000),
    scriptPubKey: z.looseObject({ hex: z.string().max(20_000) }),
  })
  .nullable();
/** `feerate` in coins per 1,000 virtual bytes; absent where the node has seen too little. */
export const FeeEstimate = z.looseObject({ feerate: z.number().positive().max(1_000).optional() });
export const HeaderHex = z.string().regex(/^[0-9a-f]{160}$/);
