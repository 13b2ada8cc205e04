/** Small cases for tests, and arbitrary ones. */
import { type Arbitrary, array, bigInt, constantFrom, integer, record } from 'fast-check';
import {
  applyAll,
  bare,
  caseOf,
  openState,
  ruleOf,
  type Case,
  type CaseGiven,
  type RuleName,
  type Setting,
  type State,
} from '../index.ts';

type Movement = CaseGiven['movements'][number];

/** Each a block of its own, unless it says otherwise. */
export function move(
  block: number,
  from: string,
  to: string,
  units: bigint,
  more: Partial<Movement> = {},
): Movement {
  return {
    block,
    index: null,
    time: block * 10,
    tx: `tx-${block}`,
    from,
    to,
    asset: 'coin',
    units,
    kind: 'transfer',
    ...more,
  };
}

export function smallCase(movements: readonly Movement[], more: Partial<CaseGiven> = {}): Case {
  return caseOf({
    name: 'small',
    measure: 'asset',
    movements,
    sources: ['thief'],
    tags: [],
    notes: [],
    ...more,
  });
}

export function traced(of: Case, rule: RuleName, setting: Setting = bare): State {
  return applyAll(openState(of, ruleOf(rule), setting));
}

/** Taint and units that an account holds of an asset. */
export function heldBy({ of, holdings }: State, account: string, asset = 'coin') {
  const { slotAccount, slotAsset, accounts, assets } = of.table;
  const slot = slotAccount.findIndex(
    (number, at) => accounts[number] === account && assets[slotAsset[at] ?? -1] === asset,
  );
  const { units = 0n, taint = 0n } = holdings[slot] ?? {};
  return { units, taint };
}

/** Taint that each movement of a case carried, by its transaction. */
export function carriedBy({ of, carried }: State): Readonly<Record<string, bigint>> {
  return Object.fromEntries(
    [...carried].map(([row, taint]) => [of.table.txs[of.table.tx[row] ?? -1], taint]),
  );
}

/** Five people, two coins, a shop at which trails end, and a thief. */
export const people = ['thief', 'ann', 'bob', 'cas', 'dee', 'shop'];
export const shop = {
  address: 'shop',
  label: 'Shop',
  category: 'exchange',
  confidence: 'proven',
  source: 'test',
};

/** Several to a block and to a transaction, some fees, some of nothing, some to whom they come from. */
export const anyMovements = (most: bigint, least = 0): Arbitrary<readonly Movement[]> =>
  array(
    record({
      block: integer({ min: 1, max: 12 }),
      tx: integer({ min: 1, max: 3 }),
      from: constantFrom(...people),
      to: constantFrom(...people),
      asset: constantFrom('coin', 'coin', 'coin', 'token'),
      units: bigInt({ min: 0n, max: most }),
      fee: integer({ min: 0, max: 9 }),
    }).map(({ block, tx, fee, ...one }) =>
      move(block, one.from, fee === 0 ? '(fees)' : one.to, one.units, {
        tx: `tx-${block}-${tx}`,
        asset: one.asset,
        kind: fee === 0 ? 'fee' : 'transfer',
      }),
    ),
    { minLength: least, maxLength: 40 },
  );
