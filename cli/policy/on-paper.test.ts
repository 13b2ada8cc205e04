/** What is public of each wallet, on paper: what the policy says, to the letter. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { policyDigest } from '@kuramori/core';
import { htmlOf, walletSheet } from '@kuramori/signers/paper';
import { policy } from '../../core/testing/house.ts';
import { writePages } from './pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-wallets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a page a wallet, with its address, every key, and the digest that the keepers signed', () => {
  expect(writePages(policy, folder, 'letter')).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(
    policy.wallets.flatMap(({ id }) => [`wallet-${id}.html`, `wallet-${id}.pdf`]).sort(),
  );
  for (const { id, address, cosigners } of policy.wallets) {
    const page = readFileSync(join(folder, `wallet-${id}.html`), 'utf8');
    for (const said of [address, policyDigest(policy), ...cosigners.map(({ publicKey }) => publicKey)])
      expect(page).toContain(`>${said}<`);
  }
  for (const { id, ...wallet } of policy.wallets) {
    const page = readFileSync(join(folder, `wallet-${id}.html`), 'utf8');
    if ('publicKey' in wallet) expect(page).toContain(`>${wallet.publicKey}<`);
    expect(page).toContain(`>version ${policy.version} / 第${policy.version}版<`);
  }
  // Never over a page that is there, which may be of another version.
  expect(() => writePages(policy, folder, 'letter')).toThrow(/EEXIST/);
  expect(writePages(policy, folder, 'a5')).toBe(2);
});

it('spares, an account’s own key and a successor are on it too', () => {
  const of = { version: policy.version, digest: policyDigest(policy) };
  for (const wallet of policy.wallets) {
    const sheet = walletSheet({
      ...wallet,
      network: policy.network,
      descriptor: null,
      policy: of,
      spares: [{ publicKey: 'f7'.repeat(32), signer: null }],
      successor: 'hot-next',
    });
    const page = Buffer.from(htmlOf(sheet, 'a4')).toString();
    if (wallet.chain === 'nem') expect(page).toContain(`>${wallet.publicKey}<`);
    for (const said of ['vault / 金庫 (spare / 予備)', 'f7'.repeat(32), 'hot-next'])
      expect(page).toContain(`>${said}<`);
  }
});
