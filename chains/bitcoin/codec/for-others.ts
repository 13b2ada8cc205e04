/**
 * For others: a plan as other wallets and devices take it (BIP 174, version 0), where they hold one of the wallet's keys. Beside
 * what our plan says (psbt.ts) each input has the whole transaction that it spends, since devices prove amounts by it as we do, and
 * SIGHASH_ALL written out; change has its script; and the wallet's keys stand before all, for devices that hold them against what
 * they know of the wallet. It says nothing that the plan does not lead to, and our own signers take no such bytes.
 */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { concat } from './bytes.ts';
import { sighashAll } from './digest.ts';
import { readPlan } from './draft.ts';
import { payloadOf } from './extended-key.ts';
import { endOfMap, pair } from './key-map.ts';
import { placeAt, type Place } from './place.ts';
import { derivationPair, magic, originBytes } from './psbt.ts';
import { mostBytes } from './received.ts';
import { shareOf } from './share.ts';
import { sized, u32, u64 } from './size.ts';
import { explainShare } from './spend.ts';
import { readPrevious, stripped, type TransactionOutput } from './transaction.ts';
import { descriptorOf } from './wallet.ts';

export type ForOthers =
  | {
      readonly kind: 'psbt';
      /** As a file has it. */
      readonly bytes: Uint8Array;
      /** As most programs take it typed or pasted. */
      readonly base64: string;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** BIP 174: the types of pairs, by the kind of their map. */
const header = { transaction: 0x00, extendedKey: 0x01 } as const;
const input = { previous: 0x00, spent: 0x01, sighash: 0x03, witnessScript: 0x05, derivation: 0x06 } as const;
const output = { witnessScript: 0x01, derivation: 0x02 } as const;

const noKey = new Uint8Array(0);

/**
 * The PSBT of a plan for whoever holds one of the wallet's keys elsewhere; the same for each of them. `previous`: as `explainShare` takes
 * it, and whatever that refuses is refused here: what we would not sign, nobody is asked to.
 */
export function psbtForOthers(
  wallet: BitcoinWallet,
  plan: string,
  network: Network,
  previous: readonly string[],
): ForOthers {
  const descriptor = descriptorOf(wallet);
  const read = readPlan(descriptor, plan);
  if (read.kind === 'refused') return refused(`plan: ${read.why}`);
  const { draft, psbt } = read;
  const [key] = descriptor.keys;
  if (!key) throw new Error('psbtForOthers: a descriptor without a key');
  const share = shareOf(psbt.transaction, key.extended);
  const explained = explainShare(wallet, plan, share, network, previous);
  if (explained.kind === 'refused') return refused(explained.why);
  const whole = new Map(
    previous.flatMap((hex) => {
      const one = readPrevious(hex);
      // Without witnesses, and without what Litecoin's nodes add: every reader takes that, and the id is of it.
      return one ? [[one.id, one.stripped] as const] : [];
    }),
  );
  const size = draft.inputs.reduce((sum, { txid }) => sum + (whole.get(txid)?.length ?? 0), plan.length);
  if (size > mostBytes)
    return refused(
      `previous: with each input its whole transaction it has ${size} bytes, and ${mostBytes} are read of others: spend coins of smaller transactions, or fewer`,
    );
  const bytes = concat(
    magic,
    pair(header.transaction, noKey, stripped(psbt.transaction)),
    ...descriptor.keys.map((one) =>
      pair(header.extendedKey, payloadOf(one.extended) ?? noKey, originBytes(one)),
    ),
    endOfMap,
    ...draft.inputs.map(({ txid, units, branch, index }) => {
      const place = placeAt(descriptor, branch, index);
      const before = whole.get(txid);
      if (!before) throw new Error('psbtForOthers: an input that was explained without its transaction');
      return inputMap(place, before, { units, script: place.script });
    }),
    ...draft.outputs.map(({ change }) =>
      change === null ? endOfMap : changeMap(placeAt(descriptor, 1, change)),
    ),
  );
  return { kind: 'psbt', bytes, base64: bytes.toBase64() };
}

function inputMap(place: Place, previous: Uint8Array, spent: TransactionOutput): Uint8Array {
  return concat(
    pair(input.previous, noKey, previous),
    pair(input.spent, noKey, concat(u64(spent.units), sized(spent.script))),
    pair(input.sighash, noKey, u32(sighashAll)),
    pair(input.witnessScript, noKey, place.witnessScript),
    ...place.keys.map((key) => derivationPair(input.derivation, key)),
    endOfMap,
  );
}

/** A device derives the script from the wallet that it knows, and so sees that this comes back. */
function changeMap(place: Place): Uint8Array {
  return concat(
    pair(output.witnessScript, noKey, place.witnessScript),
    ...place.keys.map((key) => derivationPair(output.derivation, key)),
    endOfMap,
  );
}

function refused(why: string): ForOthers {
  return { kind: 'refused', why };
}
