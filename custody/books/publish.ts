/** Publish: each new statement to every watchtower, after each booked block and every few seconds. Nobody waits for it. */
import { call, nameOf, type Where } from '@kuramori/chains/http';
import { watchtowerRoutes, type SignedCode, type SignedTotals } from '@kuramori/core';
import { log, reasonOf } from '@kuramori/program';
import type { Scans } from '../chain/scan.ts';
import type { House } from '../house.ts';
import { pause } from '../pause.ts';

const everyMs = 5_000;
/** A statement reads every account: it takes a twentieth of one connection's time at most, however many there are. */
const atMostOneIn = 20;
/** A watchtower that is slow gets the next statement. */
const bounds = { timeoutMs: 2_000, maxBytes: 65_536 };

export function startPublisher(house: House, scans: Pick<Scans, 'states'>): AsyncDisposable {
  const over = new AbortController();
  const heights = () =>
    scans
      .states()
      .values()
      .map(({ height }) => height)
      .toArray()
      .join();
  const busy = new Map<Where, Promise<void>>();
  /** What was last said of each listener, and of ourselves: a silence is logged once. */
  const said = new Map<string, string>();

  function say(who: string, why: string): void {
    if (said.get(who) === why) return;
    said.set(who, why);
    if (why !== '') log('the books’ totals were not taken', { who, why });
  }

  async function tell(at: Where, signed: SignedTotals, code: SignedCode | null): Promise<void> {
    const answer = await call(at, watchtowerRoutes.totals, signed, bounds);
    if (answer.kind === 'refused') say(nameOf(at), `${answer.why}: ${answer.detail}`);
    else say(nameOf(at), answer.kind === 'done' ? '' : answer.detail);
    // Whether it was heard shows at the watchtower, which misses it.
    if (answer.kind === 'done' && code) await call(at, watchtowerRoutes.code, code, bounds);
  }

  async function publish(): Promise<void> {
    const signed = await house.statements.state(house);
    if (signed === null) return;
    const code = house.statements.code(house);
    for (const { at } of house.watchtowers) {
      // One that still owes an answer does not hold up the others, and is not asked twice at once.
      if (busy.has(at)) continue;
      const telling = tell(at, signed, code).finally(() => busy.delete(at));
      busy.set(at, telling);
    }
  }

  const life = (async () => {
    while (!over.signal.aborted) {
      const began = performance.now();
      const height = heights();
      // The database may be away. A watchtower that hears nothing says so.
      await publish().then(
        () => say('the database', ''),
        (cause: unknown) => say('the database', reasonOf(cause)),
      );
      const rest = (performance.now() - began) * atMostOneIn;
      await pause(Math.max(house.pollMs, rest), over.signal);
      while (!over.signal.aborted && heights() === height && performance.now() - began < everyMs)
        await pause(house.pollMs, over.signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
      await Promise.all(busy.values());
    },
  };
}
