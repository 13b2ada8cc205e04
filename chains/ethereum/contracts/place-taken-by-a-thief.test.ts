/**
 * A thief with the keys of enough owners makes the place of another his own with his first Safe number, so that nothing of ours
 * that goes home is valid behind it. The guard lets in nobody but the spares that the Safe was born with, a vault's for a vault's.
 */
import { ETH, type EthereumWallet } from '@kuramori/core';
import { parseEther, toFunctionSelector, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer, made, ownerNamed, owners, secretNamed, spare } from '../codec/house.testing.ts';
import {
  callOf,
  combine,
  planPayment,
  sentinel,
  type Address,
  type Bound,
  type Planned,
} from '../codec/index.ts';
import { startAnvil, type Anvil, type Sent } from '../testing/anvil.ts';
import {
  boundOf,
  deploySafe,
  deploySafes,
  safeAbi,
  signed,
  signedBlindly,
  type Safes,
} from '../testing/house.ts';

const stolen = ['owner 1', 'owner 2'].map(secretNamed);
const thief = ownerNamed('a thief').publicKey;
const vaultSpare = ownerNamed('spare of the vault').publicKey;
const [first = '', second = '', vault = ''] = owners.map(({ publicKey }) => publicKey);
const nobody = '0x0000000000000000000000000000000000000000';

let chain: Anvil;
let safes: Safes;
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
});
afterAll(() => chain[Symbol.asyncDispose]());

const at = ({ address }: EthereumWallet) => address as Hex;

/** Two owners online, the third in a vault; a spare of each kind, but where a test says otherwise. */
async function safe(
  given: {
    readonly guarded?: boolean;
    readonly spares?: readonly string[];
    readonly vaults?: readonly string[];
  } = {},
): Promise<EthereumWallet> {
  const born = { spares: [spare.publicKey, vaultSpare], vaults: [vault, vaultSpare], ...given };
  const wallet = await deploySafe(chain, safes, born);
  await chain.client.setBalance({ address: at(wallet), value: parseEther('10') });
  return wallet;
}

async function listOf(wallet: EthereumWallet): Promise<readonly string[]> {
  return chain.client.readContract({ abi: safeAbi, address: at(wallet), functionName: 'getOwners' });
}

/** What a quorum of stolen keys signs, which no policy was asked about. */
async function swapped(wallet: EthereumWallet, remove: string, add: string, nonce = 0n): Promise<Sent> {
  const list = await listOf(wallet);
  const previous = (list[list.indexOf(remove) - 1] ?? sentinel) as Address;
  const call = callOf(wallet.address as Address, {
    kind: 'swap',
    previous,
    remove: remove as Address,
    add: add as Address,
  });
  const like = boundOf(home(wallet, [first, second], nonce));
  const bound: Bound = { ...like, tx: { ...like.tx, ...call } };
  return chain.send(at(wallet), signedBlindly(bound, stolen));
}

/** What is ours and goes home, by the co-signers that are online. */
function home(wallet: EthereumWallet, keys: readonly string[], nonce: bigint): Planned {
  return made(
    planPayment({ wallet, network: 'devnet', nonce, keys, asset: ETH, recipient: customer, units: 5n }),
  );
}

async function goes(wallet: EthereumWallet, keys: readonly string[], nonce: bigint): Promise<Sent> {
  const planned = home(wallet, keys, nonce);
  const combined = combine(wallet, planned.plan, signed(planned));
  if (combined.kind === 'refused') throw new Error(combined.why);
  return chain.send(at(wallet), `0x${combined.calldata}`);
}

describe('two stolen keys of three', () => {
  it('make the second’s place the thief’s own: refused, and what goes home still does, with the very same number', async () => {
    const wallet = await safe();
    const refused = await swapped(wallet, second, thief);
    expect(refused).toMatchObject({ ok: false });
    expect(refused.why).toContain(toFunctionSelector('StrangerRefused(address)'));
    expect(await listOf(wallet)).toEqual([first, second, vault]);
    expect(await goes(wallet, [first, second], 0n)).toMatchObject({ ok: true });
  });

  it('planted: without the guard the place is his, and nothing of ours is valid any more', async () => {
    const wallet = await safe({ guarded: false });
    expect(await swapped(wallet, second, thief)).toMatchObject({ ok: true });
    expect(await listOf(wallet)).toEqual([first, thief, vault]);
    const late = await goes(wallet, [first, second], 1n);
    expect(late).toMatchObject({ ok: false });
    // Safe.sol: one of those who signed is no owner.
    expect(late.why).toContain('GS026');
  });
});

describe('whom the guard lets in', () => {
  async function refused(wallet: EthereumWallet, remove: string, add: string, error: string, nonce = 0n) {
    const before = await listOf(wallet);
    const sent = await swapped(wallet, remove, add, nonce);
    expect(sent).toMatchObject({ ok: false });
    expect(sent.why).toContain(toFunctionSelector(error));
    expect(await listOf(wallet)).toEqual(before);
  }

  it.each([
    ['an owner that was never there', () => thief],
    ['a contract', () => safes.guard as string],
    ['nobody, whom the empty places of its list name', () => nobody],
  ])('%s: refused', async (_, add) => {
    await refused(await safe(), second, add(), 'StrangerRefused(address)');
  });

  it('a spare, and another in its place; the owner that left does not come back', async () => {
    const other = ownerNamed('another spare').publicKey;
    const wallet = await safe({ spares: [spare.publicKey, other], vaults: [] });
    expect(await swapped(wallet, vault, spare.publicKey)).toMatchObject({ ok: true });
    await refused(wallet, spare.publicKey, vault, 'StrangerRefused(address)', 1n);
    expect(await swapped(wallet, spare.publicKey, other, 1n)).toMatchObject({ ok: true });
    expect(await listOf(wallet)).toEqual([first, second, other]);
  });

  it('a vault’s spare in an online owner’s place, so that too few of ours are online: refused; and the other way', async () => {
    const wallet = await safe();
    const error = 'OtherPlaceRefused(address,address)';
    await refused(wallet, second, vaultSpare, error);
    await refused(wallet, vault, spare.publicKey, error);
    expect(await swapped(wallet, vault, vaultSpare)).toMatchObject({ ok: true });
    // What was signed to go home before stands behind it, and is valid.
    expect(await goes(wallet, [first, second], 1n)).toMatchObject({ ok: true });
  });

  it('nobody, where the Safe was born without spares', async () => {
    const wallet = await safe({ spares: [], vaults: [] });
    for (const add of [spare.publicKey, vaultSpare, thief, nobody])
      await refused(wallet, second, add, 'StrangerRefused(address)');
  });

  it('each of eight spares, and no ninth', async () => {
    const spares = Array.from({ length: 8 }, (_, index) => ownerNamed(`spare ${index}`).publicKey);
    const wallet = await safe({ spares, vaults: [] });
    let leaving = vault;
    for (const [index, add] of spares.entries()) {
      expect(await swapped(wallet, leaving, add, BigInt(index))).toMatchObject({ ok: true });
      leaving = add;
    }
    await expect(safe({ spares: [...spares, thief], vaults: [] })).rejects.toThrow();
  });

  it('words of which the first bytes are not zero are no spare’s', async () => {
    const wallet = await safe();
    const like = boundOf(home(wallet, [first, second], 0n));
    const { data } = callOf(wallet.address as Address, {
      kind: 'swap',
      previous: first as Address,
      remove: second as Address,
      add: spare.publicKey as Address,
    });
    const altered = `${data.slice(0, 8 + 128)}01${data.slice(8 + 130)}`;
    const tx = { ...like.tx, to: wallet.address as Address, value: 0n, data: altered };
    expect(await chain.send(at(wallet), signedBlindly({ ...like, tx }, stolen))).toMatchObject({ ok: false });
    expect(await listOf(wallet)).toEqual([first, second, vault]);
  });
});

describe('what it costs', () => {
  it('in gas, as docs/decisions/0039 has it', async () => {
    const wallet = await safe();
    await goes(wallet, [first, second], 0n);
    expect(Number((await goes(wallet, [first, second], 1n)).gas)).toBeLessThan(79_800);
    expect(Number((await swapped(wallet, second, spare.publicKey, 2n)).gas)).toBeLessThan(102_700);
  });
});
