/** Watchtowers that are away, slow or refuse hold nobody up: the others hear each new statement, and custody goes on. */
import { join } from 'node:path';
import { createServer, type Server } from 'node:http';
import { SignedTotals, verifyTotals, watchtowerRoutes } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Scans } from '../chain/scan.ts';
import type { House } from '../house.ts';
import { send, signed } from '../testing/exchange.ts';
import { changed, testHouse, type TestHouse } from '../testing/house.ts';
import { until } from '../testing/neighbourhood.ts';
import { startPublisher } from './publish.ts';

let t: TestHouse;
let silent: Server;
const heard: SignedTotals[] = [];
let asked = 0;
let listener: { close: () => Promise<void> };
beforeEach(async () => {
  heard.length = 0;
  asked = 0;
  t = await testHouse({
    house: (folder) => ({
      watchtowers: ['away', 'silent', 'refuses', 'listens'].map((name) => ({
        key: 'f'.repeat(64),
        at: { socket: join(folder, name) },
      })),
    }),
  });
  // Takes the statement and never answers.
  silent = createServer(() => (asked += 1));
  await new Promise<void>((resolve) => silent.listen(join(t.folder, 'silent'), resolve));
  const routes = { totals: watchtowerRoutes.totals };
  const listens = await serveRoutes({ socket: join(t.folder, 'listens') }, routes, {
    totals: (one) => {
      heard.push(one);
      return { kind: 'done' as const };
    },
  });
  const refuses = await serveRoutes({ socket: join(t.folder, 'refuses') }, routes, {
    totals: () => ({ kind: 'refused' as const, why: 'older', detail: 'totals: is older' }),
  });
  listener = {
    close: async () => {
      await listens.close();
      await refuses.close();
    },
  };
});
afterEach(async () => {
  silent.closeAllConnections();
  silent.close();
  await listener.close();
  await t[Symbol.asyncDispose]();
});

async function book(height: number): Promise<void> {
  await t.database.admin.query(
    `insert into custody.cursor (chain, height, hash, time) values ('nem', $1, $2, 0)
       on conflict (chain) do update set height = excluded.height, hash = excluded.hash`,
    [height, String(height).padStart(64, '0')],
  );
}
let height = 0;
const scans: Pick<Scans, 'states'> = {
  states: () => new Map([['nem', { height, target: height, stopped: null, complaints: [] }]]),
};

it('says nothing before the first block; then each block at once, to whoever listens', async () => {
  expect(await t.ask({ path: '/v1/totals' })).toMatchObject({ status: 503, body: { code: 'no-block-yet' } });
  height = 0;
  await using publisher = startPublisher(t.house, scans);
  expect(publisher).toBeDefined();
  await t.rich('alice', '5');
  for (const next of [7, 8, 9]) {
    await book(next);
    height = next;
    const began = performance.now();
    await until(`block ${next} to be told`, async () => heard.at(-1)?.totals.blocks[0]?.height === next);
    // Not after the usual five seconds.
    expect(performance.now() - began).toBeLessThan(4_500);
  }
  expect(asked).toBeGreaterThan(0);
  for (const one of heard) expect(verifyTotals(t.house.policy, one)).toBe(true);
  expect(heard.at(-1)?.totals).toMatchObject({
    exchange: 'exchange-1',
    sequence: 1,
    assets: [{ claims: 5_000_000n, holdings: [{ wallet: 'hot-xem', units: 5_000_000n }] }],
  });
  const shown = await t.ask({ path: '/v1/totals' });
  expect(SignedTotals.parse(shown.body).totals.blocks[0]?.height).toBe(9);
});

it('a changed balance is told though no block comes', async () => {
  await book(7);
  height = 7;
  await using publisher = startPublisher(t.house, scans);
  expect(publisher).toBeDefined();
  await until('the first statement', async () => heard.length > 0);
  await t.rich('alice', '5');
  await until('the next one', async () => heard.at(-1)?.totals.sequence === 1);
}, 20_000);

it('the database is away for a while: the statements come again by themselves', async () => {
  await book(7);
  height = 7;
  let broken = true;
  const { statements } = t.house;
  const house = changed(t.house, {
    statements: {
      ...statements,
      state: (of: House) =>
        broken ? Promise.reject(new Error('terminating connection')) : statements.state(of),
    },
  });
  await using publisher = startPublisher(house, scans);
  expect(publisher).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 100));
  broken = false;
  height = 8;
  await until('a statement', async () => heard.length > 0);
});

it('is read by keys that may read, and by no other', async () => {
  await book(7);
  const unsigned = await t.app.request('/v1/totals');
  expect(unsigned.status).toBe(401);
  expect(
    await send(t.app, signed({ path: '/v1/totals', created: Math.floor(t.clock.ms / 1000) })),
  ).toMatchObject({ status: 200, body: { totals: { blocks: [{ height: 7 }] } } });
});
