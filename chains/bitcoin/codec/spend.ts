/** Spend: what it means to sign a share of a plan, with every amount proven and every output named. */
import { coinOn, type BitcoinWallet, type Explained, type Network, type Output } from '@kuramori/core';
import { addressOf } from './address.ts';
import { dustFlaw, feesOf } from './bounds.ts';
import { compare } from './bytes.ts';
import { readDescriptor, type Descriptor } from './descriptor.ts';
import { sighashAll } from './digest.ts';
import { readPlan, type Draft } from './draft.ts';
import { keyVersions, type BitcoinChain } from './network.ts';
import { placeAt } from './place.ts';
import { isShareOf, readShare } from './share.ts';
import { idOf, readPrevious, type Previous } from './transaction.ts';

type ReadWallet = Pick<BitcoinWallet, 'address' | 'chain' | 'cosigners' | 'descriptor'>;

/**
 * What it means to sign `share` towards `plan`, or why that is refused. `previous`: the whole transactions whose outputs the plan
 * spends, in any order, hex, with or without witnesses. BIP 143 lets a signature bind the amount of its own input only, so whoever
 * is lied to about two inputs in turn signs away the difference as fees: here every amount is that of the transaction whose hash
 * the input names.
 */
export function explainShare(
  wallet: ReadWallet,
  plan: string,
  shareHex: string,
  network: Network,
  previous: readonly string[] = [],
): Explained {
  const read = readDescriptor(wallet.descriptor);
  if (read.kind === 'refused') return refused(`wallet: descriptor ${read.why}`);
  const { descriptor } = read;
  if (descriptor.version !== keyVersions[network].public)
    return refused(`wallet: descriptor has keys of another network than ${network}`);
  const planned = readPlan(descriptor, plan);
  if (planned.kind === 'refused') return refused(`plan: ${planned.why}`);
  const { draft, psbt } = planned;
  const share = readShare(shareHex);
  if (!share) return refused('share: is no transaction with a key behind it');
  if (share.sighash !== sighashAll) return refused('share: is of another kind than SIGHASH_ALL');
  if (!isShareOf(share, psbt.transaction)) return refused('share: is of another transaction than the plan');
  if (!holdsKey(wallet, descriptor, share.key)) return refused('share: its key is none of the wallet’s');
  const flaw = amountFlaw(descriptor, draft, previous);
  if (flaw !== undefined) return refused(flaw);
  const outputs = outputsOf(draft, wallet.chain, network);
  if (typeof outputs === 'string') return refused(`plan: ${outputs}`);
  const fees = feesOf(descriptor, draft, wallet.chain);
  if (typeof fees === 'string') return refused(`plan: ${fees}`);
  return {
    kind: 'spend',
    spend: {
      from: wallet.address,
      outputs,
      fees,
      feeAsset: coinOn(wallet.chain),
      // Only a transaction that spends one of the same coins ends it.
      validUntil: null,
      transactionId: idOf(psbt.transaction),
      signer: share.key,
      share: shareHex,
    },
  };
}

function holdsKey({ cosigners }: ReadWallet, { keys }: Descriptor, key: string): boolean {
  return (
    cosigners.some(({ publicKey }) => publicKey === key) && keys.some(({ extended }) => extended === key)
  );
}

/** Of all that inputs spend together: fifty ordinary transactions are 40,000, and the largest that nodes relay 200,000. */
export const mostPreviousDigits = 1_000_000;

/** Why an input may not be what the plan says of it: by the transaction that it spends, found by its hash. */
function amountFlaw(
  descriptor: Descriptor,
  { inputs }: Draft,
  previous: readonly string[],
): string | undefined {
  // Whoever reads them serves nobody else meanwhile.
  const digits = previous.reduce((sum, hex) => sum + hex.length, 0);
  if (digits > mostPreviousDigits)
    return `previous: ${digits} hex digits of at most ${mostPreviousDigits}: spend coins of smaller transactions, or fewer`;
  const known = new Map<string, Previous>();
  for (const [at, hex] of previous.entries()) {
    const read = readPrevious(hex);
    if (!read) return `previous: transaction ${at} cannot be read`;
    known.set(read.id, read);
  }
  for (const [at, { txid, vout, units, branch, index }] of inputs.entries()) {
    const spent = known.get(txid);
    if (!spent) return `previous: the transaction that input ${at} spends, ${txid}, is not given`;
    const output = spent.outputs[vout];
    if (!output) return `plan: input ${at} spends output ${vout}, and ${txid} has ${spent.outputs.length}`;
    if (output.units !== units)
      return `plan: input ${at} is said to hold ${units}, and holds ${output.units}`;
    if (compare(output.script, placeAt(descriptor, branch, index).script) !== 0)
      return `plan: input ${at} is said to be ours at ${branch}/${index}, and is not`;
  }
  return undefined;
}

/** What leaves: every output but the change. */
function outputsOf({ outputs }: Draft, chain: BitcoinChain, network: Network): readonly Output[] | string {
  const paid: Output[] = [];
  for (const [at, { script, units, change }] of outputs.entries()) {
    const dust = dustFlaw({ script, units }, chain);
    if (dust !== undefined) return `output ${at} ${dust}`;
    if (change !== null) continue;
    const address = addressOf(script, chain, network);
    if (address === undefined) return `output ${at} pays to a script that has no address`;
    paid.push({ address, memo: '', asset: coinOn(chain), units });
  }
  return paid;
}

function refused(why: string): Explained {
  return { kind: 'refused', why };
}
