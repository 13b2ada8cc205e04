/** A thief writes what he likes into a message: the incident's lines stay what the watchtower saw, and say what his bytes do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesDigest } from '@kuramori/core';
import { encode, innerHash, transactionHash, verify, type Signature } from '@kuramori/chains/nem/codec';
import { xem } from '../core/testing/house.ts';
import { lineText } from './incident.ts';
import { cosigners, hot, lookout, stranger, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { modification, transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const [first] = cosigners;
type Line = { readonly [field: string]: unknown };
const textOf = () => readFileSync(join(l.folder, 'incident.jsonl'), 'utf8');
const lines = () =>
  textOf()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const alarm = async () => {
  await until('the alarm', () => l.incident().includes('alarm: frozen'));
  return lines()[0] ?? {};
};
const forged = '"}\n{"at":1,"event":"thawed"}\r\n| x | </script> \u202egnihton\u202c\u2028';

it('a message is hex, and the alarm says who moves what to whom, for which fee, where, with the proof', async () => {
  const message = { kind: 'plain', payload: Buffer.from(forged).toString('hex') } as const;
  const inner = transfer(hot, thiefsAddress, xem('40000'), l.now(), { message });
  const wrapper = wrapped(first, inner, l.now());
  const before = Date.now();
  await l.announce(wrapper, first);
  const line = await alarm();
  expect(line).toMatchObject({
    event: 'alarm: frozen',
    signer: first.publicKey,
    wallet: 'hot',
    height: null,
    transaction: transactionHash(encode(wrapper)),
    transactions: [transactionHash(encode(wrapper)), innerHash(wrapper)],
    signatureVerifies: true,
    does: {
      kind: 'proposal',
      by: first.publicKey,
      fee: String(wrapper.fee),
      of: {
        kind: 'transfer',
        from: hot.address,
        to: thiefsAddress,
        moves: [{ asset: 'nem:xem', units: '40000000000' }],
        message: { kind: 'plain', hex: message.payload },
        fee: String(inner.fee),
      },
    },
  });
  expect(line['node']).toBe(l.nodes[0].url);
  expect(line['seenAt']).toBeGreaterThanOrEqual(before);
  const { bytes, signature } = line['evidence'] as { bytes: string; signature: string };
  expect(verify(first.publicKey, Uint8Array.fromHex(bytes), signature as Signature)).toBe(true);
  expect(l.tower().status().freezes[0]?.freeze.why).toBe(line['why']);
  expect(bytesDigest(bytes)).toMatch(/^[0-9a-f]{64}$/);
  for (const one of lines())
    expect(Object.keys(one)).toEqual(expect.arrayContaining(['at', 'chainTime', 'event']));
  expect(l.incident()).not.toContain('thawed');
  expect(textOf()).not.toContain('script');
});

it('a modification names whose keys it puts in', async () => {
  await l.announce(wrapped(first, modification(hot, [stranger], l.now(), 0), l.now()), first);
  expect(await alarm()).toMatchObject({
    does: {
      kind: 'proposal',
      of: {
        kind: 'modification',
        account: hot.address,
        adds: [{ key: stranger.publicKey, address: stranger.address }],
        removes: [],
      },
    },
  });
});

it('what got into a block is told once for each node, also after a restart, and is no second alarm', async () => {
  const [, second] = cosigners;
  await l.announce(transfer(second, thiefsAddress, xem('1'), l.now()), second);
  await l.harvest();
  const inBlocks = () => lines().filter(({ event }) => event === 'unexplained, and in a block');
  await until('both nodes to have shown it', () => l.incident().length > 0 && inBlocks().length === 2);
  expect(new Set(inBlocks().map(({ node }) => node)).size).toBe(2);
  await l.stopTower();
  await l.startTower();
  await l.seeing();
  expect(inBlocks()).toHaveLength(2);
  expect(l.incident().filter((event) => event.startsWith('alarm'))).toHaveLength(1);
});

it('what turns or breaks a line for its reader stands escaped, and means the same', () => {
  const written = lineText({ why: forged });
  expect(written).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(written)).toEqual({ why: forged });
});
