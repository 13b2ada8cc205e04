/** Announce: what enough keys have signed, to whoever carries it on its chain, and the wait for the block. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { Hex, newestOf, SignedRotation } from '@kuramori/core';
import { readConfig } from '@kuramori/program';
import { print, refuse, say } from '../command.ts';
import { policyOf, type House } from '../house.ts';
import { rotatingOf } from './of.ts';
import { readSigned } from './signed.ts';

const Answer = z.looseObject({ share: Hex, signature: Hex });

export async function announce(house: House, file: string, vaults: readonly string[]): Promise<number> {
  const { rotation } = readConfig(file, SignedRotation);
  const { policy } = newestOf(policyOf(house));
  const on = rotatingOf(house, policy, rotation.wallet);
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
  const { rotating, wallet } = on;
  const isDone = () => rotating.isDone(rotation, planned);
  if (!(await isDone())) await rotating.carry(planned, all);
  for (let waited = 0; !(await isDone()); waited += 1) {
    if (waited % 30 === 0)
      say(waited === 0 ? 'waits for a block' : `no block has it yet, after ${waited / 2} s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  print(
    `confirmed at every node: ${rotation.add} in the place of ${rotation.remove}\nIt signs from now on; where the house is frozen, once it is thawed (kuramori thaw). The next version of the policy should name it among the cosigners of ${wallet.id}, and pin another spare`,
  );
  return 0;
}
