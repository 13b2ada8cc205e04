/** Whatever comes to a customer's address goes to the Safe and nowhere else, whoever sends it on and whatever the token does. */
import type { EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, toFunctionSelector, type Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  depositPlace,
  encodeSweep,
  forwarderOf,
  saltOf,
  sweepFactory,
  type Address,
  type Flush,
} from '../codec/index.ts';
import { startAnvil, type Anvil, type Sent } from '../testing/anvil.ts';
import { deployFactory, deploySafe, deploySafes, ours } from '../testing/house.ts';

const abi = parseAbi([
  'function mint(address to, uint256 units)',
  'function balanceOf(address owner) view returns (uint256)',
  'function flush(address token)',
  'function forwarderOf(address safe, bytes32 salt) view returns (address)',
  'function pay(address to) payable',
  'function force(address to) payable',
]);

let chain: Anvil;
let wallet: EthereumWallet;
let customers = 0;
let salt: string;
let place: Hex;
beforeAll(async () => {
  chain = await startAnvil();
  wallet = await deploySafe(chain, await deploySafes(chain));
  await deployFactory(chain);
});
afterAll(() => chain[Symbol.asyncDispose]());
beforeEach(() => {
  customers += 1;
  const whose = { exchange: 'kura', customer: `customer-${customers}`, number: 0 };
  salt = saltOf('devnet', whose);
  place = depositPlace('devnet', wallet, whose).address as Hex;
});

const safe = () => wallet.address as Hex;
const coinsOf = (address: Hex) => chain.client.getBalance({ address });
const unitsOf = (token: Hex, owner: Hex) =>
  chain.client.readContract({ abi, address: token, functionName: 'balanceOf', args: [owner] });
const sweep = (...flushes: readonly Flush[]): Promise<Sent> =>
  chain.send(getAddress(sweepFactory), `0x${encodeSweep(wallet.address as Address, flushes)}`);
const flush = (token: Hex) =>
  chain.send(place, encodeFunctionData({ abi, functionName: 'flush', args: [token] }));
const none = '0x0000000000000000000000000000000000000000';

async function minted(name: string, units = 1_000n): Promise<{ readonly at: Hex; readonly named: Address }> {
  const at = await chain.deploy(ours(name));
  await chain.send(at, encodeFunctionData({ abi, functionName: 'mint', args: [place, units] }));
  return { at, named: getAddress(at) as string as Address };
}

describe('the address', () => {
  it('is where the factory makes the forwarder, and the contract says so too', async () => {
    const theirs = await chain.client.readContract({
      abi,
      address: getAddress(sweepFactory),
      functionName: 'forwarderOf',
      args: [safe(), `0x${salt}`],
    });
    expect(theirs).toBe(place);
    expect(await chain.client.getCode({ address: place })).toBeUndefined();
    expect(await sweep({ salt, token: null })).toMatchObject({ ok: true });
    const code = await chain.client.getCode({ address: place });
    expect(code?.length).toBe(2 + ours('Forwarder').runtime.length);
    expect(code).toContain(wallet.address.slice(2).toLowerCase());
  });

  it('is another for another Safe, so nobody makes there what pays somebody else', async () => {
    const thiefs = forwarderOf(
      getAddress('0x000000000000000000000000000000000badf00d') as string as Address,
      salt,
    );
    expect(thiefs).not.toBe(place);
    await chain.send(place, '0x', 500n);
    const calldata = encodeSweep(
      getAddress('0x000000000000000000000000000000000badf00d') as string as Address,
      [{ salt, token: null }],
    );
    await chain.send(getAddress(sweepFactory), `0x${calldata}`);
    expect(await coinsOf(place)).toBe(500n);
  });
});

describe('coins', () => {
  it('that came before there was a forwarder, and after', async () => {
    const before = await coinsOf(safe());
    await chain.send(place, '0x', 700n);
    const first = await sweep({ salt, token: null });
    expect(first).toMatchObject({ ok: true });
    await chain.send(place, '0x', 300n);
    const second = await sweep({ salt, token: null });
    expect(second).toMatchObject({ ok: true });
    expect([await coinsOf(place), await coinsOf(safe())]).toEqual([0n, before + 1000n]);
    // The figures of docs/decisions/0029.
    expect(Number(first.gas)).toBeLessThan(260_000);
    expect(Number(second.gas)).toBeLessThan(60_000);
  });

  it('sent with 2,300 gas, as old contracts do, and by force', async () => {
    await sweep({ salt, token: null });
    const sender = await chain.deploy(ours('Sender'));
    for (const functionName of ['pay', 'force'] as const)
      expect(
        await chain.send(sender, encodeFunctionData({ abi, functionName, args: [place] }), 50n),
      ).toMatchObject({ ok: true });
    expect(await coinsOf(place)).toBe(100n);
    expect(await flush(none)).toMatchObject({ ok: true });
    expect(await coinsOf(place)).toBe(0n);
  });

  it('nothing there: nothing happens', async () => {
    await sweep({ salt, token: null });
    const before = await coinsOf(safe());
    const plain = await chain.deploy(ours('PlainToken'));
    expect([await flush(none), await flush(plain)]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await coinsOf(safe())).toBe(before);
    expect(await chain.client.getLogs({ address: plain })).toEqual([]);
  });
});

describe('tokens', () => {
  it.each(['PlainToken', 'SilentToken'])('%s', async (name) => {
    const { at, named } = await minted(name);
    expect(await sweep({ salt, token: named })).toMatchObject({ ok: true });
    expect([await unitsOf(at, place), await unitsOf(at, safe())]).toEqual([0n, 1_000n]);
  });

  it('one that answers false: refused aloud, and still there', async () => {
    const { at, named } = await minted('FalseToken');
    const sent = await sweep({ salt, token: named });
    expect(sent.ok).toBe(false);
    expect(sent.why).toContain(toFunctionSelector('TokenRefused(address)'));
    expect(await unitsOf(at, place)).toBe(1_000n);
  });

  it('one that keeps a part: the Safe gets what the token gives', async () => {
    const { at, named } = await minted('TaxedToken');
    expect(await sweep({ salt, token: named })).toMatchObject({ ok: true });
    expect(await unitsOf(at, safe())).toBe(990n);
  });

  it('one that calls back in the middle: everything is where it should be', async () => {
    await sweep({ salt, token: null });
    await chain.send(place, '0x', 40n);
    const before = await coinsOf(safe());
    const { at } = await minted('ReenteringToken');
    expect(await flush(at)).toMatchObject({ ok: true });
    expect([await unitsOf(at, place), await unitsOf(at, safe())]).toEqual([0n, 1_000n]);
    expect(await coinsOf(safe())).toBe(before + 40n);
  });

  it('one that is no contract: refused, not taken for sent', async () => {
    await sweep({ salt, token: null });
    expect(await flush('0x00000000000000000000000000000000000beef0')).toMatchObject({ ok: false });
  });

  it('many customers and tokens in one transaction', async () => {
    const flushes: Flush[] = [];
    const { at, named } = await minted('PlainToken', 0n);
    for (const number of [1, 2, 3]) {
      const whose = { exchange: 'kura', customer: `crowd-${number}`, number: 0 };
      const address = depositPlace('devnet', wallet, whose).address as Hex;
      await chain.send(at, encodeFunctionData({ abi, functionName: 'mint', args: [address, 5n] }));
      await chain.send(address, '0x', 5n);
      flushes.push(
        { salt: saltOf('devnet', whose), token: named },
        { salt: saltOf('devnet', whose), token: null },
      );
    }
    const before = await coinsOf(safe());
    expect(await sweep(...flushes)).toMatchObject({ ok: true });
    expect([await unitsOf(at, safe()), (await coinsOf(safe())) - before]).toEqual([15n, 15n]);
  });
});
