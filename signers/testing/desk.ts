/** A desk for tests: real signers over real journals in a temporary folder, on real NEM bytes; watchtowers are keys in the test's hand. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  controlOf,
  beforeFirst,
  entryHash,
  chainOf,
  signStatement,
  treasuryId,
  XEM,
  type Asset,
  type ChainFact,
  type ChainKey,
  type ChainName,
  type Countersignature,
  type EvacuationAsk,
  type Evidence,
  type Intent,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type SignedEntry,
  type SignedFact,
  type SignedFreeze,
  type SignedRequest,
  type SigningKey,
  type NemWallet,
} from '@kuramori/core';
import {
  addressOf,
  nemTimeOf,
  planPayment,
  privateKeyOf,
  publicKeyOf,
  signShare,
  type Planned,
  keyOf,
} from '@kuramori/chains/nem/codec';
import {
  intentFor,
  now,
  partOf,
  policy as plainPolicy,
  records,
  requestFor,
  statementOf,
  tower,
  xem,
  type Asked,
} from '../../core/testing/house.ts';
import { signer, type Signer } from '../cosigner/signer.ts';
import { keysOf } from '../keystore.ts';
import { openJournal, type Journal } from '../journal.ts';
import { openTiles, type Tiles } from '../tiles.ts';

export function chainKey(name: string) {
  const privateKey = privateKeyOf(createHash('sha256').update(`test chain ${name}`).digest());
  const publicKey = publicKeyOf(privateKey);
  return { privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
}

export const cosigners = [chainKey('c1'), chainKey('c2'), chainKey('c3')] as const;
const accounts: Readonly<Record<string, ReturnType<typeof chainKey>>> = {
  hot: chainKey('hot'),
  cold: chainKey('cold'),
};
export const alice = chainKey('alice').address as string;
export const thiefAddress = chainKey('thief').address as string;

/** The policy of core's test house, on NEM: real addresses and keys. */
export const policy: Policy = {
  ...plainPolicy,
  wallets: plainPolicy.wallets.map((wallet) => ({
    ...wallet,
    address: accounts[wallet.id]?.address ?? '',
    publicKey: accounts[wallet.id]?.publicKey ?? '',
    cosigners: wallet.cosigners.map((cosigner) => ({
      ...cosigner,
      publicKey: chainKey(cosigner.publicKey).publicKey,
    })),
  })),
};
export const [hot, cold] = policy.wallets as [NemWallet, NemWallet];

export interface Open extends Disposable {
  readonly signer: Signer;
  readonly journal: Journal;
  readonly tiles: Tiles;
}

export interface Desk extends Disposable {
  readonly folder: string;
  /** Starts signer-1 or signer-2 on its journal; opened by the watchtower's word unless told not to. */
  readonly start: (which?: 1 | 2, open?: boolean, under?: PolicyChain) => Open;
}

/** NEM's first two cosigners, unless other keys are given: of signer-1 and of signer-2. */
const nemKeys = () => cosigners.slice(0, 2).map(({ privateKey }) => keyOf(privateKey));

export function desk(
  of: Policy = policy,
  chainKeys: () => readonly ChainKey[] = nemKeys,
  chainName: ChainName = of.wallets[0]?.chain ?? 'nem',
): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-desk-'));
  const started: Disposable[] = [];
  return {
    folder,
    start(which = 1, open = true, under = chainOf(of)) {
      const [record, chain] = [records[which - 1], chainKeys()[which - 1]];
      if (!record || !chain) throw new Error('there are two signers');
      const id = `signer-${which}`;
      const journal = openJournal(join(folder, `${id}.jsonl`), id, record);
      const on = { chain: chainName, network: of.network };
      const keys = keysOf(record, chain, on);
      const tiles = openTiles(join(folder, `${id}.tiles`), id, record, under, journal);
      const clock = { now: () => ownClock.ms };
      const one = signer({ id, chain: under, keys, journal, tiles, clock });
      if (open) show(one, [...journal.from(1, 1_000)]);
      const running = { signer: one, journal, tiles, [Symbol.dispose]: () => journal[Symbol.dispose]() };
      started.push(running);
      return running;
    },
    [Symbol.dispose]() {
      for (const one of started) {
        try {
          one[Symbol.dispose]();
        } catch {
          // closed by the test already
        }
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A watchtower shows the entries that it holds. */
export function show(
  one: Signer,
  entries: readonly SignedEntry[],
  by: SigningKey = tower,
  session = one.status().session,
) {
  const last = entries.at(-1);
  const head = {
    signer: one.status().signer,
    session,
    seq: last?.entry.seq ?? 0,
    hash: last ? entryHash(last.entry) : beforeFirst,
  };
  const signed = { head, watchtower: by.publicKey, signature: signStatement(by, 'journal-head', head) };
  return one.adopt({ head: signed, entries });
}

/** The signers' own clock: it goes with the facts, unless a test says otherwise. */
export const ownClock = { ms: now };

export function factFor(
  nonces: readonly string[],
  change: Partial<ChainFact> = {},
  by: SigningKey = tower,
): SignedFact {
  const fact: ChainFact = {
    network: 'devnet',
    purpose: 'payment',
    at: now,
    tip: { height: 7, hash: 'a'.repeat(64) },
    wallet: 'hot',
    balance: { asset: XEM, units: xem('50000') },
    control: controlOf(hot),
    nonces: [...nonces],
    dead: [],
    ...change,
  };
  ownClock.ms = fact.at;
  return { fact, watchtower: by.publicKey, signature: signStatement(by, 'chain-fact', fact) };
}

export function planned(to: string, units: bigint, at = now, memo = ''): Planned {
  const timeStamp = nemTimeOf(at);
  const plan = planPayment({
    wallet: hot,
    network: 'testnet',
    recipient: to,
    units,
    memo,
    timeStamp,
    deadline: timeStamp + 3600,
    keys: cosigners.slice(0, 2).map(({ publicKey }) => publicKey),
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  return plan.planned;
}

let seconds = 0;

/** What an honest custody asks of one signer, with a fresh fact; `to` is a real address. */
export function payment(
  one: Signer,
  asked: Asked | SignedRequest = {},
  change: Partial<PaymentAsk> = {},
): PaymentAsk {
  const request = 'signature' in asked ? asked : requestFor({ to: alice, ...asked });
  const intent = intentFor(request);
  const which = Number(one.status().signer.at(-1)) - 1;
  // Each in a second of its own: two that look alike would be the same bytes.
  seconds += 1;
  const { plan, shares } = planned(
    intent.destination.address,
    intent.amount,
    request.created * 1000 - seconds * 1000,
  );
  return {
    kind: 'payment',
    wallet: 'hot',
    intents: [partOf(request, intent)],
    plan,
    share: shares[which]?.share ?? '',
    facts: [factFor([one.nonce().nonce], { at: request.created * 1000 })],
    ...change,
  };
}

export function freezeOf(
  by: SigningKey = tower,
  why = 'an uncovered spend',
  assets?: readonly Asset[],
): SignedFreeze {
  const freeze = { by: by.publicKey, at: now, why, ...(assets ? { assets: [...assets] } : {}) };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}

/** Bytes that the stolen key signed: the whole wallet to the thief. */
export function theft(which: 1 | 2 = 2): Omit<Evidence, 'statements'> {
  const key = cosigners[which - 1] ?? cosigners[0];
  const timeStamp = nemTimeOf(now);
  const plan = planPayment({
    wallet: { ...hot, threshold: 1 },
    network: 'testnet',
    recipient: thiefAddress,
    units: xem('40000'),
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: [key.publicKey],
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  const bytes = plan.planned.plan;
  return { bytes, signer: key.publicKey, signature: signShare(key.privateKey, bytes) };
}

/** What the watchtower asks of a frozen signer. */
export function evacuation(
  one: Signer,
  number = 1,
  change: { readonly to?: string; readonly evidence?: Partial<Evidence>; readonly units?: bigint } = {},
): EvacuationAsk {
  const units = change.units ?? xem('40000');
  const to = change.to ?? cold.address;
  const { plan, shares, fees } = planned(to, units, now + number * 1000);
  const which = Number(one.status().signer.at(-1)) - 1;
  const intent: Intent = {
    id: treasuryId('evacuation', 'hot', number),
    reason: 'evacuation',
    wallet: 'hot',
    asset: XEM,
    destination: { address: to, memo: '' },
    amount: units,
    feeCap: fees,
    expiry: Math.floor(now / 1000) + 7200,
  };
  const stolen = theft();
  return {
    kind: 'evacuation',
    wallet: 'hot',
    number,
    intent,
    plan,
    share: shares[which]?.share ?? '',
    facts: [factFor([one.nonce().nonce], { purpose: 'evacuation' })],
    evidence: { ...stolen, statements: [statementOf(stolen.bytes)], ...change.evidence },
  };
}

export function recorded(answer: ReturnType<Signer['propose']>): SignedEntry {
  if (answer.kind === 'refused') throw new Error(`${answer.why}: ${answer.detail}`);
  return answer.record;
}

export function countersignatureOf({ entry }: SignedEntry, by: SigningKey = tower): Countersignature {
  const signature = signStatement(by, 'countersignature', { entry: entryHash(entry) });
  return { watchtower: by.publicKey, signature };
}

export function release(one: Signer, record: SignedEntry, ...by: readonly Countersignature[]) {
  return one.release({ entry: entryHash(record.entry), countersignatures: by });
}
