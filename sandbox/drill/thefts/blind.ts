/** The thief makes the watchers blind first: their nodes repeat what they said, or they are killed. */
import { startProxy, type Proxy } from '../../chaos/proxy.ts';
import { stealKey } from '../thief.ts';
import type { Scene } from './drill.ts';
import { spend } from './key.ts';

/** The watchtower's lines to its nodes; straight ones until somebody puts proxies in their place. */
export const lines = new Map<string, string>();

export async function blinded(scene: Scene): Promise<void> {
  const { house, hot, accepted, account, now, jumpAnyhow, note, has } = scene;
  const proxies: Proxy[] = [];
  try {
    if (has('watchtower')) {
      for (const { url } of house.nodes) {
        const proxy = await startProxy(url);
        proxies.push(proxy);
        lines.set(url, proxy.url);
      }
      await house.restart('watchtower');
      for (const proxy of proxies) proxy.set('stale');
      // So that it has heard what will be repeated.
      await jumpAnyhow(now() + 5_000);
    }
    const stolen = house.deed.signers.map(({ id }) => stealKey(house, id));
    for (let parts = 0; parts < 4; parts += 1) {
      const paid = await spend(scene, stolen, account().address, hot / 4n, 0);
      if (paid?.code === 1) accepted(paid);
      await jumpAnyhow(now() + 30 * 60_000);
    }
    for (const proxy of proxies) proxy.set('whole');
    note('the lines are whole again two hours later');
  } finally {
    lines.clear();
  }
}
