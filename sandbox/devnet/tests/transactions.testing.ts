// Transactions as an honest wallet makes them: now, for an hour, with the least fee, in the right order.
import {
  encode,
  innerHash,
  sortModifications,
  type Address,
  type Cosignature,
  type CosignerChange,
  type Modification,
  type Multisig,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { NodeUnderTest, Person } from './node-under-test.testing.ts';

const hour = 3_600;

function common(signer: Person, now: number, fee: bigint) {
  return { network: 'mainnet', timeStamp: now, signer: signer.publicKey, fee, deadline: now + hour } as const;
}

/** `xem` is whole XEM; the fee is enough for any amount. */
export function transfer(
  from: Person,
  to: Address,
  xem: number,
  now: number,
  more: Partial<Transfer> = {},
): Transfer {
  return {
    ...common(from, now, 1_250_000n),
    kind: 'transfer',
    version: 2,
    recipient: to,
    amount: BigInt(xem) * 1_000_000n,
    message: { kind: 'none' },
    mosaics: [],
    ...more,
  };
}

export interface Cosigners {
  readonly add?: readonly Person[];
  readonly remove?: readonly Person[];
  readonly minimum?: number;
}

/** A change of who may sign for the account; `minimum` is added to its own. */
export function modification(
  of: Person,
  { add = [], remove = [], minimum = 0 }: Cosigners,
  now: number,
): Modification {
  const changes: readonly CosignerChange[] = [
    ...add.map(({ publicKey }) => ({ type: 'add', cosigner: publicKey }) as const),
    ...remove.map(({ publicKey }) => ({ type: 'delete', cosigner: publicKey }) as const),
  ];
  return {
    ...common(of, now, 500_000n),
    kind: 'modification',
    version: 2,
    modifications: sortModifications(changes, 'mainnet'),
    minCosignatoriesChange: minimum,
  };
}

export function wrapper(
  by: Person,
  inner: Multisig['inner'],
  now: number,
  more: Partial<Multisig> = {},
): Multisig {
  return { ...common(by, now, 150_000n), kind: 'multisig', version: 1, inner, ...more };
}

export function cosignature(
  by: Person,
  wrapped: Multisig,
  multisig: Person,
  now: number,
  more: Partial<Cosignature> = {},
): Cosignature {
  const hash = innerHash(wrapped);
  return {
    ...common(by, now, 150_000n),
    kind: 'cosignature',
    version: 1,
    innerHash: hash,
    multisig: multisig.address,
    ...more,
  };
}

/** Makes the account a multisig one and confirms it. */
export async function convert(
  devnet: NodeUnderTest,
  account: Person,
  add: readonly Person[],
  minimum: number,
) {
  const code = await devnet.announce(modification(account, { add, minimum }, devnet.now()), account);
  await devnet.harvest();
  return code;
}

/** Wraps, cosigns, and makes a block; gives all codes. */
export async function together(
  devnet: NodeUnderTest,
  account: Person,
  inner: Multisig['inner'],
  [first, ...others]: readonly Person[],
): Promise<readonly number[]> {
  if (first === undefined) throw new Error('together: nobody signs');
  const wrapped = wrapper(first, inner, devnet.now());
  const codes = [await devnet.announce(wrapped, first)];
  for (const other of others) {
    codes.push(await devnet.announce(cosignature(other, wrapped, account, devnet.now()), other));
  }
  await devnet.harvest();
  return codes;
}

export function bytesOf(transaction: Transaction): Uint8Array {
  return encode(transaction);
}
