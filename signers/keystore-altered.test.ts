import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { signStatement, verifyStatement } from '@kuramori/core';
import { formatPrivateKey, privateKeyOf, publicKeyOf } from '@kuramori/chains/nem/codec';
import { openKeystore, chainSecretOf, originOf } from './keystore.ts';
import { makeKeystore } from './making.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-keystore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'keystore.json');
const { record, chainKey } = makeKeystore(file, Buffer.from('correct horse'));
const made = { recordKey: record.publicKey, chainKey };
const text = readFileSync(file, 'utf8');
const other = join(folder, 'other.json');
makeKeystore(other, Buffer.from('correct horse'));

function opened(change: (store: Record<string, object>) => object, passphrase = 'correct horse') {
  const altered = join(folder, 'altered.json');
  writeFileSync(altered, JSON.stringify(change(JSON.parse(text) as Record<string, object>)));
  return () => openKeystore(altered, Buffer.from(passphrase));
}

describe('a keystore', () => {
  it('opens with its passphrase, and its keys are those it names', () => {
    const keys = openKeystore(file, Buffer.from('correct horse'));
    expect({ recordKey: keys.record.publicKey, chainKey: keys.chainKey }).toEqual(made);
    const signature = signStatement(keys.record, 'freeze', { a: 1 });
    expect(verifyStatement(made.recordKey, 'freeze', { a: 1 }, signature)).toBe(true);
  });

  it.each(['correct horse ', 'Correct horse', ''])('does not open with %j', (passphrase) => {
    expect(() => openKeystore(file, Buffer.from(passphrase))).toThrow(
      /does not open: the passphrase is wrong, or the file was altered/,
    );
  });

  it('is for its owner alone, never overwritten, and holds no key in the clear', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => makeKeystore(file, Buffer.from('other'))).toThrow(/is there already/);
    const secret = chainSecretOf(file, Buffer.from('correct horse'));
    expect(publicKeyOf(privateKeyOf(secret))).toBe(chainKey);
    expect(secret).toHaveLength(32);
    expect(text).not.toContain(secret.toHex());
    expect(text).not.toContain(formatPrivateKey(privateKeyOf(secret)));
  });

  it('remembers what its chain key comes from, and the language; another language would be another key', async () => {
    const entropy = new Uint8Array(32).fill(7);
    const names = ['english', 'japanese'] as const;
    const keys = names.map((language) =>
      makeKeystore(join(folder, `${language}.json`), Buffer.from('x'), {
        entropy: entropy.slice(),
        language,
      }),
    );
    for (const language of names) {
      const origin = await originOf(join(folder, `${language}.json`), Buffer.from('x'), null);
      expect(origin).toMatchObject({ entropy, language });
    }
    expect(keys[0]?.chainKey).not.toBe(keys[1]?.chainKey);
    // The record key never comes back: its journal must not begin anew.
    const again = makeKeystore(join(folder, 'again.json'), Buffer.from('x'), { entropy: entropy.slice() });
    expect(again.chainKey).toBe(keys[0]?.chainKey);
    expect(again.record.publicKey).not.toBe(keys[0]?.record.publicKey);
    const altered = JSON.parse(readFileSync(join(folder, 'japanese.json'), 'utf8')) as object;
    expect(opened(() => ({ ...altered, language: undefined }), 'x')).toThrow(/does not open/);
  });

  it('two of the same passphrase share neither salt nor nonce', () => {
    const [a, b] = [file, other].map(
      (path) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, { salt: string; nonce: string }>,
    );
    expect(a?.['kdf']?.salt).not.toBe(b?.['kdf']?.salt);
    expect(a?.['cipher']?.nonce).not.toBe(b?.['cipher']?.nonce);
  });
});

describe('an altered keystore does not open', () => {
  const { sealed } = JSON.parse(text) as { sealed: string };
  it.each([
    ['its record key', { recordKey: '0'.repeat(64) }],
    ['its chain key', { chainKey: '0'.repeat(64) }],
    ['the first sealed byte', { sealed: `${sealed.startsWith('00') ? '01' : '00'}${sealed.slice(2)}` }],
    ['the last sealed byte', { sealed: `${sealed.slice(0, -2)}${sealed.endsWith('00') ? '01' : '00'}` }],
  ])('%s', (_what, change) => {
    expect(opened((store) => ({ ...store, ...change }))).toThrow(/does not open/);
  });

  it('cheaper to derive, by what it still accepts', () => {
    expect(opened((store) => ({ ...store, kdf: { ...store['kdf'], memoryKiB: 19_456, passes: 2 } }))).toThrow(
      /does not open/,
    );
  });

  it.each([
    ['kdf.memoryKiB', { memoryKiB: 8 }],
    ['kdf.memoryKiB', { memoryKiB: 1 << 30 }],
    ['kdf.passes', { passes: 1 }],
    ['kdf.salt', { salt: '00' }],
  ])('%s out of bounds is named', (field, change) => {
    expect(opened((store) => ({ ...store, kdf: { ...store['kdf'], ...change } }))).toThrow(
      new RegExp(`altered\\.json: ${field.replace('.', '\\.')}: .*restore the file from its backup`),
    );
  });

  it('with the keys of another, sealed under the same passphrase', () => {
    const theirs = JSON.parse(readFileSync(other, 'utf8')) as { sealed: string };
    expect(opened((store) => ({ ...store, sealed: theirs.sealed }))).toThrow(/does not open/);
  });
});
