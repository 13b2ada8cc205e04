/** Somebody asks signers for what no policy allows: each is refused, and that he asks is told. */
import { expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { requestFor, thief } from '../../core/testing/house.ts';
import { alice, lookout, until } from '../testing/lookout.ts';
import { openRefusals } from './refusals.ts';
import { Signs } from './thresholds.ts';

const of = Signs.parse({}).refusals;
const minute = 60_000;

it('in a running house: requests of the thief’s own making, five times', async () => {
  await using l = await lookout();
  await l.seeing();
  const told = () => l.told(0).filter(({ sign }) => sign === 'refusals');
  const ask = async (ahead: number) => {
    const forged = requestFor({ to: alice, at: l.clock.ms, by: thief });
    const answer = await call(
      l.sockets.get('signer-1'),
      signerRoutes.propose,
      await l.ask('signer-1', ahead, forged),
    );
    expect(answer).toMatchObject({ kind: 'refused', why: 'authority-signature' });
  };
  const { rounds } = l.sees();
  for (let times = 1; times < of.atLeast; times += 1) await ask(times);
  await until('some looks', () => l.sees().rounds > rounds + 100);
  expect(told()).toEqual([]);
  await ask(of.atLeast);
  await until('it to be told', () => told().length > 0);
  expect(told()).toMatchObject([{ signer: 'signer-1', refused: of.atLeast, action: 'page' }]);
  expect(l.tower().status().frozen).toBe(null);
}, 30_000);

it('counts what happened within the window, and nothing from before it looked or a start', () => {
  const refusals = openRefusals();
  const heard = (refused: number, at: number, session = 'a') =>
    refusals.heard('signer-1', { session, refused }, at);
  heard(100, 0);
  expect(refusals.found(of, 0)).toEqual([]);
  heard(104, minute);
  expect(refusals.found(of, minute)).toEqual([]);
  heard(105, 2 * minute);
  expect(refusals.found(of, 2 * minute)).toHaveLength(1);
  // The first four are older than the window.
  expect(refusals.found(of, (of.minutes + 1) * minute)).toEqual([]);
  heard(0, 3 * minute, 'b');
  heard(4, 4 * minute, 'b');
  expect(refusals.found(of, 4 * minute)).toEqual([]);
});
