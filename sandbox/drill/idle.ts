/** Whether everybody is idle: nothing to decide, sign, send or pass on. Only then may chain time jump. */
import { watchtowerRoutes } from '@kuramori/core';
import { call, requestJson } from '@kuramori/chains/http';
import { z } from 'zod';
import { until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { socketOf } from '../house/rooms.ts';

const Idle = z.object({ idle: z.boolean() });

/** Waits until all are idle, as each of them says. Throws where that does not happen within a minute. */
export async function untilIdle(house: House): Promise<void> {
  await until('both nodes to know the same', () => sameEverywhere(house), 60_000);
  if (house.custodyUrl && alive(house, 'custody')) {
    const url = house.custodyUrl;
    await until(
      'custody to be idle',
      async () => {
        const reply = await requestJson({ url }, 'GET', '/v1/idle');
        return reply.kind === 'reply' && Idle.safeParse(reply.body).data?.idle ? true : undefined;
      },
      60_000,
    );
  }
  if (alive(house, 'watchtower')) await untilSeen(house);
}

/** A whole round of looking that began after now, and nothing left to do about it. */
async function untilSeen(house: House): Promise<void> {
  const asked = Date.now();
  await until(
    'the watchtower to be idle',
    async () => {
      const status = await call(socketOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
      return status.kind === 'status' && status.roundBegan > asked && !status.evacuating ? true : undefined;
    },
    60_000,
  );
}

async function sameEverywhere({ nodes, deed }: House): Promise<true | undefined> {
  const heights = await Promise.all(nodes.map((node) => node.height()));
  const waiting = await Promise.all(nodes.map((node) => node.unconfirmed(deed.hot.address)));
  const known = nodes.map((_, index) => {
    const [height, pending] = [heights[index], waiting[index]];
    if (height?.kind !== 'read' || pending?.kind !== 'read') return undefined;
    const hashes = pending.value.seen
      .map(({ hash, cosignatures }) => `${hash} ${cosignatures.length}`)
      .sort();
    return `${height.value} ${hashes.join()}`;
  });
  return known[0] !== undefined && known[0] === known[1] ? true : undefined;
}

function alive(house: House, name: string): boolean {
  return house.running.has(name) && !house.ended.has(name);
}
