/**
 * PATH: DMM. The thief is where custody is; the request that he shows is the exchange's own, and the bytes that he wants signed pay
 * him, give their change to him, lie about what they spend, or leave open what they pay.
 */
import { randomBytes } from 'node:crypto';
import { LTC, parseAmount, type Proposal } from '@kuramori/core';
import { addressOf, descriptorOf, placeAt, type Planned } from '@kuramori/chains/bitcoin/codec';
import type { LitecoinScene } from '../thefts/drill.ts';
import { carry, everySigner, planOf, proofsOf, refusals, requestTo, shownOf, type Shown } from './asking.ts';
import type { Share } from '../path-attacks.ts';
import type { HotCoin } from './stage.ts';
import { stealSecrets, take } from './thief.ts';

/** A customer's withdrawal, and what a thief would like instead. */
const units = parseAmount('0.9', LTC);
const wanted = parseAmount('4', LTC);

interface Variant {
  readonly name: string;
  readonly shown: Shown;
  readonly ask: (share: Share) => Proposal;
}

export async function otherBytesThanShown(scene: LitecoinScene): Promise<void> {
  const { note, has } = scene;
  const coins = await scene.freeCoins();
  if (!has('judging')) {
    const all = { coins, to: scene.purse(), fees: parseAmount('0.01', LTC), final: false };
    const sent = await take(scene, stealSecrets(scene, 'all'), all);
    return note(`all of it, to himself: ${sent.kind === 'sent' ? 'PASSED' : sent.why}`);
  }
  const customer = addressOf(scriptOfNobody(), 'litecoin', 'devnet') ?? '';
  const request = requestTo(scene, customer, units);
  const honest = must(planOf(scene, coins, [{ address: customer, units }]));
  const proofs = await proofsOf(scene, coins, honest);
  for (const { name, shown, ask } of await variants(scene, { coins, customer, request, honest, proofs })) {
    const answers = await everySigner(scene, ask, shown);
    const signed = [...answers.values()].filter(({ kind }) => kind === 'signed').length;
    note(`${name}: ${signed > 0 ? `${signed} SIGNED` : refusals(answers).join(' / ')}`);
  }
  // The same request with its own bytes: without that, refusals would say nothing.
  const answers = await everySigner(scene, request.ask(proofs), shownOf(honest));
  // It pays no purse of his, and so is none of what he takes.
  const sent = await carry({ ...scene, accepted: () => {} }, honest, answers);
  note(
    `the payment that was shown: ${sent.kind === 'sent' ? 'signed by both, and the node took it' : sent.why}`,
  );
}

interface Scenery {
  readonly coins: readonly HotCoin[];
  readonly customer: string;
  readonly request: ReturnType<typeof requestTo>;
  readonly honest: Planned;
  readonly proofs: readonly string[];
}

async function variants(
  scene: LitecoinScene,
  { coins, customer, request, honest, proofs }: Scenery,
): Promise<readonly Variant[]> {
  const thief = scene.purse();
  const own = shownOf(honest);
  const pay = (...payments: readonly { address: string; units: bigint }[]) =>
    must(planOf(scene, spentBy(honest, coins), payments));
  const toThief = pay({ address: thief, units });
  // Told to hold a little, two are needed for what one would pay: the rest of both goes to the miner.
  const told = coins.slice(0, 2).map((coin) => ({ ...coin, units: parseAmount('0.6', LTC) }));
  const lied = must(planOf(scene, told, [{ address: customer, units }]));
  const liedProofs = await proofsOf(scene, coins, lied);
  const dear = must(planOf(scene, coins, [{ address: customer, units }], 5_000_000n));
  const { intent } = request;
  const kind = (sighash: string): Shown => ({ ...own, shareOf: (key) => own.shareOf(key) + sighash });
  const asIt = request.ask(proofs);
  return [
    { name: 'to the thief', shown: shownOf(toThief), ask: asIt },
    {
      name: 'to the thief, in the intent as well',
      shown: shownOf(toThief),
      ask: request.ask(proofs, { ...intent, destination: { address: thief, memo: '' } }),
    },
    {
      name: 'the thief beside the customer',
      shown: shownOf(pay({ address: customer, units }, { address: thief, units: wanted })),
      ask: asIt,
    },
    { name: 'change to the thief, said to be ours', shown: changeSwapped(scene, honest), ask: asIt },
    { name: 'amounts lied about', shown: shownOf(lied), ask: request.ask(liedProofs) },
    {
      name: 'amounts lied about, by transactions of his own',
      shown: shownOf(lied),
      ask: request.ask(liedProofs.map((hex) => hex.replace(eightBytes(told[0], coins), eightBytes(told[0])))),
    },
    { name: 'amounts that nothing proves', shown: own, ask: request.ask([]) },
    {
      name: 'a fee beyond the cap',
      shown: shownOf(dear),
      ask: request.ask(await proofsOf(scene, coins, dear)),
    },
    { name: 'SIGHASH_NONE', shown: kind('02'), ask: asIt },
    { name: 'SIGHASH_SINGLE, anyone can pay', shown: kind('83'), ask: asIt },
    {
      name: 'its own plan, another transaction’s share',
      shown: { plan: own.plan, shareOf: shownOf(toThief).shareOf },
      ask: asIt,
    },
  ];
}

/** The coins that a plan spends. */
function spentBy({ inputs }: Planned, coins: readonly HotCoin[]): readonly HotCoin[] {
  return coins.filter((coin) => inputs.some(({ txid, vout }) => txid === coin.txid && vout === coin.vout));
}

/** Where its keys come from is told as it was; the script is of the same length, and his. */
function changeSwapped({ hot }: LitecoinScene, { plan, shares, change }: Planned): Shown {
  if (!change) throw new Error('drill: the payment has no change');
  const ours = placeAt(descriptorOf(hot), 1, change.index).script.toHex();
  const his = `0020${randomBytes(32).toString('hex')}`;
  return {
    plan: plan.replaceAll(ours, his),
    shareOf: (wantedKey) => shares.find(({ key }) => key === wantedKey)?.share ?? '',
  };
}

/** What an output holds, as it stands in a transaction: of this coin, or of the same one in a list. */
function eightBytes(told: HotCoin | undefined, coins?: readonly HotCoin[]): string {
  const coin = coins?.find(({ txid, vout }) => txid === told?.txid && vout === told.vout) ?? told;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(coin?.units ?? 0n);
  return bytes.toString('hex');
}

/** Pay to witness public key hash (BIP 141), of a key that nobody has. */
const scriptOfNobody = () => Buffer.concat([Buffer.of(0, 20), randomBytes(20)]);

function must(plan: Planned | null): Planned {
  if (!plan) throw new Error('drill: no plan out of these coins');
  return plan;
}
