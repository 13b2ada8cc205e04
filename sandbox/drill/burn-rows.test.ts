/** What one stolen cosigner's key can burn of a hot wallet: counted, and at most what its rule of the chain lets through before the freeze. */
import { describe, expect, it } from 'vitest';
import { minute, row, xem } from './stage.testing.ts';
import { burnRows } from './rows.ts';

const named = (attack: string) => {
  const found = burnRows.find((one) => one.attack === attack);
  if (!found) throw new Error(`no row is called ${attack}`);
  return found;
};
/** A twentieth of everything is hot. */
const hot = xem('26315001');

describe('KEY: a key that burns', () => {
  it(
    'a wrapper that gives everything to the block’s maker: the other signer has frozen before it cosigns',
    async () => {
      const result = await row(named('burn-wrapper'));
      expect(result).toMatchObject({ stolen: 0n, burnt: 0n, verdict: 'stopped' });
      expect(result.firstAlarmMs).not.toBeNull();
      expect(result.evacuated).toBeGreaterThan(hot);
    },
    3 * minute,
  );

  it(
    'a cosignature of 1,000 XEM, the most that the chain takes: one, and then everything goes home',
    async () => {
      const result = await row(named('burn-cosignature'));
      expect(result).toMatchObject({
        stolen: 0n,
        burnt: xem('1000'),
        transfersThrough: 1,
        verdict: 'bounded',
      });
      expect(result.evacuated).toBeGreaterThan(hot);
    },
    3 * minute,
  );

  it(
    'a payment made once more when the chain has forgotten it: what was paid then, and no payment after',
    async () => {
      const result = await row(named('replay-paid'));
      // 100 XEM to the customer, and the fees of transfer, wrapper and cosignature.
      expect(result).toMatchObject({
        stolen: 0n,
        burnt: xem('100.4'),
        transfersThrough: 1,
        verdict: 'bounded',
      });
      expect(result.evacuated).toBeGreaterThan(hot);
    },
    3 * minute,
  );
});
