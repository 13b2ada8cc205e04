import { describe, expect, it } from 'vitest';
import { together } from './index.ts';

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('those who ask together', () => {
  it('get each their own answer, in trips that began after they asked', async () => {
    const trips: (readonly number[])[] = [];
    const ask = together(async (asked: readonly number[]) => {
      trips.push(asked);
      await soon();
      return asked.map((one) => one * 10);
    }, 3);
    const first = Promise.all([1, 2].map(ask));
    await soon();
    await soon();
    const later = Promise.all([3, 4, 5, 6].map(ask));
    expect([...(await first), ...(await later)]).toEqual([10, 20, 30, 40, 50, 60]);
    expect(trips).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('all hear of a failure, and those after them go on', async () => {
    const ask = together(async (asked: readonly string[]) => {
      if (asked.includes('bad')) throw new Error('no');
      return asked;
    }, 10);
    const both = await Promise.allSettled(['good', 'bad'].map(ask));
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await ask('good')).toBe('good');
  });

  it('are not given the answers of others where one is missing', async () => {
    const ask = together(async (asked: readonly number[]) => asked.slice(1), 10);
    await expect(Promise.all([1, 2].map(ask))).rejects.toThrow(/2 questions got 1 answers/);
  });

  it('go abreast where there are more of them than one trip takes, and never more abreast than allowed', async () => {
    let [now, most] = [0, 0];
    const ask = together(
      async (asked: readonly number[]) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now -= 1;
        return asked;
      },
      2,
      3,
    );
    const all = Array.from({ length: 20 }, (_, n) => n);
    expect(await Promise.all(all.map(ask))).toEqual(all);
    expect(most).toBe(3);
  });
});
