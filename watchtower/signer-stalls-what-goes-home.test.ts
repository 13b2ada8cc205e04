/**
 * A signer records what goes home and another lets it down: the next attempt is for the same bytes, which the first has recorded
 * already. Whoever holds one signer's process would else keep all that is free where it is, until a block comes.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { serveRoutes } from '@kuramori/program';
import { hasLitecoind } from '../chains/bitcoin/testing/litecoind.ts';
import { litecoin, ltc, stolen, thief, until, watch, type Chain } from './testing/litecoin.ts';

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await litecoin();
  }, 60_000);
  afterAll(() => chain[Symbol.asyncDispose]());

  it('a taken signer answers, and says no to the first: the other’s record is asked for again, and the coins go home', async () => {
    const from = await chain.cleared();
    const coins = await chain.fund(2);
    await using w = await watch(chain, from);
    await w.seeing();
    const taken = w.l.sockets.get('signer-4');
    let refused = 0;
    const between = { socket: join(w.l.folder, 'between.socket') };
    const passed = (name: keyof typeof signerRoutes) => (body: never) =>
      call(taken, signerRoutes[name] as (typeof signerRoutes)['status'], body);
    const names = Object.keys(signerRoutes) as (keyof typeof signerRoutes)[];
    const answers = Object.fromEntries(names.map((name) => [name, passed(name)]));
    const server = await serveRoutes(between, signerRoutes, {
      ...answers,
      propose(body: never) {
        refused += 1;
        return refused < 2 ? { kind: 'refused', why: 'taken', detail: 'a thief’s' } : passed('propose')(body);
      },
    } as unknown as Parameters<typeof serveRoutes<typeof signerRoutes>>[2]);
    (w.l.sockets as Map<string, { readonly socket: string }>).set('signer-4', between);
    await chain.send(stolen(coins.slice(0, 1), [{ address: thief, units: ltc(39) }]).hex);
    await until('the evacuation', () => w.l.told().some(({ event }) => event === 'evacuation sent'), 12_000);
    expect(refused).toBe(2);
    expect(await w.evacuations()).toHaveLength(1);
    await server.close();
  }, 60_000);
});
