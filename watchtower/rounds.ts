/** Rounds: what a watchtower does again and again, until it is stopped. */

export interface Rounds {
  /** Once after the other, with a pause between. */
  readonly repeat: (what: () => Promise<void>, wait?: () => Promise<void>) => Promise<void>;
  /** Now and then, beside what is more urgent; looked at often, so that stopping waits for nothing. */
  readonly every: (ms: number, what: () => Promise<void> | void) => Promise<void>;
  readonly stop: () => void;
}

/** How often what is not urgent is looked after: telling signers, trying an evacuation again. */
const tendMs = 250;

export function openRounds(): Rounds {
  let stopped = false;
  const repeat: Rounds['repeat'] = async (what, wait = () => pause(tendMs)) => {
    while (!stopped) {
      await what();
      await wait();
    }
  };
  return {
    repeat,
    every(ms, what) {
      let due = 0;
      return repeat(async () => {
        if (performance.now() < due) return;
        await what();
        due = performance.now() + ms;
      });
    },
    stop: () => (stopped = true),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
