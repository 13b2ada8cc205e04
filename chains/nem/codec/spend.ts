import type { Asset, Explained, Output, Wallet } from '@kuramori/core';
import { addressOf } from './address.ts';
import { explain } from './explain.ts';
import { innerHash, transactionHash } from './hash.ts';
import { movements } from './movement.ts';
import { formatMosaicId, xemMosaic } from './mosaic.ts';
import type { NemNetwork } from './network.ts';
import { unixMsOf } from './time.ts';
import type { Cosignature, Multisig, Transaction, Transfer } from './transaction.ts';

/**
 * What it means to sign `share` towards `plan`, or why that is refused. The plan is a single-key wallet's transfer,
 * or the wrapper of a multisig's; the share is the plan itself, or a cosignature of it. Only what our own planner
 * makes is explained: a transfer, with one pair of times for all its parts.
 */
export function explainShare(
  wallet: Pick<Wallet, 'address' | 'publicKey'>,
  planHex: string,
  shareHex: string,
  network: NemNetwork,
): Explained {
  const plan = explain(Uint8Array.fromHex(planHex), network);
  if (plan.kind === 'refused') return refused(`plan: ${plan.field} ${plan.why}`);
  const share = planHex === shareHex ? plan : explain(Uint8Array.fromHex(shareHex), network);
  if (share.kind === 'refused') return refused(`share: ${share.field} ${share.why}`);
  if (plan.transaction.kind === 'transfer') {
    if (planHex !== shareHex) return refused('share: a transfer is signed as it is, not cosigned');
    return spendOf(wallet, planHex, plan.transaction, plan.transaction, 0n, shareHex, network);
  }
  if (plan.transaction.kind !== 'multisig')
    return refused(`plan: a ${plan.transaction.kind} is not a payment`);
  const { inner } = plan.transaction;
  if (inner.kind !== 'transfer') return refused(`plan: a ${inner.kind} inside is not a payment`);
  if (!sameTimes(inner, plan.transaction))
    return refused('plan: timeStamp or deadline differ inside and outside');
  if (planHex === shareHex) {
    return spendOf(wallet, planHex, inner, plan.transaction, plan.transaction.fee, shareHex, network);
  }
  const flaw = cosignatureFlaw(wallet, plan.transaction, share.transaction);
  if (flaw !== undefined) return refused(`share: ${flaw}`);
  const fees = plan.transaction.fee + share.transaction.fee;
  return spendOf(wallet, planHex, inner, share.transaction, fees, shareHex, network);
}

function cosignatureFlaw(
  wallet: Pick<Wallet, 'address'>,
  plan: Multisig,
  share: Transaction,
): string | undefined {
  if (share.kind !== 'cosignature') return `a ${share.kind} is not a cosignature`;
  // It binds the inner transaction only (reference: NIS MultisigSignatureTransaction), so all else is compared here.
  if (share.innerHash !== innerHash(plan)) return 'cosigns another transaction';
  if (share.multisig !== wallet.address) return 'names another account';
  if (share.signer === plan.signer) return 'its signer already signs the wrapper';
  if (!sameTimes(share, plan)) return 'timeStamp or deadline differ from the wrapper';
  return undefined;
}

function sameTimes(a: Transfer | Cosignature, b: Multisig): boolean {
  return a.timeStamp === b.timeStamp && a.deadline === b.deadline;
}

function spendOf(
  wallet: Pick<Wallet, 'address' | 'publicKey'>,
  plan: string,
  transfer: Transfer,
  signed: Transaction,
  outerFees: bigint,
  share: string,
  network: NemNetwork,
): Explained {
  const from = addressOf(transfer.signer, network);
  if (transfer.signer !== wallet.publicKey) return refused(`plan: pays from ${from}`);
  const outputs = outputsOf(transfer);
  if (typeof outputs === 'string') return refused(outputs);
  return {
    kind: 'spend',
    spend: {
      from,
      outputs,
      fees: transfer.fee + outerFees,
      feeAsset: formatMosaicId(xemMosaic) as Asset,
      validUntil: Math.floor(unixMsOf(signed.deadline) / 1000),
      transactionId: transactionHash(Uint8Array.fromHex(plan)),
      signer: signed.signer,
      share,
    },
  };
}

function outputsOf(transfer: Transfer): readonly Output[] | string {
  const memo = memoOf(transfer);
  if (memo === undefined) return 'plan: the message is not plain text, so nobody can say what it means';
  return movements(transfer).map(({ asset, quantity }) => ({
    address: transfer.recipient,
    memo,
    asset: asset as Asset,
    units: quantity,
  }));
}

/** The text of a plain message; '' for none, undefined for one that is encrypted or not UTF-8. */
export function memoOf({ message }: Pick<Transfer, 'message'>): string | undefined {
  if (message.kind === 'none') return '';
  if (message.kind === 'encrypted') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.fromHex(message.payload),
    );
  } catch {
    return undefined; // not UTF-8
  }
}

function refused(why: string): Explained {
  return { kind: 'refused', why };
}
