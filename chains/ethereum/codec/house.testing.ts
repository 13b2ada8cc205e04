/** Owners of a Safe whose keys are always the same, for tests. */
import { createHash } from 'node:crypto';
import type { ChainKey, EthereumWallet } from '@kuramori/core';
import { ethereum, planPayment, type PaymentPlan, type Planned, type PlanResult } from './index.ts';

export const secretNamed = (name: string): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(`test ${name}`).digest());

export const ownerNamed = (name: string): ChainKey => ethereum.keyOf(secretNamed(name), 'ethereum', 'devnet');

/** Three owners of whom two must sign, and a spare. */
export const owners = ['owner 1', 'owner 2', 'owner 3'].map(ownerNamed);
export const spare = ownerNamed('spare');

export function walletAt(address: string, threshold = 2, keys: readonly ChainKey[] = owners): EthereumWallet {
  return {
    chain: 'ethereum',
    id: 'hot',
    role: 'hot',
    address,
    threshold,
    cosigners: keys.map(({ publicKey }, index) => ({ publicKey, signer: `signer-${index + 1}` })),
    spares: [{ publicKey: spare.publicKey, signer: 'signer-4' }],
    evacuateTo: 'cold',
  };
}

/** A Safe that nobody has made. */
export const hot = walletAt('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed');
export const customer = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359';
/** Where mainnet's USDT is. */
export const usdt = '0xdAC17F958D2ee523a2206206994597C13D831ec7';

export function made(result: PlanResult): Planned {
  if (result.kind === 'refused') throw new Error(`${result.field}: ${result.why}`);
  return result.planned;
}

/** A payment of the house's, signed by the first two owners. */
export function paymentOf(given: Partial<PaymentPlan> & Pick<PaymentPlan, 'asset'>): Planned {
  return made(
    planPayment({
      wallet: hot,
      network: 'devnet',
      nonce: 7n,
      keys: owners.slice(0, 2).map(({ publicKey }) => publicKey),
      recipient: customer,
      units: 1_500_000n,
      ...given,
    }),
  );
}
