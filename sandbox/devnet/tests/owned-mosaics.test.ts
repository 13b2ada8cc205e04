// What NIS lists of mosaics, and in which order.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { seal } from '../wire/serialise.ts';
import type { MosaicDefinitionCreation } from '../wire/transaction.ts';
import {
  announce,
  common,
  definition,
  owned,
  shop,
  sinks,
  started,
  tagger,
  thief,
} from './mosaics.testing.ts';
import { convert, transfer } from './transactions.testing.ts';

it('several mosaics come in the order of Java’s sets, definitions with those of their levies', async () => {
  await using devnet = await started();
  const properties = { divisibility: 0, initialSupply: 9n, supplyMutable: false, transferable: true };
  const id = (name: string) => ({ namespaceId: 'tag', name });
  const make = async (name: string, more: Partial<MosaicDefinitionCreation['definition']> = {}) => {
    const made = definition(tagger, devnet.now(), { id: id(name), properties, ...more });
    expect(await announce(devnet, made, tagger)).toBe(1);
    await devnet.harvest();
  };
  for (const name of ['coin', 'watch', 'gold', 'silver']) await make(name);
  const levy = { type: 1, recipient: shop.address, mosaicId: id('gold'), fee: 1n };
  await make('a b', { levy });
  const named = (text: string) => text.split(' ')[0];
  // As java.util.HashSet iterates over MosaicId's hash codes.
  const order = ['coin', 'silver', 'watch', 'stolen', 'a', 'gold'];
  expect((await owned(devnet, tagger.address)).map(named)).toEqual(['xem', ...order]);
  const some = ['a b', 'silver'].map((name) => ({ id: id(name), quantity: 1n }));
  const payment = transfer(tagger, thief.address, 1, devnet.now(), { mosaics: some });
  expect(await devnet.announce(payment, tagger)).toBe(1);
  await devnet.harvest();
  expect((await owned(devnet, thief.address)).map(named)).toEqual(['xem', 'silver', 'a']);
  const { body } = await devnet.get(`/account/mosaic/owned/definition?address=${thief.address}`);
  const Definitions = z.object({ data: z.array(z.object({ id: z.object({ name: z.string() }) })) });
  expect(Definitions.parse(body).data.map((each) => each.id.name)).toEqual(['silver', 'xem', 'a b', 'gold']);
});

it('definitions of a namespace come in pages, newest first', async () => {
  await using devnet = await started();
  for (let at = 0; at < 6; at += 1) {
    const id = { namespaceId: 'tag', name: `coin${at}` };
    await announce(devnet, definition(tagger, devnet.now(), { id }), tagger);
    await devnet.harvest();
  }
  const page = async (query: string) => {
    const { body } = await devnet.get(`/namespace/mosaic/definition/page?namespace=tag${query}`);
    const Rows = z.object({ data: z.array(z.object({ meta: z.object({ id: z.int() }) })) });
    return Rows.parse(body).data.map(({ meta }) => meta.id);
  };
  expect(await page('')).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(await page('&pageSize=5')).toEqual([7, 6, 5, 4, 3]);
  expect(await page('&id=3')).toEqual([2, 1]);
});

it('a definition inside a wrapper is found by whom it pays, its levy’s recipient included', async () => {
  await using devnet = await started();
  await convert(devnet, tagger, [thief], 1);
  const levy = {
    type: 1,
    recipient: shop.address,
    mosaicId: { namespaceId: 'nem', name: 'xem' },
    fee: 1n,
  };
  const id = { namespaceId: 'tag', name: 'coin' };
  const inner = seal<MosaicDefinitionCreation>(definition(tagger, devnet.now(), { id, levy }));
  const wrapped = { ...common(thief, devnet.now()), kind: 'multisig', inner, cosignatures: [] } as const;
  expect(await announce(devnet, wrapped, thief)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  for (const address of [shop.address, sinks.mosaic]) {
    const { body } = await devnet.get(`/account/transfers/incoming?address=${address}&pageSize=5`);
    expect(body).toMatchObject({ data: [{ transaction: { type: 4100 } }] });
  }
});
