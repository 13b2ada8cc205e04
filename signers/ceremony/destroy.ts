/** Destroy: a folder's keystore and passphrase, whole or half written, other bytes over them before they go. */
import { randomBytes } from 'node:crypto';
import { overwriteAndRemove } from '@kuramori/program';
import type { Ceremony } from '../step/step.ts';

/** Throws Misconfigured with the first that does not go; the others are gone all the same. */
export function destroyKeys(ceremony: Pick<Ceremony, 'at'>): void {
  // Either is of no use without the other: the small one first.
  const files = [ceremony.at('passphrase'), ceremony.at('keystore.json')];
  const failures = files
    .flatMap((file) => [`${file}.next`, file])
    .flatMap((file) => {
      try {
        overwriteAndRemove(file, randomBytes);
        return [];
      } catch (cause) {
        return [cause];
      }
    });
  if (failures.length > 0) throw failures[0];
}
