/** Every route that the exchange has. A new one is told in the file of its resource, and is then here. */
import { SignedTotals, SignedVoucher } from '@kuramori/core';
import type { z } from 'zod';
import { Event } from '../webhooks/event-data.ts';
import { ProblemBody } from './problem.ts';
import { books } from './books.ts';
import { customers } from './customers.ts';
import { decisions } from './decisions.ts';
import { deposits, DepositShown } from './deposits.ts';
import { DeliveryShown, events } from './events.ts';
import { houseRoutes } from './house.ts';
import { Allowlist, limits } from './limits.ts';
import type { Route } from './route.ts';
import { services } from './services.ts';
import { RefillShown, treasury } from './treasury.ts';
import { totals } from './totals.ts';
import { WithdrawalBrief, withdrawals, WithdrawalShown } from './withdrawals.ts';

export const routes: readonly Route[] = [
  ...customers,
  ...books,
  ...deposits,
  ...withdrawals,
  ...decisions,
  ...limits,
  ...events,
  ...treasury,
  ...services,
  ...totals,
  ...houseRoutes,
];

/** Schemas that have a name of their own in the OpenAPI document. */
export const named: Readonly<Record<string, z.ZodType>> = {
  Problem: ProblemBody,
  Event,
  Deposit: DepositShown,
  WithdrawalBrief,
  Withdrawal: WithdrawalShown,
  Delivery: DeliveryShown,
  Allowlist,
  Refill: RefillShown,
  Voucher: SignedVoucher,
  Totals: SignedTotals,
};
