/** Long work in slices: nobody waits for more than one of them. */

/** Milliseconds. */
const sliceMs = 2;

/** Rests for so long after each slice; 0: only until what waits is done. Null where it was told to end. */
export async function inSlices<Result>(
  work: Generator<unknown, Result>,
  restMs: number,
  over?: AbortSignal,
): Promise<Result | null> {
  for (;;) {
    const began = performance.now();
    while (performance.now() - began < sliceMs) {
      const step = work.next();
      if (step.done === true) return step.value;
    }
    await rest(restMs);
    if (over?.aborted === true) return null;
  }
}

/** Keeps no process alive. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms).unref();
  });
}
