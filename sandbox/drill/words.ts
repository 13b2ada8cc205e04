/** Every watchtower's words, as custody collects them: the thief is where custody is. */
import { watchtowerRoutes, type Wallet } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import type { House } from '../house/house.ts';
import { towerNames } from '../house/plan.ts';
import { whereOf } from '../house/rooms.ts';
import type { Words } from './path-attacks.ts';

export function everyonesWords({ plan, deed }: Pick<House, 'plan' | 'deed'>, wallet: Wallet['id']): Words {
  const towers = towerNames(deed.watchtowerKeys.length).map((name) => whereOf(plan, name));
  return {
    async facts(nonce) {
      const asking = { wallet, nonces: [nonce] };
      const answers = await Promise.all(towers.map((at) => call(at, watchtowerRoutes.fact, asking)));
      return answers.flatMap((answer) => (answer.kind === 'fact' ? answer.fact : []));
    },
    async countersign(record) {
      const answers = await Promise.all(towers.map((at) => call(at, watchtowerRoutes.countersign, record)));
      return answers.flatMap((answer) => (answer.kind === 'countersigned' ? answer.countersignature : []));
    },
  };
}
