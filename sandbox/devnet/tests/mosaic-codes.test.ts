// Namespaces and mosaics: what the tagging of stolen coins needs, and the codes around it.
import { expect, it } from 'vitest';
import type { MosaicDefinitionCreation, NamespaceProvision, SupplyChange } from '../wire/transaction.ts';
import {
  announce,
  definition,
  namespace,
  owned,
  shop,
  started,
  supply,
  tagger,
  thief,
} from './mosaics.testing.ts';
import { transfer } from './transactions.testing.ts';

const tag = { mosaics: [{ id: { namespaceId: 'tag', name: 'stolen' }, quantity: 1n }] };

it('a tag can be forced on anyone, cannot be passed on, and does not stick to XEM', async () => {
  await using devnet = await started();
  expect(await devnet.announce(transfer(tagger, thief.address, 1, devnet.now(), tag), tagger)).toBe(1);
  await devnet.harvest();
  expect(await owned(devnet, thief.address)).toEqual(['xem 10000000000', 'stolen 1']);
  expect(await devnet.announce(transfer(thief, shop.address, 1, devnet.now(), tag), thief)).toBe(147);
  expect(await devnet.announce(transfer(thief, shop.address, 5, devnet.now()), thief)).toBe(1);
  // Back to its maker it may go.
  expect(await devnet.announce(transfer(thief, tagger.address, 1, devnet.now(), tag), thief)).toBe(1);
  await devnet.harvest();
  expect(await owned(devnet, shop.address)).toEqual(['xem 5000000']);
  expect(await owned(devnet, tagger.address)).toContain('stolen 1000');
  const more = { mosaics: [{ id: tag.mosaics[0]?.id ?? { namespaceId: '', name: '' }, quantity: 1_001n }] };
  expect(await devnet.announce(transfer(tagger, shop.address, 1, devnet.now(), more), tagger)).toBe(5);
});

it('namespaces: taken, reserved, somebody else’s, unpaid', async () => {
  await using devnet = await started();
  const now = devnet.now();
  const code = (more: Partial<NamespaceProvision>, by = thief) =>
    announce(devnet, namespace(by, now, more), by);
  expect(await code({})).toBe(128);
  expect(await code({ newPart: 'nem' })).toBe(129);
  expect(await code({ newPart: 'seventeen-letters' })).toBe(125);
  expect(await code({ newPart: 'mine', rentalFeeSink: shop.address })).toBe(126);
  expect(await code({ newPart: 'mine', rentalFee: 99_999_999n })).toBe(127);
  expect(await code({ newPart: 'sub', parent: 'nowhere', rentalFee: 10_000_000n })).toBe(121);
  expect(await code({ newPart: 'sub', parent: 'tag', rentalFee: 10_000_000n })).toBe(124);
  expect(await code({ newPart: 'sub', parent: 'tag', rentalFee: 10_000_000n }, tagger)).toBe(1);
  expect(await code({ newPart: 'sub', parent: 'tag', rentalFee: 10_000_001n }, tagger)).toBe(122);
});

it('definitions: in no namespace, another’s, unpaid, unchanged, levied wrongly', async () => {
  await using devnet = await started();
  const now = devnet.now();
  const code = (more: Partial<MosaicDefinitionCreation['definition']>, by = tagger) =>
    announce(devnet, definition(by, now, more), by);
  const levy = {
    type: 1,
    recipient: shop.address,
    mosaicId: { namespaceId: 'tag', name: 'stolen' },
    fee: 1n,
  };
  const other = { namespaceId: 'tag', name: 'other' };
  expect(await code({ id: { namespaceId: 'nowhere', name: 'stolen' } })).toBe(123);
  expect(await code({}, thief)).toBe(124);
  expect(await code({})).toBe(142);
  expect(await code({ id: other, levy: { ...levy, mosaicId: { namespaceId: 'tag', name: 'no' } } })).toBe(
    141,
  );
  expect(await code({ id: other, levy })).toBe(153);
  expect(await code({ description: 'very stolen' })).toBe(1);
  const cheap = { ...definition(tagger, now, { id: other }), creationFee: 1n };
  expect(await announce(devnet, cheap, tagger)).toBe(151);
  const elsewhere = { ...definition(tagger, now, { id: other }), creationFeeSink: shop.address };
  expect(await announce(devnet, elsewhere, tagger)).toBe(150);
});

it('supply: of nothing, another’s, beyond all and below none', async () => {
  await using devnet = await started();
  const code = (more: Partial<SupplyChange>, by = tagger) =>
    announce(devnet, supply(by, devnet.now(), more), by);
  expect(await code({ mosaicId: { namespaceId: 'tag', name: 'no' } })).toBe(141);
  expect(await code({}, thief)).toBe(143);
  expect(await code({ delta: 9_000_000_000_000_000n })).toBe(145);
  expect(await code({ supplyType: 2, delta: 1_001n })).toBe(146);
  expect(await code({})).toBe(1);
  await devnet.harvest();
  expect((await devnet.get('/mosaic/supply?mosaicId=tag:stolen')).body).toMatchObject({ supply: 1_500 });
  expect(await owned(devnet, tagger.address)).toContain('stolen 1500');
});

it('a levy goes with each transfer', async () => {
  await using devnet = await started();
  const levy = {
    type: 1,
    recipient: shop.address,
    mosaicId: { namespaceId: 'nem', name: 'xem' },
    fee: 7_000_000n,
  };
  const coin = { namespaceId: 'tag', name: 'coin' };
  const properties = { divisibility: 2, initialSupply: 1_000n, supplyMutable: false, transferable: true };
  await announce(devnet, definition(tagger, devnet.now(), { id: coin, properties, levy }), tagger);
  await devnet.harvest();
  const payment = transfer(tagger, thief.address, 1, devnet.now(), {
    mosaics: [{ id: coin, quantity: 250n }],
  });
  expect(await devnet.announce(payment, tagger)).toBe(1);
  await devnet.harvest();
  expect(await devnet.balance(shop.address)).toBe(7);
  expect(await owned(devnet, thief.address)).toContain('coin 250');
  const half = transfer(tagger, thief.address, 1, devnet.now(), {
    mosaics: [{ id: coin, quantity: 2n }],
    amount: 1_500_000n,
  });
  expect(await devnet.announce(half, tagger)).toBe(148);
});
