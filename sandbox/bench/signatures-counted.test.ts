import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { measureRush } from './withdrawals.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One withdrawal, all its signatures: who makes and who checks them, and where in the code. */
const eachWithdrawal: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // client/sign.ts
  exchange: { 'ed25519 sign request': 1 },
  custody: {
    // api/signed.ts
    'ed25519 verify request': 1,
    // Of two co-signers: withdrawals/signing.ts when it has the record, withdrawals/journals.ts when it reads the journal.
    'ed25519 verify journal-entry': 4,
    // signing.ts
    'ed25519 verify countersignature': 2,
    'nem verify': 2,
  },
  ...Object.fromEntries(
    ['signer-1', 'signer-2'].map((signer) => [
      signer,
      {
        // core/judge-payment.ts, core/fact.ts
        'ed25519 verify request': 1,
        'ed25519 verify chain-fact': 1,
        // signers/journal.ts: signed, and read again as any entry is.
        'ed25519 sign journal-entry': 1,
        'ed25519 verify journal-entry': 1,
        // core/journal.ts, signers/sign.ts, signers/self-test.ts
        'ed25519 verify countersignature': 1,
        'nem sign': 1,
        'nem check': 1,
      },
    ]),
  ),
  watchtower: {
    // Of each record: watchtower/archive.ts, core/judge-payment.ts, watchtower/countersign.ts
    'ed25519 verify journal-entry': 2,
    'ed25519 verify request': 2,
    'ed25519 sign countersignature': 2,
  },
  // sandbox/devnet/rules/signature-check.ts: wrapper and cosignature
  node1: { 'nem verify': 2 },
};

describe('a short rush', () => {
  it('is paid once and in full, and its signatures are those of the table, no more and no fewer', async () => {
    const { perSecond, p50, p99, withdrawals, blocks, counts, basket } = await measureRush(folder, {
      seconds: 3,
      open: 8,
      say: () => {},
    });
    expect(withdrawals).toBeGreaterThan(8);
    expect(perSecond).toBeGreaterThan(0);
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(p50).toBeGreaterThan(0);
    for (const [process, table] of Object.entries(eachWithdrawal))
      for (const [what, times] of Object.entries(table))
        expect(counts.get(process)?.signatures[what], `${process}: ${what}`).toBe(times * withdrawals);
    // Payments of one moment share a fact; the second node checks the blocks that the first one makes, too, each twice:
    // before it takes and before it appends it. One may be under way when the counting begins.
    const blockChecks = 2 * (blocks + 1);
    const facts = counts.get('watchtower')?.signatures['ed25519 sign chain-fact'] ?? 0;
    expect(facts).toBeGreaterThan(0);
    expect(facts).toBeLessThanOrEqual(withdrawals);
    const checked = counts.get('node2')?.signatures['nem verify'] ?? 0;
    expect(checked).toBeGreaterThanOrEqual(2 * withdrawals);
    expect(checked).toBeLessThanOrEqual(2 * withdrawals + blockChecks);

    expect(basket['ed25519 sign']).toBeGreaterThan(5);
    expect(basket['ed25519 sign']).toBeLessThanOrEqual(6);
    expect(basket['ed25519 verify']).toBe(19);
    expect(basket['nem sign']).toBe(2);
    expect(basket['nem check']).toBe(2);
    expect(basket['nem verify']).toBeGreaterThanOrEqual(6);
    // Of each block the basket leaves out one. The same sum divided in two ways may differ in its last bit.
    expect(basket['nem verify']).toBeLessThanOrEqual(6 + (blockChecks - blocks) / withdrawals + 1e-9);
  }, 180_000);
});
