/** A key that is online stands in the cold wallet under another text: an extended key's parent is in its text, and in no address. */
import { expect, it } from 'vitest';
import {
  addressAt,
  readDescriptor,
  writeDescriptor,
  type DescriptorKey,
} from '@kuramori/chains/bitcoin/codec';
import { wrongAddresses } from '@kuramori/chains/codecs';
import { extendedOf, payloadOf } from '../chains/bitcoin/codec/extended-key.ts';
import { policy as plain } from './testing/house.ts';
import { soundness } from './soundness.ts';
import { cold, hot, network } from '../signers/testing/bitcoin.ts';

const keysOf = (descriptor: string): readonly DescriptorKey[] => {
  const read = readDescriptor(descriptor);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.descriptor.keys;
};
/** The same key: the fingerprint of its parent (BIP 32) is another, which nothing is derived from. */
const retold = (key: DescriptorKey): DescriptorKey => {
  const payload = Uint8Array.from(payloadOf(key.extended) ?? []);
  payload[5] = (payload[5] ?? 0) ^ 1;
  return { ...key, extended: extendedOf(payload) };
};
const policyWith = (online: readonly DescriptorKey[]) => {
  const keys = [...online, ...keysOf(cold.descriptor).slice(2)];
  const descriptor = writeDescriptor(2, keys);
  const wallet = {
    ...cold,
    descriptor,
    address: addressAt({ chain: cold.chain, descriptor }, network, 0, 0),
    cosigners: keys.map(({ extended }) => ({ publicKey: extended, signer: null })),
  };
  return { ...plain, network, wallets: [hot, wallet], rules: [] };
};

it.each([
  ['its own', (key: DescriptorKey) => key],
  ['another', retold],
] as const)('a cold wallet that two online keys empty is refused, its keys under %s text', (_what, told) => {
  const policy = policyWith(keysOf(hot.descriptor).slice(0, 2).map(told));
  const whys = [soundness(policy)?.why ?? '', ...[...wrongAddresses(policy)].map(({ why }) => why)];
  expect(whys.join('; ')).toMatch(/held by an online signer|under another text/);
});
