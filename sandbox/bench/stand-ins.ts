/** Stand-ins: the exchange, the keeper and three watchtowers as keys in this process, around one real co-signer. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import {
  controlOf,
  beforeFirst,
  entryHash,
  generateSigningKey,
  policyDigest,
  Role,
  signerRoutes,
  signRequest,
  signStatement,
  withdrawalIntent,
  withdrawalPath,
  XEM,
  type Policy,
  type SignedEntry,
  type SignedFact,
  type SigningKey,
  type PaymentAsk,
  type NemWallet,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { signerRooms } from '@kuramori/program';
import { addressOf, nemTimeOf, planPayment, privateKeyOf, publicKeyOf } from '@kuramori/chains/nem/codec';
import { createKeys, pinPolicy } from '../house/rooms.ts';
import { writePolicy } from '../house/write-policy.ts';
import { startProcess, type Running } from '../process.ts';

export interface StandIns extends AsyncDisposable {
  readonly running: Running;
  readonly at: Where;
  /** Of the co-signer, on the chain. */
  readonly chainKey: string;
  readonly hot: NemWallet;
  /** The one that proposes what the co-signer cosigns, and it. */
  readonly keys: readonly string[];
  readonly exchange: SigningKey;
  readonly towers: readonly SigningKey[];
}

const xem = 1_000_000n;
const account = () => publicKeyOf(privateKeyOf(randomBytes(32)));
const Keys = z.object({ recordKey: z.string(), chainKey: z.string() });

export async function openStandIns(folder: string): Promise<StandIns> {
  const own = join(folder, 'signer');
  const { recordKey, chainKey } = Keys.parse(await createKeys({ folder, users: null }, 'signer'));
  const [exchange, keeper] = [generateSigningKey(), generateSigningKey()];
  const towers = [generateSigningKey(), generateSigningKey(), generateSigningKey()];
  const wallet = (id: string, role: 'hot' | 'cold', cosigners: NemWallet['cosigners']): NemWallet => {
    const publicKey = account();
    const address = addressOf(publicKey, 'testnet');
    const common = { id, role, chain: 'nem', address, publicKey, threshold: 2, cosigners } as const;
    return { ...common, evacuateTo: role === 'hot' ? 'cold' : null };
  };
  const offline = () => ({ publicKey: account(), signer: null });
  const other = { publicKey: account(), signer: 'signer-2' };
  const hot = wallet('hot', 'hot', [other, { publicKey: chainKey, signer: 'signer-1' }, offline()]);
  const cold = wallet('cold', 'cold', [offline(), offline(), offline()]);
  const keys = { exchange: exchange.publicKey, keeper: keeper.publicKey, recordKey };
  const file = join(folder, 'policy', 'policy.json');
  const policy = policyOf(keys, towers, [hot, cold]);
  writePolicy(file, [policy], keeper);
  await pinPolicy({ folder, users: null }, 'signer', file, policyDigest(policy));
  const at = { socket: join(own, 'socket') };
  const running = await startProcess({
    name: 'signer-1',
    entry: 'signers/cosigner/main.ts',
    folder: own,
    flags: ['--count'],
    config: {
      id: 'signer-1',
      listen: at,
      keystore: join(own, 'keystore.json'),
      passphrase: join(own, 'passphrase'),
      journal: join(own, 'journal.jsonl'),
      tiles: join(own, 'tiles'),
      policy: file,
      clock: { kind: 'system' },
    },
    powers: { rooms: signerRooms, net: true, holdsKey: true, read: [join(folder, 'policy')] },
  });
  await openJournal(at, towers.slice(0, 2));
  return {
    running,
    at,
    chainKey,
    hot,
    keys: [other.publicKey, chainKey],
    exchange,
    towers,
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

/** Two of three watchtowers; limits that no payment meets. */
function policyOf(
  keys: { readonly exchange: string; readonly keeper: string; readonly recordKey: string },
  towers: readonly SigningKey[],
  wallets: Policy['wallets'],
): Policy {
  const key = { keyId: 'key-1', roles: [...Role.options], addresses: ['127.0.0.0/8'], notBefore: 0 };
  return {
    v: 1,
    version: 1,
    prev: null,
    keepers: { quorum: 1, people: [{ name: 'keeper', key: keys.keeper }] },
    loosening: { delay: 86_400, objection: 86_400 },
    operators: [],
    thaw: { delay: 21_600 },
    issued: 0,
    network: 'devnet',
    exchanges: [{ id: 'exchange-1', keys: [{ ...key, publicKey: keys.exchange }] }],
    keyDelay: 86_400,
    watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
    books: { key: generateSigningKey().publicKey },
    signers: [
      { id: 'signer-1', recordKey: keys.recordKey },
      { id: 'signer-2', recordKey: generateSigningKey().publicKey },
    ],
    wallets,
    rules: [
      {
        wallet: 'hot',
        asset: XEM,
        perPayment: 1_000n * xem,
        rolling: { hours: 24, units: 10n ** 15n },
        firstSeen: { hours: 24, shareBps: 10_000 },
        feeCap: 5n * xem,
      },
    ],
    denials: [],
    lists: [],
    groups: [],
    values: [],
    hotShareBps: 500,
  };
}

async function openJournal(at: Where, towers: readonly SigningKey[]): Promise<void> {
  const status = await call(at, signerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(`the co-signer says nothing: ${JSON.stringify(status)}`);
  const head = { signer: 'signer-1', session: status.session, seq: 0, hash: beforeFirst };
  for (const by of towers) {
    const signed = { head, watchtower: by.publicKey, signature: signStatement(by, 'journal-head', head) };
    const answer = await call(at, signerRoutes.adopt, { head: signed, entries: [] });
    if (answer.kind !== 'done') throw new Error(`the co-signer does not open: ${JSON.stringify(answer)}`);
  }
}

/** All of an ask that can be made ahead. */
export type Prepared = Omit<PaymentAsk, 'facts'>;

let asked = 0;

/** Payments as the exchange asks for them and custody plans them, each to an address of its own. */
export function prepare({ exchange, hot, keys }: StandIns, payments: number): readonly Prepared[] {
  const now = Date.now();
  return Array.from({ length: payments }, () => {
    asked += 1;
    const address = addressOf(account(), 'testnet') as string;
    const units = xem + BigInt(asked);
    const body = {
      customer: 'customer-1',
      asset: XEM,
      amount: units.toString(),
      destination: { address, memo: `payment ${asked}` },
      feeCap: String(2n * xem),
    };
    const created = Math.floor(now / 1000);
    const request = signRequest(exchange, {
      method: 'POST',
      path: withdrawalPath,
      query: '',
      body: JSON.stringify(body),
      idempotencyKey: `payment-${asked}`,
      created,
      expires: created + 120,
      keyId: 'key-1',
    });
    const read = withdrawalIntent('exchange-1', 'hot', request);
    const timeStamp = nemTimeOf(now);
    const times = { timeStamp, deadline: timeStamp + 3600 };
    const to = { recipient: address, units, memo: body.destination.memo };
    const plan = planPayment({ wallet: hot, network: 'testnet', keys, ...to, ...times });
    if (read.kind === 'refused' || plan.kind === 'refused') throw new Error('a payment cannot be planned');
    const share = plan.planned.shares[1]?.share ?? '';
    const authority = { kind: 'exchange-request', request } as const;
    const intents = [{ intent: read.intent, authority, approvals: [] }];
    return { kind: 'payment', wallet: 'hot', intents, plan: plan.planned.plan, share };
  });
}

/** Two watchtowers' facts over one nonce. */
export function factsFor({ towers, hot }: StandIns, nonce: string): readonly SignedFact[] {
  return towers.slice(0, 2).map((by) => {
    const fact: SignedFact['fact'] = {
      network: 'devnet',
      purpose: 'payment',
      at: Date.now(),
      tip: { height: 7, hash: 'a'.repeat(64) },
      wallet: 'hot',
      balance: { asset: XEM, units: 10n ** 12n },
      control: controlOf(hot),
      nonces: [nonce],
      dead: [],
    };
    return { fact, watchtower: by.publicKey, signature: signStatement(by, 'chain-fact', fact) };
  });
}

/** What brings a record's signature: two watchtowers' word for it. */
export function countersignatureAsk({ towers }: StandIns, { entry }: SignedEntry) {
  const hash = entryHash(entry);
  const countersignatures = towers.slice(0, 2).map((by) => {
    const signature = signStatement(by, 'countersignature', { entry: hash });
    return { watchtower: by.publicKey, signature };
  });
  return { entry: hash, countersignatures };
}
