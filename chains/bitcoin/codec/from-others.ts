/**
 * From others: what one key of the wallet signed of a plan in somebody else's program or device, in our own form of a signature,
 * which `combine` and `verifyShare` take. It is held against the plan alone: the same transaction to the bit, and each
 * signature in it over just that, of SIGHASH_ALL, as nodes relay it. Which nonces it was made with only the key's holder could see.
 */
import type { BitcoinWallet } from '@kuramori/core';
import { compare, concat } from './bytes.ts';
import { digestsOf, sighashAll } from './digest.ts';
import { readPlan } from './draft.ts';
import { fromStrictDer, verify } from './ecdsa.ts';
import { placeAt, type PlaceKey } from './place.ts';
import { readReceived, type ReceivedInput } from './received.ts';
import { outpointText, type Transaction } from './transaction.ts';
import { descriptorOf } from './wallet.ts';

export type FromOthers =
  /** Hex: r and s of each input, in their order. */
  | { readonly kind: 'signature'; readonly signature: string }
  /** By the number of the input, from 0, where it is one input's. */
  | { readonly kind: 'refused'; readonly why: string };

/** What an input of the plan asks. */
interface Due {
  readonly outpoint: string;
  readonly vout: number;
  readonly units: bigint;
  readonly script: Uint8Array;
  readonly witnessScript: Uint8Array;
  readonly keys: readonly PlaceKey[];
  /** How many signatures its script counts. */
  readonly threshold: number;
  readonly digest: Uint8Array;
}

/**
 * The signature of one key of the wallet, out of what another wallet gives back: a PSBT as bytes, base64 or hex, signed by one key
 * or by several, finalized or not, or the whole transaction. Refused where it is of anything else than the plan, where the key has
 * not signed every input, and where anybody's signature in it is not good. Never throws on what is given.
 */
export function signatureFromOthers(
  wallet: Pick<BitcoinWallet, 'descriptor'>,
  plan: string,
  key: string,
  given: string | Uint8Array,
): FromOthers {
  const descriptor = descriptorOf(wallet);
  const of = descriptor.keys.findIndex(({ extended }) => extended === key);
  if (of < 0) return refused('key: is no key of the wallet');
  const received = readReceived(given);
  if (typeof received === 'string') return refused(received);
  const read = readPlan(descriptor, plan);
  if (read.kind === 'refused') return refused(`plan: ${read.why}`);
  const { transaction } = read.psbt;
  const difference = differenceOf(transaction, received.transaction);
  if (difference !== undefined) return refused(`is of another transaction than the plan: ${difference}`);
  const digestOf = digestsOf(transaction);
  const due = read.draft.inputs.map((coin, at): Due => {
    const place = placeAt(descriptor, coin.branch, coin.index);
    return {
      ...coin,
      ...place,
      threshold: descriptor.threshold,
      outpoint: outpointText(coin),
      digest: digestOf(at, place.witnessScript, coin.units),
    };
  });
  const signatures: Uint8Array[] = [];
  for (const [at, input] of received.inputs.entries()) {
    const one = due[at];
    if (!one) throw new Error('signatureFromOthers: an input without its coin');
    const signature = claimFlaw(one, input) ?? signedBy(due, one, input, of);
    if (typeof signature === 'string') return refused(`input ${at} ${signature}`);
    signatures.push(signature);
  }
  return { kind: 'signature', signature: concat(...signatures).toHex() };
}

/** Where two transactions differ first; undefined where they are the same but for their witnesses. */
function differenceOf(ours: Transaction, theirs: Transaction): string | undefined {
  if (theirs.version !== ours.version) return `version ${theirs.version}, and not ${ours.version}`;
  if (theirs.lockTime !== ours.lockTime) return `lock time ${theirs.lockTime}, and not ${ours.lockTime}`;
  const count = (one: Transaction) => `${one.inputs.length} inputs and ${one.outputs.length} outputs`;
  if (count(theirs) !== count(ours)) return `${count(theirs)}, and not ${count(ours)}`;
  for (const [at, input] of ours.inputs.entries()) {
    const other = theirs.inputs[at];
    if (!other || outpointText(other) !== outpointText(input)) return `input ${at} spends another coin`;
    if (other.sequence !== input.sequence) return `input ${at} has sequence ${other.sequence}`;
    if (other.scriptSig.length > 0) return `input ${at} has a script where only a witness belongs`;
  }
  for (const [at, { units, script }] of ours.outputs.entries()) {
    const other = theirs.outputs[at];
    if (!other || compare(other.script, script) !== 0) return `output ${at} pays to another address`;
    if (other.units !== units) return `output ${at} pays ${other.units}, and not ${units}`;
  }
  return undefined;
}

/** What is said of an input beside its signatures, and is not so: whoever said it had another coin before them. */
function claimFlaw(due: Due, { previous, spent, witnessScript, sighash }: ReceivedInput): string | undefined {
  const { outpoint, vout, units, script } = due;
  if (sighash !== null && sighash !== sighashAll)
    return `asks for ${kindName(sighash)}: SIGHASH_ALL alone is signed`;
  if (previous && !outpoint.startsWith(previous.id))
    return 'has another transaction for the one that it spends';
  for (const output of [spent, previous?.outputs[vout] ?? null]) {
    if (output && output.units !== units) return `is said to hold ${output.units}, and holds ${units}`;
    if (output && compare(output.script, script) !== 0) return 'is said to be of another address';
  }
  if (witnessScript && compare(witnessScript, due.witnessScript) !== 0) return 'has another witness script';
  return undefined;
}

/** The signature of one key over an input, when all signatures there are good; otherwise why not. */
function signedBy(all: readonly Due[], due: Due, input: ReceivedInput, of: number): Uint8Array | string {
  const each: (readonly [named: string | null, der: Uint8Array])[] = [...input.signatures];
  if (input.witness) {
    // BIP 147: the element before the signatures is empty, and the last is the script.
    const [empty, ...rest] = input.witness;
    const script = rest.pop();
    const whole = empty?.length === 0 && rest.length === due.threshold;
    if (!whole || !script || compare(script, due.witnessScript) !== 0)
      return 'has a witness that is none of its script';
    each.push(...rest.map((der) => [null, der] as const));
  }
  let own: Uint8Array | undefined;
  for (const [named, der] of each) {
    const read = fromStrictDer(der);
    if (typeof read === 'string') return `has a signature that ${read}`;
    if (read.sighash !== sighashAll)
      return `has a signature of ${kindName(read.sighash)}: it binds less than the transaction, and whoever has it may change the rest`;
    const made = ({ publicKey }: PlaceKey) => verify(publicKey, due.digest, read.signature);
    const claimed = due.keys.find(({ publicKey }) => publicKey.toHex() === named);
    const maker = claimed && made(claimed) ? claimed : due.keys.find(made);
    if (!maker) return strangeness(all, due, read.signature);
    if (named !== null && maker !== claimed)
      return claimed
        ? 'has the signature of one key under another’s name'
        : 'has a signature under the name of a key that its script does not count';
    if (maker.of === of) own = read.signature;
  }
  return own ?? 'is not signed by this key';
}

/** What a signature is instead, as far as that can be told. */
function strangeness(all: readonly Due[], due: Due, signature: Uint8Array): string {
  const at = all.findIndex(
    (one) => one !== due && one.keys.some(({ publicKey }) => verify(publicKey, one.digest, signature)),
  );
  return at < 0
    ? 'has a signature that does not verify: it is over other bytes, or by a key that is none of the wallet’s'
    : `has the signature of input ${at}`;
}

function kindName(sighash: number): string {
  const name = ['', 'ALL', 'NONE', 'SINGLE'][sighash & 0x7f];
  const alone = (sighash & 0x80) === 0 ? '' : '|ANYONECANPAY';
  return sighash > 0xff || !name ? `an unknown kind, ${sighash}` : `SIGHASH_${name}${alone}`;
}

function refused(why: string): FromOthers {
  return { kind: 'refused', why };
}
