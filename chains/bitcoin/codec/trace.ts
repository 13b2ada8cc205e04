/** Trace: how a planned transaction is recognised on the chain, and what ends it. */
import type { BitcoinWallet } from '@kuramori/core';
import { readDescriptor } from './descriptor.ts';
import { readPlan } from './draft.ts';
import { idOf, outpointText } from './transaction.ts';

export interface Trace {
  /** The one id under which it confirms: what a witness holds is in no id (BIP 141). */
  readonly ids: readonly string[];
  /** `txid:vout` of what it spends. It is dead once another transaction has spent one of them, deep enough; never before. */
  readonly spends: readonly string[];
  readonly validUntil: null;
}

/** The trace of a plan of the wallet; undefined where the bytes are none, so that nobody calls dead what nobody watched. */
export function traceOf(wallet: Pick<BitcoinWallet, 'descriptor'>, plan: string): Trace | undefined {
  const descriptor = readDescriptor(wallet.descriptor);
  if (descriptor.kind === 'refused') return undefined;
  const read = readPlan(descriptor.descriptor, plan);
  if (read.kind === 'refused') return undefined;
  const { transaction } = read.psbt;
  return { ids: [idOf(transaction)], spends: transaction.inputs.map(outpointText), validUntil: null };
}

/** Whether two plans of the wallet spend one output, so that at most one of them ever confirms. Never throws. */
export function conflict(wallet: Pick<BitcoinWallet, 'descriptor'>, one: string, other: string): boolean {
  const [first, second] = [spendsOf(wallet, one), spendsOf(wallet, other)];
  return first.some((outpoint) => second.includes(outpoint));
}

/** What a plan spends; nothing where it is none. Each plan of an intent is held against every later one. */
function spendsOf(wallet: Pick<BitcoinWallet, 'descriptor'>, plan: string): readonly string[] {
  const key = `${wallet.descriptor} ${plan}`;
  const before = known.get(key);
  if (before) return before;
  const spends = traceOf(wallet, plan)?.spends ?? [];
  if (known.size >= mostKnown) known.clear();
  known.set(key, spends);
  return spends;
}

const known = new Map<string, readonly string[]>();
/** Ten megabytes at the most. */
const mostKnown = 200;
