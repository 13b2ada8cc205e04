/** Who may ask holds up a co-signer: while it reads what proves inputs, or every plan of an intent anew, no freeze is heard. */
import { describe, expect, it } from 'vitest';
import { LTC } from '@kuramori/core';
import { planPayments, writeTransaction } from '@kuramori/chains/bitcoin/codec';
import { addressOf, asked, brought, cold, hot, keyOf, means, must, planned } from './testing/bitcoin.ts';
import { counter } from './testing/counter.ts';

const rule = {
  perPayment: 10n ** 12n,
  rolling: { hours: 24, units: 10n ** 15n },
  firstSeen: { hours: 24, shareBps: 10_000 },
  feeCap: 10n ** 9n,
};
const keys = () => [keyOf('c1'), keyOf('c2')];
const open = () => counter({ hot, cold, assets: [LTC], keys, balance: 10n ** 14n, rule });

describe('one hostile ask', () => {
  it('with four megabytes of transactions that nothing spends is refused before one of them is read', () => {
    using here = open();
    const { previous, coins } = brought(500_000_000n);
    const plan = planned(coins, [{ address: addressOf('alice'), units: 400_000_000n }]);
    const ask = here.ask(1, asked(plan, 1), [here.request({ to: addressOf('alice'), units: 400_000_000n })]);
    const bomb = (version: number) =>
      writeTransaction({
        version,
        inputs: [{ txid: '11'.repeat(32), vout: 0, sequence: 0, scriptSig: new Uint8Array(), witness: [] }],
        outputs: Array.from({ length: 110_000 }, () => ({ units: 0n, script: new Uint8Array() })),
        lockTime: 0,
      }).toHex();
    const shown = [bomb(2), bomb(3), previous];
    const answer = here.signers[0].signer.propose({ ...ask, previous: shown });
    expect(answer).toMatchObject({
      why: 'bytes-refused',
      detail: expect.stringMatching(/hex digits of at most 1000000/) as string,
    });
  }, 60_000);

  it('costs about as much after twelve plans of the same payments as after one: it was forty times as much', () => {
    using here = open();
    const { previous, coins } = brought(...Array.from({ length: 12 }, () => 500_000_000n));
    const payments = Array.from({ length: 20 }, (_, at) => ({
      address: addressOf(`p${at}`),
      units: 275_000_000n,
    }));
    const requests = payments.map(({ address, units }) =>
      here.request({ to: address, units, feeCap: 10n ** 7n }),
    );
    const took = Array.from({ length: 13 }, (_, lockTime) => {
      const plan = must(planPayments({ ...means(coins), lockTime, payments }));
      const ask = here.ask(1, asked(plan, 1), requests);
      const began = performance.now();
      expect(here.signers[0].signer.propose({ ...ask, previous: [previous] }).kind).toBe('recorded');
      return performance.now() - began;
    });
    // The least of three, since others use the machine as well.
    const least = (some: readonly number[]) => Math.min(...some);
    expect(least(took.slice(-3))).toBeLessThan(10 * least(took.slice(1, 4)));
  }, 120_000);
});
