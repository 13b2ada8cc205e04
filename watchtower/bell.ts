/** A bell: whoever waits goes on once it rings. Rings are counted as one, and one in between is not lost. */
export interface Bell {
  readonly ring: () => void;
  /** Until it rings, or so long; not before the least pause, however often it rings. Milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** From now on nobody waits. */
  readonly stop: () => void;
}

/** So that whoever rings without end leaves time for everything else. */
const leastMs = 10;

export function openBell(): Bell {
  let rung = false;
  let stopped = false;
  let wake = (): void => {};

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(ms) {
      const least = Math.min(leastMs, ms);
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, least));
      if (!stopped && !rung && ms > least) await pause(ms - least);
      rung = false;
      wake = () => {};
    },
    stop() {
      stopped = true;
      wake();
    },
  };
}
