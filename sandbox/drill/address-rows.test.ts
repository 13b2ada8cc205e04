/** The rows of the drill deposit-address: the client's check is what stops the thief, and the accomplice too. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addressJson, addressTable } from './address-table.ts';
import { addressAttacks, depositUnits, drillDepositAddress } from './deposit-address.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-drill-'));
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each attack takes the deposit without the check, and nothing with it', async () => {
  const rows = await drillDepositAddress({ folder, say: () => {}, only: null });
  expect(rows[0]).toMatchObject({ attack: 'none', check: true, stolen: 0n, credited: depositUnits });
  for (const attack of addressAttacks) {
    const [without, withCheck] = rows.filter((row) => row.attack === attack);
    expect(without).toMatchObject({
      check: false,
      shown: true,
      stolen: depositUnits,
      credited: 0n,
      verdict: 'missed',
    });
    // Genuine vouchers beside a false address: the check throws the address away, and shows what they vouch for.
    const shown = attack === 'copied-vouchers';
    const credited = shown ? depositUnits : 0n;
    expect(withCheck).toMatchObject({ check: true, shown, stolen: 0n, credited, verdict: 'stopped' });
  }
  expect(JSON.parse(addressJson(rows))).toMatchObject({ drill: 'deposit-address', depositXem: 1000 });
  expect(addressTable(rows).split('\n')).toHaveLength(2 + rows.length);
}, 180_000);
