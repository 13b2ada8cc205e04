/** Draft: which key gives its place to which spare, written down for the keepers, and signed by them. */
import { newestOf, SignedRotation, signStatement } from '@kuramori/core';
import { jsonText, readConfig, replaceFile, writeNew } from '@kuramori/program';
import { listing, print, refuse } from '../command.ts';
import { openKey, policyOf, type House } from '../house.ts';
import { onChainOf } from '../chains/of.ts';

export interface Drafted {
  readonly name: string;
  readonly remove: string;
  readonly named: string | null;
  readonly hours: number;
  readonly version: number | null;
}

export async function draft(
  house: House,
  file: string,
  { name, remove, named, hours, version }: Drafted,
): Promise<number> {
  const chain = policyOf(house);
  const found = version === null ? newestOf(chain) : chain.find(({ policy: one }) => one.version === version);
  if (!found) return refuse(`rotate: --version: ${house.policy} has no version ${version}`);
  const { policy, digest } = found;
  const on = onChainOf(house, policy, name, 'rotation');
  if (typeof on === 'string') return refuse(`rotate: ${on}`);
  const wallet = await on.onChain.acting();
  const gone = wallet.cosigners.find(({ publicKey }) => publicKey === remove);
  if (!gone)
    return refuse(
      `rotate: --remove: ${remove} is no key of ${name}. Its keys:\n${listing(wallet.cosigners.map(({ publicKey, signer }) => [publicKey, signer ?? 'a vault']))}`,
    );
  const spares = (wallet.spares ?? []).filter(({ signer }) => (signer === null) === (gone.signer === null));
  const add = named ?? (spares.length === 1 ? spares[0]?.publicKey : undefined);
  if (add === undefined)
    return refuse(
      `rotate: --add: ${spares.length === 0 ? `${name} has no spare of this kind: a version of the policy must pin one first` : `one of ${spares.map(({ publicKey }) => publicKey).join(', ')}`}`,
    );
  const rotation = {
    wallet: name,
    remove,
    add,
    policy: digest,
    expiry: Math.floor(Date.now() / 1000) + hours * 3600,
  };
  writeNew(file, `${jsonText({ rotation, signatures: [] })}\n`);
  const { quorum, people } = policy.keepers;
  print(
    `${name}: ${add} in the place of ${remove} (${gone.signer ?? 'a vault'})\n${file}: ${quorum} of ${people.length} keepers must sign it (kuramori rotate sign)`,
  );
  return 0;
}

export function sign(file: string, keyFile: string): number {
  const signed = readConfig(file, SignedRotation);
  const key = openKey(keyFile);
  const others = signed.signatures.filter(({ keeper }) => keeper !== key.publicKey);
  const signature = { keeper: key.publicKey, signature: signStatement(key, 'rotation', signed.rotation) };
  replaceFile(file, `${jsonText({ ...signed, signatures: [...others, signature] })}\n`);
  print(`signed by ${key.publicKey}, ${others.length + 1} in all`);
  return 0;
}
