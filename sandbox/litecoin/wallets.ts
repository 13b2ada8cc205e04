/** The house's wallets on Litecoin: their keys, each in the folder of its own signer or vault, and what the policy says of them. */
import { addressAt, descriptorOfKeys } from '@kuramori/chains/bitcoin/codec';
import { LTC, parseAmount, type ColdRule, type Policy } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import { freePort } from '../postgres/server.ts';
import { coldCosigners, describedIn, makeColdKey, vaultsOf, type ColdKey } from '../house/cold-keys.ts';
import type { HousePlan } from '../house/plan.ts';
import { createKeys } from '../house/rooms.ts';
import type { LitecoinDeed } from './nodes.ts';

const on = { chain: 'litecoin', network: 'devnet' } as const;
const [signers, spare, vault, colds] = [
  ['signer-ltc-1', 'signer-ltc-2'],
  'signer-ltc-3',
  'ltc-vault',
  ['ltc-cold-1', 'ltc-cold-2', 'ltc-cold-3'],
] as const;

/** Each that holds a key of a wallet on Litecoin. */
export const litecoinKeyHolders: readonly string[] = [...signers, spare, vault, ...colds];

const ltc = (text: string) => parseAmount(text, LTC);

type Part = LitecoinDeed['signers'][number];

interface Made extends ColdKey {
  readonly recordKey: string;
}

/**
 * Hot 2-of-3, one key offline; another beside it, with a spare in the first signer's place; cold 2-of-3, all offline. Looking starts
 * where the caller says.
 */
export async function makeLitecoin(plan: HousePlan): Promise<LitecoinDeed> {
  const made = await Promise.all([...signers, spare, vault].map(async (name) => keysOf(plan, name)));
  const cold = await Promise.all(colds.map((name) => makeColdKey(plan, name, on)));
  const of = (names: readonly string[]) => made.filter(({ name }) => names.includes(name));
  const hot = of([...signers, vault]);
  return {
    ports: { rpc1: await freePort(), rpc2: await freePort(), meeting: await freePort() },
    signers: of(signers).map(partOf),
    vaultKey: of([vault])[0]?.chainKey ?? '',
    coldKeys: cold.map(({ chainKey }) => chainKey),
    coldVaults: vaultsOf(cold),
    hot: walletOf(hot),
    cold: walletOf(cold),
    next: { ...walletOf(of([spare, ...signers.slice(1), vault])), spare: of([spare]).map(partOf)[0] as Part },
    watchFrom: 1,
  };
}

function partOf({ name: id, chainKey, recordKey }: Made): Part {
  return { id, chainKey, recordKey };
}

async function keysOf(plan: HousePlan, name: string): Promise<Made> {
  const ready = await createKeys(plan, name, on);
  return {
    name,
    recordKey: String(ready['recordKey']),
    chainKey: String(ready['chainKey']),
    described: describedIn(ready),
  };
}

function walletOf(keys: readonly ColdKey[]): { readonly address: string; readonly descriptor: string } {
  const read = descriptorOfKeys(
    2,
    keys.map(({ described }) => described),
  );
  if (read.kind === 'refused') throw new Misconfigured(`a wallet on Litecoin: ${read.why}`);
  const { text: descriptor } = read.descriptor;
  return { descriptor, address: addressAt({ chain: 'litecoin', descriptor }, 'devnet', 0, 0) };
}

/** What a policy says of them, beside what it says of NEM's; `otherwise`: of its rule. */
export function litecoinPolicy(
  deed: LitecoinDeed,
  otherwise: HousePlan['litecoinRule'] = {},
): Pick<Policy, 'wallets' | 'rules'> {
  const { hot, signers: made } = deed;
  const { spare: third, ...next } = deed.next ?? { spare: null };
  const vaults = { publicKey: deed.vaultKey, signer: null };
  const online = (parts: readonly Part[]) =>
    parts.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id }));
  const shape = { role: 'hot', chain: 'litecoin', threshold: 2, evacuateTo: 'cold-ltc' } as const;
  const rule = {
    asset: LTC,
    perPayment: ltc('500'),
    rolling: { hours: 24, units: ltc('1000') },
    firstSeen: { hours: 24, shareBps: 1_000 },
    feeCap: ltc('0.05'),
    outbid: { shareBps: 5_000 },
    sweep: { to: ['cold-ltc'], perDay: { count: 24, fees: ltc('1') }, leave: ltc('1') },
    ...otherwise,
  };
  return {
    wallets: [
      { id: 'hot-ltc', ...shape, ...hot, cosigners: [...online(made), vaults] },
      ...('descriptor' in next && third
        ? [{ id: 'hot-ltc-2', ...shape, ...next, cosigners: [...online([third, ...made.slice(1)]), vaults] }]
        : []),
      {
        id: 'cold-ltc',
        role: 'cold',
        chain: 'litecoin',
        ...deed.cold,
        threshold: 2,
        cosigners: coldCosigners(deed.coldKeys, deed.coldVaults),
        evacuateTo: null,
      },
    ],
    rules: [
      // The way to the wallet that waits has waited as well.
      {
        wallet: 'hot-ltc',
        ...rule,
        ...(third && rule.sweep ? { sweep: { ...rule.sweep, to: ['cold-ltc', 'hot-ltc-2'] } } : {}),
      },
      ...(third ? [{ wallet: 'hot-ltc-2', ...rule }] : []),
    ],
  };
}

/** What the vaults of its cold wallet may move. */
export function litecoinColdRules(approvals: ColdRule['approvals']): readonly ColdRule[] {
  return [
    {
      wallet: 'cold-ltc',
      asset: LTC,
      to: ['hot-ltc'],
      perMove: ltc('500'),
      perDay: { count: 3, units: ltc('1000') },
      feeCap: ltc('0.05'),
      approvals,
    },
  ];
}
