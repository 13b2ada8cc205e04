/** Asked: what a share asks of its key, input by input. For whoever has no wallet at hand: the key itself, and who verifies it. */
import { compare } from './bytes.ts';
import { digestsOf, sighashAll } from './digest.ts';
import { payingTo } from './place.ts';
import { readPsbt } from './psbt.ts';
import { isShareOf, readShare } from './share.ts';

export interface AskedInput {
  readonly branch: 0 | 1;
  readonly index: number;
  /** What the signature is over. */
  readonly digest: Uint8Array;
  /** The public keys, hex, whose signatures the input's script counts. */
  readonly keys: readonly string[];
}

/** What a share of a plan asks of a key; or why it asks nothing of it. Does not look at what the transaction does. */
export function askedOf(key: string, plan: string, shareHex: string): readonly AskedInput[] | string {
  const read = readPsbt(plan);
  if (read.kind === 'refused') return `plan: ${read.why}`;
  const { psbt } = read;
  const share = readShare(shareHex);
  if (!share) return 'share: is no transaction with a key behind it';
  if (share.key !== key) return 'share: asks for another key';
  if (share.sighash !== sighashAll) return 'share: asks for another kind of signature than SIGHASH_ALL';
  if (!isShareOf(share, psbt.transaction)) return 'share: is of another transaction than the plan';
  const digestOf = digestsOf(psbt.transaction);
  const asked: AskedInput[] = [];
  for (const [at, { spent, witnessScript, derivations }] of psbt.inputs.entries()) {
    const [branch, index] = derivations[0]?.path.slice(-2) ?? [];
    if ((branch !== 0 && branch !== 1) || index === undefined || index >= 0x80000000)
      return `plan: input ${at} does not say where its keys are`;
    if (compare(spent.script, payingTo(witnessScript)) !== 0)
      return `plan: input ${at} spends an output of another script`;
    const keys = derivations.map(({ publicKey }) => publicKey.toHex());
    asked.push({ branch, index, digest: digestOf(at, witnessScript, spent.units), keys });
  }
  return asked.length === 0 ? 'plan: has no input' : asked;
}
