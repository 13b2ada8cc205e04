/** The file by which people reach a house (`kuramori freeze`, `thaw`, `rotate`, `policy`, `page`): where everybody listens. No secret is in it. */
import { join } from 'node:path';
import { replaceFile } from '@kuramori/program';
import { ethereumUrls } from '../ethereum/node.ts';
import { credentialsFile, giveCredentials, litecoinUrls, type LitecoinDeed } from '../litecoin/nodes.ts';
import { servingSigners, type Deed } from './deed.ts';
import { hasPager, towerNames, type HousePlan } from './plan.ts';
import { endpointOf, nodeUrls } from './rooms.ts';

export function writeHouseFile(plan: HousePlan, deed: Deed): void {
  const house = {
    v: 1,
    ...(plan.tls ? { identity: plan.tls.identity('operator') } : {}),
    policy: plan.policyFile,
    keepers: plan.keepers,
    signers: servingSigners(deed).map(({ id }) => ({ id, at: endpointOf(plan, id) })),
    watchtowers: plan.watchtower
      ? towerNames(deed.watchtowerKeys.length).map((name) => ({ name, at: endpointOf(plan, name) }))
      : [],
    ...(hasPager(plan) ? { pager: { at: endpointOf(plan, 'pager') } } : {}),
    nodes: nodeUrls(deed),
    ...(deed.litecoin ? { litecoin: litecoinOf(plan, deed.litecoin) } : {}),
    ...(deed.ethereum
      ? { ethereum: { nodes: ethereumUrls(deed.ethereum), relayers: [endpointOf(plan, 'relayer')] } }
      : {}),
  };
  replaceFile(join(plan.folder, 'house.json'), `${JSON.stringify(house, null, 2)}\n`);
}

function litecoinOf(plan: HousePlan, deed: LitecoinDeed) {
  giveCredentials({ folder: plan.folder, users: null }, 'operator');
  const file = credentialsFile(plan, 'operator');
  return { nodes: litecoinUrls(deed).map((url) => ({ url, credentialsFile: file })) };
}
