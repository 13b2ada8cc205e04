/** The watch itself grows weak: a signer or watchtower is silent, the disk nearly full, a clock apart, rounds slow. It is told, and nothing is frozen. */
import { expect, it } from 'vitest';
import { Liar } from '../testing/liar.ts';
import { lookout, until } from '../testing/lookout.ts';
import { blindness, clocks, nearlyFull, silentRooms, slow } from './own.ts';
import { openSince } from './since.ts';
import { Signs } from './thresholds.ts';

const signs = Signs.parse({ roomSilent: { seconds: 1 }, blind: { seconds: 1 } });
const wait = () => new Promise((resolve) => setTimeout(resolve, 1_050));

it('in a running house each is named', async () => {
  const liars: Liar[] = [];
  const l = await lookout({
    towers: 2,
    // More than any disk here has.
    signs: {
      roomSilent: { seconds: 1 },
      diskNearlyFull: { megabytes: 1_000_000 },
      clockApart: { seconds: 30 },
    },
    through: async ([first = '', second = '']) => {
      const liar = await Liar.before(second);
      liars.push(liar);
      liar.lie = (path, body) =>
        path === '/time-sync/network-time'
          ? { sendTimeStamp: Number(body['sendTimeStamp']) - 60_000, receiveTimeStamp: 0 }
          : body;
      return [first, liar.url];
    },
  });
  try {
    await l.stopSigner('signer-2');
    await l.stopTower(1);
    const of = (id: string) => l.told(0).filter(({ sign }) => sign === id);
    await until('everything to be told', () => new Set(l.incident(0)).size >= 3, 40_000);
    await until('both rooms to be told', () => of('roomSilent').length === 2);
    expect(of('roomSilent').map(({ room }) => room)).toEqual([
      'signer signer-2',
      expect.stringMatching(/^watchtower [0-9a-f]{16}$/),
    ]);
    expect(of('clockApart')).toMatchObject([
      { node: liars[0]?.url, oursAheadSeconds: 60, likely: 'the node’s' },
    ]);
    expect(of('diskNearlyFull')).toMatchObject([{ folder: l.filesOf(0) }]);
    expect(l.tower().status().frozen).toBe(null);
  } finally {
    await l[Symbol.asyncDispose]();
    for (const liar of liars) await liar[Symbol.asyncDispose]();
  }
}, 90_000);

it('a room that answers in between is not silent', async () => {
  const since = openSince();
  const look = (did: boolean) => silentRooms(new Map([['signer a', did]]), signs.roomSilent, since);
  expect(look(false)).toEqual([]);
  await wait();
  expect(look(true)).toEqual([]);
  expect(look(false)).toEqual([]);
  await wait();
  expect(look(false)).toMatchObject([{ key: 'signer a', fields: { seconds: 1 } }]);
});

it('a clock is apart from two answers on; from every node it is most likely our own', async () => {
  const since = openSince();
  const look = (a: number, b: number) =>
    clocks(
      new Map([
        ['a', a],
        ['b', b],
      ]),
      signs.clockApart,
      since,
    ).map(({ fields }) => fields);
  expect(look(11_000, 11_000)).toEqual([]);
  await wait();
  expect(look(11_000, 10_000)).toMatchObject([{ node: 'a', oursAheadSeconds: 11, likely: 'the node’s' }]);
  look(11_000, -11_000);
  await wait();
  expect(look(11_000, -11_000)).toMatchObject([
    { node: 'a', likely: 'our clock' },
    { node: 'b', oursAheadSeconds: -11, likely: 'our clock' },
  ]);
});

it.each([
  [512_000_000, 0],
  [511_999_999, 1],
  [0, 1],
  [null, 0],
])('with %s bytes free: %i findings', (free, findings) => {
  expect(nearlyFull('/folder', free, signs.diskNearlyFull)).toHaveLength(findings);
});

it('a round that began more than ten seconds ago is slow', () => {
  expect(
    slow(
      new Map([
        ['a', 10_000],
        ['b', 10_001],
      ]),
      signs.slowRounds,
    ),
  ).toMatchObject([{ key: 'b' }]);
});

it('blindness is told once it lasts, with its reason', async () => {
  const since = openSince();
  expect(blindness('nem', 'the nodes disagree on block 7', signs.blind, since)).toEqual([]);
  await wait();
  expect(blindness('nem', 'a: silent', signs.blind, since)).toMatchObject([
    { fields: { why: 'a: silent', seconds: 1 } },
  ]);
  expect(blindness('nem', null, signs.blind, since)).toEqual([]);
  expect(blindness('nem', 'a: silent', signs.blind, since)).toEqual([]);
});
