/** An account becomes a multisig once, and its own key is destroyed by it: not by a request that nobody has looked at, not a vault's that pinned a policy, and not before the answer is on the disk. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { addressOf, type PublicKey } from '@kuramori/chains/nem/codec';
import { policy } from '../core/testing/house.ts';
import { make, pin } from './testing/made.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-converted-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const program = join(import.meta.dirname, 'vault', 'main.ts');
const request = join(base, 'request.json');
const cosigners = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
writeFileSync(
  request,
  JSON.stringify({ network: 'testnet', cosigners, threshold: 2, timeStamp: 1_000, deadline: 2_000 }),
);

let folder: string;
let keys: ReturnType<typeof make>;
let address: string;
let nth = 0;
beforeEach(() => {
  folder = join(base, `${(nth += 1)}`);
  mkdirSync(folder, { mode: 0o700 });
  keys = make(folder);
  address = addressOf(keys.chainKey as PublicKey, 'testnet');
});

function convert(input: string, out: 'pipe' | number = 'pipe') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'convert', folder, request], {
    encoding: 'utf8',
    input,
    stdio: ['pipe', out, 'pipe'],
    env: { NODE_NO_WARNINGS: '1' },
  });
  return { status, stdout, stderr };
}
const left = () => ['keystore.json', 'passphrase'].map((name) => existsSync(join(folder, name)));

it('shows the account and whose it will be; what ends otherwise is not signed, and nothing is destroyed', () => {
  for (const typed of ['', 'yes\n', `${address.slice(0, 6)}\n`, `${address.slice(-5)}\n`]) {
    const { status, stdout, stderr } = convert(typed);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    for (const shown of [address, ...cosigners, '2 of 3']) expect(stderr).toContain(shown);
    expect(stderr).toContain('nothing is signed, and nothing destroyed');
    expect(left()).toEqual([true, true]);
  }
  const done = convert(`${address.slice(-6).toLowerCase()}\n`);
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('"signature"') });
  expect(left()).toEqual([false, false]);
});

it('a full medium takes no answer: it is in the folder, and given again', () => {
  const full = openSync('/dev/full', 'w');
  convert(`${address.slice(-6)}\n`, full);
  expect(left()).toEqual([false, false]);
  const again = convert('');
  expect(again).toMatchObject({ status: 0, stderr: '' });
  const { data, signature } = JSON.parse(again.stdout) as Record<string, string>;
  expect(JSON.parse(readFileSync(join(folder, 'conversion.json'), 'utf8'))).toEqual({ data, signature });
});

it('a vault’s keys, which pinned a policy, are no account’s', () => {
  pin(folder, keys, policy);
  expect(convert(`${address.slice(-6)}\n`)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/pins\.json: these keys are a vault’s.*nothing is touched/),
  });
  expect(left()).toEqual([true, true]);
});

it('keys that another transcript stands beside are nobody’s to convert', () => {
  const other = join(base, 'other');
  mkdirSync(other, { mode: 0o700 });
  make(other);
  writeFileSync(join(folder, 'ceremony.jsonl'), readFileSync(join(other, 'ceremony.jsonl')));
  expect(convert(`${address.slice(-6)}\n`)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/is of the key .* and the keystore holds/),
  });
  expect(left()).toEqual([true, true]);
});
