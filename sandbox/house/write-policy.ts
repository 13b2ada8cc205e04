/** Writes a house's policy, signed by its keeper. */
import {
  parseAmount,
  readPolicy,
  Role,
  signStatement,
  XEM,
  type Policy,
  type SigningKey,
} from '@kuramori/core';
import { unixMsOf } from '@kuramori/chains/nem/codec';
import { jsonText, Misconfigured } from '@kuramori/program';
import { ethereumColdRules, ethereumPolicy } from '../ethereum/wallets.ts';
import { litecoinColdRules, litecoinPolicy } from '../litecoin/wallets.ts';
import { coldCosigners } from './cold-keys.ts';
import { everySigner, movingVaults, type Deed } from './deed.ts';
import { layouts, towerQuorum, type HousePlan } from './plan.ts';
import { publish } from './publish.ts';

export function policyFor(
  deed: Deed,
  plan: Pick<
    HousePlan,
    | 'wallet'
    | 'rule'
    | 'litecoinRule'
    | 'ethereumRule'
    | 'hot'
    | 'cold'
    | 'thawDelay'
    | 'loosening'
    | 'denials'
  >,
  exchangeKey: string,
): Policy {
  const online = deed.signers.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id }));
  const elsewhere = [
    ...(deed.litecoin ? [litecoinPolicy(deed.litecoin, plan.litecoinRule)] : []),
    ...(deed.ethereum ? [ethereumPolicy(deed.ethereum, plan.ethereumRule)] : []),
  ];
  const vaults = movingVaults(deed).map(({ id, recordKey }) => ({ id, recordKey }));
  const third = deed.vaultKey === null ? [] : [{ publicKey: deed.vaultKey, signer: null }];
  return {
    v: 1,
    version: 1,
    prev: null,
    // One person plays the keepers here; more than one would be one all the same.
    keepers: { quorum: 1, people: [{ name: 'keeper', key: deed.keeperKey }] },
    loosening: { delay: plan.loosening, objection: 24 * 3600 },
    operators: [{ name: 'operator', key: deed.operatorKey }],
    thaw: { delay: plan.thawDelay },
    issued: Math.floor(unixMsOf(deed.genesisTime) / 1000),
    network: 'devnet',
    exchanges: [
      {
        id: 'exchange-1',
        keys: [
          {
            keyId: 'exchange-1-key-1',
            publicKey: exchangeKey,
            roles: [...Role.options],
            // The sandbox's exchange runs on this machine.
            addresses: ['127.0.0.0/8'],
            notBefore: 0,
          },
        ],
      },
    ],
    keyDelay: 24 * 3600,
    watchtowers: { quorum: towerQuorum(deed.watchtowerKeys.length), keys: deed.watchtowerKeys },
    books: { key: deed.booksKey },
    signers: everySigner(deed).map(({ id, recordKey }) => ({ id, recordKey })),
    ...(vaults.length > 0 ? { vaults, coldRules: coldRules(deed) } : {}),
    wallets: [
      {
        id: 'hot-xem',
        role: 'hot',
        chain: 'nem',
        ...deed.hot,
        threshold: layouts[plan.wallet].threshold,
        cosigners: [...online, ...third],
        ...(deed.spare === null
          ? {}
          : { spares: [{ publicKey: deed.spare.chainKey, signer: deed.spare.id }] }),
        evacuateTo: 'cold-xem',
        opening: [{ asset: XEM, units: plan.hot }],
      },
      {
        id: 'cold-xem',
        role: 'cold',
        chain: 'nem',
        ...deed.cold,
        threshold: 2,
        cosigners: coldCosigners(deed.coldKeys, deed.coldVaults),
        evacuateTo: null,
        opening: [{ asset: XEM, units: plan.cold }],
      },
      ...elsewhere.flatMap(({ wallets }) => wallets),
    ],
    rules: [{ wallet: 'hot-xem', asset: XEM, ...plan.rule }, ...elsewhere.flatMap(({ rules }) => rules)],
    denials: plan.denials,
    lists: [],
    groups: [],
    values: deed.ethereum ? [...ethereumPolicy(deed.ethereum).values] : [],
    hotShareBps: 500,
  };
}

/** What the vaults may move: refills of the hot wallets, which two people approve. */
function coldRules(deed: Deed): NonNullable<Policy['coldRules']> {
  const approvals = { quorum: 2, people: deed.approverKeys };
  return [
    {
      wallet: 'cold-xem',
      asset: XEM,
      to: ['hot-xem'],
      perMove: parseAmount('2000000', XEM),
      perDay: { count: 3, units: parseAmount('4000000', XEM) },
      feeCap: parseAmount('5', XEM),
      approvals,
    },
    ...(deed.litecoin ? litecoinColdRules(approvals) : []),
    ...(deed.ethereum ? ethereumColdRules(deed.ethereum, approvals) : []),
  ];
}

/** Signs and writes every version there is, the oldest first; refuses to write what no signer would accept. */
export function writePolicy(file: string, versions: readonly Policy[], keeper: SigningKey): void {
  const signed = {
    bundles: versions.map((policy) => ({
      policy,
      signatures: [{ keeper: keeper.publicKey, signature: signStatement(keeper, 'policy', policy) }],
    })),
  };
  const read = readPolicy(JSON.parse(jsonText(signed)), { keys: [keeper.publicKey], quorum: 1 });
  if (read.kind === 'refused') throw new Misconfigured(`policy: ${read.field}: ${read.why}`);
  publish(file, jsonText(signed));
}
