/** What must hold whatever the data: checked in production as well, since a wrong figure is worse than none. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds)
    throw new Error(`the tracer contradicts itself: ${what}: trust none of its figures, and report the case`);
}
