/** Only an account of NEM is converted: a keystore of another chain is told so, before anything of it is signed or removed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeKeystore } from './making.ts';
import { writeTranscript } from './testing/made.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-vault-chain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is no account to be converted, and stays as it was', () => {
  const keystore = join(folder, 'keystore.json');
  const keys = makeKeystore(keystore, Buffer.from('correct horse'), {
    on: { chain: 'ethereum', network: 'devnet' },
  });
  writeTranscript(folder, keys);
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n', { mode: 0o600 });
  const request = join(folder, 'request.json');
  const cosigners = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const times = { timeStamp: 1_000, deadline: 2_000 };
  writeFileSync(request, JSON.stringify({ cosigners, threshold: 2, network: 'testnet', ...times }));
  const program = join(import.meta.dirname, 'vault', 'main.ts');
  const flags = ['--allow-fs-read=*', `--allow-fs-write=${folder}`, '--allow-ffi', '--permission'];
  const ended = spawnSync(process.execPath, [...flags, program, 'convert', folder, request], {
    encoding: 'utf8',
    env: { NODE_NO_WARNINGS: '1' },
  });
  expect(ended.status).not.toBe(0);
  expect(ended.stderr).toMatch(/on\.chain: its key is for ethereum, and only an account of nem is converted/);
  expect(existsSync(keystore)).toBe(true);
});
