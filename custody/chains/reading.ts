/** Reading: what is told of any chain about how its blocks are read. */
import { z } from 'zod';

export const reading = {
  /** How many blocks, its own included, a transaction needs before it is booked. */
  confirmations: z.int().min(1).max(360),
  /** Blocks after this height are read when a database begins: where the wallets were made. */
  scanFrom: z.int().positive(),
};
