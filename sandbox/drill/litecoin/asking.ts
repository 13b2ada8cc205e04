/** PATH: asking, as the thief does it who is where custody is and has the exchange's key; and as much as he gets. */
import {
  LTC,
  parseAmount,
  withdrawalIntent,
  withdrawalPath,
  type Intent,
  type Proposal,
} from '@kuramori/core';
import { combine, planPayments, type Planned } from '@kuramori/chains/bitcoin/codec';
import { exchangeRequest } from '../../exchange.ts';
import { whereOf } from '../../house/rooms.ts';
import { asked, type Answered, type Share } from '../path-attacks.ts';
import type { LitecoinScene } from '../thefts/drill.ts';
import { everyonesWords } from '../words.ts';
import type { HotCoin } from './stage.ts';
import { send, stealSecrets, take, type Sent } from './thief.ts';

/** Units per 1,000 virtual bytes. */
export const feeRate = 50_000n;
/** Units that he lets every payment cost, and below which he does not ask again. */
const feeCap = parseAmount('0.005', LTC);
const worthwhile = parseAmount('0.1', LTC);

/** A customer's withdrawal, signed with the exchange's key. */
export interface Request {
  readonly intent: Intent;
  /** What signers are asked; `as`: another intent than the request leads to. */
  readonly ask: (previous: readonly string[], as?: Intent) => (share: Share) => Proposal;
}

export function requestTo({ house, hot }: LitecoinScene, address: string, units: bigint): Request {
  const body = {
    customer: 'customer-1',
    asset: LTC,
    amount: units,
    destination: { address, memo: '' },
    feeCap,
  };
  const request = exchangeRequest(house.people.exchange, withdrawalPath, body, Date.now());
  const read = withdrawalIntent('exchange-1', hot.id, request);
  if (read.kind === 'refused') throw new Error(`drill: ${read.field} ${read.why}`);
  return {
    intent: read.intent,
    ask:
      (previous, intent = read.intent) =>
      (share) => ({
        kind: 'payment',
        wallet: hot.id,
        intents: [{ intent, authority: { kind: 'exchange-request', request }, approvals: [] }],
        ...share,
        previous: [...previous],
      }),
  };
}

/** Bytes that signers are asked to sign, and what they say to it. */
export interface Shown {
  readonly plan: string;
  readonly shareOf: (key: string) => string;
}

export async function everySigner(
  { house, deed, hot }: LitecoinScene,
  ask: (share: Share) => Proposal,
  { plan, shareOf }: Shown,
): Promise<ReadonlyMap<string, Answered>> {
  const words = everyonesWords(house, hot.id);
  const answers = new Map<string, Answered>();
  for (const { id, chainKey } of deed.signers)
    answers.set(
      chainKey,
      await asked(whereOf(house.plan, id), ask, { plan, share: shareOf(chainKey) }, words),
    );
  return answers;
}

/** Why they did not sign, each reason once. */
export function refusals(answers: ReadonlyMap<string, Answered>): readonly string[] {
  return [
    ...new Set([...answers.values()].flatMap((answer) => (answer.kind === 'refused' ? answer.why : []))),
  ];
}

/** Sends what enough of them signed; else says why not. */
export async function carry(
  scene: LitecoinScene,
  planned: Planned,
  answers: ReadonlyMap<string, Answered>,
): Promise<Sent> {
  const signatures = new Map(
    [...answers].flatMap(([key, answer]) => (answer.kind === 'signed' ? [[key, answer.signature]] : [])),
  );
  const combined = combine(scene.hot, planned.plan, signatures);
  if (combined.kind === 'refused') return { kind: 'refused', why: refusals(answers).join(' / ') };
  return send(scene, combined.transaction, planned.fees);
}

let change = 0;

/** As custody plans it, out of these coins. */
export function planOf(
  { hot }: LitecoinScene,
  coins: readonly HotCoin[],
  payments: readonly { readonly address: string; readonly units: bigint }[],
  rate = feeRate,
): Planned | null {
  const made = planPayments({
    wallet: hot,
    network: 'devnet',
    coins,
    feeRate: rate,
    usualRate: feeRate,
    change: (change += 1),
    lockTime: 0,
    seed: payments.map(({ address }) => address).join(),
    payments,
  });
  return made.kind === 'planned' ? made.planned : null;
}

export const shownOf = ({ plan, shares }: Planned): Shown => ({
  plan,
  shareOf: (wanted) => shares.find(({ key }) => key === wanted)?.share ?? '',
});

/** The whole transactions that brought what a plan spends, each once. */
export async function proofsOf(
  { broughtBy }: LitecoinScene,
  coins: readonly HotCoin[],
  { inputs }: Planned,
): Promise<readonly string[]> {
  const ids = new Set(inputs.map(({ txid }) => txid));
  return Promise.all(
    [...new Map(coins.map((coin) => [coin.txid, coin])).values()]
      .filter(({ txid }) => ids.has(txid))
      .map(broughtBy),
  );
}

/** Asks for one payment to himself. Where nobody judges, the signers' keys are his. */
export async function askFor(scene: LitecoinScene, units: bigint): Promise<Sent> {
  const coins = await scene.freeCoins();
  const to = scene.purse();
  if (!scene.has('judging')) {
    const fees = parseAmount('0.01', LTC);
    return coins.length === 0
      ? { kind: 'refused', why: 'nothing left' }
      : take(scene, stealSecrets(scene, 'all'), { coins, to, fees, final: false });
  }
  const plan = planOf(scene, coins, [{ address: to, units }]);
  if (!plan) return { kind: 'refused', why: 'no coins for so much' };
  const { ask } = requestTo(scene, to, units);
  const proofs = await proofsOf(scene, coins, plan);
  return carry(scene, plan, await everySigner(scene, ask(proofs), shownOf(plan)));
}

/** As much as he gets, each to an address that nobody has seen: what is refused is asked for again by halves. */
export async function asMuchAs(scene: LitecoinScene, wanted: bigint): Promise<void> {
  for (let units = wanted; units > worthwhile;) {
    const sent = await askFor(scene, units);
    if (sent.kind === 'refused') units /= 2n;
  }
}
