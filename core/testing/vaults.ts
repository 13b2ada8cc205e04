/** The small house with vaults that may refill its hot wallet, and an order of theirs that is right unless something is changed. */
import {
  approvalOf,
  bytesDigest,
  emptyHistory,
  orderNonce,
  policyDigest,
  refillIntent,
  signStatement,
  XEM,
  type ChainFact,
  type Control,
  type History,
  type Intent,
  type Order,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type SignedFact,
  type Spend,
} from '../index.ts';
import { bytes, keyNamed, now, policy as plain, spendFor, tower, xem } from './house.ts';

export const vaultKeys = [keyNamed('vault 1'), keyNamed('vault 2'), keyNamed('vault 3')] as const;
export const approvers = [keyNamed('approver 1'), keyNamed('approver 2'), keyNamed('approver 3')] as const;

export const coldRule: NonNullable<Policy['coldRules']>[number] = {
  wallet: 'cold',
  asset: XEM,
  to: ['hot'],
  perMove: xem('20000'),
  perDay: { count: 2, units: xem('30000') },
  feeCap: xem('2'),
  approvals: { quorum: 2, people: approvers.map(({ publicKey }) => publicKey) },
};

export const policy: Policy = {
  ...plain,
  vaults: vaultKeys.map(({ publicKey }, index) => ({ id: `vault-${index + 1}`, recordKey: publicKey })),
  wallets: plain.wallets.map((wallet) =>
    wallet.id === 'cold'
      ? {
          ...wallet,
          cosigners: wallet.cosigners.map((one, index) => ({ ...one, vault: `vault-${index + 1}` })),
        }
      : wallet,
  ),
  coldRules: [coldRule],
};

export const control: Control = { threshold: 2, keys: ['d1', 'd2', 'd3'] };

export function refill(change: Partial<Intent> = {}, number = 1): Intent {
  const moved = {
    asset: XEM,
    amount: xem('1000'),
    feeCap: xem('1'),
    expiry: Math.floor(now / 1000) + 72 * 3600,
    number,
  };
  return { ...refillIntent({ id: 'cold' }, { address: 'HOT' }, moved), ...change };
}

export function approvedBy(
  intent: Intent,
  who: readonly (typeof approvers)[number][] = approvers.slice(0, 2),
) {
  return who.map((key) => ({
    person: key.publicKey,
    signature: signStatement(key, 'approval', approvalOf(intent)),
  }));
}

export function factOf(history: History, change: Partial<ChainFact> = {}, by = tower): SignedFact {
  const fact: ChainFact = {
    network: 'devnet',
    purpose: 'payment',
    at: now,
    tip: { height: 7, hash: '0'.repeat(64) },
    wallet: 'cold',
    balance: { asset: XEM, units: xem('50000') },
    control,
    nonces: [orderNonce(history)],
    dead: [],
    ...change,
  };
  return { fact, watchtower: by.publicKey, signature: signStatement(by, 'chain-fact', fact) };
}

export interface Changes {
  readonly intent?: Intent;
  readonly number?: number;
  readonly ask?: Partial<PaymentAsk>;
  readonly order?: Partial<Order>;
  readonly spend?: Partial<Spend>;
  readonly history?: History;
  readonly approvals?: PaymentAsk['intents'][number]['approvals'];
  readonly facts?: readonly SignedFact[];
  readonly conflicts?: (plan: string) => boolean;
  readonly chain?: PolicyChain;
}

/** What `writtenBy` takes: vault-1's order of a refill of the hot wallet. */
export function orderCase(change: Changes = {}) {
  const { intent = refill(), history = emptyHistory() } = change;
  const chain = change.chain ?? [{ policy, digest: policyDigest(policy) }];
  const share = bytes();
  const ask: PaymentAsk = {
    kind: 'payment',
    wallet: 'cold',
    intents: [
      {
        intent,
        authority: { kind: 'treasury', number: change.number ?? 1 },
        approvals: change.approvals ?? approvedBy(intent),
      },
    ],
    plan: share,
    share,
    facts: [...(change.facts ?? [factOf(history)])],
    ...change.ask,
  };
  const order: Order = {
    vault: 'vault-1',
    policy: chain.at(-1)?.digest ?? '',
    ask,
    ...change.order,
  };
  const spend = spendFor([intent], ask.share, { from: 'COLD', signer: 'd1', ...change.spend });
  const read = {
    explained: { kind: 'spend', spend },
    conflicts: change.conflicts ?? (() => false),
  } as const;
  return { order, chain, history, read, plan: bytesDigest(ask.plan) };
}
