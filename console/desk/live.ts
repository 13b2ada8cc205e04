/** Live: the overview, read once for everybody who looks, and by nobody where nobody does. */
import { log, reasonOf } from '@kuramori/program';
import type { Overview } from '../wire/index.ts';

/** Null: it could not be read; whoever shows an old one must say so. */
export type Hearer = (overview: Overview | null) => void;

export interface Live extends AsyncDisposable {
  /** Is told the newest one at once, and each one after it; until what is given back is called. */
  readonly listen: (hearer: Hearer) => () => void;
  readonly listening: () => number;
}

export function openLive(read: () => Promise<Overview>, everyMs: number): Live {
  const hearers = new Set<Hearer>();
  let [newest, said]: [Overview | null, string] = [null, ''];
  let over = false;
  let wake = () => {};
  const life = (async () => {
    while (!over) {
      if (hearers.size > 0) {
        newest = await read().then(
          (one) => ((said = ''), one),
          (cause: unknown) => {
            if (reasonOf(cause) !== said) log('overview not read', { why: reasonOf(cause) });
            said = reasonOf(cause);
            return null;
          },
        );
        for (const hearer of hearers) hearer(newest);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, everyMs);
      });
    }
  })();
  return {
    listen(hearer) {
      // What was read while nobody looked may be old.
      if (hearers.size === 0) newest = null;
      hearers.add(hearer);
      if (newest) hearer(newest);
      else wake();
      return () => hearers.delete(hearer);
    },
    listening: () => hearers.size,
    async [Symbol.asyncDispose]() {
      over = true;
      wake();
      await life;
    },
  };
}
