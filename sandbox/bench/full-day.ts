/** A day of full blocks: what a node answers of 1,440 blocks with 120 strangers' transfers each, read by a real watchtower that was off. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchtowerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import {
  addressOf,
  encode,
  nemTimeOf,
  privateKeyOf,
  publicKeyOf,
  transactionHash,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import { z } from 'zod';
import type { DrivenClock } from '../drill/clock.ts';
import { must, until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { whereOf } from '../house/rooms.ts';

export const [dayBlocks, fullBlock] = [1_440, 120];

/** The watchtower's lines to its nodes, once the day is put before them. */
export const dayLines = new Map<string, string>();

const Asked = z.object({ height: z.number() });

/** Seconds from the start of the watchtower's process until it says that it has read the last block of the day at both nodes. */
export async function caughtUpIn(
  house: House,
  clock: DrivenClock,
  say: (line: string) => void,
): Promise<number> {
  say(`making ${dayBlocks} blocks of ${fullBlock} transactions`);
  const base = must(await house.nodes[0].height());
  const before = must(await house.nodes[0].blocksAfter(base - 1))[0]?.hash ?? '';
  // A minute each: the day ends a little before now.
  const ends = clock.now() + dayBlocks * 60_000;
  const blocks = makeDay(base, before, ends);
  const servers = await Promise.all(house.nodes.map(({ url }) => serve(url, base, blocks)));
  try {
    for (const [index, { url }] of house.nodes.entries()) dayLines.set(url, servers[index]?.url ?? url);
    clock.jumpTo(ends + 30_000);
    say('a watchtower that was off for a day starts');
    const began = performance.now();
    void house.restart('watchtower').catch(() => {}); // it is judged by what it says it has read
    await until(
      'the watchtower to have read the day',
      async () => {
        const status = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
        if (status.kind !== 'status') return undefined;
        return status.chains.every(({ nodes }) => nodes.every(({ height }) => height === base + dayBlocks))
          ? true
          : undefined;
      },
      600_000,
    );
    return Number(((performance.now() - began) / 1000).toFixed(1));
  } finally {
    dayLines.clear();
    for (const server of servers) server.close();
  }
}

/** What `/local/chain/blocks-after` answers for ten blocks at a time, as text. */
function makeDay(base: number, before: string, ends: number): readonly string[] {
  const accounts = Array.from({ length: 50 }, (_, index) =>
    publicKeyOf(privateKeyOf(createHash('sha256').update(`stranger ${index}`).digest())),
  );
  const addresses = accounts.map((key) => addressOf(key, 'testnet'));
  const signature = 'ab'.repeat(64);
  const blocks: string[] = [];
  let previous = before;
  for (let block = 1; block <= dayBlocks; block += 1) {
    const timeStamp = nemTimeOf(ends - (dayBlocks - block) * 60_000);
    const txes = Array.from({ length: fullBlock }, (_, index) => {
      const transfer: Transfer = {
        kind: 'transfer',
        version: 1,
        network: 'testnet',
        timeStamp: timeStamp - 30,
        deadline: timeStamp + 3_600,
        signer: accounts[(block + index) % accounts.length] ?? ('' as never),
        fee: 50_000n,
        recipient: addresses[(block * 7 + index) % addresses.length] ?? ('' as never),
        amount: BigInt(block * fullBlock + index),
        message: { kind: 'none' },
        mosaics: [],
      };
      const { recipient, signer, deadline } = transfer;
      const tx = {
        timeStamp: transfer.timeStamp,
        amount: Number(transfer.amount),
        signature,
        fee: 50_000,
        recipient,
        type: 257,
        deadline,
        message: {},
        version: (0x98 << 24) | 1,
        signer,
      };
      return { tx, hash: transactionHash(encode(transfer)) };
    });
    const hash = createHash('sha256').update(`${previous} ${block}`).digest('hex');
    const whole = { timeStamp, height: base + block, prevBlockHash: { data: previous }, signature, type: 1 };
    blocks.push(JSON.stringify({ block: whole, hash, txes, difficulty: 1 }));
    previous = hash;
  }
  return blocks;
}

/** The node itself, but for what comes after its chain. */
async function serve(node: string, base: number, blocks: readonly string[]) {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => void answer(Buffer.concat(chunks)).catch(() => response.destroy()));
    const answer = async (body: Buffer) => {
      const headers = { 'content-type': 'application/json' };
      const url = incoming.url ?? '/';
      if (url === '/chain/height')
        return response.writeHead(200, headers).end(JSON.stringify({ height: base + blocks.length }));
      if (url === '/local/chain/blocks-after') {
        const { height } = Asked.parse(JSON.parse(body.toString('utf8')));
        if (height >= base) {
          const data = blocks.slice(height - base, height - base + 10).join(',');
          return response.writeHead(200, headers).end(`{"data":[${data}]}`);
        }
      }
      const asked = await fetch(node + url, {
        method: incoming.method ?? 'GET',
        headers,
        ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      });
      return response.writeHead(asked.status, headers).end(await asked.text());
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
