/**
 * Home on Bitcoin's family: first what nothing on its way spends, in one sweep to the cold address; then, against the thief, what
 * only waits and no record covers, for a higher fee. Which of two spends a block takes, its miner decides: a covered payment is
 * never raced, since its customer is owed it.
 */
import { coinOn, type BitcoinWallet, type Network } from '@kuramori/core';
import {
  combine,
  highestRate,
  leastRate,
  mostPreviousDigits,
  outpointText,
  planSweep,
  type Coin,
  type Planned,
} from '@kuramori/chains/bitcoin/codec';
import type { BitcoinNode, HeldCoin, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { Homeward, Homing, Sent } from '../eye.ts';

/** An evacuation must win: so many hundredths of what a node estimates for one of the next two blocks. */
const haste = 150n;
const soonBlocks = 2;
/** What a node has taken is looked for so long before it is planned anew. Milliseconds. */
const onItsWayMs = 10_000;
/** What a try against the thief pays, by the one before. */
const raise = 2n;

export interface HomeParts {
  readonly nodes: readonly BitcoinNode[];
  readonly network: Network;
  /** What to pay where no node has an estimate, in units per 1,000 virtual bytes. */
  readonly usualRate: bigint;
  /** Milliseconds of Unix time. */
  readonly now: () => number;
}

/** What of a wallet there is, at one moment. */
export interface Swept {
  readonly coins: readonly HeldCoin[];
  /** What waits at any node, takes from the wallet, and no record covers. */
  readonly thiefs: readonly SeenTransaction[];
  readonly height: number;
  readonly previous: (txid: string) => string | undefined;
}

export interface BitcoinHome {
  readonly plan: (asked: Homing & { readonly wallet: BitcoinWallet }, swept: Swept) => Promise<Homeward>;
}

export function openBitcoinHome({ nodes, network, usualRate, now }: HomeParts): BitcoinHome {
  /** `txid:vout` → until when it counts as on its way home (this machine's monotonic time, ms). */
  const onTheirWay = new Map<string, number>();
  /** What the newest try against a thief's transaction paid. */
  const paid = new Map<string, bigint>();

  async function rate(): Promise<bigint> {
    const said = await Promise.all(nodes.map((node) => node.feeRate(soonBlocks)));
    const known = said.flatMap((one) => (one.kind === 'read' && one.value !== null ? one.value : []));
    return bounded(known.length === 0 ? usualRate : (known.reduce(max) * haste) / 100n);
  }

  async function send(
    wallet: BitcoinWallet,
    planned: Planned,
    signatures: ReadonlyMap<string, string>,
  ): Promise<Sent> {
    const combined = combine(wallet, planned.plan, signatures);
    if (combined.kind === 'refused') return { kind: 'refused', why: `${combined.key} ${combined.why}` };
    const answers = await Promise.all(
      nodes.map(async (node) => {
        const read = await node.announce(combined.transaction);
        const told = read.kind === 'read' ? read.value : null;
        const message = told && 'message' in told ? ` ${told.message}` : '';
        const taken = told?.kind === 'accepted' || told?.kind === 'known';
        const said = read.kind === 'read' ? `${read.value.kind}${message}` : read.detail;
        return { node: node.url, transaction: combined.id, said, taken };
      }),
    );
    const taken = answers.some((one) => one.taken);
    if (taken)
      for (const coin of planned.inputs) onTheirWay.set(outpointText(coin), performance.now() + onItsWayMs);
    return {
      kind: 'announced',
      answers: answers.map(({ node, transaction, said }) => ({ node, transaction, said })),
      taken,
    };
  }

  return {
    async plan({ wallet, home, feeCap }, { coins, thiefs, height, previous }) {
      for (const [outpoint, until] of onTheirWay) if (performance.now() > until) onTheirWay.delete(outpoint);
      const here = coins.filter((coin) => !onTheirWay.has(outpointText(coin)));
      const free = here.filter(({ spentBy }) => spentBy === null);
      const contested = here.filter((coin) => spendersOf(thiefs, coin).length > 0);
      const usual = await rate();
      const sweep = (some: readonly Coin[], feeRate: bigint) =>
        sweepWithin(
          { wallet, network, to: home, feeRate, lockTime: height, seed: 'home', coins: some },
          feeCap,
          previous,
        );
      let planned = sweep(free, usual);
      if (!planned && contested.length > 0) {
        const racing = thiefs.filter((one) => contested.some((coin) => spendersOf([one], coin).length > 0));
        const beaten = racing.map((one) => max(paid.get(one.id) ?? 0n, rateOf(one))).reduce(max, usual);
        planned = sweep(contested, bounded(beaten * raise));
        // The policy's cap lets no more be paid: the same once more would help nobody.
        if (planned && racing.every(({ id }) => (paid.get(id) ?? 0n) >= (planned?.rate ?? 0n)))
          planned = undefined;
        for (const { id } of racing) if (planned) paid.set(id, planned.rate);
      }
      if (!planned) return { kind: 'nothing-left' };
      const { plan } = planned;
      const units = plan.inputs.reduce((sum, one) => sum + one.units, 0n) - plan.fees;
      return {
        kind: 'planned',
        asset: coinOn(wallet.chain),
        plan: plan.plan,
        shares: plan.shares,
        units,
        fees: plan.fees,
        // Nothing of it ever ends by time: an hour for the signers to say yes.
        expiry: Math.floor(now() / 1000) + 3600,
        previous: planned.previous,
        send: (signatures) => send(wallet, plan, signatures),
      };
    },
  };
}

interface Sweep {
  readonly plan: Planned;
  readonly rate: bigint;
  /** The whole transactions that brought its coins. */
  readonly previous: readonly string[];
}

/** As many coins as one transaction takes, with fees within the policy's cap; undefined where that moves nothing. */
function sweepWithin(
  means: Parameters<typeof planSweep>[0],
  feeCap: bigint,
  previous: (txid: string) => string | undefined,
): Sweep | undefined {
  const shown = new Map<string, string>();
  let digits = 0;
  let coins: readonly Coin[] = means.coins
    .toSorted((one, other) => (one.units > other.units ? -1 : 1))
    .filter(({ txid }) => {
      const hex = shown.has(txid) ? '' : previous(txid);
      // A coin that nobody can prove is left; so is what is more than a signer reads at once.
      if (hex === undefined || digits + hex.length > mostPreviousDigits) return false;
      digits += hex.length;
      if (hex !== '') shown.set(txid, hex);
      return true;
    });
  let { feeRate } = means;
  for (let round = 0; round < 16 && coins.length > 0; round += 1) {
    const swept = planSweep({ ...means, coins, feeRate });
    if (swept.kind === 'refused') return undefined;
    const { planned } = swept;
    if (planned.fees <= feeCap) {
      const used = new Set(planned.inputs.map(({ txid }) => txid));
      const proofs = [...shown].flatMap(([txid, hex]) => (used.has(txid) ? hex : []));
      return { plan: planned, rate: feeRate, previous: proofs };
    }
    const lower = (feeRate * feeCap) / (planned.fees + 1n);
    if (lower >= leastRate) feeRate = lower;
    else
      coins = planned.inputs
        .toSorted((one, other) => (one.units > other.units ? -1 : 1))
        .slice(0, planned.inputs.length >> 1);
  }
  return undefined;
}

function spendersOf(thiefs: readonly SeenTransaction[], coin: Coin): readonly SeenTransaction[] {
  const name = outpointText(coin);
  return thiefs.filter(({ transaction }) => transaction.inputs.some((input) => outpointText(input) === name));
}

/** What it pays, in units per 1,000 bytes, as far as its inputs are known; what strangers' coins add is not. */
function rateOf({ takes, transaction, hex }: SeenTransaction): bigint {
  const held = takes.flatMap(({ spent }) => spent).reduce((sum, { units }) => sum + units, 0n);
  const gives = transaction.outputs.reduce((sum, { units }) => sum + units, 0n);
  return held > gives ? ((held - gives) * 4_000n) / BigInt(hex.length) : 0n;
}

function bounded(rate: bigint): bigint {
  const most = highestRate / 2n;
  if (rate < leastRate) return leastRate;
  return rate > most ? most : rate;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
