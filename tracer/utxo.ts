/** Utxo: the same rules where coins are outputs. A transaction is an account that lives for a moment: its inputs are put in, in order, and its outputs take, in order, the fee last. */
import { invariant } from './invariant.ts';
import { nothing, taintOf, unitsOf, type Parcel, type Rule } from './rules/rule.ts';

export interface Output {
  readonly units: bigint;
  readonly address: string;
}

export interface UtxoTransaction {
  readonly id: string;
  /** `id:number` of the outputs spent. `units` is what the chain says of it, and counts where nobody saw it made. */
  readonly inputs: readonly { readonly output: string; readonly units: bigint }[];
  readonly outputs: readonly Output[];
}

export interface UtxoState {
  readonly rule: Rule;
  /** `id:number` → what lies there. */
  readonly unspent: Map<string, Parcel>;
}

export interface UtxoStep {
  /** Of each output, in the transaction's order. */
  readonly taint: readonly bigint[];
  readonly fee: bigint;
  readonly feeTaint: bigint;
  /** Takes the transaction back: the last one first. */
  readonly undo: () => void;
}

/** `as-listed` is the order of the bytes. `largest-first`, with tainted-first, is TIHO: taint in, highest out. */
export type OutputOrder = 'as-listed' | 'largest-first';

export function openUtxo(rule: Rule): UtxoState {
  return { rule, unspent: new Map() };
}

/** Marks an output as stolen, whatever was known of it. */
export function stealOutput({ rule, unspent }: UtxoState, output: string, units: bigint): void {
  unspent.set(output, rule.parcel(units, units));
}

/** A transaction without inputs makes its coins. */
export function applyUtxo(
  { rule, unspent }: UtxoState,
  { id, inputs, outputs }: UtxoTransaction,
  order: OutputOrder = 'as-listed',
): UtxoStep {
  let inside = nothing;
  const spent: (readonly [string, Parcel | undefined])[] = [];
  for (const { output, units } of inputs) {
    const known = unspent.get(output);
    const parcel = known ?? rule.parcel(units, 0n);
    invariant(unitsOf(parcel) === units, `${id} spends ${output} with other units than it has`);
    spent.push([output, known]);
    unspent.delete(output);
    inside = rule.put(inside, parcel);
  }
  const before = inside.taint;
  const paid = outputs.reduce((sum, { units }) => sum + units, 0n);
  if (inputs.length === 0) inside = rule.put(inside, rule.parcel(paid, 0n));
  invariant(paid <= inside.units, `${id} pays more than its inputs bring`);
  const turn = [...outputs.keys()];
  const unitsAt = (at: number) => outputs[at]?.units ?? 0n;
  if (order === 'largest-first')
    turn.sort((a, b) => Number(unitsAt(b) > unitsAt(a)) - Number(unitsAt(b) < unitsAt(a)));
  const taint = outputs.map(() => 0n);
  for (const at of turn) {
    const { rest, parcel } = rule.take(inside, unitsAt(at));
    inside = rest;
    unspent.set(`${id}:${at}`, parcel);
    taint[at] = taintOf(parcel);
  }
  // What is left is the fee: whole, with what each floor before it cut off.
  const { units: fee, taint: feeTaint } = inside;
  const sum = taint.reduce((all, one) => all + one, feeTaint);
  if (rule.conserves) invariant(sum === before, `${id} does not conserve taint`);
  const undo = () => {
    for (const at of outputs.keys()) unspent.delete(`${id}:${at}`);
    for (const [output, known] of spent) if (known) unspent.set(output, known);
  };
  return { taint, fee, feeTaint, undo };
}
