import { z } from 'zod';

/** Text from outside. A lone surrogate has no canonical form, so one must never get as far as a digest. */
export function text(least: number, most: number) {
  return z
    .string()
    .min(least)
    .max(most)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode, without lone surrogates');
}

/** What a policy calls its parts. */
export const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -');
