/** Whether everybody is idle: nothing to decide, sign, send or pass on. Only then may chain time jump. */
import { watchtowerRoutes } from '@kuramori/core';
import { call, requestJson } from '@kuramori/chains/http';
import { z } from 'zod';
import { until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { towerNames, type TowerName } from '../house/plan.ts';
import { whereOf } from '../house/rooms.ts';

const Idle = z.object({ idle: z.boolean() });

/** Waits until all are idle at once, as each of them says. Throws, with who is not, where that does not happen within a minute. */
export async function untilIdle(house: House): Promise<void> {
  const asked = Date.now();
  const pools = poolsOf(house);
  const checks: readonly (readonly [who: string, idle: () => Promise<boolean>])[] = [
    ['both nodes', () => settled(pools)],
    ['custody', () => custodyIdle(house)],
    ['the watchtower', () => watchtowerIdle(house, asked)],
    // Once more: whoever was asked last may have sent something since the first were asked.
    ['both nodes', () => settled(pools)],
    ['custody', () => custodyIdle(house)],
  ];
  let busy = '';
  await until(
    () => `everybody to be idle: ${busy} not`,
    async () => {
      for (const [who, idle] of checks) {
        busy = who;
        if (!(await idle())) return undefined;
      }
      return true;
    },
    60_000,
  );
}

async function custodyIdle(house: House): Promise<boolean> {
  if (house.custodyUrl === null || !alive(house, 'custody')) return true;
  const reply = await requestJson({ url: house.custodyUrl }, 'GET', '/v1/idle');
  return reply.kind === 'reply' && Idle.safeParse(reply.body).data?.idle === true;
}

/** A whole round of looking that began after we asked, and nothing left to do about it. */
async function watchtowerIdle(house: House, asked: number): Promise<boolean> {
  const all = await Promise.all(
    towerNames(house.deed.watchtowerKeys.length).map((name) => towerIdle(house, name, asked)),
  );
  return all.every(Boolean);
}

async function towerIdle(house: House, name: TowerName, asked: number): Promise<boolean> {
  if (!alive(house, name)) return true;
  const status = await call(whereOf(house.plan, name), watchtowerRoutes.status, {});
  if (status.kind !== 'status' || status.chains.some(({ roundBegan }) => roundBegan <= asked)) return false;
  const { frozen, evacuation } = status;
  if (frozen === null || evacuation === null) return true;
  // What failed because this machine is busy is tried again at once; what goes on failing is in somebody's way.
  const { underWay, attempts, failures } = evacuation;
  return !underWay && attempts > 0 && (failures === 0 || failures >= enough);
}

/** So often in a row an evacuation fails for a reason that only time removes. */
const enough = 4;

/** Two spends of the same coins, each at one node: neither takes the other's, and only a block decides. Milliseconds. */
const standoffMs = 8_000;

interface Pools {
  readonly look: () => Promise<readonly (string | undefined)[]>;
  last: string;
  since: number;
}

const poolsOf = (house: House): Pools => ({ look: () => lookAt(house), last: '', since: 0 });

/** Whether both nodes hold the same, or each what it has held for so long that gossip changes it no more. */
async function settled(pools: Pools): Promise<boolean> {
  const known = await pools.look();
  if (known.includes(undefined)) return false;
  const now = performance.now();
  const whole = known.join(' | ');
  if (whole !== pools.last) [pools.last, pools.since] = [whole, now];
  return known[0] === known[1] || now - pools.since > standoffMs;
}

async function lookAt({ nodes, deed }: House): Promise<readonly (string | undefined)[]> {
  const heights = await Promise.all(nodes.map((node) => node.height()));
  const waiting = await Promise.all(nodes.map((node) => node.unconfirmed(deed.hot.address)));
  return nodes.map((_, index) => {
    const [height, pending] = [heights[index], waiting[index]];
    if (height?.kind !== 'read' || pending?.kind !== 'read') return undefined;
    const hashes = pending.value.seen
      .map(({ hash, cosignatures }) => `${hash} ${cosignatures.length}`)
      .sort();
    return `${height.value} ${hashes.join()}`;
  });
}

function alive(house: House, name: string): boolean {
  return house.running.has(name) && !house.ended.has(name);
}
