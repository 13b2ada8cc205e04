/**
 * Bids: a theft that only waits and no record covers, for a higher fee. He bids with our coins, so the rule's cap on fees alone would
 * let him have them; the policy's share of them is paid only with the theft itself as evidence (docs/decisions/0037).
 */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { bitcoin, outpointText, signaturesOf, type Coin } from '@kuramori/chains/bitcoin/codec';
import type { HeldCoin, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Homing } from '../eye.ts';
import { max, sweepWithin, type CapOn, type Sweep } from './bitcoin-sweep.ts';

/** What a try pays, by the thief's rate or the try before. */
const raise = 2n;
/** What it pays of all that it replaces, in hundredths (BIP 125 3, 4: that, and the relay of its own bytes). */
const overFees = 125n;

/** Coins of one bid whose signatures are shown beside it: as many as a record has room for, about. */
const mostRaced = 48;
/** Pieces that one record shows (EvacuationAsk). */
const mostPieces = 16;

export type Asked = Homing & { readonly wallet: BitcoinWallet };

/** What of a wallet there is, at one moment. */
export interface Swept {
  readonly coins: readonly HeldCoin[];
  /** What waits at any node, takes from the wallet, and no record covers. */
  readonly thiefs: readonly SeenTransaction[];
  readonly height: number;
  readonly previous: (txid: string) => string | undefined;
  readonly isCovered: (part: SignedPart) => boolean;
}

export interface Bid extends Sweep {
  /** The ids of the thefts that it would take the place of. */
  readonly over: readonly string[];
  /** The theft that it outbids, one part of each key, where more than the rule's cap is paid. */
  readonly against?: readonly SignedPart[];
}

export interface Bids {
  /**
   * Over all thefts at once within the rule's cap; else over one, the largest first: one that pays much must not shield the others.
   * `usual`: the least rate. Undefined where nothing more may be paid.
   */
  readonly over: (asked: Asked, swept: Swept, coins: readonly HeldCoin[], usual: bigint) => Bid | undefined;
  /** It was offered to nodes: whatever they said, the next must pay more. One that a signer stopped has beaten nobody. */
  readonly offered: (bid: Bid) => void;
}

export function openBids(network: Network): Bids {
  /** What the newest one that was offered against a theft paid. */
  const paid = new Map<string, bigint>();

  return {
    over(asked, { thiefs, height, previous, isCovered }, coins, usual) {
      const { wallet, home, feeCap, outbidBps, room, evidence } = asked;
      const racing = thiefs
        .filter((one) => takenBy([one], coins).length > 0)
        .toSorted((one, other) => (heldBy(other, coins) > heldBy(one, coins) ? 1 : -1));
      const capped = (thefts: readonly SeenTransaction[]) => bid(thefts, () => feeCap, room([evidence]));
      const all = capped(racing);
      if (all) return all;
      const share: CapOn = (held) => max(feeCap, (held * BigInt(outbidBps)) / 10_000n);
      for (const theft of racing) {
        const one = racing.length > 1 ? capped([theft]) : undefined;
        if (one) return one;
        const more = outbidBps === 0 || !isBare(wallet, theft, isCovered) ? undefined : shown(theft);
        if (more) return more;
      }
      return undefined;

      /** Of what he takes as much as can be shown beside the plan: one coin of his is enough to stop him, and more of them pay more. */
      function shown(theft: SeenTransaction): Bid | undefined {
        const taken = takenBy([theft], coins).toSorted((one, other) => (one.units > other.units ? -1 : 1));
        for (let count = Math.min(taken.length, mostRaced); count > 0; count = Math.floor(count / 2)) {
          const some = taken.slice(0, count);
          const parts = partsOf(wallet, theft, some, isCovered);
          const more = parts.length > mostPieces ? undefined : bid([theft], share, room(parts), some);
          const against = more && partsOf(wallet, theft, more.plan.inputs, isCovered);
          if (against && bitcoin.races(wallet, more.plan.plan, against)) return { ...more, against };
        }
        return undefined;
      }

      function bid(
        thefts: readonly SeenTransaction[],
        capOn: CapOn,
        mostPlanBytes: number,
        raced = takenBy(thefts, coins),
      ): Bid | undefined {
        const before = thefts.map((one) => max(paid.get(one.id) ?? 0n, rateOf(one))).reduce(max, usual);
        const fees = thefts.reduce((sum, one) => sum + feesOf(one), 0n);
        const means = {
          wallet,
          network,
          to: home,
          lockTime: height,
          seed: 'home',
          final: true,
          mostPlanBytes,
          coins: raced,
        };
        const at = (feeRate: bigint) => sweepWithin({ ...means, feeRate }, capOn, previous);
        const first = at(before * raise);
        const due = (fees * overFees) / 100n;
        // It may take fewer coins than he did, and must still pay more than he does.
        const swept = first && first.plan.fees < due ? at((first.rate * due) / first.plan.fees + 1n) : first;
        // Less than he pays, or the same once more, would help nobody.
        if (!swept || swept.rate <= before || swept.plan.fees <= fees) return undefined;
        return { ...swept, over: thefts.map(({ id }) => id) };
      }
    },
    offered({ over, rate }) {
      for (const id of over) paid.set(id, rate);
    },
  };
}

/**
 * Whether a theft is wholly signed by what no record covers: a payment of ours that one stolen key signed beside a record is no
 * theft of so many keys, and nobody may say that it is.
 */
function isBare(
  { id, threshold }: BitcoinWallet,
  { takes }: SeenTransaction,
  isCovered: Swept['isCovered'],
): boolean {
  const signed = takes.find(({ wallet }) => wallet === id)?.signed ?? [];
  const bare = signed.filter((part) => !isCovered(part));
  return new Set(bare.map(({ signer }) => signer)).size >= threshold;
}

/** A theft as evidence of each of these coins: a piece a key and kind of signature, of what no record covers. */
function partsOf(
  wallet: BitcoinWallet,
  { hex }: SeenTransaction,
  coins: readonly Coin[],
  isCovered: Swept['isCovered'],
): readonly SignedPart[] {
  return (signaturesOf(wallet, hex, coins, true)?.signed ?? [])
    .map(({ bytes, signer, signature }) => ({ bytes, signer, signature }))
    .filter((part) => !isCovered(part));
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
