/** Pause: the rest between two rounds of a life, over at once when custody stops. */
import { setTimeout } from 'node:timers/promises';

/** Waits `ms`, or until `over` is aborted; not at all where it is already, as after a stop in the middle of a round. */
export async function pause(ms: number, over: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal: over }).catch((cause: unknown) => {
    if (!over.aborted) throw cause;
  });
}
