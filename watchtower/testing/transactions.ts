/** Transactions as their signers, honest or not, would make them: now, for an hour, with the least fee. */
import {
  innerHash,
  minimumFee,
  sortModifications,
  type Address,
  type Cosignature,
  type Modification,
  type Multisig,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { chainKey } from '../../signers/testing/desk.ts';

type Account = ReturnType<typeof chainKey>;

const common = (signedBy: Account, at: number) =>
  ({ network: 'testnet', timeStamp: at, deadline: at + 3600, signer: signedBy.publicKey, fee: 0n }) as const;

function withFee<T extends Transaction>(draft: T, fee?: bigint): T {
  return { ...draft, fee: fee ?? minimumFee(draft) ?? 0n };
}

export function transfer(
  from: Account,
  to: string,
  units: bigint,
  at: number,
  more: Partial<Transfer> = {},
): Transfer {
  return withFee<Transfer>({
    ...common(from, at),
    kind: 'transfer',
    version: 2,
    recipient: to as Address,
    amount: units,
    message: { kind: 'none' },
    mosaics: [],
    ...more,
  });
}

export function wrapped(by: Account, inner: Multisig['inner'], at: number, fee?: bigint): Multisig {
  return withFee<Multisig>({ ...common(by, at), kind: 'multisig', version: 1, inner }, fee);
}

export function cosigned(by: Account, wrapper: Multisig, account: Account, at: number): Cosignature {
  return withFee<Cosignature>({
    ...common(by, at),
    kind: 'cosignature',
    version: 1,
    innerHash: innerHash(wrapper),
    multisig: account.address,
  });
}

export function modification(
  account: Account,
  add: readonly Account[],
  at: number,
  minimum = 2,
): Modification {
  return withFee<Modification>({
    ...common(account, at),
    kind: 'modification',
    version: 2,
    modifications: sortModifications(
      add.map(({ publicKey }) => ({ type: 'add', cosigner: publicKey })),
      'testnet',
    ),
    minCosignatoriesChange: minimum,
  });
}

/** The bytes of an importance transfer (NIS ImportanceTransferTransaction, 0x0801), which no codec of ours reads. */
export function importanceTransfer(by: Account, remote: Account, at: number): Uint8Array {
  const bytes = Buffer.alloc(60 + 40);
  bytes.writeUInt32LE(0x0801, 0);
  // Version 1 on testnet.
  bytes.writeUInt32LE(0x9800_0001, 4);
  bytes.writeUInt32LE(at, 8);
  bytes.writeUInt32LE(32, 12);
  bytes.write(by.publicKey, 16, 'hex');
  bytes.writeBigUInt64LE(150_000n, 48);
  bytes.writeUInt32LE(at + 3600, 56);
  // 1: activate.
  bytes.writeUInt32LE(1, 60);
  bytes.writeUInt32LE(32, 64);
  bytes.write(remote.publicKey, 68, 'hex');
  return bytes;
}
