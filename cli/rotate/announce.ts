/** Announce: what enough keys have signed, to whoever carries it on its chain, and the wait for the block. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { Hex, SignedRotation } from '@kuramori/core';
import { readConfig } from '@kuramori/program';
import { print, refuse, say } from '../command.ts';
import { policyOf, type House } from '../house.ts';
import { onChainOf } from '../chains/of.ts';
import { readSigned } from '../chains/signed.ts';

const Answer = z.looseObject({ share: Hex, signature: Hex });

/** Between two looks, in milliseconds; after how many of them somebody is told, and what else helps. */
const [betweenMs, everyWord, patience] = [500, 30, 120];

export async function announce(house: House, file: string, vaults: readonly string[]): Promise<number> {
  const { rotation } = readConfig(file, SignedRotation);
  // By the version that decided it: a later one may have dropped whom it names.
  const version = policyOf(house).find(({ digest }) => digest === rotation.policy);
  if (!version) return refuse(`${file}: was decided under a policy that ${house.policy} has not`);
  const { policy } = version;
  const on = onChainOf(house, policy, rotation.wallet, 'rotation');
  if (typeof on === 'string') return refuse(`rotate: ${on}`);
  if (!existsSync(`${file}.signed`))
    return refuse(`${file}.signed: is not there: kuramori rotate record makes it`);
  const { planned, signatures } = readSigned(`${file}.signed`);
  const all = new Map(signatures.map(({ key, signature }) => [key, signature]));
  for (const vaultFile of vaults) {
    const answer = readConfig(vaultFile, Answer);
    const whose = planned.shares.find(({ share }) => share === answer.share);
    if (!whose) return refuse(`${vaultFile}: share: is of other bytes than ${file}.signed`);
    all.set(whose.key, answer.signature);
  }
  const missing = planned.shares.filter(({ key }) => !all.has(key));
  if (missing.length > 0)
    return refuse(
      `${file}: ${missing.map(({ key }) => key).join(', ')} has not signed it: carry ${file}.vault to the vault, and give its answer with --vault`,
    );
  const { onChain, wallet } = on;
  const waitsFor = () => onChain.waitsFor(rotation, planned);
  if ((await waitsFor()) !== null) await onChain.carry(planned, all);
  for (let waited = 0; ; waited += 1) {
    const why = await waitsFor();
    if (why === null) break;
    if (waited % everyWord === 0)
      say(waited === 0 ? 'waits for a block' : `${why}, after ${(waited * betweenMs) / 1000} s`);
    const instead = waited === patience ? onChain.instead(planned, all) : null;
    if (instead !== null) say(instead);
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  print(
    `confirmed at every node: ${rotation.add} in the place of ${rotation.remove}\nIt signs from now on; where the house is frozen, once it is thawed (kuramori thaw). The next version of the policy should name it among the cosigners of ${wallet.id}, and pin another spare`,
  );
  return 0;
}
