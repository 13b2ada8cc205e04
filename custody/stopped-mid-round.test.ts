/** A stop in the middle of a round does not wait for the rest after it: the treasury's is a minute, and a supervisor kills sooner. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { pause } from './pause.ts';

describe('the rest between two rounds', () => {
  it('is none where custody was stopped during the round', async () => {
    await expect(pause(3_600_000, AbortSignal.abort())).resolves.toBeUndefined();
  });

  it('ends when custody is stopped during the rest', async () => {
    const over = new AbortController();
    const rest = pause(3_600_000, over.signal);
    over.abort();
    await expect(rest).resolves.toBeUndefined();
  });

  it('leaves no listener behind, however many there were', async () => {
    const over = new AbortController();
    for (let round = 0; round < 20; round += 1) await pause(1, over.signal);
    expect(getEventListeners(over.signal, 'abort')).toHaveLength(0);
  });
});
