/** Refused: what is wrong with a request, which field, and what to do. */
import type { Refused } from '../wire/index.ts';

export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429;
  readonly body: Refused;
}

export function refused(
  status: Refusal['status'],
  code: string,
  field: string | null,
  detail: string,
): Refusal {
  return { kind: 'refused', status, body: { code, field, detail } };
}

export const malformed = (field: string, detail: string) =>
  refused(400, 'malformed', field, `${field}: ${detail}`);
