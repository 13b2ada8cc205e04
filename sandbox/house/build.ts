/** Builds a house: keys in their own folders, accounts on the devnet, coins on the accounts, the policy signed. Done once. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { policyDigest, signingKeyFromSeed, type SigningKey } from '@kuramori/core';
import {
  addressOf,
  formatPrivateKey,
  nemTimeOf,
  privateKeyOf,
  publicKeyOf,
  type Address,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { readSecret, replaceFile, writeNew } from '@kuramori/program';
import { freePort } from '../postgres/server.ts';
import { mkdirSync, rmSync } from 'node:fs';
import { announce, must, transfer, until } from './chain.ts';
import { litecoinAt, openOutsiders } from '../litecoin/nodes.ts';
import { makeEthereum, standUpEthereum } from '../ethereum/wallets.ts';
import { makeLitecoin } from '../litecoin/wallets.ts';
import { makeColdKey, vaultsOf } from './cold-keys.ts';
import { everySigner, movingVaults, nodesOf, rotatingVaults, writeDeed, type Deed } from './deed.ts';
import { randomSeed, secret, type People } from './people.ts';
import { layouts, signerIds, towerNames, type HousePlan } from './plan.ts';
import { booksKeyFile, createKeys, messageKeyFile, nodeUrls, pinPolicy, vault } from './rooms.ts';
import { policyFor, writePolicy } from './write-policy.ts';

/** Micro-XEM that a conversion into a multisig costs. */
const conversionFee = 500_000n;
/** What the devnet's treasury begins with, micro-XEM: more than any drill needs, less than all there is. */
export const treasuryBegins = 2_000_000_000_000_000n;
/** What lies on a canary's account, micro-XEM: enough to be worth taking. */
const canaryFunds = 20_000_000n;
/** What the sandbox's customer begins with, micro-XEM. */
export const customerBegins = 1_000_000_000_000n;

export interface Building {
  readonly plan: HousePlan;
  readonly deedFile: string;
  readonly people: People;
  /** Starts the two nodes for a deed that has no accounts yet. */
  readonly startNodes: (deed: Deed) => Promise<void>;
  /** Brings the next block sooner where the clock is driven; else does nothing. */
  readonly hurry: () => Promise<void>;
  readonly step: (text: string) => void;
}

export async function build({ plan, deedFile, people, startNodes, hurry, step }: Building): Promise<Deed> {
  const at = (name: string) => join(plan.folder, name);
  step('making keys: each in the folder of its own signer or vault');
  const { online, threshold } = layouts[plan.wallet];
  const isMultisig = plan.wallet !== 'single-key';
  const vaultNames = ['cold-account', ...(isMultisig ? ['vault', 'hot-account'] : [])];
  const colds = await Promise.all(
    ['cold-1', 'cold-2', 'cold-3'].map((name) =>
      makeColdKey(plan, name, { chain: 'nem', network: 'devnet' }),
    ),
  );
  const vaults = new Map(
    await Promise.all(
      vaultNames.map(async (name) => [name, keysOf(await createKeys(plan, name)).chainKey] as const),
    ),
  );
  const all = await Promise.all(
    signerIds(plan.wallet).map(async (id) => ({ id, ...keysOf(await createKeys(plan, id)) })),
  );
  const [made, spare = null] = [all.slice(0, online), all[online]];
  const key = (name: string) => vaults.get(name) ?? '';
  const account = (publicKey: string) => ({
    address: addressOf(publicKey as PublicKey, 'testnet') as string,
    publicKey,
  });
  const litecoin = plan.litecoin ? await makeLitecoin(plan) : null;
  const ethereum = plan.ethereum ? await makeEthereum(plan) : null;
  const towers = towerNames(plan.towers).map((name) => {
    mkdirSync(at(name), { recursive: true, mode: 0o700 });
    return signingKeyFromSeed(Buffer.from(secret(join(at(name), 'seed'), randomSeed), 'hex'));
  });
  mkdirSync(at('custody'), { recursive: true, mode: 0o700 });
  const books = signingKeyFromSeed(Buffer.from(secret(booksKeyFile(plan), randomSeed), 'hex'));
  const planned: Deed = {
    v: 1,
    ports: {
      node1: await freePort(),
      node2: await freePort(),
      custody: await freePort(),
    },
    genesisTime: nemTimeOf(plan.chainBegins),
    signers: made,
    hot: account(isMultisig ? key('hot-account') : (made[0]?.chainKey ?? '')),
    cold: account(key('cold-account')),
    coldKeys: colds.map(({ chainKey }) => chainKey),
    coldVaults: vaultsOf(colds),
    approverKeys: plan.vaults ? approvers(plan).map(({ publicKey }) => publicKey) : [],
    vaultKey: isMultisig ? key('vault') : null,
    spare,
    watchtowerKeys: towers.map(({ publicKey }) => publicKey),
    booksKey: books.publicKey,
    canaries: ['custody', ...signerIds(plan.wallet), ...towerNames(plan.towers)].map((room) =>
      plantCanary(room, at(room)),
    ),
    keeperKey: people.keeper.publicKey,
    operatorKey: people.operator.publicKey,
    watchFrom: 1,
    litecoin,
    ethereum,
  };

  step(`starting ${nodesOf(planned)} and paying the opening balances`);
  await startNodes(planned);
  // A Safe's address is where it stands.
  const deed = { ...planned, ethereum: ethereum && (await standUpEthereum(plan, ethereum)) };
  step(
    'the keeper signs the policy; each signer, and the vault that rotates, pins it while blocks are waited for',
  );
  const pinning = pinEverywhere(plan, deed, people);
  pinning.catch(() => {}); // told where it is awaited
  const node = nemNode(nodeUrls(deed)[0] ?? '', 'testnet');
  const now = async () => must(await node.time());
  const extra = { hot: isMultisig ? conversionFee : 0n, cold: conversionFee };
  for (const [name, units] of [
    ['hot', plan.hot],
    ['cold', plan.cold],
  ] as const) {
    await announce(
      node,
      transfer(
        people.treasury,
        deed[name].address as Address,
        units + extra[name],
        `opening balance ${name}`,
        await now(),
      ),
    );
  }
  for (const { publicKey } of deed.canaries)
    await announce(
      node,
      transfer(people.treasury, addressOf(publicKey as PublicKey, 'testnet'), canaryFunds, '', await now()),
    );
  await hurry();
  for (const { address } of [deed.hot, deed.cold]) {
    await until(`the opening balance of ${address}`, async () =>
      must(await node.account(address)).balance > 0n ? true : undefined,
    );
  }

  const kind = isMultisig ? `hot ${threshold}-of-${online + 1} (one key offline), ` : '';
  step(`turning the accounts into multisigs: ${kind}cold 2-of-3 (all keys offline)`);
  const conversions = [
    { name: 'cold-account', of: 'cold' as const, cosigners: deed.coldKeys, threshold: 2 },
    ...(isMultisig
      ? [
          {
            name: 'hot-account',
            of: 'hot' as const,
            cosigners: [...made.map(({ chainKey }) => chainKey), key('vault')],
            threshold,
          },
        ]
      : []),
  ];
  for (const { name, of, cosigners, threshold: least } of conversions) {
    const timeStamp = nemTimeOf(await now());
    const request = join(at(name), 'convert.json');
    replaceFile(
      request,
      JSON.stringify({
        network: 'testnet',
        cosigners,
        threshold: least,
        timeStamp,
        deadline: timeStamp + 3600,
        messageKey: name === 'hot-account',
      }),
    );
    const signed = await vault(plan, name, 'convert', request, deed[of].address);
    await announce(node, { data: String(signed['data']), signature: String(signed['signature']) });
  }
  await hurry();
  await mustBeMultisig(node, deed.cold.address, 2, 3);
  if (isMultisig) {
    await mustBeMultisig(node, deed.hot.address, threshold, online + 1);
    // Only now it moves nothing any more, and may be where what it reads is needed.
    const messageKey = join(at('hot-account'), 'message-key');
    // Not by a rename: custody's folder may be on a disk of its own.
    replaceFile(messageKeyFile(plan), `${readSecret(messageKey)}\n`);
    rmSync(messageKey);
  }

  const whole = {
    ...deed,
    watchFrom: must(await node.height()),
    litecoin: litecoin && { ...litecoin, watchFrom: await openOutsiders(litecoinAt(plan, litecoin, 1)) },
  };
  await pinning;
  writeDeed(deedFile, whole);
  return whole;
}

/** People who approve what leaves cold wallets. */
function approvers({ folder }: HousePlan): readonly SigningKey[] {
  return ['approver-1', 'approver-2'].map((name) =>
    signingKeyFromSeed(Buffer.from(secret(join(folder, 'people', `${name}.seed`), randomSeed), 'hex')),
  );
}

/** As `kuramori canary plant` does it: a key that is nobody's, in a file that looks like somebody's. */
function plantCanary(room: string, folder: string): Deed['canaries'][number] {
  const privateKey = privateKeyOf(randomBytes(32));
  const publicKey = publicKeyOf(privateKey);
  const account = addressOf(publicKey, 'testnet');
  const body = { network: 'testnet', account, privateKey: formatPrivateKey(privateKey) };
  writeNew(join(folder, 'wallet-recovery.json'), `${JSON.stringify(body, null, 2)}\n`);
  return { where: `the folder of ${room}`, publicKey };
}

/** The policy names keys and addresses, so it waits for no block. */
async function pinEverywhere(plan: HousePlan, deed: Deed, people: People): Promise<void> {
  const policy = policyFor(deed, plan, people.exchange.publicKey);
  writePolicy(plan.policyFile, [policy], people.keeper);
  const names = [...everySigner(deed), ...movingVaults(deed)].map(({ id }) => id);
  await Promise.all(
    [...names, ...rotatingVaults(deed)].map((name) =>
      pinPolicy(plan, name, plan.policyFile, policyDigest(policy)),
    ),
  );
}

function keysOf(ready: Record<string, unknown>): { recordKey: string; chainKey: string } {
  return { recordKey: String(ready['recordKey']), chainKey: String(ready['chainKey']) };
}

async function mustBeMultisig(
  node: ReturnType<typeof nemNode>,
  address: string,
  least: number,
  of: number,
): Promise<void> {
  await until(`${address} to be a ${least}-of-${of}`, async () => {
    const { cosigners, threshold } = must(await node.account(address));
    return cosigners.length === of && threshold === least ? true : undefined;
  });
}

/** The harvester's key and the opening balances, as both nodes' genesis has them. */
export function genesisOf(people: People) {
  return {
    harvester: {
      publicKey: people.harvester.publicKey as string,
      privateKey: formatPrivateKey(people.harvester.privateKey),
    },
    balances: [
      { address: people.treasury.address as string, amount: treasuryBegins.toString() },
      { address: people.customer.address as string, amount: customerBegins.toString() },
    ],
  };
}
