/** What malware on a signer's machine takes away. */
import { join } from 'node:path';
import { readSecretBytes } from '@kuramori/program';
import { chainSecretOf } from '@kuramori/signers';
import type { House } from '../house/house.ts';

/** Copies a signer's keystore and passphrase: the secret bytes of its key. */
export function stealSecret({ plan }: Pick<House, 'plan'>, signer: string): Uint8Array {
  const folder = join(plan.folder, signer);
  return chainSecretOf(join(folder, 'keystore.json'), readSecretBytes(join(folder, 'passphrase')));
}
