/** What nodes answer, as far as it is asked for (the execution API's schemas). Hex has no 0x from here on, and numbers are bigint. */
import { z } from 'zod';

const bare = (text: string): string => text.slice(2).toLowerCase();

/** A number without zeros before it, of 32 bytes at most. */
export const Quantity = z
  .string()
  .regex(/^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/)
  .transform((text) => BigInt(text));
/** Block numbers and times: far below 2^53. */
export const Small = Quantity.refine((value) => value <= BigInt(Number.MAX_SAFE_INTEGER)).transform(Number);
export const Hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform(bare);
export const Address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform(bare);
export const Data = z
  .string()
  .regex(/^0x(?:[0-9a-f]{2})*$/)
  .transform(bare);
const Bloom = z
  .string()
  .regex(/^0x[0-9a-f]{512}$/)
  .transform(bare);

/** A header's fields in its order, each with the fork that brought it; the later ones are absent before it. */
const headerFields = {
  parentHash: Hash,
  sha3Uncles: Hash,
  miner: Address,
  stateRoot: Hash,
  transactionsRoot: Hash,
  receiptsRoot: Hash,
  logsBloom: Bloom,
  difficulty: Quantity,
  number: Small,
  gasLimit: Quantity,
  gasUsed: Quantity,
  timestamp: Small,
  extraData: Data,
  mixHash: Hash,
  nonce: z
    .string()
    .regex(/^0x[0-9a-f]{16}$/)
    .transform(bare),
  /** London (EIP-1559). */
  baseFeePerGas: Quantity.optional(),
  /** Shanghai (EIP-4895). */
  withdrawalsRoot: Hash.optional(),
  /** Cancun (EIP-4844, EIP-4788). */
  blobGasUsed: Quantity.optional(),
  excessBlobGas: Quantity.optional(),
  parentBeaconBlockRoot: Hash.optional(),
  /** Prague (EIP-7685). */
  requestsHash: Hash.optional(),
};
export const headerOrder = Object.keys(headerFields) as readonly (keyof typeof headerFields)[];

/** Loose: a node may tell what is in no header. What a header has and we do not know, its hash tells. */
export const Header = z.looseObject({ hash: Hash, ...headerFields });
export type Header = z.infer<typeof Header>;

const AccessList = z.array(z.strictObject({ address: Address, storageKeys: z.array(Hash) }));
/** Some nodes write a signature's halves as numbers, some as 32 bytes. */
const Half = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/)
  .transform((text) => BigInt(text));

const signed = { r: Half, s: Half, v: Quantity, yParity: Quantity.optional() };
const common = {
  hash: Hash,
  from: Address,
  nonce: Quantity,
  gas: Quantity,
  to: Address.nullish().transform((to) => to ?? null),
  value: Quantity,
  input: Data,
  ...signed,
};
const typed = { ...common, chainId: Quantity, accessList: AccessList };
const dynamic = { ...typed, maxPriorityFeePerGas: Quantity, maxFeePerGas: Quantity };
export const Transaction = z.preprocess(
  // What is older than EIP-2718 had no type.
  (given) =>
    typeof given === 'object' && given !== null && !('type' in given) ? { ...given, type: '0x0' } : given,
  z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('0x0'), ...common, gasPrice: Quantity }),
    z.looseObject({ type: z.literal('0x1'), ...typed, gasPrice: Quantity }),
    z.looseObject({ type: z.literal('0x2'), ...dynamic }),
    z.looseObject({
      type: z.literal('0x3'),
      ...dynamic,
      maxFeePerBlobGas: Quantity,
      blobVersionedHashes: z.array(Hash),
    }),
    z.looseObject({
      type: z.literal('0x4'),
      ...dynamic,
      authorizationList: z.array(
        z.looseObject({
          chainId: Quantity,
          address: Address,
          nonce: Quantity,
          yParity: Quantity,
          r: Half,
          s: Half,
        }),
      ),
    }),
  ]),
);
export type Transaction = z.infer<typeof Transaction>;

export const Withdrawal = z.strictObject({
  index: Quantity,
  validatorIndex: Quantity,
  address: Address,
  /** Of 10^9 wei. */
  amount: Quantity,
});
export const Block = z.looseObject({
  ...Header.shape,
  transactions: z.array(Transaction),
  withdrawals: z.array(Withdrawal).optional(),
});
export type Block = z.infer<typeof Block>;

export const Log = z.looseObject({ address: Address, topics: z.array(Hash).max(4), data: Data });
export type Log = z.infer<typeof Log>;
export const Receipt = z.looseObject({
  type: z
    .string()
    .regex(/^0x[0-4]$/)
    .default('0x0'),
  transactionHash: Hash,
  status: z.enum(['0x0', '0x1']),
  cumulativeGasUsed: Quantity,
  effectiveGasPrice: Quantity.optional(),
  logsBloom: Bloom,
  logs: z.array(Log),
});
export type Receipt = z.infer<typeof Receipt>;
export const Receipts = z.array(Receipt);

/** callTracer's frames, as far as coins move in them. */
export interface Frame {
  readonly type: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly value?: bigint | undefined;
  readonly error?: string | undefined;
  readonly output?: string | undefined;
  readonly calls?: readonly Frame[] | undefined;
}
export const Frame: z.ZodType<Frame> = z.looseObject({
  type: z.string().max(32),
  from: Address,
  to: Address.optional(),
  value: Quantity.optional(),
  error: z.string().optional(),
  output: Data.optional(),
  get calls() {
    return z.array(Frame).optional();
  },
});
export const Traces = z.array(z.looseObject({ txHash: Hash.optional(), result: Frame }));

/** EIP-1186. */
export const Proof = z.looseObject({
  accountProof: z.array(Data),
  storageProof: z.array(z.looseObject({ value: z.string(), proof: z.array(Data) })),
});

export type Proof = z.infer<typeof Proof>;

export const FeeHistory = z.looseObject({
  baseFeePerGas: z.array(Quantity).min(1),
  reward: z.array(z.array(Quantity)).optional(),
});

/** By sender, by nonce. */
export const PoolContent = z.looseObject({
  pending: z.record(z.string(), z.record(z.string(), z.unknown())),
  queued: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export const PendingBlock = z.looseObject({ transactions: z.array(z.unknown()) });
