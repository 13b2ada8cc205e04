// oxlint-disable oxc/no-map-spread -- these maps are fast-check's, not an array's
// symbol-sdk is a development-only oracle: it is byte-exact with NIS but for the order of modifications.
import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { Hash256, PrivateKey as SdkPrivateKey, Signature as SdkSignature } from 'symbol-sdk';
import {
  KeyPair,
  NemFacade,
  calculateTransactionFee,
  TransactionFactory,
  Verifier,
  models,
} from 'symbol-sdk/nem';
import { describe, expect, it } from 'vitest';
import { network, publicKey, seeded, transaction, transfer } from './arbitrary.testing.ts';
import {
  addressOf,
  encode,
  explain,
  formatMosaicId,
  formatPrivateKey,
  minimumFee,
  parseMosaicId,
  privateKeyOf,
  publicKeyOf,
  sign,
  toNetwork,
  transactionHash,
  verify,
} from './index.ts';
import type { MosaicProperties, NemNetwork, Transaction } from './index.ts';

const facades = { mainnet: new NemFacade('mainnet'), testnet: new NemFacade('testnet') };

/** Builds the transaction with symbol-sdk from our fields; its own sorting is off. */
function sdkTransaction(sent: Transaction): models.Transaction {
  return facades[sent.network].transactionFactory.create(descriptor(sent), false);
}

function descriptor(sent: Transaction): object {
  const common = {
    signerPublicKey: sent.signer.toUpperCase(),
    timestamp: sent.timeStamp,
    fee: sent.fee,
    deadline: sent.deadline,
  };
  switch (sent.kind) {
    case 'transfer': {
      const { message, mosaics } = sent;
      return {
        ...common,
        type: `transfer_transaction_v${sent.version}`,
        recipientAddress: sent.recipient,
        amount: sent.amount,
        ...(message.kind === 'none'
          ? {}
          : { message: { messageType: message.kind, message: Uint8Array.fromHex(message.payload) } }),
        ...(sent.version === 1
          ? {}
          : {
              mosaics: mosaics.map(({ id, quantity }) => ({
                mosaic: {
                  mosaicId: { namespaceId: { name: id.namespaceId }, name: id.name },
                  amount: quantity,
                },
              })),
            }),
      };
    }
    case 'modification':
      return {
        ...common,
        type: `multisig_account_modification_transaction_v${sent.version}`,
        modifications: sent.modifications.map(({ type, cosigner }) => ({
          modification: {
            modificationType: `${type}_cosignatory`,
            cosignatoryPublicKey: cosigner.toUpperCase(),
          },
        })),
        ...(sent.version === 1 ? {} : { minApprovalDelta: sent.minCosignatoriesChange }),
      };
    case 'multisig':
      return {
        ...common,
        type: 'multisig_transaction_v1',
        innerTransaction: TransactionFactory.toNonVerifiableTransaction(sdkTransaction(sent.inner)),
      };
    case 'cosignature':
      return {
        ...common,
        type: 'cosignature_v1',
        otherTransactionHash: new Hash256(sent.innerHash),
        multisigAccountAddress: sent.multisig,
      };
    default:
      return sent satisfies never;
  }
}

/** What symbol-sdk can not write at all: a modification of version 2 that does not mention the minimum. */
function inexpressible(sent: Transaction): boolean {
  const body = sent.kind === 'multisig' ? sent.inner : sent;
  return body.kind === 'modification' && body.version === 2 && body.minCosignatoriesChange === null;
}

/** Runs it, or says that symbol-sdk refuses to touch modifications that are not in the order of bytes. */
function unlessUnsorted<T>(work: () => T): T | 'not sorted' {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('not sorted')) return 'not sorted';
    throw error;
  }
}

function hasModification(sent: Transaction): boolean {
  return (sent.kind === 'multisig' ? sent.inner : sent).kind === 'modification';
}

const expressible = transaction.filter((sent) => !inexpressible(sent));
const seed32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte !== 0));

describe(`equal to symbol-sdk (seed ${seeded.seed})`, () => {
  it('bytes and hash of any transaction, written', () => {
    fc.assert(
      fc.property(expressible, (sent) => {
        const theirs = unlessUnsorted(() => {
          const built = sdkTransaction(sent);
          return {
            hex: TransactionFactory.toNonVerifiableTransaction(built).serialize().toHex(),
            hash: facades[sent.network].hashTransaction(built).toString().toLowerCase(),
          };
        });
        const bytes = encode(sent);
        if (theirs === 'not sorted') expect(hasModification(sent)).toBe(true);
        else expect({ hex: bytes.toHex(), hash: transactionHash(bytes) }).toEqual(theirs);
      }),
      { ...seeded, numRuns: 800 },
    );
  });

  it('bytes of any transaction, read and written again', () => {
    fc.assert(
      fc.property(expressible, (sent) => {
        const bytes = encode(sent);
        const theirs = unlessUnsorted(() =>
          models.NonVerifiableTransactionFactory.deserialize(bytes).serialize(),
        );
        if (theirs === 'not sorted') expect(hasModification(sent)).toBe(true);
        else expect(theirs.toHex()).toBe(bytes.toHex());
      }),
      { ...seeded, numRuns: 800 },
    );
  });

  it('public key, address, signature, each verified by the other', () => {
    fc.assert(
      fc.property(seed32, network, fc.uint8Array({ maxLength: 300 }), (seed, on, bytes) => {
        const key = privateKeyOf(seed);
        const theirs = new KeyPair(new SdkPrivateKey(formatPrivateKey(key)));
        expect(publicKeyOf(key)).toBe(theirs.publicKey.toString().toLowerCase());
        const theirAddress = facades[on].network.publicKeyToAddress(theirs.publicKey).toString();
        expect(addressOf(publicKeyOf(key), on)).toBe(theirAddress);
        const signature = sign(key, bytes);
        expect(signature).toBe(theirs.sign(bytes).toString().toLowerCase());
        expect(new Verifier(theirs.publicKey).verify(bytes, new SdkSignature(signature))).toBe(true);
        expect(verify(publicKeyOf(key), bytes, signature)).toBe(true);
      }),
      { ...seeded, numRuns: 150 },
    );
  });

  it('addresses of any public key', () => {
    fc.assert(
      fc.property(publicKey, (key) => {
        const [main, test] = [addressOf(key, 'mainnet'), addressOf(key, 'testnet')];
        expect(facades.mainnet.network.isValidAddressString(main)).toBe(true);
        expect(facades.testnet.network.isValidAddressString(test)).toBe(true);
        expect(toNetwork(main, 'testnet')).toBe(test);
      }),
      { ...seeded, numRuns: 300 },
    );
  });

  it('the minimum fee, where the multiplier is whole and symbol-sdk does not throw', () => {
    const properties: fc.Arbitrary<MosaicProperties> = fc
      .tuple(fc.integer({ min: 0, max: 6 }), fc.bigInt(9_000n, 9_000_000_000n))
      .map(([divisibility, supply]) => ({ divisibility, supply }));
    const sent = network.chain(transfer).map((one) => ({
      ...one,
      version: 2 as const,
      amount: one.mosaics.length === 0 ? one.amount : ((one.amount / 1_000_000n) % 1000n) * 1_000_000n,
    }));
    fc.assert(
      fc.property(sent, fc.array(properties, { minLength: 10, maxLength: 10 }), (one, table) => {
        const known = new Map(one.mosaics.map(({ id }, at) => [formatMosaicId(id), table[at % 10]]));
        known.set('nem:xem', { supply: 8_999_999_999n, divisibility: 6 });
        const theirs = calculateTransactionFee(
          sdkTransaction(one),
          (id: { namespaceId: { name: string }; name: string }) =>
            known.get(`${id.namespaceId.name}:${id.name}`),
        );
        expect(minimumFee(one, (id) => known.get(formatMosaicId(id)))).toBe(theirs);
      }),
      { ...seeded, numRuns: 500 },
    );
  });
});

describe('where NIS and symbol-sdk differ, NIS is followed', () => {
  it('modifications are in the order of base32 strings, not of bytes', () => {
    // Recorded from a real node (data/nis1-replies.json, "Q6b"): NC2S… before NCB3… was accepted, the order of
    // bytes, which symbol-sdk's own sorting gives, was answered with FAILURE_SIGNATURE_NOT_VERIFIABLE.
    let differed = 0;
    fc.assert(
      fc.property(
        transaction.filter((sent) => sent.kind === 'modification' && !inexpressible(sent)),
        (sent) => {
          if (sent.kind !== 'modification') return;
          const theirs = sdkTransaction(sent);
          theirs.sort();
          const sorted = TransactionFactory.toNonVerifiableTransaction(theirs).serialize();
          if (sorted.toHex() === encode(sent).toHex()) return;
          differed += 1;
          expect(explain(sorted, sent.network)).toMatchObject({ why: 'modifications-out-of-order' });
        },
      ),
      { ...seeded, numRuns: 200 },
    );
    expect(differed).toBeGreaterThan(0);
  });

  it('an empty message, which symbol-sdk writes, is refused: NIS writes none and would not verify it', () => {
    const on: NemNetwork = 'testnet';
    const theirs = facades[on].transactionFactory.create({
      type: 'transfer_transaction_v2',
      signerPublicKey: 'AB'.repeat(32),
      timestamp: 1,
      deadline: 2,
      fee: 50_000n,
      recipientAddress: addressOf(publicKeyOf(privateKeyOf(Uint8Array.of(1, ...new Uint8Array(31)))), on),
      amount: 1n,
      message: { messageType: 'plain', message: new Uint8Array(0) },
    });
    const bytes = TransactionFactory.toNonVerifiableTransaction(theirs).serialize();
    expect(explain(bytes, on)).toEqual({ kind: 'refused', why: 'empty-message', field: 'message' });
  });

  it('mosaics are in the order of `namespace:name` as a string; symbol-sdk does not sort them', () => {
    // Recorded too ("Q6"): abc.sub:coin before abc:coin was accepted, the other way round was not.
    const on: NemNetwork = 'testnet';
    const signer = publicKeyOf(privateKeyOf(Uint8Array.of(1, ...new Uint8Array(31))));
    const mosaics = ['abc.sub:coin', 'abc:coin', 'nem:xem'].map((text) => {
      const id = parseMosaicId(text);
      if (id === undefined) throw new Error(text);
      return { id, quantity: 1n };
    });
    const sent: Transaction = {
      kind: 'transfer',
      version: 2,
      network: on,
      signer,
      timeStamp: 1,
      deadline: 2,
      fee: 0n,
      recipient: addressOf(signer, on),
      amount: 1_000_000n,
      message: { kind: 'none' },
      mosaics,
    };
    const theirs = sdkTransaction({ ...sent, mosaics: mosaics.toReversed() });
    theirs.sort();
    const sorted = TransactionFactory.toNonVerifiableTransaction(theirs).serialize();
    expect(explain(sorted, on)).toMatchObject({ why: 'mosaics-out-of-order' });
    expect(explain(encode(sent), on)).toEqual({ kind: 'explained', transaction: sent });
  });
});

const publicSet = new URL('../../../../shared/data/nem/transactions.json', import.meta.url);

describe.skipIf(!existsSync(publicSet))(
  "symbol's 54 transactions (needs ../shared/data/nem/transactions.json)",
  () => {
    interface Row {
      test_name: string;
      schema_name: string;
      payload: string;
      descriptor: { type: string; inner_transaction?: { type: string }; cosignatures?: unknown[] };
    }
    const rows = existsSync(publicSet) ? (JSON.parse(readFileSync(publicSet, 'utf8')) as Row[]) : [];

    it('are 54', () => {
      expect(rows).toHaveLength(54);
    });

    it.each(rows)('$test_name', ({ payload, descriptor: { type, inner_transaction: inner } }) => {
      const theirs = TransactionFactory.toNonVerifiableTransaction(
        TransactionFactory.deserialize(Uint8Array.fromHex(payload)),
      );
      // The set's fees are beyond all XEM and its deadlines are 0; both are refused.
      expect(explain(theirs.serialize(), 'testnet').kind).toBe('refused');
      const knownType =
        /^(transfer_transaction|multisig_account_modification_transaction|multisig_transaction|cosignature)_v/;
      if (!knownType.test(type) || (inner !== undefined && !knownType.test(inner.type))) {
        const field = knownType.test(type) ? 'inner.type' : 'type';
        expect(explain(theirs.serialize(), 'testnet')).toEqual({
          kind: 'refused',
          why: 'unknown-type',
          field,
        });
        return;
      }
      for (const part of [theirs, (theirs as { innerTransaction?: typeof theirs }).innerTransaction]) {
        if (part === undefined) continue;
        part.fee = new models.Amount(150_000n);
        part.deadline = new models.Timestamp(Number(part.timestamp.value) + 3600);
      }
      const bytes = theirs.serialize();
      const explained = explain(bytes, 'testnet');
      if (explained.kind === 'refused') {
        // Some modifications of the set are in the order of bytes, and two transfers have an empty message.
        expect(['modifications-out-of-order', 'empty-message']).toContain(explained.why);
        return;
      }
      expect(encode(explained.transaction).toHex()).toBe(bytes.toHex());
      expect(explained.transaction.timeStamp).toBe(1910972016);
    });
  },
);
