/**
 * WazirX, 18 July 2024, 235 million dollars: signers were shown a transfer of USDT and what they signed handed the Safe over
 * to a contract of the thief's. Here the request shows one thing and asks for a signature over another, in each place where
 * the two could be exchanged.
 */
import type { EthereumWallet } from '@kuramori/core';
import { encodeFunctionData, getAddress, parseAbi, toFunctionSelector, type Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { customer, made, owners, secretNamed } from '../codec/house.testing.ts';
import {
  combine,
  encodePlan,
  ethereum,
  planPayment,
  shareOf,
  tokenAsset,
  type Address,
  type Bound,
  type Planned,
} from '../codec/index.ts';
import { startAnvil, type Anvil } from '../testing/anvil.ts';
import {
  boundOf,
  deploySafe,
  deploySafes,
  ours,
  signed,
  signedBlindly,
  type Safes,
} from '../testing/house.ts';

const thief = getAddress('0x000000000000000000000000000000000badf00d');
const blind = ['owner 1', 'owner 2'].map(secretNamed);
const abi = parseAbi([
  'function transfer(address to, uint256 units)',
  'function mint(address to, uint256 units)',
  'function balanceOf(address owner) view returns (uint256)',
  'function sweepERC20(address token, address to)',
]);

let chain: Anvil;
let safes: Safes;
let usdt: Hex;
let backdoor: Hex;
let upgrade: Hex;
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
  // USDT answers nothing to a transfer, and neither does this one.
  usdt = await chain.deploy(ours('SilentToken'));
  backdoor = await chain.deploy(ours('Backdoor'));
  upgrade = await chain.deploy(ours('LooksLikeAToken'));
});
afterAll(() => chain[Symbol.asyncDispose]());

async function stocked(guarded: boolean): Promise<EthereumWallet> {
  const wallet = await deploySafe(chain, safes, { guarded });
  await chain.send(
    usdt,
    encodeFunctionData({ abi, functionName: 'mint', args: [wallet.address as Hex, 1_000_000n] }),
  );
  return wallet;
}

/** What is shown: a transfer of USDT to a customer. */
function shown(wallet: EthereumWallet): Planned {
  const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);
  const asset = tokenAsset(getAddress(usdt) as string as Address);
  return made(
    planPayment({ wallet, network: 'devnet', nonce: 0n, keys, asset, recipient: customer, units: 250n }),
  );
}

/** What is to be signed: the same nonce, and all else the thief's. */
function hidden(wallet: EthereumWallet): Bound {
  const { chainId, safe, tx } = boundOf(shown(wallet));
  const data = encodeFunctionData({ abi, functionName: 'transfer', args: [backdoor, 0n] }).slice(2);
  return { chainId, safe, tx: { ...tx, to: getAddress(upgrade) as string as Address, data, operation: 1 } };
}

async function loot({ address }: EthereumWallet): Promise<bigint> {
  const before = await held(thief);
  await chain.send(
    address as Hex,
    encodeFunctionData({ abi, functionName: 'sweepERC20', args: [usdt, thief] }),
  );
  return (await held(thief)) - before;
}

const held = (owner: Hex) =>
  chain.client.readContract({ abi, address: usdt, functionName: 'balanceOf', args: [owner] });

it('the shown plan with the hidden share: the share signs another transaction', async () => {
  const wallet = await stocked(true);
  const { plan } = shown(wallet);
  for (const { publicKey, sign } of owners) {
    const share = shareOf(hidden(wallet), publicKey as Address);
    expect(ethereum.explainShare(wallet, plan, share, 'devnet')).toEqual({
      kind: 'refused',
      why: 'share: signs another transaction than the plan',
    });
    expect(() => sign(plan, share)).toThrow('the share is not that of');
  }
});

it('the hidden plan with the shown share, or with its own: a delegatecall, whatever stands beside it', async () => {
  const wallet = await stocked(true);
  const plan = encodePlan(hidden(wallet));
  for (const share of [
    shown(wallet).shares[0]?.share ?? '',
    shareOf(hidden(wallet), owners[0]?.publicKey as Address),
  ])
    expect(ethereum.explainShare(wallet, plan, share, 'devnet')).toEqual({
      kind: 'refused',
      why: 'plan: operation: a delegatecall, by which another contract acts as the Safe',
    });
});

it('signatures over what was shown execute nothing else', async () => {
  const wallet = await stocked(true);
  const signatures = signed(shown(wallet));
  expect(combine(wallet, encodePlan(hidden(wallet)), signatures)).toMatchObject({
    kind: 'refused',
    why: 'signed other bytes',
  });
});

it('if two had signed blindly: our guard refuses it', async () => {
  const wallet = await stocked(true);
  const sent = await chain.send(wallet.address as Hex, signedBlindly(hidden(wallet), blind));
  expect(sent.ok).toBe(false);
  expect(sent.why).toContain(toFunctionSelector('DelegateCallRefused(uint8)'));
  expect(await loot(wallet)).toBe(0n);
});

it('planted: without the guard the Safe is the thief’s', async () => {
  const wallet = await stocked(false);
  expect(await chain.send(wallet.address as Hex, signedBlindly(hidden(wallet), blind))).toMatchObject({
    ok: true,
  });
  expect(await loot(wallet)).toBe(1_000_000n);
});
