/** Pages: what a policy says of each wallet, on paper: descriptor, address, keys, digest. Nothing of it is secret. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyDigest, type Policy } from '@kuramori/core';
import { htmlOf, paperSizes, printed, walletSheet, type PaperSize } from '@kuramori/signers/paper';
import { print, refuse } from '../command.ts';

export function writePages(policy: Policy, folder: string, paper: string): number {
  const size = paperSizes.find((one): one is PaperSize => one === paper);
  if (size === undefined) return refuse(`--paper: ${paper} is none of ${paperSizes.join(', ')}`);
  const { version, network, wallets } = policy;
  const of = { version, digest: policyDigest(policy) };
  for (const wallet of wallets) {
    const descriptor = 'descriptor' in wallet ? wallet.descriptor : null;
    const sheet = walletSheet({ ...wallet, network, descriptor, policy: of });
    for (const [kind, bytes] of [
      ['pdf', printed(sheet, size)],
      ['html', htmlOf(sheet, size)],
    ] as const) {
      const file = join(folder, `wallet-${wallet.id}.${kind}`);
      writeFileSync(file, bytes, { flag: 'wx' });
      print(file);
    }
  }
  return 0;
}
