/** The vault leaves the converted account's own key behind only where it is asked to, where nobody else may read it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { afterAll, expect, it } from 'vitest';
import { addressOf, parsePrivateKey, publicKeyOf, type PublicKey } from '@kuramori/chains/nem/codec';
import { make } from './testing/made.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-vault-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const entry = join(dirname(fileURLToPath(import.meta.url)), 'vault/main.ts');

function convert(folder: string, request: string, chainKey: string): void {
  const options = JSON.stringify({ confirm: [addressOf(chainKey as PublicKey, 'testnet')] });
  execFileSync(process.execPath, [entry, 'convert', folder, request, options], { stdio: 'ignore' });
}

/** New keys in a folder of their own. */
function made(name: string): string {
  const folder = join(base, name);
  mkdirSync(folder);
  return make(folder).chainKey;
}

function converted(name: string, more: object): { folder: string; chainKey: string } {
  const folder = join(base, name);
  const chainKey = made(name);
  const cosigners = ['a', 'b', 'c'].map((which) => made(`${name}-${which}`));
  const request = join(folder, 'convert.json');
  writeFileSync(
    request,
    JSON.stringify({
      network: 'testnet',
      cosigners,
      threshold: 2,
      timeStamp: 1_000,
      deadline: 2_000,
      ...more,
    }),
    { mode: 0o600 },
  );
  convert(folder, request, chainKey);
  return { folder, chainKey };
}

it('asked to: the very key, mode 0600, and the keystore is gone', () => {
  const { folder, chainKey } = converted('asked', { messageKey: true });
  const file = join(folder, 'message-key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const read = parsePrivateKey(readFileSync(file, 'utf8').trim());
  expect(read.kind === 'key' && publicKeyOf(read.privateKey)).toBe(chainKey);
  expect(existsSync(join(folder, 'keystore.json'))).toBe(false);
});

it('not asked to: no trace of it', () => {
  const { folder } = converted('not-asked', {});
  expect(existsSync(join(folder, 'message-key'))).toBe(false);
  expect(existsSync(join(folder, 'keystore.json'))).toBe(false);
});
