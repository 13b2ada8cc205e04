import type { Evidence, NemWallet } from '@kuramori/core';
import { addressOf, type Address } from './address.ts';
import { explain } from './explain.ts';
import type { NemNetwork } from './network.ts';
import { verifyShare } from './plan.ts';
import type { Transaction } from './transaction.ts';

/** Whether the evidence's bytes are validly signed by a key of the wallet, and would act on the wallet. */
export function evidenceSigned(
  wallet: Pick<NemWallet, 'address' | 'publicKey' | 'cosigners'>,
  evidence: Pick<Evidence, 'bytes' | 'signer' | 'signature'>,
  network: NemNetwork,
): boolean {
  const keys = [wallet.publicKey, ...wallet.cosigners.map(({ publicKey }) => publicKey)];
  if (!keys.includes(evidence.signer)) return false;
  if (!verifyShare(evidence.signer, evidence.bytes, evidence.signature)) return false;
  const explained = explain(Uint8Array.fromHex(evidence.bytes), network);
  if (explained.kind === 'refused') return true; // signed by our key, and nobody can say what it does
  return explained.transaction.signer === evidence.signer && actsOn(wallet, explained.transaction, network);
}

/** Whether a transaction takes from the wallet, or changes who may. */
export function actsOn(
  wallet: Pick<NemWallet, 'address'>,
  transaction: Transaction,
  network: NemNetwork,
): boolean {
  return actsOnAccount(transaction, network) === wallet.address;
}

/** The account that a transaction acts on: that of the inner one, where there is one. */
export function actsOnAccount(transaction: Transaction, network: NemNetwork): Address {
  if (transaction.kind === 'cosignature') return transaction.multisig;
  if (transaction.kind === 'multisig') return addressOf(transaction.inner.signer, network);
  return addressOf(transaction.signer, network);
}
