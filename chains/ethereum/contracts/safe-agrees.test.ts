/** Safe's own contract, on a real chain, agrees with what we compute and takes what we combine; and refuses what it must. */
import { createHash } from 'node:crypto';
import { ETH, type EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, parseEther, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer, made, owners, secretNamed, spare } from '../codec/house.testing.ts';
import {
  agreementsOf,
  announcedTopic,
  combine,
  domainOf,
  encodeExecution,
  encodeTransaction,
  ethereum,
  judgeRelay,
  parseAddress,
  planCancellation,
  planPayment,
  planRotation,
  readAnnounced,
  readExecution,
  readTransaction,
  relayerOf,
  safeHash,
  signRelay,
  tokenAsset,
  type Address,
  type Planned,
  type SafeTx,
} from '../codec/index.ts';
import { startAnvil, type Anvil } from '../testing/anvil.ts';
import {
  ascending,
  boundOf,
  deploySafe,
  deploySafes,
  hex,
  ours,
  safeAbi,
  signed,
  type Safes,
} from '../testing/house.ts';

const rounds = Number(process.env['KURAMORI_ROUNDS'] ?? 300);

let chain: Anvil;
let safes: Safes;
let wallet: EthereumWallet;
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
  wallet = await deploySafe(chain, safes);
  await chain.client.setBalance({ address: at(wallet), value: parseEther('1000') });
});
afterAll(() => chain[Symbol.asyncDispose]());

const at = ({ address }: EthereumWallet) => address as Hex;
const nonceOf = (of = wallet) =>
  chain.client.readContract({ abi: safeAbi, address: at(of), functionName: 'nonce' });
const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);

async function coins(units: bigint, of = wallet): Promise<Planned> {
  const nonce = await nonceOf(of);
  const payment = {
    wallet: of,
    network: 'devnet',
    nonce,
    keys,
    asset: ETH,
    recipient: customer,
    units,
  } as const;
  return made(planPayment(payment));
}

function combined(planned: Planned, of = wallet): string {
  const result = combine(of, planned.plan, signed(planned));
  if (result.kind === 'refused') throw new Error(`${result.key} ${result.why}`);
  return result.calldata;
}

/** The plan's execution with other signatures than ours, in the order given. */
function withSignatures(planned: Planned, signatures: readonly string[]): Hex {
  return hex(encodeExecution({ tx: boundOf(planned).tx, signatures: signatures.join('') }));
}

describe('the hash is the contract’s', () => {
  it('its domain separator', async () => {
    const theirs = await chain.client.readContract({
      abi: safeAbi,
      address: at(wallet),
      functionName: 'domainSeparator',
    });
    expect(domainOf(31_337n, wallet.address as Address)).toBe(theirs.slice(2));
  });

  it(`of ${rounds} random transactions, allowed or not`, async () => {
    const txs = Array.from({ length: rounds }, (_, index) => randomTx(index));
    const theirs = await Promise.all(
      txs.map((tx) =>
        chain.client.readContract({
          abi: safeAbi,
          address: at(wallet),
          functionName: 'getTransactionHash',
          args: [
            tx.to as Hex,
            tx.value,
            hex(tx.data),
            tx.operation,
            tx.safeTxGas,
            tx.baseGas,
            tx.gasPrice,
            tx.gasToken as Hex,
            tx.refundReceiver as Hex,
            tx.nonce,
          ],
        }),
      ),
    );
    const mine = txs.map((tx) => hex(safeHash({ chainId: 31_337n, safe: wallet.address as Address, tx })));
    expect(mine).toEqual(theirs);
    expect(new Set(mine).size).toBe(rounds);
  });
});

/** Any transaction, its fields out of a hash of its number. */
function randomTx(index: number): SafeTx {
  const bytes = (name: string) => createHash('sha512').update(`${index} ${name}`).digest();
  const number = (name: string) =>
    BigInt(`0x${bytes(name).subarray(0, 32).toString('hex')}`) >> BigInt((index * 7) % 256);
  const address = (name: string) => {
    const read = parseAddress(`0x${bytes(name).subarray(0, 20).toString('hex')}`);
    if (read.kind === 'refused') throw new Error(read.why);
    return read.address;
  };
  return {
    to: address('to'),
    value: number('value'),
    data: bytes('data')
      .subarray(0, index % 65)
      .toString('hex'),
    operation: index % 2,
    safeTxGas: number('safeTxGas'),
    baseGas: number('baseGas'),
    gasPrice: number('gasPrice'),
    gasToken: address('gasToken'),
    refundReceiver: address('refundReceiver'),
    nonce: number('nonce'),
  };
}

describe('what we combine is executed', () => {
  it('coins', async () => {
    const before = await chain.client.getBalance({ address: customer });
    const planned = await coins(12_345n);
    expect(await chain.send(at(wallet), hex(combined(planned)))).toMatchObject({ ok: true });
    expect(await chain.client.getBalance({ address: customer })).toBe(before + 12_345n);
  });

  it('a token', async () => {
    const token = await chain.deploy(ours('PlainToken'));
    await chain.send(token, mint(at(wallet), 500n));
    const asset = tokenAsset(named(token));
    const nonce = await nonceOf();
    const planned = made(
      planPayment({ wallet, network: 'devnet', nonce, keys, asset, recipient: customer, units: 499n }),
    );
    expect(await chain.send(at(wallet), hex(combined(planned)))).toMatchObject({ ok: true });
    expect(await tokensOf(token, customer)).toBe(499n);
  });

  it('a cancellation: the nonce is used up, and nothing else', async () => {
    const payment = await coins(1n);
    const nonce = await nonceOf();
    const cancellation = made(planCancellation({ wallet, network: 'devnet', nonce, keys }));
    expect(ethereum.conflict(wallet, payment.plan, cancellation.plan)).toBe(true);
    const before = await chain.client.getBalance({ address: at(wallet) });
    expect(await chain.send(at(wallet), hex(combined(cancellation)))).toMatchObject({ ok: true });
    expect(await chain.client.getBalance({ address: at(wallet) })).toBe(before);
    expect(await chain.send(at(wallet), hex(combined(payment)))).toMatchObject({ ok: false });
  });

  it('by any two of the three owners', async () => {
    for (const pair of [
      [0, 1],
      [2, 0],
      [1, 2],
    ]) {
      const two = pair.map((index) => owners[index]?.publicKey ?? '');
      const nonce = await nonceOf();
      const planned = made(
        planPayment({
          wallet,
          network: 'devnet',
          nonce,
          keys: two,
          asset: ETH,
          recipient: customer,
          units: 1n,
        }),
      );
      expect(await chain.send(at(wallet), hex(combined(planned)))).toMatchObject({ ok: true });
    }
  });
});

describe('what the chain shows can be read back', () => {
  it('from calldata and from SafeL2’s event alike: what, which nonce, and who signed', async () => {
    const planned = await coins(77n);
    const calldata = combined(planned);
    const hash = await chain.client.sendTransaction({
      account: chain.payer,
      to: at(wallet),
      data: hex(calldata),
    });
    const { logs } = await chain.client.waitForTransactionReceipt({ hash });
    const log = logs.find(({ topics }) => topics[0] === hex(announcedTopic));
    const announced = readAnnounced(log?.data.slice(2) ?? '');
    const seen = readExecution((await chain.client.getTransaction({ hash })).input.slice(2));
    if (seen.kind === 'refused' || !announced) throw new Error('nothing was read');
    const bound = boundOf(planned);
    const { nonce: _, ...tx } = bound.tx;
    expect(seen).toMatchObject({ canonical: true, execution: { tx } });
    expect(announced).toMatchObject({
      tx: bound.tx,
      signatures: seen.execution.signatures,
      sender: named(chain.payer),
      threshold: 2,
    });
    const signers = agreementsOf(bound, announced.signatures, announced.threshold);
    expect(new Map(signers.map(({ kind, owner }) => [owner, kind]))).toEqual(
      new Map(keys.map((key) => [key, 'hash'])),
    );
  });
});

describe('Safe’s contract refuses', () => {
  const cases: readonly (readonly [string, (planned: Planned) => readonly string[], string])[] = [
    ['owners in descending order', (planned) => ascending(signed(planned)).toReversed(), 'GS026'],
    ['one signature missing', (planned) => ascending(signed(planned)).slice(1), 'GS020'],
    [
      'one owner twice',
      (planned) => [ascending(signed(planned))[0] ?? '', ascending(signed(planned))[0] ?? ''],
      'GS026',
    ],
    [
      'a signature of somebody who is no owner',
      (planned) => {
        const stranger = ethereum.keyOf(secretNamed('stranger'), 'ethereum', 'devnet');
        const share = planned.shares[0]?.share.slice(0, 132) + stranger.publicKey.slice(2).toLowerCase();
        return [stranger.sign(planned.plan, share), ...ascending(signed(planned))];
      },
      'GS026',
    ],
  ];
  it.each(cases)('%s', async (_, signatures, why) => {
    const planned = await coins(5n);
    const sent = await chain.send(at(wallet), withSignatures(planned, signatures(planned)));
    expect(sent.ok).toBe(false);
    expect(sent.why).toContain(why);
    // What is refused is no reason for the honest one to be: the nonce is still there.
    expect(await chain.send(at(wallet), hex(combined(planned)))).toMatchObject({ ok: true });
  });

  it('the same execution twice: the nonce is used up', async () => {
    const calldata = hex(combined(await coins(6n)));
    expect(await chain.send(at(wallet), calldata)).toMatchObject({ ok: true });
    const again = await chain.send(at(wallet), calldata);
    expect(again.ok).toBe(false);
    expect(again.why).toContain('GS026');
  });

  it('an execution whose call fails, and keeps its nonce: the signatures are good still', async () => {
    const rich = await chain.client.getBalance({ address: at(wallet) });
    const calldata = hex(combined(await coins(rich + 1n)));
    const nonce = await nonceOf();
    expect(await chain.send(at(wallet), calldata)).toMatchObject({ ok: false });
    expect(await nonceOf()).toBe(nonce);
    // Whoever kept it executes it as soon as the coins are there. So it is not dead until its nonce is used.
    await chain.client.setBalance({ address: at(wallet), value: rich + 2n });
    expect(await chain.send(at(wallet), calldata)).toMatchObject({ ok: true });
    await chain.client.setBalance({ address: at(wallet), value: parseEther('1000') });
  });
});

describe('what executed means', () => {
  it('a token that answers false: executed, its nonce used up, and nobody paid. Only the token’s event says who was', async () => {
    const token = await chain.deploy(ours('FalseToken'));
    await chain.send(token, mint(at(wallet), 500n));
    const nonce = await nonceOf();
    const asset = tokenAsset(named(token));
    const planned = made(
      planPayment({ wallet, network: 'devnet', nonce, keys, asset, recipient: customer, units: 499n }),
    );
    const hash = await chain.client.sendTransaction({
      account: chain.payer,
      to: at(wallet),
      data: hex(combined(planned)),
    });
    const { status, logs } = await chain.client.waitForTransactionReceipt({ hash });
    expect([status, await nonceOf()]).toEqual(['success', nonce + 1n]);
    expect(logs.filter(({ address }) => named(address) === named(token))).toEqual([]);
    expect(await tokensOf(token, customer)).toBe(0n);
  });
});

describe('the relayer', () => {
  it('carries it, and the chain takes its transaction by the hash that we foretold', async () => {
    const secret = secretNamed('relayer');
    const relayer = relayerOf(secret);
    await chain.client.setBalance({ address: relayer as Hex, value: parseEther('1') });
    const planned = await coins(9n);
    const transaction = encodeTransaction({
      chainId: 31_337n,
      nonce: 0n,
      maxPriorityFeePerGas: 1_000_000_000n,
      maxFeePerGas: 10_000_000_000n,
      gasLimit: 200_000n,
      to: wallet.address as Address,
      value: 0n,
      data: combined(planned),
    });
    const caps = { gasLimit: 200_000n, maxFeePerGas: 10_000_000_000n };
    const judged = judgeRelay(wallet, { transaction, plan: planned.plan }, relayer, 'devnet', caps);
    if (judged.kind === 'refused') throw new Error(judged.why);
    const { raw, hash } = signRelay(secret, judged.approved);
    expect(await chain.client.sendRawTransaction({ serializedTransaction: hex(raw) })).toBe(hex(hash));
    expect((await chain.client.waitForTransactionReceipt({ hash: hex(hash) })).status).toBe('success');
    expect(readTransaction(raw)).toMatchObject({ kind: 'transaction', from: relayer, hash });
  });
});

describe('a stolen key is replaced in one transaction', () => {
  it('first, in the middle and last in the Safe’s list of owners', async () => {
    for (const index of [0, 1, 2]) {
      const rotated = await deploySafe(chain, safes);
      const listed = await listOf(rotated);
      const remove = listed[index] ?? '';
      const others = listed.filter((owner) => owner !== remove);
      const planned = made(
        planRotation({
          wallet: rotated,
          network: 'devnet',
          nonce: 0n,
          keys: others,
          remove,
          add: spare.publicKey,
          owners: listed,
        }),
      );
      expect(
        ethereum.explainShare(rotated, planned.plan, planned.shares[0]?.share ?? '', 'devnet'),
      ).toMatchObject({
        kind: 'change',
        change: { account: rotated.address, remove, add: spare.publicKey },
      });
      expect(await chain.send(at(rotated), hex(combined(planned, rotated)))).toMatchObject({ ok: true });
      expect(await listOf(rotated)).toEqual(
        listed.map((owner) => (owner === remove ? spare.publicKey : owner)),
      );
      const threshold = { abi: safeAbi, address: at(rotated), functionName: 'getThreshold' } as const;
      expect(await chain.client.readContract(threshold)).toBe(2n);
    }
  });
});

async function listOf(of: EthereumWallet): Promise<readonly string[]> {
  return chain.client.readContract({ abi: safeAbi, address: at(of), functionName: 'getOwners' });
}

function named(text: string): Address {
  const read = parseAddress(text);
  if (read.kind === 'refused') throw new Error(read.why);
  return read.address;
}

function mint(to: Hex, units: bigint): Hex {
  return encodeFunctionData({ abi: ours('PlainToken').abi, functionName: 'mint', args: [to, units] });
}

async function tokensOf(token: Hex, owner: string): Promise<unknown> {
  return chain.client.readContract({
    abi: ours('PlainToken').abi,
    address: token,
    functionName: 'balanceOf',
    args: [owner],
  });
}
