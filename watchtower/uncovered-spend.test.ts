import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { explain, type Transaction } from '@kuramori/chains/nem/codec';
import { xem } from '../core/testing/house.ts';
import {
  alice,
  coldKeys,
  cold,
  cosigners,
  hot,
  lookout,
  stranger,
  thiefsAddress,
  until,
  type Lookout,
} from './testing/lookout.ts';
import { cosigned, modification, transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const frozen = () => l.tower().status().frozen;
const everybodyFrozen = () =>
  until('every signer to be frozen', async () => {
    const all = await Promise.all(l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})));
    return all.every((status) => status.kind === 'status' && status.frozen !== null);
  });

/** The bytes of a plan, as the transaction they are. */
function read(plan: string): Transaction {
  const explained = explain(Uint8Array.fromHex(plan), 'testnet');
  if (explained.kind === 'refused') throw new Error(explained.kind);
  return explained.transaction;
}

describe('what is ours is no alarm', () => {
  it('a payment that was recorded and countersigned, unconfirmed and in its block; dust from a stranger', async () => {
    const before = await l.balance(alice);
    await l.pay();
    await l.announce(transfer(stranger, hot.address, 1n, l.now()), stranger);
    await l.announce(transfer(stranger, cold.address, 1n, l.now()), stranger);
    await l.harvest();
    await l.seeing();
    expect(await l.balance(alice)).toBe(before + xem('10'));
    expect(frozen()).toBe(null);
  });
});

describe('one stolen key of the 2-of-3', () => {
  const [first, second, third] = cosigners;

  it('proposes everything to the thief: frozen while unconfirmed, signers too, and what is left goes home', async () => {
    const began = performance.now();
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('40000'), l.now()), l.now()), first);
    await everybodyFrozen();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(frozen()?.freeze.why).toContain('a proposed transfer unconfirmed: no record covers it');
    await until('the evacuation', () => l.incident().includes('evacuation sent'));
    const before = await l.balance(cold.address);
    await l.harvest();
    // The thief's wrapper has reserved 40,000; the rest goes home, less its fees.
    expect(await l.balance(cold.address)).toBeGreaterThan(before + xem('9990'));
    expect(await l.balance(thiefsAddress)).toBe(0n);
    expect((await l.tower().fact({ wallet: 'hot', nonces: ['0'.repeat(32)], plans: [] })).kind).toBe(
      'refused',
    );
  });

  it('reserves with a mosaic’s multiplier: what is really free still goes home', async () => {
    const id = { namespaceId: 'nem', name: 'xem' };
    // Says 9,000,000 by `amount`, moves 1 XEM: counted by `amount`, nothing would seem free.
    const mosaics = [{ id, quantity: 1n }];
    const inner = transfer(hot, thiefsAddress, 1_000_000_000_000n, l.now(), { mosaics, fee: 2_000_000n });
    expect(await l.announce(wrapped(first, inner, l.now()), first)).toBe(1);
    await until('the evacuation', () => l.incident().includes('evacuation sent'));
    const before = await l.balance(cold.address);
    await l.harvest();
    expect(await l.balance(cold.address)).toBeGreaterThan(before + xem('49900'));
  });

  it('wraps a payment of ours again, with a fee of its own choice', async () => {
    const plan = read(await l.pay(false));
    if (plan.kind !== 'multisig') throw new Error('a wrapper');
    expect(frozen()).toBe(null);
    expect(await l.announce(wrapped(third, plan.inner, l.now(), xem('30000')), third)).toBe(1);
    await everybodyFrozen();
    expect(frozen()?.freeze.why).toContain('no record covers it');
  });

  it('cosigns what another stolen key proposed', async () => {
    const wrapper = wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now());
    await l.announce(wrapper, first);
    await l.announce(cosigned(second, wrapper, hot, l.now()), second);
    await everybodyFrozen();
    await until(
      'both signatures to be alarmed about',
      () => l.incident().filter((event) => event.startsWith('alarm')).length >= 2,
    );
  });

  it('proposes to change who may sign', async () => {
    const change = modification(hot, [stranger], l.now(), 0);
    await l.announce(wrapped(first, change, l.now()), first);
    await everybodyFrozen();
    expect(frozen()?.freeze.why).toContain('a proposed modification');
  });

  it('is used alone, for an account that is no wallet: seen in the block', async () => {
    await l.announce(transfer(second, thiefsAddress, xem('1'), l.now()), second);
    await l.harvest();
    await everybodyFrozen();
    // Nothing was taken from a wallet, so nothing is evidence that would move its coins.
    expect(l.incident()).not.toContain('evacuation sent');
  });
});

describe('a spend by the cold wallet', () => {
  it('freezes, and moves nothing', async () => {
    const [first] = coldKeys;
    if (!first) throw new Error('three cold keys');
    await l.announce(wrapped(first, transfer(cold, thiefsAddress, xem('1'), l.now()), l.now()), first);
    await everybodyFrozen();
    expect(l.incident()).not.toContain('evacuation sent');
  });
});
