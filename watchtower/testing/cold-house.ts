/** The lookout's cold wallet with its three vaults, a second one to which coins may move, and orders as the command makes them, whoever gives it. */
import { join } from 'node:path';
import {
  asNem,
  approvalOf,
  beforeFirst,
  canonicalText,
  ceremonyHash,
  intentDigest,
  orderNonce,
  policyDigest,
  refillIntent,
  signCeremony,
  signStatement,
  XEM,
  type Intent,
  type Order,
  type Policy,
} from '@kuramori/core';
import { keyOf, planPayment, type Planned } from '@kuramori/chains/nem/codec';
import { keepers, towers, xem } from '../../core/testing/house.ts';
import { approvers, coldRule, vaultKeys } from '../../core/testing/vaults.ts';
import { policy as deskPolicy } from '../../signers/testing/desk.ts';
import { keysOf, type Keys } from '../../signers/keystore.ts';
import { making, pinsOf } from '../../signers/testing/made.ts';
import { OrderRequest } from '../../signers/vault/order.ts';
import { signOrder as signShown, type OrderAnswer, type Vault } from '../../signers/vault/sign-order.ts';
import { chainKey, coldKeys, hot, type Lookout } from './lookout.ts';

/** Another cold wallet, to which coins may move. */
export const cold2 = chainKey('cold 2');
export const cold2Keys = ['e1', 'e2', 'e3'].map(chainKey);

export const policy: Policy = {
  ...deskPolicy,
  watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
  vaults: vaultKeys.map(({ publicKey }, index) => ({ id: `vault-${index + 1}`, recordKey: publicKey })),
  wallets: [
    ...deskPolicy.wallets.map((wallet) =>
      wallet.id === 'cold'
        ? {
            ...wallet,
            cosigners: wallet.cosigners.map((one, index) => ({ ...one, vault: `vault-${index + 1}` })),
          }
        : wallet,
    ),
    {
      ...asNem(deskPolicy.wallets[1] as Policy['wallets'][number]),
      id: 'cold-2',
      address: cold2.address,
      publicKey: cold2.publicKey,
      cosigners: cold2Keys.map(({ publicKey }) => ({ publicKey, signer: null })),
    },
  ],
  coldRules: [{ ...coldRule, to: ['hot', 'cold-2'] }],
};
export const signedPolicy = {
  policy,
  signatures: keepers.map((key) => ({
    keeper: key.publicKey,
    signature: signStatement(key, 'policy', policy),
  })),
};
export const wallet = asNem(policy.wallets[1] as Policy['wallets'][number]);

export const keysAt = (which: number): Keys => {
  const [record, chain] = [vaultKeys[which], coldKeys[which]];
  if (!record || !chain) throw new Error('three vaults');
  return keysOf(record, keyOf(chain.privateKey));
};
/** One of the three, whose journal is in a folder of the test's. */
export function vaultIn(
  l: Lookout,
  folder: string,
  which: number,
  file = `vault-${which + 1}.jsonl`,
): Vault<Keys> {
  const keys = keysAt(which);
  return {
    keys,
    pins: pinsOf(keys.record.publicKey, policy),
    journalFile: join(folder, file),
    now: () => l.clock.ms,
  };
}

export function refillOf(l: Lookout, number = 1, units = xem('500'), more: Partial<Intent> = {}): Intent {
  const expiry = Math.floor(l.clock.ms / 1000) + 3 * 24 * 3600;
  const moved = { asset: XEM, amount: units, feeCap: xem('2'), expiry, number };
  return { ...refillIntent({ id: 'cold' }, hot, moved), ...more };
}

export function planOf(l: Lookout, { destination, amount }: Intent): Planned {
  const made = planPayment({
    wallet,
    network: 'testnet',
    recipient: destination.address,
    units: amount,
    memo: destination.memo,
    timeStamp: l.now(),
    deadline: l.now() + 20 * 3600,
    keys: coldKeys.slice(0, 2).map(({ publicKey }) => publicKey),
  });
  if (made.kind === 'refused') throw new Error(made.why);
  return made.planned;
}

export interface Asking {
  readonly number?: number;
  readonly plan?: Planned;
  readonly head?: string;
  readonly dead?: readonly string[];
  readonly by?: readonly number[];
  readonly approvals?: number;
  /** While the watchtowers look. */
  readonly meanwhile?: () => void;
}

/** What the command makes for one vault, whoever gives it: the order, and what each watchtower answers. */
export async function orderFor(l: Lookout, which: number, intent: Intent, asked: Asking = {}) {
  const { number = 1, plan = planOf(l, intent), head = beforeFirst, by = [0, 1, 2] } = asked;
  const { meanwhile = () => {} } = asked;
  const about = { wallet: 'cold', nonces: [orderNonce({ head })], plans: [...(asked.dead ?? [])] };
  const facts = await Promise.all(by.map((tower) => l.tower(tower).fact(about)));
  const approvals = approvers.slice(0, asked.approvals ?? 2).map((key) => ({
    person: key.publicKey,
    signature: signStatement(key, 'approval', approvalOf(intent)),
  }));
  const order: Order = {
    vault: `vault-${which + 1}`,
    policy: policyDigest(policy),
    ask: {
      kind: 'payment',
      wallet: 'cold',
      intents: [{ intent, authority: { kind: 'treasury', number }, approvals }],
      plan: plan.plan,
      share: plan.shares.find(({ key }) => key === coldKeys[which]?.publicKey)?.share ?? '',
      facts: facts.flatMap((one) => (one.kind === 'fact' ? one.fact : [])),
    },
  };
  const asking = by.map((tower) => l.tower(tower).order(order));
  meanwhile();
  const answers = await Promise.all(asking);
  return { order, answers, plan };
}

/** As it is carried: by a file, which anybody may have written. */
export function carried(
  { order, answers }: Pick<Awaited<ReturnType<typeof orderFor>>, 'order' | 'answers'>,
  more: object = {},
): OrderRequest {
  const words = answers.flatMap((one) => (one.kind === 'ordered' ? one.countersignature : []));
  const written = { policy: signedPolicy, order, countersignatures: words, ...more };
  return OrderRequest.parse(JSON.parse(canonicalText(written)));
}

export interface AtVault {
  readonly say: (line: string) => void;
  /** What is typed by whoever does it. */
  readonly ask: () => Promise<string | null>;
}

export const typing = (text: string | null): AtVault => ({ say: () => {}, ask: () => Promise.resolve(text) });

/** Before two people, of whom the second was told the digest of the intent that was approved. */
export function signOrder(
  at: Vault<Keys>,
  file: string,
  request: OrderRequest,
  { say, ask }: AtVault,
): Promise<OrderAnswer> {
  const [part] = request.order.ask.intents;
  const digest = part ? intentDigest(part.intent) : null;
  return signShown(at, file, request, {
    say,
    ask: (question) => (question.startsWith('Aoi: ') ? ask() : Promise.resolve(digest)),
    noted: (outcome) => {
      const entry = { ...making(at.keys.record.publicKey), step: 'sign' as const, outcome };
      return { signed: signCeremony(at.keys.record, entry), hash: ceremonyHash(entry) };
    },
    roles: { operator: 'Aoi', witness: 'Ren' },
  });
}
export const right = (amount: string) => typing(`${amount} ${hot.address.slice(-6)}`);
