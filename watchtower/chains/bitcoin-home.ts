/**
 * Home on Bitcoin's family: first what nothing on its way spends, in one sweep to the cold address; then, against the thief, what
 * only waits and no record covers, for a higher fee: up to the rule's cap, and beyond it, up to the policy's share, where the theft itself
 * is the evidence. Nothing that goes home may be replaced (BIP 125): he would. Which of two spends a block takes, its miner decides: a
 * covered payment is never raced, since its customer is owed it (docs/decisions/0037).
 */
import { coinOn, type BitcoinWallet, type Network } from '@kuramori/core';
import {
  bitcoin,
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
import type { SignedPart } from '@kuramori/chains/watched';
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

type Asked = Homing & { readonly wallet: BitcoinWallet };

export interface BitcoinHome {
  readonly plan: (asked: Asked, swept: Swept) => Promise<Homeward>;
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
    races: boolean,
  ): Promise<Sent> {
    const combined = combine(wallet, planned.plan, signatures);
    if (combined.kind === 'refused') return { kind: 'refused', why: `${combined.key} ${combined.why}` };
    const answers = await Promise.all(
      nodes.map(async (node) => {
        const read = await node.announce(combined.transaction, races);
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

  /** What only waits and no record covers, and takes these coins, for a higher fee: of all thefts at once, else of one. */
  function outbid(
    { wallet, home, feeCap, outbidBps }: Asked,
    { thiefs, height, previous }: Swept,
    coins: readonly HeldCoin[],
    usual: bigint,
  ): Sweep | undefined {
    const racing = thiefs
      .filter((one) => takenBy([one], coins).length > 0)
      .toSorted((one, other) => (heldBy(other, coins) > heldBy(one, coins) ? 1 : -1));
    const within = (thefts: readonly SeenTransaction[], capOn: CapOn, mostPlanBytes?: number) => {
      const before = thefts.map((one) => max(paid.get(one.id) ?? 0n, rateOf(one))).reduce(max, usual);
      const some = takenBy(thefts, coins);
      const means = { wallet, network, to: home, lockTime: height, seed: 'home', final: true, coins: some };
      const bound = mostPlanBytes === undefined ? {} : { mostPlanBytes };
      const swept = sweepWithin({ ...means, ...bound, feeRate: before * raise }, capOn, previous);
      // Less than he pays, or the same once more, would help nobody.
      return swept && swept.rate > before ? swept : undefined;
    };
    const told = (thefts: readonly SeenTransaction[], swept: Sweep): Sweep => {
      for (const { id } of thefts) paid.set(id, swept.rate);
      return swept;
    };
    const all = racing.length > 0 ? within(racing, () => feeCap) : undefined;
    if (all) return told(racing, all);
    if (outbidBps === 0) return undefined;
    for (const theft of racing) {
      const shown = shownOf(wallet, theft);
      const share = (held: bigint) => max(feeCap, (held * BigInt(outbidBps)) / 10_000n);
      const swept = shown && within([theft], share, shown.mostPlanBytes);
      if (swept && bitcoin.races(wallet, swept.plan.plan, shown.parts))
        return told([theft], { ...swept, against: shown.parts });
    }
    return undefined;
  }

  return {
    async plan(asked, swept) {
      for (const [outpoint, until] of onTheirWay) if (performance.now() > until) onTheirWay.delete(outpoint);
      const { wallet, home, feeCap } = asked;
      const { height, previous } = swept;
      const coins = swept.coins.filter((coin) => !onTheirWay.has(outpointText(coin)));
      const free = coins.filter(({ spentBy }) => spentBy === null);
      const usual = await rate();
      const sent =
        sweepWithin(
          {
            wallet,
            network,
            to: home,
            lockTime: height,
            seed: 'home',
            final: true,
            coins: free,
            feeRate: usual,
          },
          () => feeCap,
          previous,
        ) ?? outbid(asked, swept, coins, usual);
      if (!sent) return { kind: 'nothing-left' };
      const { plan, against } = sent;
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
        previous: sent.previous,
        ...(against ? { against } : {}),
        send: (signatures) => send(wallet, plan, signatures, against !== undefined),
      };
    },
  };
}

/** The most that may be paid so that coins which hold so much go home. */
type CapOn = (held: bigint) => bigint;

interface Sweep {
  readonly plan: Planned;
  readonly rate: bigint;
  /** Of the theft that it outbids, one part of each key. */
  readonly against?: readonly SignedPart[];
  /** The whole transactions that brought its coins. */
  readonly previous: readonly string[];
}

/** What a signer's record has room for, beside facts and statements: 65,535 bytes (C2SP tlog-tiles), in hex digits. */
const [recordDigits, besideDigits, statementDigits] = [65_535, 9_000, 1_500];

/** A theft as evidence, by as many keys as it takes; undefined where it is not wholly signed, or too long to be shown beside a plan. */
function shownOf(
  { id, threshold }: BitcoinWallet,
  { takes }: SeenTransaction,
): { readonly parts: readonly SignedPart[]; readonly mostPlanBytes: number } | undefined {
  const signed = takes.find(({ wallet }) => wallet === id)?.signed ?? [];
  const parts = [...new Map(signed.map((part) => [part.signer, part])).values()].slice(0, threshold);
  if (parts.length < threshold) return undefined;
  const shown = parts.reduce((sum, { bytes }) => sum + bytes.length + statementDigits, besideDigits);
  // A plan's hex, and its share, which is about an eighth of it.
  const mostPlanBytes = Math.floor(((recordDigits - shown) / 2) * (8 / 9));
  return mostPlanBytes > 0
    ? { parts: parts.map(({ bytes, signer, signature }) => ({ bytes, signer, signature })), mostPlanBytes }
    : undefined;
}

/** As many coins as one transaction takes, with fees within the policy's cap; undefined where that moves nothing. */
function sweepWithin(
  means: Parameters<typeof planSweep>[0],
  capOn: CapOn,
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
    const cap = capOn(planned.inputs.reduce((sum, { units }) => sum + units, 0n));
    if (planned.fees <= cap) {
      const used = new Set(planned.inputs.map(({ txid }) => txid));
      const proofs = [...shown].flatMap(([txid, hex]) => (used.has(txid) ? hex : []));
      return { plan: planned, rate: feeRate, previous: proofs };
    }
    const lower = (feeRate * cap) / (planned.fees + 1n);
    if (lower >= leastRate) feeRate = lower;
    else
      coins = planned.inputs
        .toSorted((one, other) => (one.units > other.units ? -1 : 1))
        .slice(0, planned.inputs.length >> 1);
  }
  return undefined;
}

/** Which of the coins these transactions spend. */
function takenBy(thefts: readonly SeenTransaction[], coins: readonly HeldCoin[]): readonly HeldCoin[] {
  const spent = new Set(thefts.flatMap(({ transaction }) => transaction.inputs.map(outpointText)));
  return coins.filter((coin) => spent.has(outpointText(coin)));
}

function heldBy(theft: SeenTransaction, coins: readonly HeldCoin[]): bigint {
  return takenBy([theft], coins).reduce((sum, { units }) => sum + units, 0n);
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
