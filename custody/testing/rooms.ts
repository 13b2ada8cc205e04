/** The other rooms that a custody needs: signers and a watchtower, each as it is, in this process. */
import { join } from 'node:path';
import { call, type Where } from '@kuramori/chains/http';
import { chainOf, signerRoutes, watchtowerRoutes, type ChainKey, type SigningKey } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { signer } from '../../signers/cosigner/signer.ts';
import { openJournal } from '../../signers/journal.ts';
import { keysOf } from '../../signers/keystore.ts';
import { openTiles } from '../../signers/tiles.ts';
import { openArchive } from '../../watchtower/archive.ts';
import type { OpenEye } from '../../watchtower/eye.ts';
import { openFreezer } from '../../watchtower/frozen.ts';
import { openIncident } from '../../watchtower/incident.ts';
import { Release } from '../../watchtower/signs/code.ts';
import { Signs } from '../../watchtower/signs/thresholds.ts';
import { startTower, type Tower } from '../../watchtower/tower.ts';
import type { TestHouse } from './house.ts';

export interface Rooms extends AsyncDisposable {
  readonly tower: Tower;
  /** Until every signer signs. */
  readonly open: () => Promise<void>;
  /** A signer answers nobody any more. */
  readonly silence: (id: string) => Promise<void>;
}

/** `keys`: of the policy's signers, in its order. */
export async function openRooms(
  t: TestHouse,
  {
    keys,
    records = t.records,
    on,
    eyes,
  }: {
    readonly keys: readonly ChainKey[];
    /** By which they sign their records, where they are not the usual two. */
    readonly records?: readonly SigningKey[];
    /** The keys' chain, where it is not NEM. */
    readonly on?: Parameters<typeof keysOf>[2];
    readonly eyes: readonly OpenEye[];
  },
): Promise<Rooms> {
  const { house } = t;
  const chain = chainOf(house.policy);
  const signers = await Promise.all(
    house.policy.signers.map(async ({ id }, index) => {
      const [record, key] = [records[index], keys[index]];
      if (!record || !key) throw new Error('a signer without keys');
      const journal = openJournal(join(t.folder, `${id}.jsonl`), id, record);
      const tiles = openTiles(join(t.folder, `${id}.tiles`), id, record, chain, journal);
      const server = await serveRoutes(
        { socket: join(t.folder, id) },
        signerRoutes,
        signer({ id, chain, keys: keysOf(record, key, on), journal, tiles, clock: house.clock }),
      );
      return { id, server, journal, tiles };
    }),
  );
  const tower = startTower({
    policy: house.policy,
    digest: house.policyDigest,
    chain,
    key: t.tower,
    clock: house.clock,
    eyes,
    signers: house.signers,
    peers: [],
    archive: openArchive(join(t.folder, 'archive.jsonl'), chain),
    freezer: openFreezer(join(t.folder, 'frozen.json'), t.tower),
    incident: openIncident(join(t.folder, 'incident.jsonl'), [], house.clock.now),
    silenceMs: 5_000,
    // Tests make blocks faster than they can be sampled.
    books: { silenceMs: 600_000, behindBlocks: 100_000 },
    signs: Signs.parse({ diskNearlyFull: { megabytes: 0 } }),
    folder: t.folder,
    evacuates: false,
    pager: null,
    release: Release.parse({}),
  });
  const server = await serveRoutes({ socket: join(t.folder, 'tower') }, watchtowerRoutes, tower);
  return {
    tower,
    open: () =>
      until('the signers to be open', async () => {
        const open = await Promise.all(house.signers.values().map(isOpen));
        return open.every(Boolean);
      }),
    async silence(id) {
      await signers.find((one) => one.id === id)?.server.close();
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await tower[Symbol.asyncDispose]();
      for (const one of signers) {
        await one.server.close();
        await one.tiles.settled();
        one.journal[Symbol.dispose]();
      }
    },
  };
}

async function isOpen(at: Where): Promise<boolean> {
  const status = await call(at, signerRoutes.status, {});
  return status.kind === 'status' && status.open;
}

export async function until(
  what: string | (() => string),
  look: () => Promise<boolean>,
  patienceMs = 10_000,
): Promise<void> {
  const began = performance.now();
  while (!(await look())) {
    if (performance.now() - began > patienceMs)
      throw new Error(`waited ${patienceMs} ms for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
