// oxlint-disable oxc/no-map-spread -- these maps are fast-check's, not an array's
// Random transactions for property tests: each keeps the rules of `flawOf`, so that `encode` takes it.
import * as fc from 'fast-check';
import {
  addressOf,
  compareMosaicIds,
  formatMosaicId,
  maxMicroXem,
  parsePublicKey,
  sortModifications,
  xemMosaic,
} from './index.ts';
import type {
  CosignerChange,
  Message,
  Mosaic,
  NemNetwork,
  PublicKey,
  Transaction,
  TransactionHash,
  Transfer,
} from './index.ts';
import type { Modification } from './index.ts';

/** A new seed each run; a failing property prints it, and SEED=… runs it again. */
export const seeded = { seed: Number(process.env['SEED'] ?? Date.now() % 2 ** 31) } as const;

const hex = (least: number, most: number) =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((bytes) => bytes.toHex());

export const publicKey: fc.Arbitrary<PublicKey> = hex(32, 32).map((text) => {
  const parsed = parsePublicKey(text);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  return parsed.publicKey;
});

export const network: fc.Arbitrary<NemNetwork> = fc.constantFrom('mainnet', 'testnet');

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({ kind: fc.constantFrom('plain', 'encrypted'), payload: hex(1, 1024) }),
);

const namespaceId = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,15}$/),
  fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,15}\.[a-z0-9][a-z0-9_-]{0,63}$/),
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}\.[a-z0-9][a-z0-9_-]{0,40}\.[a-z0-9][a-z0-9_-]{0,40}$/),
);
const name = fc.stringMatching(/^[a-z0-9][a-z0-9'_-]{0,12}( [a-z0-9'_-]{1,12})?$/);
const mosaicId = fc.oneof(
  { weight: 3, arbitrary: fc.record({ namespaceId, name }) },
  { weight: 1, arbitrary: fc.constant(xemMosaic) },
);
const mosaic: fc.Arbitrary<Mosaic> = fc.record({ id: mosaicId, quantity: fc.bigInt(0n, 9_000_000n) });
export const mosaics = fc
  .uniqueArray(mosaic, { maxLength: 10, selector: ({ id }) => formatMosaicId(id) })
  .map((list) => list.toSorted((a, b) => compareMosaicIds(a.id, b.id)));

const times = fc
  .tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 1, max: 86_400 }))
  .map(([timeStamp, life]) => ({ timeStamp, deadline: timeStamp + life }));

const header = (on: NemNetwork) =>
  fc
    .tuple(publicKey, fc.bigInt(0n, maxMicroXem), times)
    .map(([signer, fee, when]) => ({ network: on, signer, fee, ...when }));

export const transfer = (on: NemNetwork): fc.Arbitrary<Transfer> =>
  fc
    .tuple(
      header(on),
      publicKey,
      message,
      fc.oneof(fc.constant([]), mosaics),
      fc.boolean(),
      fc.bigInt(0n, maxMicroXem),
    )
    .map(([head, recipient, note, list, old, amount]) => ({
      kind: 'transfer',
      version: old && list.length === 0 ? 1 : 2,
      ...head,
      recipient: addressOf(recipient, on),
      // As a multiplier small enough for the product to exist.
      amount: list.length === 0 ? amount : amount % 1_000_000_000_000_000n,
      message: note,
      mosaics: list,
    }));

const change: fc.Arbitrary<CosignerChange> = fc.record({
  type: fc.constantFrom('add', 'delete'),
  cosigner: publicKey,
});

export const modification = (on: NemNetwork): fc.Arbitrary<Modification> =>
  fc
    .tuple(
      header(on),
      fc.uniqueArray(change, { minLength: 1, maxLength: 12, selector: ({ cosigner }) => cosigner }),
      fc.option(fc.integer({ min: -32, max: 32 })),
      fc.boolean(),
    )
    .map(([head, list, delta, old]) => ({
      kind: 'modification',
      version: old ? 1 : 2,
      ...head,
      modifications: sortModifications(list, on),
      minCosignatoriesChange: old ? null : delta,
    }));

export const transaction: fc.Arbitrary<Transaction> = network.chain((on): fc.Arbitrary<Transaction> => {
  const inner = fc.oneof(transfer(on), modification(on));
  const multisig = fc
    .tuple(header(on), inner)
    .map(([head, wrapped]) => ({ kind: 'multisig', version: 1, ...head, inner: wrapped }) as const);
  const cosignature = fc.tuple(header(on), hex(32, 32), publicKey).map(
    ([head, hash, account]) =>
      ({
        kind: 'cosignature',
        version: 1,
        ...head,
        innerHash: hash as TransactionHash,
        multisig: addressOf(account, on),
      }) as const,
  );
  return fc.oneof(transfer(on), modification(on), multisig, cosignature);
});
