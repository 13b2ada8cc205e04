/**
 * Draft: what our own planner decides about a transaction, and nothing that follows from it. Every plan is written from a draft
 * and a descriptor; reading one finds the draft again, writes it anew, and refuses whatever differs by a bit.
 */
import type { Descriptor } from './descriptor.ts';
import { compare } from './bytes.ts';
import { placeAt, type Place } from './place.ts';
import { readPsbt, writePsbt, type Derivation, type Psbt } from './psbt.ts';
import type { Outpoint, TransactionOutput } from './transaction.ts';

/** An unspent output of a wallet, at one of its places. */
export interface Coin extends Outpoint {
  readonly units: bigint;
  readonly branch: 0 | 1;
  readonly index: number;
}

export interface DraftOutput extends TransactionOutput {
  /** The index in branch 1 where it is change; null for everybody else's, and for what pays one of our own on purpose. */
  readonly change: number | null;
}

export interface Draft {
  /** The height of the last block before the first that may take it; 0: any. */
  readonly lockTime: number;
  readonly inputs: readonly Coin[];
  readonly outputs: readonly DraftOutput[];
  /** It says that nothing may take its place (BIP 125 1): what goes home by one output, and nothing else. */
  readonly final: boolean;
}

/** Replaceable (BIP 125 1), and the lock time counts (BIP 65: any but the highest). Never a relative lock (BIP 68: bit 31). */
export const sequence = 0xfffffffd;
/** Not replaceable; the lock time counts all the same. */
export const finalSequence = 0xfffffffe;

/** From here on a lock time is a time (Core: LOCKTIME_THRESHOLD). */
export const firstTime = 500_000_000;

/** Change beyond this index is refused: whoever scans a descriptor anew must find it in hours. */
export const mostChange = 1_000_000;

export type ReadPlan =
  | { readonly kind: 'plan'; readonly draft: Draft; readonly psbt: Psbt }
  | { readonly kind: 'refused'; readonly why: string };

/** The bytes of a draft, hex: inputs and outputs in the order of BIP 69. */
export function writePlan(descriptor: Descriptor, draft: Draft): string {
  return writePsbt(psbtOf(descriptor, draft));
}

function psbtOf(descriptor: Descriptor, draft: Draft): Psbt {
  const inputs = draft.inputs.toSorted(compareOutpoints);
  const signal = draft.final ? finalSequence : sequence;
  const outputs = draft.outputs.toSorted(compareOutputs);
  return {
    transaction: {
      version: 2,
      lockTime: draft.lockTime,
      inputs: inputs.map(({ txid, vout }) => ({
        txid,
        vout,
        sequence: signal,
        scriptSig: none,
        witness: [],
      })),
      outputs: outputs.map(({ units, script }) => ({ units, script })),
    },
    inputs: inputs.map(({ units, branch, index }) => {
      const place = placeAt(descriptor, branch, index);
      const spent = { units, script: place.script };
      return { spent, witnessScript: place.witnessScript, derivations: derivationsOf(place) };
    }),
    outputs: outputs.map(({ change }) =>
      change === null ? [] : derivationsOf(placeAt(descriptor, 1, change)),
    ),
  };
}

const none = new Uint8Array(0);

function derivationsOf({ keys }: Place): readonly Derivation[] {
  return keys.map(({ publicKey, fingerprint, path }) => ({ publicKey, fingerprint, path }));
}

/** Reads a plan of a wallet: any bytes but those that `writePlan` makes of some draft are refused. */
export function readPlan(descriptor: Descriptor, hex: string): ReadPlan {
  const read = readPsbt(hex);
  if (read.kind === 'refused') return read;
  const { psbt } = read;
  const { transaction } = psbt;
  const inputs: Coin[] = [];
  for (const [at, { txid, vout }] of transaction.inputs.entries()) {
    const input = psbt.inputs[at];
    const steps = input && placeOf(input.derivations);
    if (!steps) return refused(`input ${at} does not say where in the descriptor its keys are`);
    const place = placeAt(descriptor, ...steps);
    if (compare(place.script, input.spent.script) !== 0)
      return refused(`input ${at} spends an output that is not at ${steps.join('/')} of the wallet`);
    inputs.push({ txid, vout, units: input.spent.units, branch: place.branch, index: place.index });
  }
  const outputs: DraftOutput[] = [];
  for (const [at, { units, script }] of transaction.outputs.entries()) {
    const derivations = psbt.outputs[at] ?? [];
    if (derivations.length === 0) {
      outputs.push({ units, script, change: null });
      continue;
    }
    const steps = placeOf(derivations);
    if (steps?.[0] !== 1) return refused(`output ${at} is said to be change, and is not of branch 1`);
    if (compare(placeAt(descriptor, ...steps).script, script) !== 0)
      return refused(`output ${at} is said to be change, and pays to somebody else`);
    outputs.push({ units, script, change: steps[1] });
  }
  const final = transaction.inputs[0]?.sequence === finalSequence;
  const draft: Draft = { lockTime: transaction.lockTime, inputs, outputs, final };
  const flaw = flawOf(draft);
  if (flaw !== undefined) return refused(flaw);
  if (writePlan(descriptor, draft) !== hex) return refused('is not the plan that its own contents lead to');
  return { kind: 'plan', draft, psbt };
}

/** What no planner of ours would make, whatever the wallet. */
function flawOf({ lockTime, inputs, outputs, final }: Draft): string | undefined {
  if (lockTime >= firstTime) return 'lockTime is a time, and not a height';
  if (inputs.length === 0) return 'has no input';
  if (outputs.length === 0) return 'has no output';
  const spent = new Set(inputs.map(({ txid, vout }) => `${txid}:${vout}`));
  if (spent.size < inputs.length) return 'spends one output twice';
  const change = outputs.flatMap((output) => (output.change === null ? [] : [output.change]));
  if (change.length > 1) return 'has change twice';
  if (final && (outputs.length > 1 || change.length > 0))
    return 'may not be replaced, and is more than one output that goes to one address';
  const far = change.find((index) => index >= mostChange);
  return far === undefined ? undefined : `its change is at index ${far}, of which there are ${mostChange}`;
}

/** Branch and index of derivations, by the last two steps of the first: all others are compared with what follows from them. */
function placeOf([first]: readonly Derivation[]): readonly [0 | 1, number] | undefined {
  const [branch, index] = first?.path.slice(-2) ?? [];
  if ((branch !== 0 && branch !== 1) || index === undefined || index >= 0x80000000) return undefined;
  return [branch, index];
}

/** BIP 69: by the id as it is written, then by the output's number. */
export function compareOutpoints(one: Outpoint, other: Outpoint): number {
  if (one.txid !== other.txid) return one.txid < other.txid ? -1 : 1;
  return one.vout - other.vout;
}

/** BIP 69: by the amount, then by the script. */
export function compareOutputs(one: TransactionOutput, other: TransactionOutput): number {
  if (one.units !== other.units) return one.units < other.units ? -1 : 1;
  return compare(one.script, other.script);
}

function refused(why: string): ReadPlan {
  return { kind: 'refused', why };
}
