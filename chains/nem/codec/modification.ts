import { addressOf } from './address.ts';
import type { NemNetwork } from './network.ts';
import { modificationType, type CosignerChange } from './transaction.ts';

/**
 * The order in which a modification must carry its changes: additions before deletions, then by the
 * cosigner's address as a string (NIS MultisigCosignatoryModification.compareTo). Base32 writes 2-7 after
 * A-Z while strings sort them before, so this is not the order of the bytes, which symbol-sdk uses and NIS
 * answers with FAILURE_SIGNATURE_NOT_VERIFIABLE.
 */
export function compareModifications(
  left: CosignerChange,
  right: CosignerChange,
  network: NemNetwork,
): number {
  const byType = modificationType[left.type] - modificationType[right.type];
  if (byType !== 0) return byType;
  const [a, b] = [addressOf(left.cosigner, network), addressOf(right.cosigner, network)];
  return a < b ? -1 : Number(a > b);
}

/** The changes in the order that the network wants. */
export function sortModifications(
  modifications: readonly CosignerChange[],
  network: NemNetwork,
): readonly CosignerChange[] {
  return modifications.toSorted((left, right) => compareModifications(left, right, network));
}
