/**
 * Attacks along our own path: the thief owns the custody process and its database, and in the second also the key that
 * signs the exchange's requests. Whatever custody could ask of signers and watchtower, the thief asks.
 */
import {
  entryHash,
  generateSigningKey,
  signerRoutes,
  signStatement,
  treasuryId,
  watchtowerRoutes,
  withdrawalIntent,
  withdrawalPath,
  XEM,
  type Ask,
  type Countersignature,
  type Intent,
  type SignedEntry,
  type SignedFact,
  type SignedRequest,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { combine, nemTimeOf, planPayment, type Planned } from '@kuramori/chains/nem/codec';
import { jsonText } from '@kuramori/program';
import { must } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { whereOf } from '../house/rooms.ts';
import { exchangeRequest } from '../exchange.ts';
import type { Scene } from './attacks.ts';
import { honestWithdrawal } from './honest.ts';
import { takeable, type Attempt } from './thief.ts';

/** Micro-XEM that the thief lets every payment cost. */
const feeCap = 5_000_000n;
/** Micro-XEM below which the thief does not ask again. */
const worthwhile = 10_000_000n;

/** Custody and its database are the thief's; the exchange's key is not. */
export async function custodyTaken({ house, theft, now, jumpTo, account, accepted }: Scene): Promise<void> {
  // A genuine request that was paid, as the taken database holds it.
  const genuine = await honestWithdrawal(house, now, jumpTo);
  await house.kill('custody');
  const forger = generateSigningKey();
  for (const { at, units } of theft.transfers) {
    await jumpTo(at);
    const own = account();
    const body = {
      customer: 'customer-1',
      asset: XEM,
      amount: units,
      destination: { address: own.address as string, memo: '' },
      feeCap,
    };
    const forged = exchangeRequest(forger, withdrawalPath, body, now());
    const real = intentOf(genuine);
    const asks: readonly { intent: Intent; request: SignedRequest }[] = [
      // A request of the thief's own making, under the exchange's name.
      { intent: intentOf(forged), request: forged },
      // A genuine request, its destination exchanged in the intent, in the body, and not at all but paid again.
      { intent: { ...real, destination: { address: own.address, memo: '' } }, request: genuine },
      {
        intent: { ...real, destination: { address: own.address, memo: '' } },
        request: { ...genuine, body: jsonText(body) },
      },
      { intent: real, request: genuine },
    ];
    for (const { intent, request } of asks) {
      const paid = await drive(house, now, own.address, units, (share) => ({
        kind: 'payment',
        wallet: 'hot-xem',
        intents: [{ intent, authority: { kind: 'exchange-request', request }, approvals: [] }],
        ...share,
      }));
      if (paid) accepted(paid);
    }
    const home = await driveEvacuation(house, now, own.address, units);
    if (home) accepted(home);
  }
}

/** And the exchange's request key too: what the limits allow, to a fresh address each time, as often as they allow it. */
export async function exchangeTaken({ house, theft, now, jumpTo, account, accepted }: Scene): Promise<void> {
  await house.kill('custody');
  for (const { at, units } of theft.transfers) {
    await jumpTo(at);
    // Halves what is refused until something passes or it is not worth a fee.
    for (let ask = units; ask > worthwhile;) {
      const own = account();
      const free = await takeable(house.nodes[0], house.deed.hot.address);
      const amount = ask < free ? ask : free - feeCap;
      if (amount <= 0n) break;
      const body = {
        customer: 'customer-1',
        asset: XEM,
        amount,
        destination: { address: own.address as string, memo: '' },
        feeCap,
      };
      const request = exchangeRequest(house.people.exchange, withdrawalPath, body, now());
      const intent = intentOf(request);
      const paid = await drive(house, now, own.address, amount, (share) => ({
        kind: 'payment',
        wallet: 'hot-xem',
        intents: [{ intent, authority: { kind: 'exchange-request', request }, approvals: [] }],
        ...share,
      }));
      if (paid) accepted(paid);
      else ask /= 2n;
    }
  }
}

/** The intent that a request leads to, as everybody reads it. */
export function intentOf(request: SignedRequest): Intent {
  const read = withdrawalIntent('exchange-1', 'hot-xem', request);
  if (read.kind === 'refused') throw new Error(`drill: ${read.field} ${read.why}`);
  return read.intent;
}

export type Share = Pick<Ask, 'plan' | 'share' | 'facts'>;

/** What watchtowers say: the facts over a nonce, and the words over a record. A thief who has their keys says it himself. */
export interface Words {
  readonly facts: (nonce: string) => Promise<readonly SignedFact[]>;
  readonly countersign: (record: SignedEntry) => Promise<readonly Countersignature[]>;
}

/** All that custody does to get bytes signed and sent, in the thief's hands. Null where it was refused. */
export async function drive(
  house: House,
  now: () => number,
  recipient: string,
  units: bigint,
  ask: (share: Share) => Ask,
  words = wordsOf(house),
): Promise<Attempt | null> {
  const { deed, plan: housePlan } = house;
  const wallet = {
    ...deed.hot,
    threshold: 2,
    cosigners: deed.signers.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id })),
  };
  const timeStamp = nemTimeOf(now());
  const planned = planPayment({
    wallet,
    network: 'testnet',
    recipient,
    units,
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: deed.signers.map(({ chainKey }) => chainKey),
  });
  if (planned.kind === 'refused') throw new Error(`drill: ${planned.field} ${planned.why}`);
  const signatures = new Map<string, string>();
  for (const { key, share } of planned.planned.shares) {
    const signer = deed.signers.find(({ chainKey }) => chainKey === key)?.id ?? '';
    const bytes = { plan: planned.planned.plan, share };
    const signature = await obtain(whereOf(housePlan, signer), ask, bytes, words);
    if (signature === null) return null;
    signatures.set(key, signature);
  }
  return announceAll(house, planned.planned, signatures);
}

/** The real ones' words; refused or not, he asks for the signature anyhow, with a countersignature made up where there is none. */
export function wordsOf({ plan, deed }: House): Words {
  const watchtower = whereOf(plan, 'watchtower');
  return {
    async facts(nonce) {
      const fact = await call(watchtower, watchtowerRoutes.fact, { wallet: 'hot-xem', nonces: [nonce] });
      return fact.kind === 'fact' ? [fact.fact] : [];
    },
    async countersign(record) {
      const answer = await call(watchtower, watchtowerRoutes.countersign, record);
      return answer.kind === 'countersigned'
        ? [answer.countersignature]
        : [{ watchtower: deed.watchtowerKeys[0] ?? '', signature: '00'.repeat(64) }];
    },
  };
}

/** A signer's signature over its share of a plan; null where it, or a watchtower, refused. */
export async function obtain(
  signer: Where,
  ask: (share: Share) => Ask,
  bytes: { plan: string; share: string },
  words: Words,
): Promise<string | null> {
  const answer = await asked(signer, ask, bytes, words);
  return answer.kind === 'signed' ? answer.signature : null;
}

export type Answered =
  | { readonly kind: 'signed'; readonly signature: string }
  /** In the signer's own words, or whose answer there was none of. */
  | { readonly kind: 'refused'; readonly why: string };

/** The same, and why it was refused. */
export async function asked(
  signer: Where,
  ask: (share: Share) => Ask,
  bytes: { plan: string; share: string },
  words: Words,
): Promise<Answered> {
  const nonce = await call(signer, signerRoutes.nonce, {});
  if (nonce.kind !== 'nonce') return { kind: 'refused', why: `nonce: ${nonce.detail}` };
  const facts = await words.facts(nonce.nonce);
  if (facts.length === 0) return { kind: 'refused', why: 'facts: no watchtower states any' };
  const proposed = await call(signer, signerRoutes.propose, ask({ ...bytes, facts: [...facts] }));
  if (proposed.kind !== 'recorded') return { kind: 'refused', why: proposed.detail };
  const countersignatures = [...(await words.countersign(proposed.record))];
  const released = await call(signer, signerRoutes.release, {
    entry: entryHash(proposed.record.entry),
    countersignatures,
  });
  return released.kind === 'signed'
    ? { kind: 'signed', signature: released.signature }
    : { kind: 'refused', why: `release: ${released.detail}` };
}

async function announceAll(
  house: House,
  planned: Planned,
  signatures: ReadonlyMap<string, string>,
): Promise<Attempt | null> {
  const combined = combine(planned, signatures);
  if (combined.kind === 'refused') return null;
  let first: Attempt | null = null;
  for (const announcement of combined.announcements) {
    const { code, hash } = must(await house.nodes[0].announce(announcement));
    first ??= { hash: hash ?? '', code, at: Date.now() };
  }
  return first?.code === 1 ? first : null;
}

/** "Evacuate" to the thief: without a freeze, with evidence and statements of the thief's own making. */
async function driveEvacuation(house: House, now: () => number, to: string, units: bigint) {
  const forger = generateSigningKey();
  const intent: Intent = {
    id: treasuryId('evacuation', 'hot-xem', 1),
    reason: 'evacuation',
    wallet: 'hot-xem',
    asset: XEM,
    destination: { address: to, memo: '' },
    amount: units,
    feeCap,
    expiry: Math.floor(now() / 1000) + 7200,
  };
  const statement = { wallet: 'hot-xem', bytes: '00'.repeat(32), at: now(), heads: [] };
  return drive(house, now, to, units, (share) => ({
    kind: 'evacuation',
    wallet: 'hot-xem',
    number: 1,
    intent,
    ...share,
    evidence: {
      bytes: '00',
      signer: house.deed.signers[0]?.chainKey ?? '',
      signature: '00'.repeat(64),
      statements: [
        {
          statement,
          watchtower: house.deed.watchtowerKeys[0] ?? '',
          signature: signStatement(forger, 'uncovered', statement),
        },
      ],
    },
  }));
}
