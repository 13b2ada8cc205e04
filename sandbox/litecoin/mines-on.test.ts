/** A sandbox that is left running makes blocks for hours: past the height at which a regtest with MWEB stops. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../postgres/server.ts';
import { hasLitecoind, litecoinAt, openOutsiders, startLitecoind } from './nodes.ts';

it.skipIf(!hasLitecoind())(
  'block 700 is made as block 149 was (litecoind)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuramori-litecoin-'));
    mkdirSync(join(folder, 'people'), { mode: 0o700 });
    const plan = { folder, users: null, ephemeral: true, litecoinReplaces: false };
    const deed = {
      ports: { rpc1: await freePort(), rpc2: await freePort(), meeting: await freePort() },
    };
    const node = await startLitecoind(plan, deed, 1);
    try {
      const litecoin = litecoinAt(plan, deed, 1);
      expect(await openOutsiders(litecoin)).toBe(148);
      await litecoin('generatetoaddress', 552, await litecoin('getnewaddress'));
      expect(await litecoin('getblockcount')).toBe(700);
    } finally {
      await node.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000,
);
