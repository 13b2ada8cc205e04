/** `kuramori rotate`: from an alarm to another key in its place, one command a step; each can be given again. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import {
  controlledBy,
  sameControl,
  countersigned,
  entryHash,
  formatAmount,
  Hex,
  keepersFor,
  keepersOf,
  newestOf,
  SignedRotation,
  signerRoutes,
  signStatement,
  watchtowerRoutes,
  XEM,
  type Countersignature,
  type Policy,
  type SignedEntry,
  type SignedFact,
  type Wallet,
  asNem,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { combine, nemTimeOf, planRotation, type NemNetwork } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { jsonText, readConfig, readJson, replaceFile, writeNew } from '@kuramori/program';
import { print, refuse, say, text, wholeNumber, type Command } from './command.ts';
import { listing, openHouse, openKey, policyOf, said, type House } from './house.ts';

export const rotateCommand: Command = {
  usage: `kuramori rotate draft FILE --wallet W --remove KEY [--add KEY] [--hours N] [--version N] [--house FILE]
                                              writes down the rotation; --add: the policy's spare, where it has one alone;
                                              --version: the one in force, where a newer one still waits
kuramori rotate sign FILE --key FILE          a keeper's signature, added to it
kuramori rotate record FILE [--house FILE]    the online signers record and sign it, the watchtowers countersign it
                                              (FILE.signed); where a vault must sign too, FILE.vault is for it
kuramori rotate announce FILE [--vault FILE] [--house FILE]
                                              with the vault's answer: to every node, and waits until it is confirmed
  Replaces a key of a wallet by a spare that the policy has pinned, in one transaction, frozen or not, after a theft or as
  planned. As soon as the chain has confirmed it the spare signs, by the same policy.`,
  options: {
    wallet: { type: 'string' },
    remove: { type: 'string' },
    add: { type: 'string' },
    hours: { type: 'string' },
    version: { type: 'string' },
    key: { type: 'string' },
    vault: { type: 'string' },
    house: { type: 'string' },
  },
  run: async (options, [name = '', file, ...more]) => {
    const wrong = (what: string) => refuse(`rotate: ${what}\n\n${rotateCommand.usage}`);
    const given = (option: string) => text(options[option]);
    const house = () => openHouse(given('house'));
    if (file === undefined || more.length > 0) return wrong(`'${name}' takes one file`);
    if (name === 'draft') {
      const [wallet, remove] = [given('wallet'), given('remove')];
      const hours = wholeNumber('hours', options['hours'], 24, 1, 24 * 30);
      if (wallet === null || remove === null) return wrong('draft: --wallet and --remove are needed');
      if (typeof hours === 'string') return wrong(hours);
      const version =
        options['version'] === undefined ? null : wholeNumber('version', options['version'], 1, 1, 1e9);
      if (typeof version === 'string') return wrong(version);
      return draft(house(), file, { name: wallet, remove, named: given('add'), hours, version });
    }
    if (name === 'sign') {
      const key = given('key');
      return key === null ? wrong('sign: --key names the keeper’s') : sign(file, key);
    }
    if (name === 'record') return record(house(), file);
    return name === 'announce'
      ? announce(house(), file, given('vault'))
      : wrong(`'${name}' is no call of it`);
  },
};

function walletOf({ wallets }: Policy, name: string): Wallet | string {
  const wallet = wallets.find(({ id }) => id === name);
  return wallet ?? `the policy names no wallet ${name}: ${wallets.map(({ id }) => id).join(', ')}`;
}

/** The wallet with the keys that the house's nodes say act for it; as the policy has it where they say nothing alike. */
async function actingOf(house: House, { network }: Policy, wallet: Wallet): Promise<Wallet> {
  const nodes = house.nodes.map((url) => nemNode(url, network === 'mainnet' ? 'mainnet' : 'testnet'));
  const answers = await Promise.all(nodes.map((node) => node.account(wallet.address)));
  const told = answers.map((answer) =>
    answer.kind === 'read' ? { threshold: answer.value.threshold, keys: [...answer.value.cosigners] } : null,
  );
  const [first = null] = told;
  const alike =
    first && told.every((one) => sameControl(one, first)) ? controlledBy(wallet, first) : undefined;
  if (!alike)
    say(`the nodes do not all say that keys of the policy act for ${wallet.id}: going by the policy`);
  return alike ?? wallet;
}

interface Drafted {
  readonly name: string;
  readonly remove: string;
  readonly named: string | null;
  readonly hours: number;
  readonly version: number | null;
}

async function draft(
  house: House,
  file: string,
  { name, remove, named, hours, version }: Drafted,
): Promise<number> {
  const chain = policyOf(house);
  const found = version === null ? newestOf(chain) : chain.find(({ policy: one }) => one.version === version);
  if (!found) return refuse(`rotate: --version: ${house.policy} has no version ${version}`);
  const { policy, digest } = found;
  const pinned = walletOf(policy, name);
  if (typeof pinned === 'string') return refuse(`rotate: ${pinned}`);
  if (pinned.chain !== 'nem') return refuse(notHere(pinned));
  const wallet = asNem(await actingOf(house, policy, pinned));
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

function sign(file: string, keyFile: string): number {
  const signed = readConfig(file, SignedRotation);
  const key = openKey(keyFile);
  const others = signed.signatures.filter(({ keeper }) => keeper !== key.publicKey);
  const signature = { keeper: key.publicKey, signature: signStatement(key, 'rotation', signed.rotation) };
  replaceFile(file, `${jsonText({ ...signed, signatures: [...others, signature] })}\n`);
  print(`signed by ${key.publicKey}, ${others.length + 1} in all`);
  return 0;
}

/** What is left between two steps: the planned bytes, and who has signed them. */
const Signed = z.strictObject({
  plan: Hex,
  shares: z.array(z.strictObject({ key: z.string(), share: Hex })),
  fees: z.string().regex(/^[0-9]+$/),
  signatures: z.array(z.strictObject({ key: z.string(), signature: Hex })),
});

const Answer = z.looseObject({ share: Hex, signature: Hex });

/** How long a rotation's transaction stays valid: a vault may have to be fetched. NIS takes a day at most. Seconds. */
const lifetime = 23 * 3600;

class Stopped extends Error {
  override readonly name = 'Stopped';
}

async function record(house: House, file: string): Promise<number> {
  const signed = readConfig(file, SignedRotation);
  const { rotation } = signed;
  const version = policyOf(house).find(({ digest }) => digest === rotation.policy);
  if (!version) return refuse(`${file}: was decided under a policy that ${house.policy} has not`);
  const { policy } = version;
  const pinned = walletOf(policy, rotation.wallet);
  if (typeof pinned === 'string') return refuse(`rotate: ${pinned}`);
  if (pinned.chain !== 'nem') return refuse(notHere(pinned));
  const { quorum } = keepersOf(policy);
  const agreeing = keepersFor({ policy }, signed);
  if (agreeing < quorum) return refuse(`${file}: ${agreeing} of ${quorum} keepers have signed it`);
  const network: NemNetwork = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  const wallet = asNem(await actingOf(house, policy, pinned));
  const left = wallet.cosigners.filter(({ publicKey }) => publicKey !== rotation.remove);
  const ready = await answering(house, left);
  const vaults = left.filter(({ signer }) => signer === null).map(({ publicKey }) => publicKey);
  const keys = [...ready.map(({ publicKey }) => publicKey), ...vaults].slice(0, wallet.threshold);
  if (ready.length === 0 || keys.length < wallet.threshold)
    return refuse(`rotate: ${keys.length} of the ${wallet.threshold} keys that it takes can be had`);
  const facts = await gather(house, rotation.wallet, ready);
  const timeStamp = nemTimeOf(facts[0]?.fact.at ?? Date.now());
  const deadline = timeStamp + lifetime;
  const { remove, add } = rotation;
  const planned = planRotation({ wallet, network, remove, add, timeStamp, deadline, keys });
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
    forVault = { policy: readJson(house.policy), record: proposed.record, countersignatures: words };
  }
  replaceFile(
    `${file}.signed`,
    `${jsonText({ plan: planned.plan, shares: planned.shares, fees: planned.fees, signatures })}\n`,
  );
  const missing = planned.shares.length - signatures.length;
  if (missing > 0) {
    replaceFile(`${file}.vault`, `${jsonText(forVault)}\n`);
    print(
      `${file}.vault: carry it to the vault (node signers/vault/main.ts rotate <folder> ${file}.vault), and its answer back`,
    );
  } else print(`${file}.signed: everybody has signed it: kuramori rotate announce ${file}`);
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

async function announce(house: House, file: string, vaultFile: string | null): Promise<number> {
  const { rotation } = readConfig(file, SignedRotation);
  const { policy } = newestOf(policyOf(house));
  const wallet = walletOf(policy, rotation.wallet);
  if (typeof wallet === 'string') return refuse(`rotate: ${wallet}`);
  if (!existsSync(`${file}.signed`))
    return refuse(`${file}.signed: is not there: kuramori rotate record makes it`);
  const { plan, shares, fees, signatures } = readConfig(`${file}.signed`, Signed);
  const all = new Map(signatures.map(({ key, signature }) => [key, signature]));
  if (vaultFile !== null) {
    const answer = readConfig(vaultFile, Answer);
    const whose = shares.find(({ share }) => share === answer.share);
    if (!whose) return refuse(`${vaultFile}: share: is of other bytes than ${file}.signed`);
    all.set(whose.key, answer.signature);
  }
  const combined = combine({ plan, shares, fees: BigInt(fees) }, all);
  if (combined.kind === 'refused') return refuse(`rotate: ${combined.key} ${combined.why}`);
  const network: NemNetwork = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  const nodes = house.nodes.map((url) => nemNode(url, network));
  for (const part of combined.announcements) {
    const answers = await Promise.all(nodes.map((node) => node.announce(part)));
    for (const [index, answer] of answers.entries())
      say(
        `${nodes[index]?.url}: ${answer.kind === 'read' ? `${answer.value.code} ${answer.value.message}` : answer.detail}`,
      );
    if (!answers.some((answer) => answer.kind === 'read' && answer.value.code <= 1))
      throw new Stopped(
        `no node took it: see what each of them said (5: ${wallet.address} pays ${formatAmount(BigInt(fees), XEM)} XEM for it itself: send it so much first)`,
      );
  }
  for (let waited = 0; ; waited += 1) {
    if (waited % 30 === 0)
      say(waited === 0 ? 'waits for a block' : `no block has it yet, after ${waited / 2} s`);
    const seen = await Promise.all(nodes.map((node) => node.account(wallet.address)));
    const done = seen.every(
      (answer) =>
        answer.kind === 'read' &&
        answer.value.cosigners.includes(rotation.add) &&
        !answer.value.cosigners.includes(rotation.remove),
    );
    if (done) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  print(
    `confirmed at every node: ${rotation.add} in the place of ${rotation.remove}\nIt signs from now on; where the house is frozen, once it is thawed (kuramori thaw). The next version of the policy should name it among the cosigners of ${wallet.id}, and pin another spare`,
  );
  return 0;
}

function notHere({ id, chain }: Wallet): string {
  return `rotate: ${id} is on ${chain}, and this command rotates keys of nem alone`;
}
