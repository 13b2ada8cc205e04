/** Tally: how many changes were refused for which reason in which field, and what was taken. */
export interface Tally {
  readonly refused: (why: string, field: string) => void;
  /** A message that is taken, whole or changed where it may be. */
  readonly taken: (what: string, why: string) => void;
  readonly sums: () => { readonly cases: number; readonly kinds: number; readonly positive: number };
  readonly table: () => string;
}

export function tally(): Tally {
  const refusals = new Map<string, Map<string, number>>();
  const taken = new Map<string, number>();
  const cases = (fields: ReadonlyMap<string, number>) =>
    [...fields.values()].reduce((sum, one) => sum + one, 0);
  return {
    refused(why, field) {
      const fields = refusals.get(why) ?? new Map<string, number>();
      refusals.set(why, fields.set(field, (fields.get(field) ?? 0) + 1));
    },
    taken: (what, why) => void taken.set(`${what}, ${why}`, (taken.get(`${what}, ${why}`) ?? 0) + 1),
    sums: () => ({
      cases: [...refusals.values()].reduce((sum, fields) => sum + cases(fields), 0),
      // A reason in a field is one kind of case, however many bits lead to it.
      kinds: [...refusals.values()].reduce((sum, fields) => sum + fields.size, 0),
      positive: taken.size,
    }),
    table: () =>
      [
        '| reason | fields | cases |',
        '|---|---|---|',
        ...[...refusals]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([why, fields]) => `| ${why} | ${fields.size} | ${cases(fields)} |`),
        '',
        ...[...taken].map(([what, times]) => `taken: ${what} (${times})`),
      ].join('\n'),
  };
}
