/**
 * Bids: a theft that only waits and no record covers, for a higher fee. He bids with our coins, so the rule's cap on fees alone would
 * let him have them; the policy's share of them is paid only with the theft itself as evidence (docs/decisions/0037).
 */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { bitcoin, outpointText } from '@kuramori/chains/bitcoin/codec';
import type { HeldCoin, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Homing } from '../eye.ts';
import { max, sweepWithin, type CapOn, type Sweep } from './bitcoin-sweep.ts';

/** What a try pays, by the thief's rate or the try before. */
const raise = 2n;
/** What it pays of all that it replaces, in hundredths (BIP 125 3, 4: that, and the relay of its own bytes). */
const overFees = 125n;

export type Asked = Homing & { readonly wallet: BitcoinWallet };

/** What of a wallet there is, at one moment. */
export interface Swept {
  readonly coins: readonly HeldCoin[];
  /** What waits at any node, takes from the wallet, and no record covers. */
  readonly thiefs: readonly SeenTransaction[];
  readonly height: number;
  readonly previous: (txid: string) => string | undefined;
}

export interface Bid extends Sweep {
  /** The theft that it outbids, one part of each key, where more than the rule's cap is paid. */
  readonly against?: readonly SignedPart[];
}

export interface Bids {
  /** Over all thefts at once within the rule's cap, else over one. `usual`: the least rate. Undefined where nothing more may be paid. */
  readonly over: (asked: Asked, swept: Swept, coins: readonly HeldCoin[], usual: bigint) => Bid | undefined;
}

export function openBids(network: Network): Bids {
  /** What the newest try against a theft paid. */
  const paid = new Map<string, bigint>();

  return {
    over({ wallet, home, feeCap, outbidBps }, { thiefs, height, previous }, coins, usual) {
      const racing = thiefs
        .filter((one) => takenBy([one], coins).length > 0)
        .toSorted((one, other) => (heldBy(other, coins) > heldBy(one, coins) ? 1 : -1));
      const all = bid(racing, () => feeCap);
      if (all || outbidBps === 0) return all;
      const share: CapOn = (held) => max(feeCap, (held * BigInt(outbidBps)) / 10_000n);
      for (const theft of racing) {
        const shown = shownOf(wallet, theft);
        const one = shown && bid([theft], share, shown.mostPlanBytes);
        if (one && bitcoin.races(wallet, one.plan.plan, shown.parts)) return { ...one, against: shown.parts };
      }
      return undefined;

      function bid(thefts: readonly SeenTransaction[], capOn: CapOn, bytes?: number): Sweep | undefined {
        const before = thefts.map((one) => max(paid.get(one.id) ?? 0n, rateOf(one))).reduce(max, usual);
        const fees = thefts.reduce((sum, one) => sum + feesOf(one), 0n);
        const means = {
          wallet,
          network,
          to: home,
          lockTime: height,
          seed: 'home',
          final: true,
          ...(bytes === undefined ? {} : { mostPlanBytes: bytes }),
          coins: takenBy(thefts, coins),
        };
        const at = (feeRate: bigint) => sweepWithin({ ...means, feeRate }, capOn, previous);
        const first = at(before * raise);
        const due = (fees * overFees) / 100n;
        // It may take fewer coins than he did, and must still pay more than he does.
        const swept = first && first.plan.fees < due ? at((first.rate * due) / first.plan.fees + 1n) : first;
        // Less than he pays, or the same once more, would help nobody.
        if (!swept || swept.rate <= before || swept.plan.fees <= fees) return undefined;
        for (const { id } of thefts) paid.set(id, swept.rate);
        return swept;
      }
    },
  };
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

/** Which of the coins these transactions spend. */
function takenBy(thefts: readonly SeenTransaction[], coins: readonly HeldCoin[]): readonly HeldCoin[] {
  const spent = new Set(thefts.flatMap(({ transaction }) => transaction.inputs.map(outpointText)));
  return coins.filter((coin) => spent.has(outpointText(coin)));
}

function heldBy(theft: SeenTransaction, coins: readonly HeldCoin[]): bigint {
  return takenBy([theft], coins).reduce((sum, { units }) => sum + units, 0n);
}

/** What it pays, as far as its inputs are known; what strangers' coins add is not. */
function feesOf({ takes, transaction }: SeenTransaction): bigint {
  const held = takes.flatMap(({ spent }) => spent).reduce((sum, { units }) => sum + units, 0n);
  const gives = transaction.outputs.reduce((sum, { units }) => sum + units, 0n);
  return held > gives ? held - gives : 0n;
}

/** In units per 1,000 virtual bytes, as if witnesses were half of what they are: the true rate is near it. */
function rateOf(seen: SeenTransaction): bigint {
  return (feesOf(seen) * 4_000n) / BigInt(seen.hex.length);
}
