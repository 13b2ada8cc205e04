/** Roles, and what each may open. One table, which the router goes by and the pages are told. */
import { z } from 'zod';
import type { Right, Role } from '../wire/index.ts';

export const RoleName = z.enum([
  'viewer',
  'operator',
  'approver',
  'keeper',
  'auditor',
]) satisfies z.ZodType<Role>;

/** Who sees customers' data needs it for what they do: operators and approvers of payments, auditors of both. */
const opens: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['overview'],
  keeper: ['overview'],
  operator: ['overview', 'withdrawals'],
  approver: ['overview', 'withdrawals'],
  auditor: ['overview', 'withdrawals', 'viewings'],
};

export function rightsOf({
  role,
  administrator,
}: {
  readonly role: Role;
  readonly administrator: boolean;
}): readonly Right[] {
  return administrator ? [...opens[role], 'people'] : opens[role];
}
