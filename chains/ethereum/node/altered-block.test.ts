/** What a block is hashed from, as others write it: viem each transaction, anvil the roots of whole blocks and states. */
import * as fc from 'fast-check';
import {
  encodeFunctionData,
  keccak256,
  recoverTransactionAddress,
  serializeTransaction,
  type Hex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { word, type Address } from '../codec/index.ts';
import { must, lookerAt, scene, tokenAbi, type Scene, type Token } from '../testing/scene.ts';
import { readAccount } from './account.ts';
import { readBlock } from './block.ts';
import { accountOf, delegationsOf, rawOf, signedOf } from './envelope.ts';
import { Block, Header, Proof, Receipts, Transaction } from './reply.ts';
import { keccak, listRoot } from './trie.ts';

const runs = Number(process.env['KURAMORI_ROUNDS'] ?? 60);
const account = privateKeyToAccount(`0x${'42'.repeat(32)}`);
const quantity = (value: bigint | number): Hex => `0x${value.toString(16)}`;

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const bytes = (min: number, max = min) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((one): Hex => `0x${one.toHex()}`);
const access = fc.array(
  fc.record({ address: bytes(20), storageKeys: fc.array(bytes(32), { maxLength: 3 }) }),
  {
    maxLength: 3,
  },
);
const common = fc.record({
  chainId: fc.integer({ min: 1, max: 2 ** 31 }),
  nonce: fc.integer({ min: 0, max: 2 ** 40 }),
  gas: uint(40),
  to: fc.option(bytes(20), { nil: undefined }),
  value: uint(96),
  data: bytes(0, 90),
});
const fees = fc.tuple(uint(60), uint(60)).map(([one, other]) => ({
  maxFeePerGas: one > other ? one : other,
  maxPriorityFeePerGas: one > other ? other : one,
}));

/** Each type as viem has it. */
const requests = fc.oneof(
  common.chain((one) => uint(60).map((gasPrice) => ({ ...one, type: 'legacy' as const, gasPrice }))),
  fc
    .tuple(common, access, uint(60))
    .map(([one, accessList, gasPrice]) => ({ ...one, type: 'eip2930' as const, accessList, gasPrice })),
  fc
    .tuple(common, access, fees)
    .map(([one, accessList, fee]) => ({ ...one, ...fee, type: 'eip1559' as const, accessList })),
  fc
    .tuple(common, access, fees, uint(60), fc.array(bytes(32), { minLength: 1, maxLength: 3 }), bytes(20))
    .map(([one, accessList, fee, maxFeePerBlobGas, hashes, to]) => ({
      ...one,
      ...fee,
      to,
      type: 'eip4844' as const,
      accessList,
      maxFeePerBlobGas,
      blobVersionedHashes: hashes.map((hash): Hex => `0x01${hash.slice(4)}`),
    })),
);

/** As a node's JSON has what was signed. */
function asReply(
  request: Record<string, unknown>,
  type: string,
  signature: { r: Hex; s: Hex; v: bigint },
  raw: Hex,
) {
  const { data, gas, value, nonce, chainId, to, accessList, authorizationList, ...more } = request;
  const numbers = Object.entries(more).map(([name, one]) => [
    name,
    typeof one === 'bigint' ? quantity(one) : one,
  ]);
  return {
    ...Object.fromEntries(numbers),
    type,
    chainId: quantity(Number(chainId)),
    nonce: quantity(Number(nonce)),
    gas: quantity(gas as bigint),
    to: to ?? null,
    value: quantity(value as bigint),
    input: data,
    ...(accessList === undefined ? {} : { accessList }),
    ...(authorizationList === undefined ? {} : { authorizationList }),
    r: quantity(BigInt(signature.r)),
    s: quantity(BigInt(signature.s)),
    v: quantity(signature.v),
    hash: keccak256(raw),
    from: account.address,
  };
}

const types = { legacy: '0x0', eip2930: '0x1', eip1559: '0x2', eip4844: '0x3' } as const;

describe('a transaction’s bytes are as viem writes them, and its sender the one who signed', () => {
  it('types 0 to 3', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const raw = await account.signTransaction(request as never);
        const bare = serializeTransaction(request as never);
        const sign = await account.sign({ hash: keccak256(bare) });
        const parity = BigInt(Number.parseInt(sign.slice(130), 16) - 27);
        const legacy = request.type === 'legacy';
        const signature: { readonly r: Hex; readonly s: Hex; readonly v: bigint } = {
          r: sign.slice(0, 66) as Hex,
          s: `0x${sign.slice(66, 130)}`,
          v: legacy ? BigInt(request.chainId) * 2n + 35n + parity : parity,
        };
        const read = Transaction.parse(asReply(request, types[request.type], signature, raw));
        expect(`0x${Buffer.from(rawOf(read)).toString('hex')}`).toBe(raw);
        expect(`0x${signedOf(read)?.bytes}`).toBe(legacy ? bare : serializeTransaction(request as never));
        const signed = signedOf(read);
        expect(signed && accountOf(signed)).toBe(account.address);
        expect(await recoverTransactionAddress({ serializedTransaction: raw as never })).toBe(
          account.address,
        );
      }),
      { numRuns: runs },
    );
  });

  it('type 4, and who delegates', async () => {
    const delegate = privateKeyToAccount(`0x${'17'.repeat(32)}`);
    const signed = await delegate.signAuthorization({
      contractAddress: `0x${'ab'.repeat(20)}`,
      chainId: 1,
      nonce: 3,
    });
    const target: Hex = `0x${'cd'.repeat(20)}`;
    const request = {
      type: 'eip7702' as const,
      chainId: 1,
      nonce: 0,
      gas: 100_000n,
      to: target,
      value: 0n,
      data: '0x' as Hex,
      maxFeePerGas: 9n,
      maxPriorityFeePerGas: 1n,
      accessList: [],
    };
    const whole = { ...request, authorizationList: [signed] };
    const raw = await account.signTransaction(whole);
    const sign = await account.sign({ hash: keccak256(serializeTransaction(whole)) });
    const read = Transaction.parse(
      asReply(
        {
          ...request,
          authorizationList: [
            {
              chainId: '0x1',
              address: signed.address,
              nonce: '0x3',
              yParity: quantity(signed.yParity ?? 0),
              r: quantity(BigInt(signed.r)),
              s: quantity(BigInt(signed.s)),
            },
          ],
        },
        '0x4',
        {
          r: sign.slice(0, 66) as Hex,
          s: `0x${sign.slice(66, 130)}`,
          v: BigInt(Number.parseInt(sign.slice(130), 16) - 27),
        },
        raw,
      ),
    );
    expect(`0x${Buffer.from(rawOf(read)).toString('hex')}`).toBe(raw);
    expect(delegationsOf(read).map(accountOf)).toEqual([delegate.address]);
  });
});

describe('roots are as anvil computes them', () => {
  let s: Scene;
  let token: Token;
  beforeAll(async () => {
    s = await scene();
    token = await s.token('PlainToken');
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  async function blockAt(which: string) {
    const block = Block.parse(await s.anvil('eth_getBlockByNumber', which, true));
    return { block, receipts: Receipts.parse(await s.anvil('eth_getBlockReceipts', `0x${block.hash}`)) };
  }

  // At 128 a place in a list takes two bytes of RLP; at 16 branches fill.
  it.each([1, 2, 3, 15, 16, 17, 18, 127, 128, 129, 150])('of a block of %i transactions', async (count) => {
    await s.anvil('evm_setAutomine', false);
    const nonce = await s.chain.client.getTransactionCount({ address: s.chain.payer });
    for (let at = 0; at < count; at += 1) {
      const to = `0x${(at + 1).toString(16).padStart(40, '1')}`;
      const data = encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [to as Hex, BigInt(at)] });
      const plain = at % 3 === 0;
      const call = {
        from: s.chain.payer,
        nonce: quantity(nonce + at),
        to: plain ? to : token.at,
        gas: '0x186a0',
        ...(plain ? {} : { data }),
      };
      const fee =
        at % 2 === 0
          ? { maxFeePerGas: '0xb2d05e00', maxPriorityFeePerGas: '0x1' }
          : { gasPrice: '0xb2d05e00' };
      await s.anvil('eth_sendTransaction', { ...call, ...fee });
    }
    await s.anvil('evm_mine');
    const { block, receipts } = await blockAt('latest');
    await s.anvil('evm_setAutomine', true);
    expect(block.transactions.length).toBe(count);
    const read = readBlock(block, receipts, block.number);
    expect(typeof read === 'string' ? read : read.mined.length).toBe(count);
    // One changed, one exchanged with its neighbour, one left out: another root.
    const raws = block.transactions.map(rawOf);
    const at = Math.floor(count / 2);
    const changed = raws.map((raw, index) => (index === at ? flip(raw) : raw));
    const swapped = [...raws.slice(1), ...raws.slice(0, 1)];
    for (const other of [changed, raws.slice(1), raws.slice(0, -1), ...(count > 1 ? [swapped] : [])])
      expect(listRoot(other)).not.toBe(block.transactionsRoot);
  });

  it('every state: what is there, what is not, and no node of a proof changed', async () => {
    const header = Header.parse(await s.anvil('eth_getBlockByNumber', 'latest', false));
    const owners = Array.from({ length: 30 }, (_, at): Hex => `0x${(at + 1).toString(16).padStart(40, '1')}`);
    // Units.balanceOf is the first of the contract's slots.
    const slots = owners.map((owner) =>
      keccak(Uint8Array.fromHex(word(owner as string as Address) + word(0n))),
    );
    const proof = Proof.parse(
      await s.anvil(
        'eth_getProof',
        token.at,
        slots.map((slot) => `0x${slot}`),
        { blockHash: `0x${header.hash}` },
      ),
    );
    const at = token.at as string as Address;
    const read = readAccount(proof, at, slots, header);
    if (typeof read === 'string') throw new Error(read);
    const units = await Promise.all(
      owners.map((owner) =>
        s.chain.client.readContract({
          abi: tokenAbi,
          address: token.at,
          functionName: 'balanceOf',
          args: [owner],
        }),
      ),
    );
    expect(read.words).toEqual(units);
    expect(units.filter((one) => one > 0n).length).toBeGreaterThan(10);
    expect(units).toContain(0n);
    expect(readAccount(proof, s.hot.address as Address, [], header)).toMatch(/not proven/);
    expect(readAccount(proof, at, slots.toReversed(), header)).toMatch(/not proven/);
    for (const [index, node] of proof.accountProof.entries())
      for (let byte = 0; byte < node.length / 2; byte += 1) {
        const accountProof = proof.accountProof.with(index, flip(Uint8Array.fromHex(node), byte).toHex());
        expect(readAccount({ ...proof, accountProof }, at, slots, header)).toMatch(/not proven/);
      }
    expect(readAccount({ ...proof, storageProof: proof.storageProof.slice(1) }, at, slots, header)).toMatch(
      /30 slots got 29 proofs/,
    );
  });

  it('an account that nobody has ever used is proven to be empty', async () => {
    const client = lookerAt(s.chain.url, s).client;
    const nobody = `0x${'7e'.repeat(20)}` as Address;
    expect(must(await client.account(nobody, 'latest'))).toMatchObject({ nonce: 0n, coins: 0n });
    const payer = must(await client.account(s.chain.payer as string as Address, 'latest'));
    expect(payer.coins).toBe(await s.chain.client.getBalance({ address: s.chain.payer }));
    expect(payer.nonce).toBe(BigInt(await s.chain.client.getTransactionCount({ address: s.chain.payer })));
  });
});

function flip(given: Uint8Array, at = given.length >> 1): Uint8Array {
  const changed = Uint8Array.from(given);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
