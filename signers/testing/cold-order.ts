/** A cold wallet of any chain with a vault of the test's, and the order of a refill from it, as watchtowers would let it go. */
import {
  chainOf,
  controlOf,
  coinOn,
  emptyHistory,
  entryHash,
  refillIntent,
  signStatement,
  writtenBy,
  type Asset,
  type Policy,
  type Wallet,
} from '@kuramori/core';
import { codecOf, conflictsWith } from '@kuramori/chains/codecs';
import { keyNamed, tower } from '../../core/testing/house.ts';
import { approvedBy, approvers, factOf } from '../../core/testing/vaults.ts';
import type { OrderRequest } from '../vault/order.ts';
import { policy as deskPolicy } from './desk.ts';

export interface Cold {
  readonly policy: Policy;
  readonly cold: Wallet;
  readonly hot: Wallet;
}

/** `recordKey`: of the vault that has the first key of `cold`, vault-1. */
export function coldHouse(cold: Wallet, hot: Wallet, recordKey: string): Cold {
  const asset = coinOn(cold.chain);
  const at = (name: string, of: Wallet): Wallet => ({ ...of, id: name });
  const kept = {
    ...at(`cold-${cold.chain}`, cold),
    role: 'cold',
    evacuateTo: null,
    spares: [],
    cosigners: cold.cosigners.map(({ publicKey }, index) => ({
      publicKey,
      signer: null,
      vault: `vault-${index + 1}`,
    })),
  } as Wallet;
  const online = {
    ...at(`hot-${hot.chain}`, hot),
    role: 'hot',
    evacuateTo: kept.id,
    spares: [],
    cosigners: hot.cosigners.map(({ publicKey }, index) => ({
      publicKey,
      signer: index < 2 ? `signer-${index + 3}` : null,
    })),
  } as Wallet;
  const policy: Policy = {
    ...deskPolicy,
    // One chain each: those of the desk are NEM's.
    signers: [
      ...deskPolicy.signers,
      ...[3, 4].map((which) => ({
        id: `signer-${which}`,
        recordKey: keyNamed(`record ${which}`).publicKey,
      })),
    ],
    wallets: [...deskPolicy.wallets, online, kept],
    vaults: [recordKey, ...['vault 2', 'vault 3'].map((name) => keyNamed(name).publicKey)].map(
      (key, index) => ({ id: `vault-${index + 1}`, recordKey: key }),
    ),
    coldRules: [
      {
        wallet: kept.id,
        asset,
        to: [online.id],
        perMove: 10n ** 20n,
        perDay: { count: 3, units: 10n ** 21n },
        feeCap: 10n ** 9n,
        approvals: { quorum: 2, people: approvers.map(({ publicKey }) => publicKey) },
      },
    ],
  };
  return { policy, cold: kept, hot: online };
}

export interface Refilled {
  readonly amount: bigint;
  readonly feeCap: bigint;
  readonly balance: bigint;
  /** Of the transaction that does it. */
  readonly planOf: (to: { readonly address: string; readonly asset: Asset }) => string;
  readonly previous?: readonly string[];
}

/** The request as it is carried to vault-1, whose journal is empty. */
export function refillOrder(
  { policy, cold, hot }: Cold,
  policyFile: unknown,
  { amount, feeCap, balance, planOf, previous = [] }: Refilled,
): OrderRequest {
  const asset = coinOn(cold.chain);
  const at = Date.now();
  const chain = chainOf(policy);
  const history = emptyHistory();
  const intent = refillIntent(cold, hot, {
    asset,
    amount,
    feeCap,
    expiry: Math.floor(at / 1000) + 3_600,
    number: 1,
  });
  const plan = planOf({ address: hot.address, asset });
  const codec = codecOf(cold.chain);
  const share = codec.shareOf(cold, plan, cold.cosigners[0]?.publicKey ?? '', policy.network);
  if (share === undefined) throw new Error('no share of vault-1 in the plan');
  const order = {
    vault: 'vault-1',
    policy: chain[0].digest,
    ask: {
      kind: 'payment' as const,
      wallet: cold.id,
      intents: [
        {
          intent,
          authority: { kind: 'treasury' as const, number: 1 },
          approvals: approvedBy(intent),
        },
      ],
      plan,
      share,
      facts: [
        factOf(history, {
          at,
          wallet: cold.id,
          balance: { asset, units: balance },
          control: controlOf(cold),
        }),
      ],
    },
  };
  const written = writtenBy(order, chain, history, {
    explained: codec.explainShare(cold, plan, share, policy.network, previous),
    conflicts: conflictsWith(cold, plan),
  });
  if (written.kind === 'refused') throw new Error(`${written.why}: ${written.detail}`);
  const entry = entryHash(written.entries.at(-1) ?? written.entries[0]);
  return {
    policy: policyFile,
    order,
    countersignatures: [
      {
        watchtower: tower.publicKey,
        signature: signStatement(tower, 'countersignature', { entry }),
      },
    ],
    previous: [...previous],
    journal: [],
    claims: [],
  };
}
