// Namespaces and mosaics, as wallets make them.
import { z } from 'zod';
import { networkByte, sign, type Address } from '@kuramori/chains/nem/codec';
import { fixedAccounts } from '../state/state.ts';
import { seal, type Unsealed } from '../wire/serialise.ts';
import type {
  MosaicDefinitionCreation,
  NamespaceProvision,
  SupplyChange,
  Transaction,
} from '../wire/transaction.ts';
import { expect } from 'vitest';
import { people, startUnderTest, type NodeUnderTest, type Person } from './node-under-test.testing.ts';

export const [tagger, thief, shop] = people('tagger', 'thief', 'shop');
export const sinks = fixedAccounts('mainnet');

export function common(by: Person, now: number) {
  const signer = { signer: by.publicKey, signerAddress: by.address, signature: null };
  return {
    version: 1,
    networkByte: networkByte.mainnet,
    timeStamp: now,
    deadline: now + 3_600,
    fee: 150_000n,
    ...signer,
  };
}

export async function announce(devnet: NodeUnderTest, unsealed: Unsealed, by: Person): Promise<number> {
  const { bytes } = seal<Transaction>(unsealed);
  const { body } = await devnet.announceBytes(bytes, sign(by.privateKey, bytes));
  return z.object({ code: z.int() }).parse(body).code;
}

export const namespace = (
  by: Person,
  now: number,
  more: Partial<NamespaceProvision> = {},
): Unsealed<NamespaceProvision> => ({
  ...common(by, now),
  kind: 'namespace',
  rentalFeeSink: sinks.namespace,
  rentalFee: 100_000_000n,
  newPart: 'tag',
  parent: null,
  ...more,
});

export const definition = (
  by: Person,
  now: number,
  more: Partial<MosaicDefinitionCreation['definition']> = {},
): Unsealed<MosaicDefinitionCreation> => ({
  ...common(by, now),
  kind: 'mosaicDefinition',
  creationFeeSink: sinks.mosaic,
  creationFee: 10_000_000n,
  definition: {
    creator: by.publicKey,
    creatorAddress: by.address,
    id: { namespaceId: 'tag', name: 'stolen' },
    description: 'stolen',
    properties: { divisibility: 0, initialSupply: 1_000n, supplyMutable: true, transferable: false },
    levy: null,
    ...more,
  },
});

export const supply = (
  by: Person,
  now: number,
  more: Partial<SupplyChange> = {},
): Unsealed<SupplyChange> => ({
  ...common(by, now),
  kind: 'supplyChange',
  mosaicId: { namespaceId: 'tag', name: 'stolen' },
  supplyType: 1,
  delta: 500n,
  ...more,
});

export async function started(): Promise<NodeUnderTest> {
  const devnet = await startUnderTest({
    balances: [tagger, thief].map(({ address }) => [address, 10_000] as const),
  });
  expect(await announce(devnet, namespace(tagger, devnet.now()), tagger)).toBe(1);
  await devnet.harvest();
  expect(await announce(devnet, definition(tagger, devnet.now()), tagger)).toBe(1);
  await devnet.harvest();
  return devnet;
}

export const owned = async (devnet: NodeUnderTest, address: Address) => {
  const { body } = await devnet.get(`/account/mosaic/owned?address=${address}`);
  return z
    .object({ data: z.array(z.object({ quantity: z.int(), mosaicId: z.object({ name: z.string() }) })) })
    .parse(body)
    .data.map(({ quantity, mosaicId }) => `${mosaicId.name} ${quantity}`);
};
