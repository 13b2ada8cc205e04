/** The house's wallets on Ethereum: their keys, each in the folder of its own signer or vault, the Safes that they own, and what the policy says of them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { relayerOf, tokenAsset, type Address } from '@kuramori/chains/ethereum/codec';
import { ethereumNode, openOurs, partsOf } from '@kuramori/chains/ethereum/node';
import {
  ETH,
  parseAmount,
  type Asset,
  type ColdRule,
  type EthereumWallet,
  type Policy,
} from '@kuramori/core';
import { readSeed } from '@kuramori/program';
import { must } from '../house/chain.ts';
import { freePort } from '../postgres/server.ts';
import { coldCosigners, makeColdKey, vaultsOf } from '../house/cold-keys.ts';
import type { HousePlan } from '../house/plan.ts';
import { secret } from '../house/people.ts';
import { createKeys } from '../house/rooms.ts';
import { ethereumAt, ethereumUrls, sendAs, type EthereumDeed } from './node.ts';
import { deploySafe, deploySingletons } from './safes.ts';
import { stockUp } from './stock.ts';

const on = { chain: 'ethereum', network: 'devnet' } as const;
const [signers, spare, vault, colds] = [
  ['signer-eth-1', 'signer-eth-2'],
  'signer-eth-3',
  'eth-vault',
  ['eth-cold-1', 'eth-cold-2', 'eth-cold-3'],
] as const;

/** Each that holds a key of a wallet on Ethereum. */
export const ethereumKeyHolders: readonly string[] = [...signers, spare, vault, ...colds];

const ether = (text: string) => parseAmount(text, ETH);

/** Keys, and no Safe yet: those stand on the chain, whose node is not started. */
export async function makeEthereum(plan: HousePlan): Promise<EthereumDeed> {
  const made = new Map(
    await Promise.all(
      [...signers, spare, vault].map(async (name: string) => {
        const ready = await createKeys(plan, name, on);
        return [
          name,
          { chainKey: String(ready['chainKey']), recordKey: String(ready['recordKey']) },
        ] as const;
      }),
    ),
  );
  const cold = await Promise.all(colds.map((name) => makeColdKey(plan, name, on)));
  const key = (name: string) => made.get(name)?.chainKey ?? '';
  const part = (id: string) => ({ id, chainKey: key(id), recordKey: made.get(id)?.recordKey ?? '' });
  return {
    ports: { node: await freePort(), door: await freePort() },
    signers: signers.map(part),
    spare: part(spare),
    vaultKey: key(vault),
    coldKeys: cold.map(({ chainKey }) => chainKey),
    coldVaults: vaultsOf(cold),
    hot: '',
    cold: '',
    tokens: [],
    made: {},
    watchFrom: 1,
  };
}

/** The relayer's own account: a key in its own folder, which pays for gas. */
export function relayerKeyFile(plan: Pick<HousePlan, 'folder'>): string {
  return join(plan.folder, 'relayer', 'key');
}

/** Hot 2-of-3, one key offline; cold 2-of-3, all offline. And gas for the relayer. */
export async function standUpEthereum(plan: HousePlan, deed: EthereumDeed): Promise<EthereumDeed> {
  const call = ethereumAt(deed);
  const singletons = await deploySingletons(call);
  // As the policy has them but for their addresses, so that each is born with the spares that it pins.
  const [hotWallet, coldWallet] = walletsOf(deed);
  const hot = await deploySafe(call, singletons, hotWallet, 1);
  const cold = await deploySafe(call, singletons, coldWallet, 2);
  mkdirSync(join(plan.folder, 'relayer'), { recursive: true, mode: 0o700 });
  secret(relayerKeyFile(plan), () => randomBytes(32).toString('hex'));
  await sendAs(call, relayerOf(readSeed(relayerKeyFile(plan))), '0x', ether('10'));
  const tokens = await stockUp(call, plan.stock, { hot, cold });
  const whole = { ...deed, hot, cold, tokens: [...tokens], watchFrom: Number(await call('eth_blockNumber')) };
  return { ...whole, made: await madeIn(whole) };
}

/** By address: what of each Safe nobody changes, as it was just made. */
async function madeIn(deed: EthereumDeed): Promise<EthereumDeed['made']> {
  const wallets = walletsOf(deed);
  const [url = ''] = ethereumUrls(deed);
  const node = ethereumNode({ url }, openOurs(wallets, on.network));
  const made = await Promise.all(
    wallets.map(
      async (wallet) => [wallet.address, partsOf(must(await node.safe(wallet, 'latest')))] as const,
    ),
  );
  return Object.fromEntries(made);
}

function walletsOf(deed: EthereumDeed): readonly [EthereumWallet, EthereumWallet] {
  const online = deed.signers.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id }));
  return [
    {
      id: 'hot-eth',
      role: 'hot',
      chain: 'ethereum',
      address: deed.hot,
      threshold: 2,
      cosigners: [...online, { publicKey: deed.vaultKey, signer: null }],
      spares: [{ publicKey: deed.spare.chainKey, signer: deed.spare.id }],
      evacuateTo: 'cold-eth',
    },
    {
      id: 'cold-eth',
      role: 'cold',
      chain: 'ethereum',
      address: deed.cold,
      threshold: 2,
      cosigners: coldCosigners(deed.coldKeys, deed.coldVaults),
      evacuateTo: null,
    },
  ];
}

/** What a policy says of them, beside what it says of NEM's; `otherwise`: of its rules. */
export function ethereumPolicy(
  deed: EthereumDeed,
  otherwise: HousePlan['ethereumRule'] = {},
): Pick<Policy, 'wallets' | 'rules' | 'values'> {
  return {
    wallets: [...walletsOf(deed)],
    rules: assetsOf(deed).map((asset) => {
      return {
        wallet: 'hot-eth',
        asset,
        perPayment: ether('50'),
        rolling: { hours: 24, units: ether('100') },
        firstSeen: { hours: 24, shareBps: 1_000 },
        // The relayer pays for gas.
        feeCap: 0n,
        sweep: { to: ['cold-eth'], perDay: { count: 24, fees: 0n }, leave: ether('0.2') },
        ...otherwise,
      };
    }),
    // What goes home first. Where there is one asset alone, there is nothing to choose.
    values:
      deed.tokens.length === 0
        ? []
        : assetsOf(deed).map((asset) => ({
            asset,
            yen: asset === ETH ? 400_000n : 10_000n,
            per: ether('1'),
          })),
  };
}

/** What the vaults of its cold Safe may move. */
export function ethereumColdRules(deed: EthereumDeed, approvals: ColdRule['approvals']): readonly ColdRule[] {
  return assetsOf(deed).map((asset) => ({
    wallet: 'cold-eth',
    asset,
    to: ['hot-eth'],
    perMove: ether('50'),
    perDay: { count: 3, units: ether('100') },
    // The relayer pays for gas.
    feeCap: 0n,
    approvals,
  }));
}

/** Whatever its hot Safe pays out: the coin, and the tokens that are listed. */
export function assetsOf({ tokens }: Pick<EthereumDeed, 'tokens'>): readonly Asset[] {
  return [ETH, ...tokens.map((token) => tokenAsset(token as Address))];
}
