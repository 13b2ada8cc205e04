/** What the standards print, and what two other programs compute. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import * as fc from 'fast-check';
import {
  hashMessage,
  hashTypedData,
  keccak256,
  parseTransaction,
  serializeTransaction,
  type Hex,
  type TransactionSerializableEIP1559,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { create2 } from './create2.ts';
import { hot, secretNamed } from './house.testing.ts';
import {
  encodeTransaction,
  ethereum,
  parseAddress,
  readTransaction,
  safeHash,
  type Address,
} from './index.ts';
import { hexOf } from './hex.ts';
import { hashOfHex } from './safe.ts';
import { ethSignHash } from './signature.ts';
import { addressOfSecret, signHash } from './signing.ts';

const rounds = Number(process.env['KURAMORI_ROUNDS'] ?? 60);
const ascii = (text: string) => new TextEncoder().encode(text);

describe('EIP-55', () => {
  it.each([
    // All capitals.
    '0x52908400098527886E0F7030069857D2E4169EE7',
    '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
    // All small.
    '0xde709f2102306220921060314715629080e2fb77',
    '0x27b1fdb04752bbc536007a920d24acb045561c26',
    // Of both cases.
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ])('%s', (address) => {
    expect(parseAddress(address)).toEqual({ kind: 'address', address });
  });
});

describe('EIP-712, the example', () => {
  const domain = 'f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f';
  const mail = 'c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e';

  it('its hash, and the signature of its key', () => {
    const secret = keccak_256(ascii('cow'));
    expect(addressOfSecret(secret)).toBe('0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826');
    const hash = hashOfHex(`1901${domain}${mail}`);
    expect(hash).toBe('be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2');
    expect(signHash(secret, Uint8Array.fromHex(hash))).toEqual({
      rs:
        '4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d' +
        '07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562',
      recovery: 1,
    });
  });

  it('a Safe’s transaction, as another program hashes it', () => {
    const tx = {
      to: hot.address as Address,
      value: 5n,
      data: 'c0ffee',
      operation: 1,
      safeTxGas: 6n,
      baseGas: 7n,
      gasPrice: 8n,
      gasToken: '0x27b1fdb04752bbc536007a920d24acb045561c26' as Address,
      refundReceiver: '0xde709f2102306220921060314715629080e2fb77' as Address,
      nonce: 9n,
    };
    const uint = <N extends string>(name: N) => ({ name, type: 'uint256' }) as const;
    const theirs = hashTypedData({
      domain: { chainId: 1, verifyingContract: hot.address as Hex },
      primaryType: 'SafeTx',
      types: {
        SafeTx: [
          { name: 'to', type: 'address' },
          uint('value'),
          { name: 'data', type: 'bytes' },
          { name: 'operation', type: 'uint8' },
          uint('safeTxGas'),
          uint('baseGas'),
          uint('gasPrice'),
          { name: 'gasToken', type: 'address' },
          { name: 'refundReceiver', type: 'address' },
          uint('nonce'),
        ],
      },
      message: {
        ...tx,
        to: tx.to as string as Hex,
        data: '0xc0ffee',
        gasToken: tx.gasToken as string as Hex,
        refundReceiver: tx.refundReceiver as string as Hex,
      },
    });
    expect(safeHash({ chainId: 1n, safe: hot.address as Address, tx })).toBe(theirs.slice(2));
  });
});

describe('EIP-191', () => {
  it('version 0x45 of a hash, as another program has it', () => {
    const hash = keccak256('0x01');
    expect(ethSignHash(hash.slice(2))).toBe(hashMessage({ raw: hash }).slice(2));
  });
});

describe('EIP-155, the example', () => {
  const signing =
    'ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080';
  const rs =
    '28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276' +
    '67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83';

  it('its hash and signature; and an owner’s key that signs it is seen', () => {
    expect(hashOfHex(signing)).toBe('daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53');
    const secret = new Uint8Array(32).fill(0x46);
    const signed = signHash(secret, Uint8Array.fromHex(hashOfHex(signing)));
    // v 37 is 35 + 2 · chainId + 0.
    expect(signed).toEqual({ rs, recovery: 0 });
    const signer = '0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F';
    const wallet = { address: hot.address, cosigners: [{ publicKey: signer, signer: null }] } as never;
    const evidence = { bytes: signing, signer, signature: `${signed.rs}1b` };
    expect(ethereum.evidenceSigned(wallet, evidence, 'mainnet')).toBe(true);
  });
});

describe('EIP-1014', () => {
  const zero = `0x${'0'.repeat(40)}`;
  const dead = '0xdeadbeef00000000000000000000000000000000';
  const feed = '000000000000000000000000feed000000000000000000000000000000000000';
  it.each([
    [zero, '0'.repeat(64), '00', '0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38'],
    [dead, '0'.repeat(64), '00', '0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3'],
    [dead, feed, '00', '0xD04116cDd17beBE565EB2422F2497E06cC1C9833'],
    [zero, '0'.repeat(64), 'deadbeef', '0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e'],
    [
      '0x00000000000000000000000000000000deadbeef',
      'cafebabe'.padStart(64, '0'),
      'deadbeef',
      '0x60f3f640a8508fC6a86d45DF051962668E1e8AC7',
    ],
    [zero, '0'.repeat(64), '', '0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0'],
  ])('%s %s %s', (maker, salt, code, address) => {
    expect(create2(maker as Address, salt, code)).toBe(address);
  });
});

describe('RFC 6979 and EIP-2', () => {
  it('our steps give what noble’s give, low s and parity among it', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, bytes, (secret, hash) => {
        fc.pre(secp256k1.utils.isValidSecretKey(secret));
        const { rs, recovery } = signHash(secret, hash);
        const theirs = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' });
        expect(hexOf(BigInt(recovery), 1) + rs).toBe(theirs.toHex());
      }),
      { numRuns: rounds },
    );
  });

  it('of hashes at the ends: 0, the group’s order, all ones', () => {
    for (const hash of ['0'.repeat(64), hexOf(secp256k1.Point.Fn.ORDER, 32), 'f'.repeat(64)]) {
      const bytes = Uint8Array.fromHex(hash);
      const { rs } = signHash(secretNamed('owner 1'), bytes);
      const theirs = secp256k1.sign(bytes, secretNamed('owner 1'), { prehash: false });
      expect(rs).toBe(theirs.toHex());
    }
  });
});

describe('EIP-1559', () => {
  const wei = fc.bigInt({ min: 0n, max: 2n ** 80n });
  const transactions = fc.record({
    chainId: fc.constantFrom(1n, 11_155_111n, 31_337n),
    nonce: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    maxPriorityFeePerGas: wei,
    maxFeePerGas: wei,
    gasLimit: fc.bigInt({ min: 21_000n, max: 2n ** 30n }),
    value: wei,
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.toHex()),
  });

  it('as another program writes it, signed or not, and read back', () => {
    fc.assert(
      fc.property(transactions, (fields) => {
        // A node takes no other, and the other program writes none.
        fc.pre(fields.maxPriorityFeePerGas <= fields.maxFeePerGas);
        const to = hot.address as Address;
        const transaction = { ...fields, to };
        const { gasLimit: gas, ...rest } = transaction;
        const theirs: TransactionSerializableEIP1559 = {
          ...rest,
          type: 'eip1559',
          chainId: Number(fields.chainId),
          nonce: Number(fields.nonce),
          gas,
          to: to as string as Hex,
          data: `0x${fields.data}`,
        };
        const mine = encodeTransaction(transaction);
        expect(mine).toBe(serializeTransaction(theirs).slice(2));
        expect(readTransaction(mine)).toEqual({ kind: 'transaction', transaction, from: null, hash: null });
        const signed = signHash(secretNamed('relayer'), Uint8Array.fromHex(hashOfHex(mine)));
        const raw = encodeTransaction(transaction, signed);
        const [r, s] = [signed.rs.slice(0, 64), signed.rs.slice(64)] as const;
        expect(raw).toBe(
          serializeTransaction(theirs, { r: `0x${r}`, s: `0x${s}`, yParity: signed.recovery }).slice(2),
        );
        expect(readTransaction(raw)).toMatchObject({
          transaction,
          from: addressOfSecret(secretNamed('relayer')),
        });
        expect(parseTransaction(`0x${raw}`)).toMatchObject({ type: 'eip1559' });
      }),
      { numRuns: rounds },
    );
  });
});
