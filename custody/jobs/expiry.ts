/** Expiry: reservations whose time is over are freed, by whichever custody looks first. */
import { expireHolds } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import type { House } from '../house.ts';
import { pause } from '../pause.ts';

const [most, everyMs] = [500, 1_000];

export function startExpiry({ pool }: Pick<House, 'pool'>): AsyncDisposable {
  const over = new AbortController();
  const life = (async () => {
    while (!over.signal.aborted) {
      // The database may be away: what is over stays over, and is freed when it is back.
      const freed = await expireHolds(pool, most).catch((cause: unknown) => {
        log('reservations not freed', { why: reasonOf(cause) });
        return 0;
      });
      if (freed < most) await pause(everyMs, over.signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}
