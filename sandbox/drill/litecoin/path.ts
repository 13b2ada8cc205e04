/** PATH: the thief uses our own path, with the exchange's key; and once with a keeper's, by which he raises the limits first. */
import { LTC, parseAmount, policyDigest, type Policy } from '@kuramori/core';
import { join } from 'node:path';
import { towerNames } from '../../house/plan.ts';
import { policyFor, writePolicy } from '../../house/write-policy.ts';
import { boundlessOnLitecoin } from '../thefts/defences.ts';
import type { LitecoinScene } from '../thefts/drill.ts';
import { askFor, asMuchAs } from './asking.ts';

/** Bitfinex: first the limits are raised, with a keeper's key, then everything leaves in many payments. */
export async function limitsRaisedFirst(scene: LitecoinScene): Promise<void> {
  const { house, deed, nextBlock } = scene;
  const { people, plan } = house;
  const first = policyFor(house.deed, plan, people.exchange.publicKey);
  const raised = { ...plan, litecoinRule: boundlessOnLitecoin };
  const second: Policy = {
    ...policyFor(house.deed, raised, people.exchange.publicKey),
    version: 2,
    prev: policyDigest(first),
  };
  const policyFile = join(plan.folder, 'policy', 'raised.json');
  writePolicy(policyFile, [first, second], people.keeper);
  const towers = towerNames(house.deed.watchtowerKeys.length);
  for (const name of [...towers, ...deed.signers.map(({ id }) => id as `signer-ltc-${number}`)])
    await house.restart(name, { policyFile });
  const hot = await allHot(scene);
  for (let batch = 0; batch < 3; batch += 1) {
    await asMuchAs(scene, hot / 3n);
    await nextBlock();
  }
}

/** CoinDCX: a little to see whether it works, and a block later six times as much as he gets, two in each block. */
export async function credentialStolen(scene: LitecoinScene): Promise<void> {
  const hot = await allHot(scene);
  await askFor(scene, parseAmount('0.15', LTC));
  await scene.nextBlock();
  for (let turn = 0; turn < 6; turn += 1) {
    await asMuchAs(scene, hot / 6n);
    if (turn % 2 === 1) await scene.nextBlock();
  }
}

async function allHot({ coins }: LitecoinScene): Promise<bigint> {
  return (await coins()).reduce((sum, { units }) => sum + units, 0n);
}
