/** Whoever gets at the memory of a co-signer after it was locked finds no key: every page of the process is searched. */
import { argon2Sync, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { privateKeyOf } from '@kuramori/chains/nem/codec';
import { scalarOf } from '../chains/nem/codec/signing.ts';
import { chainSecretOf, openKeystore, originOf } from './keystore.ts';
import { open, propose, sign } from './testing/caller.ts';
import { searchMemory } from './testing/memory.ts';
import { program, start, type Program } from './testing/program.ts';

/** Everything by which a thief could sign as this signer, or open its keystore, in the forms in which a program could hold it. */
async function needlesOf(one: Program, passphrase: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { record } = openKeystore(one.at('keystore.json'), Buffer.from(passphrase));
  const chain = privateKeyOf(chainSecretOf(one.at('keystore.json'), Buffer.from(passphrase)));
  const { entropy } = await originOf(one.at('keystore.json'), Buffer.from(passphrase), null);
  const seed = Buffer.from(record.secret.export({ format: 'jwk' }).d ?? '', 'base64url');
  const { kdf } = JSON.parse(readFileSync(one.at('keystore.json'), 'utf8')) as {
    kdf: { salt: string; memoryKiB: number; passes: number; lanes: number };
  };
  const fileKey = argon2Sync('argon2id', {
    message: Buffer.from(passphrase),
    nonce: Buffer.from(kdf.salt, 'hex'),
    memory: kdf.memoryKiB,
    passes: kdf.passes,
    parallelism: kdf.lanes,
    tagLength: 32,
  });
  const hashes = {
    chain: createHash('keccak-512').update(chain).digest(),
    record: createHash('sha512').update(seed).digest(),
  };
  const scalar = Buffer.from(scalarOf(chain).toString(16).padStart(64, '0'), 'hex');
  /** A key is found by its halves too, however it is cut. */
  const halves = (name: string, bytes: Uint8Array): (readonly [string, Uint8Array])[] => [
    [name, bytes.subarray(0, 16)],
    [`${name}, its end`, bytes.subarray(-16)],
  ];
  const written = (name: string, bytes: Uint8Array): (readonly [string, Uint8Array])[] => [
    ...halves(name, bytes),
    [`${name} in hex`, Buffer.from(bytes.toHex().slice(0, 32))],
    [`${name} in capital hex`, Buffer.from(bytes.toHex().toUpperCase().slice(0, 32))],
    [`${name} in base64`, Buffer.from(Buffer.from(bytes).toString('base64').slice(0, 20))],
  ];
  return new Map([
    ['the passphrase', Buffer.from(passphrase)],
    ['the passphrase, two bytes a letter', Buffer.from(passphrase, 'utf16le')],
    ...written('the chain key', chain),
    ['the chain key as NIS writes it', Buffer.from(chain.toReversed().toHex().slice(0, 32))],
    ...written('the record key', seed),
    ...written('what the words stand for', entropy),
    ...written("the file's key", fileKey),
    // As V8 holds a BigInt, and as it is written.
    ...halves("the chain key's scalar", scalar.toReversed()),
    ...halves("the chain key's scalar, highest first", scalar),
    ...halves("the chain key's hash", hashes.chain.subarray(0, 32)),
    ...halves("the chain key's nonce prefix", hashes.chain.subarray(32)),
    ...halves("the record key's hash", hashes.record.subarray(0, 32)),
    ...halves("the record key's nonce prefix", hashes.record.subarray(32)),
  ]);
}

/** Where this user may read the memory of a process that has closed it: root, on Linux. */
const mayRead = process.getuid?.() === 0 && existsSync('/proc/self/mem');

describe.skipIf(!mayRead)('the memory of a co-signer (searched where the test is root)', () => {
  /** Starts it, lets it sign, locks it; and says what was found in its memory before and after. */
  async function unlockSignLock(entry?: string) {
    // In no file of ours: the signer measures its code, tests included, and so has read what stands in them.
    const passphrase = randomBytes(12).toString('base64url');
    using one = program(passphrase);
    const needles = await needlesOf(one, passphrase);
    const { child, ended } = await start(one, { entry });
    const search = () => {
      const { found, bytes } = searchMemory(child.pid ?? 0, needles);
      expect(bytes).toBeGreaterThan(50 << 20);
      return [...new Set(found.map(({ what }) => what))];
    };
    await open(one);
    for (const second of [1, 2, 3]) expect(await sign(one, second)).toMatchObject({ kind: 'signed' });
    const unlocked = search();
    child.kill('SIGHUP');
    const isOpen = async () => {
      const status = await call({ socket: one.at('socket') }, signerRoutes.status, {});
      return status.kind === 'status' && status.open;
    };
    while (await isOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
    const locked = search();
    const asked = await propose(one, 9);
    child.kill();
    return { unlocked, locked, asked, code: (await ended).code };
  }

  it('holds its keys while it is unlocked; once locked nothing of them is left, and it signs no more', async () => {
    const { unlocked, locked, asked, code } = await unlockSignLock();
    expect(unlocked).toContain('the chain key');
    expect(locked).toEqual([]);
    expect(asked).toMatchObject({
      kind: 'refused',
      why: 'closed',
      detail: expect.stringMatching(/keys were locked/) as string,
    });
    expect(code).toBe(0);
  }, 120_000);

  it('a copy that somebody kept is found', async () => {
    const planted = join(dirname(fileURLToPath(import.meta.url)), 'testing/keeps-a-copy.ts');
    expect((await unlockSignLock(planted)).locked).toEqual(
      expect.arrayContaining(['the passphrase', 'the chain key', 'the chain key, its end']),
    );
  }, 120_000);
});
