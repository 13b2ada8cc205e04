import type { Asset, Explained, Output, NemWallet } from '@kuramori/core';
import { addressOf } from './address.ts';
import { explain } from './explain.ts';
import { innerHash, transactionHash } from './hash.ts';
import { movements } from './movement.ts';
import { formatMosaicId, xemMosaic } from './mosaic.ts';
import type { NemNetwork } from './network.ts';
import { unixMsOf } from './time.ts';
import type { Cosignature, Modification, Multisig, Transaction, Transfer } from './transaction.ts';

/**
 * What it means to sign `share` towards `plan`, or why that is refused. The plan is a single-key wallet's transfer,
 * or the wrapper of a multisig's; the share is the plan itself, or a cosignature of it. Only what our own planner
 * makes is explained: a transfer, or one cosigner for another, with one pair of times for all its parts.
 */
export function explainShare(
  wallet: Pick<NemWallet, 'address' | 'publicKey'>,
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
  if (!sameTimes(inner, plan.transaction))
    return refused('plan: timeStamp or deadline differ inside and outside');
  const cosigns = planHex !== shareHex;
  const flaw = cosigns ? cosignatureFlaw(wallet, plan.transaction, share.transaction) : undefined;
  if (flaw !== undefined) return refused(`share: ${flaw}`);
  const fees = plan.transaction.fee + (cosigns ? share.transaction.fee : 0n);
  return inner.kind === 'transfer'
    ? spendOf(wallet, planHex, inner, share.transaction, fees, shareHex, network)
    : changeOf(wallet, inner, share.transaction, fees, shareHex, network);
}

/** One cosigner for another, and nothing else: neither how many must sign, nor how many there are. */
function changeOf(
  wallet: Pick<NemWallet, 'publicKey'>,
  inner: Modification,
  signed: Transaction,
  outerFees: bigint,
  share: string,
  network: NemNetwork,
): Explained {
  const account = addressOf(inner.signer, network);
  if (inner.signer !== wallet.publicKey) return refused(`plan: changes ${account}`);
  const added = inner.modifications.filter(({ type }) => type === 'add');
  const removed = inner.modifications.filter(({ type }) => type === 'delete');
  const [add] = added;
  const [remove] = removed;
  if (inner.version !== 2 || inner.minCosignatoriesChange !== 0)
    return refused('plan: changes how many must sign');
  if (!add || !remove || added.length > 1 || removed.length > 1)
    return refused(`plan: adds ${added.length} and removes ${removed.length} cosigners, and not one of each`);
  return {
    kind: 'change',
    change: {
      account,
      remove: remove.cosigner,
      add: add.cosigner,
      fees: inner.fee + outerFees,
      validUntil: Math.floor(unixMsOf(signed.deadline) / 1000),
      signer: signed.signer,
      share,
    },
  };
}

function cosignatureFlaw(
  wallet: Pick<NemWallet, 'address'>,
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

function sameTimes(a: Transfer | Modification | Cosignature, b: Multisig): boolean {
  return a.timeStamp === b.timeStamp && a.deadline === b.deadline;
}

function spendOf(
  wallet: Pick<NemWallet, 'address' | 'publicKey'>,
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
