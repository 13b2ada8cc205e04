/** An honest day before the thief comes, so that there is something genuine to copy. */
import type { SignedRequest } from '@kuramori/core';
import { deposit, withdraw } from '../day.ts';
import type { House } from '../house/house.ts';

const xem = 1_000_000n;

/** A customer deposits 2,000 XEM and withdraws 100; returns the exchange's genuine request. */
export async function honestWithdrawal(
  house: House,
  now: () => number,
  jumpTo: (at: number) => Promise<void>,
): Promise<SignedRequest> {
  const day = { house, now, pass: () => jumpTo(now() + 61_000) };
  await deposit(day, 'customer-1', 2_000n * xem);
  const { request } = await withdraw(day, 'customer-1', 100n * xem, xem);
  return request;
}
