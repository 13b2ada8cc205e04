/** Coins from a stranger to an account that has no use for any; dust, and what is ours, is no page. */
import { expect, it } from 'vitest';
import { gas, type Idle } from './gas.ts';
import { Signs } from './thresholds.ts';

const { gas: at } = Signs.parse({});
const xem = 1_000_000n;
const came = (account: string, units: bigint, by = 'stranger'): Idle['flows'][number] => {
  return { hash: `${account} ${by} ${units}`, account, left: 0n, came: units, by };
};
const look = (flows: Idle['flows'], holds: Readonly<Record<string, bigint>> = { hot: 100n * xem }) =>
  gas(
    {
      flows,
      idle: new Set(['cosigner', 'retired']),
      cold: new Set(['cold']),
      wallets: new Set(['hot', 'cold', 'retired']),
      holds: (one) => holds[one],
    },
    at,
  ).map(({ fields }) => fields['accounts']);

it.each(['cosigner', 'retired'])('one XEM to a %s account', (account) => {
  expect(look([came(account, xem)])).toEqual([[{ account, units: xem, by: ['stranger'] }]]);
});

it('to a cold wallet that was empty; not to one that holds something, nor a hot one’s first deposit', () => {
  expect(look([came('hot', xem)], { hot: xem })).toEqual([]);
  expect(look([came('cold', xem)], { cold: xem })).toHaveLength(1);
  expect(look([came('cold', xem)], { cold: xem + 1n })).toEqual([]);
  expect(look([came('cold', xem)], {})).toEqual([]);
});

it('dust, however often, up to the threshold', () => {
  const dust = Array.from({ length: 99 }, (_, index) => came('cosigner', xem / 100n, `s${index}`));
  expect(look(dust)).toEqual([]);
  expect(look([...dust, came('cosigner', xem / 100n)])).toHaveLength(1);
});

it('what one of our wallets sends, or the account itself', () => {
  expect(look([came('cosigner', 5n * xem, 'hot'), came('cosigner', 5n * xem, 'cosigner')])).toEqual([]);
});

it('whoever funds everything every minute gets one finding', () => {
  const all = Array.from({ length: 500 }, (_, index) =>
    came(index % 2 ? 'cosigner' : 'retired', xem, `s${index}`),
  );
  const found = look(all);
  expect(found).toHaveLength(1);
  expect(
    JSON.stringify(found, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)).length,
  ).toBeLessThan(500);
});
