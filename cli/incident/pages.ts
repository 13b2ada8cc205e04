/** The pager's journal, as far as a report needs it: who was called, by what, and when they answered. What else it says is left out. */
import { z } from 'zod';
import { jsonLines } from './read.ts';

const Step = z.object({
  at: z.int().nonnegative(),
  event: z.enum(['opened', 'delivered', 'escalated', 'acknowledged', 'resolved']),
  page: z.string().min(1).max(200),
  person: z.string().max(200).optional(),
  channel: z.string().max(200).optional(),
});
export type PageStep = z.infer<typeof Step>;

/** Lines may say it all at once, or under `said`, with `kind` for the event and `by` for who answered. */
const Wrapped = z
  .object({ at: z.unknown(), said: z.looseObject({ kind: z.unknown() }) })
  .transform(({ at, said: { kind, by, ...said } }) => ({ person: by, ...said, at, event: kind }));

export interface Pages {
  readonly steps: readonly PageStep[];
  /** Lines of other kinds, or of none. */
  readonly leftOut: number;
  readonly torn: boolean;
}

export function readPages(file: string, text: string): Pages {
  const { lines, torn } = jsonLines(file, text);
  const steps = lines.flatMap(({ value }) => {
    const wrapped = Wrapped.safeParse(value);
    const read = Step.safeParse(wrapped.success ? wrapped.data : value);
    return read.success ? [read.data] : [];
  });
  return { steps: steps.toSorted((a, b) => a.at - b.at), leftOut: lines.length - steps.length, torn };
}
