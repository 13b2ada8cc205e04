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
    'a cosignature of 1,000 XEM, the most that the chain takes: once of three times, if he is first, and then everything goes home',
    async () => {
      const { stolen, burnt, transfersThrough, firstAlarmMs, evacuated } = await row(
        named('burn-cosignature'),
      );
      expect(stolen).toBe(0n);
      // Whichever cosignature a node holds first wins there: the signer's own is a few milliseconds behind the wrapper.
      expect([0n, xem('1000')]).toContain(burnt);
      expect(burnt).toBe(BigInt(transfersThrough) * xem('1000'));
      // He may be first at a node that makes no block: then nothing is burnt, and everything goes home all the same.
      expect(burnt > 0n && (firstAlarmMs === null || evacuated <= hot)).toBe(false);
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
