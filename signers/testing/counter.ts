/** A counter for tests: two co-signers of a wallet on whatever chain, and what a custody asks of them, honest or taken. */
import {
  controlOf,
  type Asset,
  type ChainFact,
  type ChainKey,
  type EvacuationAsk,
  type Evidence,
  type PaymentAsk,
  type Policy,
  type Refusal,
  type RotationAsk,
  type SignedFact,
  type SignedRequest,
  type Wallet,
} from '@kuramori/core';
import { treasuryId } from '@kuramori/core';
import {
  intentFor,
  now,
  partOf,
  policy as plainPolicy,
  requestFor,
  statementOf,
  type Asked,
} from '../../core/testing/house.ts';
import { countersignatureOf, desk, factFor, freezeOf, release, type Open } from './desk.ts';

export interface Counter extends Disposable {
  readonly policy: Policy;
  /** Of signer-1 and signer-2, open. */
  readonly signers: readonly [Open, Open];
  /** What the exchange signs. */
  readonly request: (asked: Asked) => SignedRequest;
  /** What is asked of one signer for the requests, with a fresh fact. */
  readonly ask: (
    which: 1 | 2,
    planned: { readonly plan: string; readonly share: string },
    requests: readonly SignedRequest[],
    fact?: Partial<ChainFact>,
  ) => PaymentAsk;
  /** Recorded, countersigned and let go, or why not. */
  readonly signed: (
    which: 1 | 2,
    ask: PaymentAsk | EvacuationAsk | RotationAsk,
    previous?: readonly string[],
  ) => string | Refusal;
  /** A fresh fact for one signer. */
  readonly fact: (which: 1 | 2, change?: Partial<ChainFact>) => SignedFact;
  readonly freeze: () => void;
  /** Home, to the pinned cold address, by what a stolen key has signed. */
  readonly home: (
    which: 1 | 2,
    planned: { readonly plan: string; readonly share: string; readonly fees: bigint },
    moved: { readonly units: bigint; readonly number: number; readonly to?: string },
    stolen: Omit<Evidence, 'statements'>,
  ) => EvacuationAsk;
}

export interface Kept {
  readonly hot: Wallet;
  readonly cold: Wallet;
  /** Each by the same rule. */
  readonly assets: readonly [Asset, ...Asset[]];
  /** Of the first two cosigners; made anew for each process. */
  readonly keys: () => readonly ChainKey[];
  readonly rule: Omit<Policy['rules'][number], 'wallet' | 'asset'>;
  /** What watchtowers see in the wallet, of the first asset. */
  readonly balance: bigint;
}

export function counter({ hot, cold, assets, keys, rule, balance }: Kept): Counter {
  const [coin] = assets;
  const policy: Policy = {
    ...plainPolicy,
    wallets: [hot, cold],
    rules: assets.map((asset) => ({ wallet: hot.id, asset, ...rule })),
  };
  const house = desk(policy, keys);
  const signers = [house.start(1), house.start(2)] as const;
  const signerOf = (which: 1 | 2) => signers[(which - 1) as 0 | 1].signer;
  const fact = (which: 1 | 2, change: Partial<ChainFact> = {}) =>
    factFor([signerOf(which).nonce().nonce], {
      wallet: hot.id,
      balance: { asset: coin, units: balance },
      control: controlOf(hot),
      ...change,
    });
  return {
    policy,
    signers,
    fact,
    request: (asked) => requestFor({ feeCap: rule.feeCap, asset: coin, ...asked }),
    ask: (which, { plan, share }, requests, change) => ({
      kind: 'payment',
      wallet: hot.id,
      intents: requests.map((request) => partOf(request, intentFor(request, hot.id))),
      plan,
      share,
      facts: [fact(which, change)],
    }),
    signed(which, ask, previous) {
      const signer = signerOf(which);
      const answer = signer.propose({ ...ask, ...(previous ? { previous: [...previous] } : {}) });
      if (answer.kind === 'refused') return answer;
      const released = release(signer, answer.record, countersignatureOf(answer.record));
      return released.kind === 'signed' ? released.signature : released;
    },
    freeze() {
      for (const { signer } of signers) signer.freeze(freezeOf());
    },
    home(which, { plan, share, fees }, { units, number, to = cold.address }, stolen) {
      const ask: EvacuationAsk = {
        kind: 'evacuation',
        wallet: hot.id,
        number,
        intent: {
          id: treasuryId('evacuation', hot.id, number),
          reason: 'evacuation',
          wallet: hot.id,
          asset: coin,
          destination: { address: to, memo: '' },
          amount: units,
          feeCap: fees,
          expiry: Math.floor(now / 1000) + 7200,
        },
        plan,
        share,
        facts: [],
        evidence: {
          ...stolen,
          statements: [statementOf(stolen.bytes, undefined, undefined, hot.id)],
        },
      };
      return { ...ask, facts: [fact(which, { purpose: 'evacuation' })] };
    },
    [Symbol.dispose]: () => house[Symbol.dispose](),
  };
}

/** Twenty coins a payment, sixty a day, to anybody. `coins`: as many in smallest units. */
export const ruleOf = (coins: (number: number) => bigint): Kept['rule'] => ({
  perPayment: coins(20),
  rolling: { hours: 24, units: coins(60) },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: coins(0.01),
});

/** Why a signer did not sign. */
export function whyNot(answer: string | Refusal): string {
  return typeof answer === 'string' ? 'signed' : answer.why;
}
