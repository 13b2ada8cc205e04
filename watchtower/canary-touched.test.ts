/** Somebody has read what only we can read, and uses the key that he found there. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { sign } from '@kuramori/chains/nem/codec';
import { xem } from '../core/testing/house.ts';
import { canary, lookout, stranger, until, type Lookout } from './testing/lookout.ts';
import { importanceTransfer, modification, transfer } from './testing/transactions.ts';
import { chainKey } from '../signers/testing/desk.ts';

const where = 'the backup of custody’s folder';
let l: Lookout;
beforeEach(async () => {
  l = await lookout({ canaries: [{ where, publicKey: canary.publicKey }] });
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const frozen = () => l.tower().status().frozen?.freeze.why ?? null;

it('empties the account: everybody is frozen, told where the key lay, and nothing is sent home for it', async () => {
  expect(await l.announce(transfer(canary, stranger.address, xem('1'), l.now()), canary, 1)).toBe(1);
  await until('the freeze', () => frozen() !== null);
  expect(frozen()).toContain(where);
  await until('the signers to be frozen', async () => {
    const all = await Promise.all(l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})));
    return all.every((status) => status.kind === 'status' && status.frozen !== null);
  });
  expect(l.incident()).not.toContain('evacuation sent');
  // The same key again is the same news.
  const alarms = l.incident().filter((event) => event.startsWith('alarm')).length;
  await l.announce(transfer(canary, stranger.address, xem('2'), l.now()), canary);
  await l.harvest();
  await l.seeing();
  expect(l.incident().filter((event) => event.startsWith('alarm'))).toHaveLength(alarms);
});

it('first seen in a block, as a conversion, or as bytes that no codec reads', async () => {
  const remote = importanceTransfer(canary, chainKey('remote'), l.now());
  await l.stopTower();
  await l.announceRaw(remote.toHex(), sign(canary.privateKey, remote));
  await l.harvest();
  await l.startTower();
  await until('the freeze', () => frozen() !== null);
  expect(frozen()).toContain(where);
});

it('made a multisig by whoever found it', async () => {
  const taken = modification(canary, [stranger, chainKey('other')], l.now());
  expect(await l.announce(taken, canary)).toBe(1);
  await until('the freeze', () => frozen() !== null);
});

it('what strangers send to it says nothing: anybody can', async () => {
  expect(await l.announce(transfer(stranger, canary.address, xem('1'), l.now()), stranger)).toBe(1);
  await l.harvest();
  await l.seeing();
  const { rounds } = l.sees();
  await until('some rounds more', () => l.sees().rounds > rounds + 25);
  expect(frozen()).toBe(null);
});
