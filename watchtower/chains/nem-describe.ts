/** What a transaction of NEM does, decoded from its bytes. */
import {
  addressOf,
  explain,
  movements,
  type NemNetwork,
  type PublicKey,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import type { Described } from '../described.ts';

interface Fee {
  /** In the chain's smallest unit: micro-XEM. */
  readonly fee: bigint;
}

export type NemDescribed =
  | (Fee & {
      readonly kind: 'transfer';
      readonly from: string;
      readonly to: string;
      /** What really moves, in smallest units: with mosaics, `amount` is only a multiplier. */
      readonly moves: readonly { readonly asset: string; readonly units: bigint }[];
      /** Hex: its text is the sender's, and must forge no line of anybody's. */
      readonly message: { readonly kind: 'plain' | 'encrypted'; readonly hex: string } | null;
    })
  | (Fee & {
      readonly kind: 'modification';
      /** Whose keys it changes. */
      readonly account: string;
      readonly adds: readonly Cosigner[];
      readonly removes: readonly Cosigner[];
      /** Null where the bytes do not mention it. */
      readonly minimumChange: number | null;
    })
  | (Fee & { readonly kind: 'proposal'; readonly by: string; readonly of: NemDescribed })
  | (Fee & {
      readonly kind: 'cosignature';
      readonly by: string;
      readonly account: string;
      /** The hash of what it consents to. */
      readonly consentsTo: string;
    });

interface Cosigner {
  readonly key: string;
  readonly address: string;
}

export function describe(transaction: Transaction, network: NemNetwork): NemDescribed {
  const { fee } = transaction;
  const cosigner = (key: PublicKey): Cosigner => ({ key, address: addressOf(key, network) });
  switch (transaction.kind) {
    case 'transfer':
      return {
        kind: 'transfer',
        from: addressOf(transaction.signer, network),
        to: transaction.recipient,
        moves: movements(transaction).map(({ asset, quantity }) => ({ asset, units: quantity })),
        message:
          transaction.message.kind === 'none'
            ? null
            : { kind: transaction.message.kind, hex: transaction.message.payload },
        fee,
      };
    case 'modification': {
      const of = (type: 'add' | 'delete') =>
        transaction.modifications.filter((one) => one.type === type).map((one) => cosigner(one.cosigner));
      return {
        kind: 'modification',
        account: addressOf(transaction.signer, network),
        adds: of('add'),
        removes: of('delete'),
        minimumChange: transaction.minCosignatoriesChange,
        fee,
      };
    }
    case 'multisig':
      return { kind: 'proposal', by: transaction.signer, of: describe(transaction.inner, network), fee };
    case 'cosignature':
      break;
  }
  return {
    kind: 'cosignature',
    by: transaction.signer,
    account: transaction.multisig,
    consentsTo: transaction.innerHash,
    fee,
  };
}

/** The same of bytes alone, as hex. */
export function describeBytes(bytes: string, network: NemNetwork): Described {
  const read = explain(Uint8Array.fromHex(bytes), network);
  return read.kind === 'refused'
    ? { kind: 'unread', why: `${read.field}: ${read.why}` }
    : describe(read.transaction, network);
}
