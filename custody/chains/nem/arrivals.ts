/** Arrivals on NEM: transfers to our accounts, each told whose it is by its message. */
import { actsOnAccount, memoOf, movements, readDepositMemo, type Transfer } from '@kuramori/chains/nem/codec';
import type { SeenBlock, SeenTransaction } from '@kuramori/chains/nem/node';
import type { Wallet } from '@kuramori/core';
import type { Arrival, Unnamed } from '../../deposits/arrival.ts';
import type { Branch } from '../../branch.ts';
import type { MessageKey } from './message-key.ts';
import { networkOf } from './network.ts';
import { transferOf } from './spends.ts';

/** Everything in a block that is for us and that we did not send: a transfer between our wallets is a move, and no deposit. */
export function arrivalsIn(house: Branch, block: SeenBlock, key: MessageKey | null): readonly Arrival[] {
  return block.transactions.flatMap((seen) => arrivalsOf(house, block, seen, key));
}

function arrivalsOf(
  house: Branch,
  block: SeenBlock,
  seen: SeenTransaction,
  key: MessageKey | null,
): readonly Arrival[] {
  const transfer = transferOf(seen.transaction);
  const wallet = transfer && house.policy.wallets.find(({ address }) => address === transfer.recipient);
  if (!transfer || !wallet) return [];
  const sender = actsOnAccount(seen.transaction, networkOf(house));
  if (house.policy.wallets.some(({ address }) => address === sender)) return [];
  const common = {
    transaction: seen.hash,
    wallet,
    sender,
    payload: transfer.message.kind === 'none' ? '' : transfer.message.payload,
    // Postgres keeps no U+0000, and a stranger's message must not stop the scan.
    message: memoOf(transfer)?.replaceAll('\0', '\uFFFD') ?? null,
    ...marksOf(wallet, seen, transfer, key),
    height: block.height,
    block: block.hash,
  };
  // XEM may come as the amount or as a mosaic among others; `movements` knows. What carries nothing is no deposit.
  return movements(transfer).flatMap(({ asset, quantity }, index) =>
    quantity === 0n ? [] : { ...common, id: `${seen.hash}:${index}`, asset, units: quantity },
  );
}

function marksOf(
  wallet: Wallet,
  { transaction }: SeenTransaction,
  transfer: Transfer,
  key: MessageKey | null,
): Pick<Arrival, 'marks' | 'otherwise'> {
  const nobody = (otherwise: Unnamed) => ({ marks: [], otherwise });
  // No customer was ever told this address.
  if (wallet.role === 'cold') return nobody('to-cold');
  const { message } = transfer;
  if (message.kind === 'none') return nobody('no-message');
  if (message.kind === 'encrypted') {
    // A multisig's message may be encrypted by the account's own key or by that of the cosigner who wrote it.
    const senders = new Set([transfer.signer, transaction.signer]);
    const clear = [...senders].flatMap((sender) => key?.read(sender, message.payload) ?? []);
    // One answer, whether it was no text, no customer's, or not for us: it says nothing about the key.
    return { marks: clear.flatMap((payload) => markIn(payload) ?? []), otherwise: 'encrypted-message' };
  }
  const mark = markIn(message.payload);
  if (mark !== undefined) return { marks: [mark], otherwise: 'unknown-message' };
  return nobody(memoOf(transfer) === undefined ? 'unreadable-message' : 'unknown-message');
}

/** NEM's wallets put the byte fe before a message that was typed as hex. */
const hexMarker = 'fe';

function markIn(payload: string): string | undefined {
  const written = payload.startsWith(hexMarker) ? payload.slice(hexMarker.length) : payload;
  const text = memoOf({ message: { kind: 'plain', payload: written } });
  return text === undefined ? undefined : readDepositMemo(text);
}
