/** Record: every online signer that is left records the rotation, the watchtowers countersign it, and it signs. */
import { rmSync } from 'node:fs';
import {
  countersigned,
  entryHash,
  keepersFor,
  keepersOf,
  SignedRotation,
  signerRoutes,
  watchtowerRoutes,
  type Countersignature,
  type Policy,
  type SignedEntry,
  type SignedFact,
  type Wallet,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { jsonText, readConfig, readJson, replaceFile } from '@kuramori/program';
import { print, refuse, say } from '../command.ts';
import { policyOf, said, type House } from '../house.ts';
import { onChainOf } from '../chains/of.ts';
import { Stopped } from '../chains/on-chain.ts';
import { signedText } from '../chains/signed.ts';

export async function record(house: House, file: string): Promise<number> {
  const signed = readConfig(file, SignedRotation);
  const { rotation } = signed;
  const version = policyOf(house).find(({ digest }) => digest === rotation.policy);
  if (!version) return refuse(`${file}: was decided under a policy that ${house.policy} has not`);
  const { policy } = version;
  const on = onChainOf(house, policy, rotation.wallet, 'rotation');
  if (typeof on === 'string') return refuse(`rotate: ${on}`);
  const { quorum } = keepersOf(policy);
  const agreeing = keepersFor({ policy }, signed);
  if (agreeing < quorum) return refuse(`${file}: ${agreeing} of ${quorum} keepers have signed it`);
  const wallet = await on.onChain.acting();
  const left = wallet.cosigners.filter(({ publicKey }) => publicKey !== rotation.remove);
  const ready = await answering(house, left);
  const vaults = left.filter(({ signer }) => signer === null).map(({ publicKey }) => publicKey);
  const keys = [...ready.map(({ publicKey }) => publicKey), ...vaults].slice(0, wallet.threshold);
  if (ready.length === 0 || keys.length < wallet.threshold)
    return refuse(`rotate: ${keys.length} of the ${wallet.threshold} keys that it takes can be had`);
  const facts = await gather(house, rotation.wallet, ready);
  const { remove, add } = rotation;
  const at = facts[0]?.fact.at ?? Date.now();
  const planned = await on.onChain.planRotation(wallet, { remove, add, keys }, at);
  const signatures: { key: string; signature: string }[] = [];
  let forVault: object | null = null;
  for (const { key, share } of planned.shares) {
    const signer = ready.find(({ publicKey }) => publicKey === key);
    if (!signer) continue;
    const proposed = await call(signer.at, signerRoutes.propose, {
      kind: 'rotation',
      wallet: rotation.wallet,
      rotation: signed,
      plan: planned.plan,
      share,
      facts: [...facts],
    });
    if (proposed.kind !== 'recorded') throw new Stopped(`${signer.signer}: ${said(proposed)}`);
    say(`${signer.signer} has recorded it`);
    const words = await countersign(house, policy, proposed.record);
    const entry = entryHash(proposed.record.entry);
    const released = await call(signer.at, signerRoutes.release, { entry, countersignatures: words });
    if (released.kind !== 'signed') throw new Stopped(`${signer.signer}: ${said(released)}`);
    say(`${signer.signer} has signed it`);
    signatures.push({ key, signature: released.signature });
    forVault = {
      policy: readJson(house.policy),
      record: proposed.record,
      countersignatures: words,
    };
  }
  const missing = planned.shares.length - signatures.length;
  // In this order: what is carried to a vault is never of other bytes than what is announced.
  if (missing > 0) replaceFile(`${file}.vault`, `${jsonText(forVault)}\n`);
  else rmSync(`${file}.vault`, { force: true });
  replaceFile(`${file}.signed`, signedText(planned, signatures));
  print(
    missing > 0
      ? `${file}.vault: carry it to the vault (there: ./kuramori-vault rotate FOLDER ${file}.vault > answer), and its answer back`
      : `${file}.signed: everybody has signed it: kuramori rotate announce ${file}`,
  );
  return 0;
}

type Online = { readonly signer: string; readonly publicKey: string; readonly at: Where };

/** Those who answer and are open; a silent one must stop nothing. */
async function answering(house: House, cosigners: Wallet['cosigners']): Promise<readonly Online[]> {
  const asked = await Promise.all(
    cosigners.map(async ({ signer, publicKey }) => {
      const at = house.signers.find(({ id }) => id === signer)?.at;
      if (signer === null || at === undefined) return [];
      const status = await call(at, signerRoutes.status, {});
      if (status.kind === 'status' && status.open) return [{ signer, publicKey, at }];
      say(`${signer}: ${status.kind === 'status' ? 'waits for its watchtowers' : said(status)}`);
      return [];
    }),
  );
  return asked.flat();
}

async function gather(
  house: House,
  wallet: string,
  signers: readonly Online[],
): Promise<readonly SignedFact[]> {
  const nonces = await Promise.all(
    signers.map(async ({ signer, at }) => {
      const answer = await call(at, signerRoutes.nonce, {});
      if (answer.kind !== 'nonce') throw new Stopped(`${signer}: ${said(answer)}`);
      return answer.nonce;
    }),
  );
  const asked = { wallet, nonces, plans: [], purpose: 'rotation' as const };
  const answers = await Promise.all(
    house.watchtowers.map(async ({ name, at }) => ({
      name,
      answer: await call(at, watchtowerRoutes.fact, asked),
    })),
  );
  for (const { name, answer } of answers) if (answer.kind !== 'fact') say(`${name}: ${said(answer)}`);
  return answers.flatMap(({ answer }) => (answer.kind === 'fact' ? answer.fact : []));
}

async function countersign(house: House, policy: Policy, given: SignedEntry): Promise<Countersignature[]> {
  const answers = await Promise.all(
    house.watchtowers.map(async ({ name, at }) => ({
      name,
      answer: await call(at, watchtowerRoutes.countersign, given),
    })),
  );
  for (const { name, answer } of answers)
    say(answer.kind === 'countersigned' ? `${name} has countersigned it` : `${name}: ${said(answer)}`);
  const words = answers.flatMap(({ answer }) =>
    answer.kind === 'countersigned' ? answer.countersignature : [],
  );
  if (countersigned(policy, entryHash(given.entry), words) < policy.watchtowers.quorum)
    throw new Stopped('too few watchtowers have countersigned it: give the command again when they do');
  return words;
}
