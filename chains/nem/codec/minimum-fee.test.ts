import { describe, expect, it } from 'vitest';
import {
  addressOf,
  encode,
  explain,
  feeUnit,
  minimumFee,
  movements,
  parseMosaicId,
  privateKeyOf,
  publicKeyOf,
} from './index.ts';
import type { Message, MosaicProperties, Transaction, Transfer } from './index.ts';

const key = publicKeyOf(privateKeyOf(new Uint8Array(32).fill(1)));
const header = { network: 'mainnet', signer: key, timeStamp: 1, deadline: 2, fee: 0n } as const;
const address = addressOf(key, 'mainnet');
const xem = 1_000_000n;

function paying(amount: bigint, message: Message = { kind: 'none' }): Transfer {
  return { kind: 'transfer', version: 2, ...header, recipient: address, amount, message, mosaics: [] };
}

function carrying(amount: bigint, ...mosaics: [string, bigint][]): Transfer {
  const list = mosaics.map(([text, quantity]) => {
    const id = parseMosaicId(text);
    if (id === undefined) throw new Error(text);
    return { id, quantity };
  });
  return { ...paying(amount), mosaics: list };
}

/** The fee in units of 0.05 XEM. */
function units(transaction: Transaction, properties?: MosaicProperties): bigint | undefined {
  const fee = minimumFee(transaction, () => properties);
  if (fee !== undefined) expect(fee % feeUnit).toBe(0n);
  return fee === undefined ? undefined : fee / feeUnit;
}

function clamp(steps: bigint): bigint {
  if (steps < 1n) return 1n;
  return steps > 25n ? 25n : steps;
}

describe('XEM: one unit for each whole 10,000 XEM, 1 to 25', () => {
  it('changes exactly at each step', () => {
    expect(units(paying(0n))).toBe(1n);
    for (let step = 1n; step <= 40n; step += 1n) {
      const at = step * 10_000n * xem;
      expect([units(paying(at - 1n)), units(paying(at)), units(paying(at + 1n))]).toEqual([
        clamp(step - 1n),
        clamp(step),
        clamp(step),
      ]);
    }
    expect(units(paying(8_999_999_999n * xem))).toBe(25n);
  });

  it('the eleven thefts of January 2018 needed 12.55 XEM', () => {
    const amounts = [
      10n,
      ...Array<bigint>(5).fill(100_000_000n),
      20_000_000n,
      3_000_000n,
      1_500_000n,
      1_000_000n,
      800_000n,
    ];
    const fees = amounts.map((amount) => minimumFee({ ...paying(amount * xem), version: 1 }) ?? 0n);
    expect(fees.reduce((sum, fee) => sum + fee, 0n)).toBe(12_550_000n);
  });
});

describe('messages: one unit for each begun 32 bytes, and one more at each whole 32', () => {
  it.each([
    [1, 1n],
    [31, 1n],
    [32, 2n],
    [33, 2n],
    [63, 2n],
    [64, 3n],
    [1023, 32n],
    [1024, 33n],
  ])('%i bytes: %i', (length, fee) => {
    for (const kind of ['plain', 'encrypted'] as const) {
      expect(units(paying(0n, { kind, payload: 'ab'.repeat(length) }))).toBe(1n + fee);
    }
  });
});

describe('all else is flat', () => {
  const modification: Transaction = {
    kind: 'modification',
    version: 2,
    ...header,
    modifications: [{ type: 'add', cosigner: key }],
    minCosignatoriesChange: 1,
  };

  it('modification 10, wrapper 3 beside its inner one, cosignature 3', () => {
    expect(units(modification)).toBe(10n);
    expect(units({ ...modification, version: 1, minCosignatoriesChange: null })).toBe(10n);
    expect(units({ kind: 'multisig', version: 1, ...header, inner: modification })).toBe(3n);
    expect(units({ kind: 'multisig', version: 1, ...header, inner: paying(10n ** 15n) })).toBe(3n);
    const hash = 'ab'.repeat(32) as never;
    expect(units({ kind: 'cosignature', version: 1, ...header, innerHash: hash, multisig: address })).toBe(
      3n,
    );
  });
});

describe('mosaics', () => {
  it('nem:xem costs as XEM does, by what really moves', () => {
    for (const whole of [1n, 9_999n, 10_000n, 19_999n, 20_000n, 250_000n, 260_000n]) {
      expect(units(carrying(xem, ['nem:xem', whole * xem]))).toBe(units(paying(whole * xem)));
      expect(units(carrying(whole * xem, ['nem:xem', xem]))).toBe(units(paying(whole * xem)));
    }
  });

  it('an unknown mosaic has no fee', () => {
    expect(units(carrying(xem, ['abc:coin', 1n]))).toBeUndefined();
    expect(units(carrying(xem, ['abc:coin', 1n], ['nem:xem', 1n]))).toBeUndefined();
  });

  it('a small business mosaic: 1 up to a supply of 10,000 without decimals', () => {
    const all = carrying(xem, ['abc:coin', 10_000n]);
    expect(units(all, { supply: 10_000n, divisibility: 0 })).toBe(1n);
    // One more, and it counts as all the XEM there are: 25 less 0.8 * ln(9e15 / 10,001) = 22.02.
    expect(units(all, { supply: 10_001n, divisibility: 0 })).toBe(25n - 22n);
    expect(units(all, { supply: 1_000n, divisibility: 1 })).toBe(25n - 22n);
  });

  it('a supply of 0, which has no equivalent', () => {
    expect(units(carrying(xem, ['abc:coin', 1n]), { supply: 0n, divisibility: 3 })).toBe(1n);
  });

  it('each mosaic pays for itself, the message once', () => {
    const two = carrying(xem, ['abc:coin', 9_000_000_000n], ['nem:xem', 260_000n * xem]);
    const properties = { supply: 9_000_000_000n, divisibility: 0 };
    // 25 less 0.8 * ln(1e6) = 11.05, and 25.
    expect(units(two, properties)).toBe(14n + 25n);
    expect(units({ ...two, message: { kind: 'plain', payload: 'ab' } }, properties)).toBe(14n + 25n + 1n);
  });

  it('Math.log never falls near a step, so Java and V8 can not differ', () => {
    // The discount is floor(0.8 * ln(n)) with n = floor(9e15 / total): it steps where ln(n) passes 1.25 k.
    // Around each step take the nearest totals. Both logarithms are within an ulp (below 2^-47 for ln < 37).
    let nearest = 1;
    for (let step = 1; step <= 29; step += 1) {
      const around = BigInt(Math.round(9e15 / Math.exp(1.25 * step)));
      for (let total = around > 3n ? around - 3n : 1n; total <= around + 3n; total += 1n) {
        const discount = 0.8 * Math.log(Number(9_000_000_000_000_000n / total));
        nearest = Math.min(nearest, Math.abs(discount - step));
      }
    }
    // For large totals many of them share n; the nearest n on both sides of each step settle those.
    for (let step = 1; step <= 29; step += 1) {
      const n = Math.floor(Math.exp(1.25 * step));
      if (n > 1e8) break;
      for (const other of [n - 1, n, n + 1, n + 2]) {
        nearest = Math.min(nearest, Math.abs(0.8 * Math.log(other) - step));
      }
    }
    expect(nearest).toBeGreaterThan(1e-10);
    expect(nearest).toBeLessThan(1e-6); // the measurement does look where it is close
  });
});

describe('what really moves', () => {
  it('XEM without mosaics, mosaics with them, multiplied and rounded down', () => {
    expect(movements(paying(5n))).toEqual([{ asset: 'nem:xem', quantity: 5n }]);
    const moved = movements(carrying(2_500_000n, ['abc:coin', 3n], ['nem:xem', 10n]));
    expect(moved).toEqual([
      { asset: 'abc:coin', quantity: 7n },
      { asset: 'nem:xem', quantity: 25n },
    ]);
  });

  it('a large amount with a small mosaic moves no XEM', () => {
    const bait = carrying(1_000_000n * xem, ['abc:dust', 0n]);
    expect(explain(encode(bait), 'mainnet').kind).toBe('explained');
    expect(movements(bait)).toEqual([{ asset: 'abc:dust', quantity: 0n }]);
  });

  it('a small amount with nem:xem moves much', () => {
    const hidden = carrying(1n, ['nem:xem', 8_999_999_999_000_000n]);
    expect(movements(hidden)).toEqual([{ asset: 'nem:xem', quantity: 8_999_999_999n }]);
  });
});
