/** Spend: how coins that left a wallet of ours stand in the books, and how they come back where the chain took the spend back. */
import type { Wallet } from '@kuramori/core';
import {
  claim,
  deposit,
  LedgerError,
  loss,
  move,
  networkFee,
  type Answer,
  type Client,
  type Holding,
} from '@kuramori/ledger';
import type { Outgoing } from './outgoing.ts';

type Spend = Pick<Outgoing, 'transaction' | 'booking' | 'asset' | 'units' | 'fee'>;

/** The id of its booking in the ledger; a withdrawal's is the withdrawal's own. */
function spendId({ transaction, booking }: Spend): string {
  return booking === 0 ? `outgoing:${transaction}` : `outgoing:${transaction}:${booking}`;
}

/** Its coins and its fee leave the books. `home`: the wallet of ours that they go to, if any. */
export async function bookSpend(
  client: Client,
  spend: Spend,
  wallet: Wallet,
  home: Wallet | undefined,
): Promise<void> {
  const { transaction, asset, units, fee } = spend;
  const base = { id: spendId(spend), about: transaction, asset, from: holdingOf(wallet) };
  if (home && home.id !== wallet.id && units > 0n)
    return booked(await move(client, { ...base, units, fee, to: holdingOf(home) }));
  // To ourselves nothing moved but the fee; to strangers everything is lost, and it is our loss, not the customers'.
  if (home) return fee > 0n ? booked(await networkFee(client, { ...base, units: fee })) : undefined;
  return units + fee > 0n ? booked(await loss(client, { ...base, units: units + fee })) : undefined;
}

/** Its block is gone: the coins are where they were, and what it cost is ours again. */
export async function unbookSpend(
  client: Client,
  spend: Spend,
  wallet: Wallet,
  home: Wallet | undefined,
): Promise<void> {
  const { transaction: about, asset, units, fee } = spend;
  const id = `gone:${spendId(spend)}`;
  const into = holdingOf(wallet);
  const moved = home !== undefined && home.id !== wallet.id && units > 0n;
  if (moved)
    booked(await move(client, { id, about, asset, units, from: holdingOf(home), to: into, fee: 0n }));
  const cost = home === undefined ? units + fee : fee;
  if (cost === 0n) return;
  // Own funds bore it, so to own funds it goes: coins that came in, and found their owner.
  const of = { kind: 'unclaimed' } as const;
  booked(await deposit(client, { id: `${id}:cost`, about, asset, units: cost, into, of }));
  booked(
    await claim(client, {
      id: `${id}:own-funds`,
      deposit: `${id}:cost`,
      asset,
      units: cost,
      by: { kind: 'own-funds' },
    }),
  );
}

export function holdingOf({ role, id }: Pick<Wallet, 'role' | 'id'>): Holding {
  return { kind: role, wallet: id };
}

/** What the chain has done cannot be refused by the books: if it is, the two have parted, and nothing more is booked. */
export function booked(answer: Answer): void {
  if (answer.kind === 'refused')
    throw new LedgerError(`the ledger refuses what the chain has done: ${answer.why}: ${answer.detail}`);
}
