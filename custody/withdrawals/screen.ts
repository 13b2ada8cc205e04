/** Screen: whether a destination may be paid at all. Today by lists; a tracer's verdict comes in the same form. */
import type { Intent } from '@kuramori/core';
import type { Rules } from '../rules.ts';

export type Screened =
  | { readonly kind: 'pass' }
  /** A person must look. */
  | { readonly kind: 'hold'; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string };

export interface Screen {
  /** Asked again after a crash. What cannot be told at the moment is thrown, and asked again. */
  readonly look: (intent: Intent) => Promise<Screened>;
}

export function listScreen({ refuse, hold }: Rules['screening']): Screen {
  const [refused, held] = [new Set(refuse), new Set(hold)];
  return {
    look: async ({ destination: { address } }) => {
      if (refused.has(address))
        return { kind: 'refuse', why: `${address} is on the list of those never paid` };
      if (held.has(address)) return { kind: 'hold', why: `a person must look: ${address} is on the list` };
      return { kind: 'pass' };
    },
  };
}
