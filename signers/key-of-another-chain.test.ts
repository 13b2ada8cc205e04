/** One signer, one chain: its keystore says which, nobody can say it otherwise, and its self-test knows that chain's signatures. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { afterAll, describe, expect, it } from 'vitest';
import { codecOf } from '@kuramori/chains/codecs';
import { signText, type ChainName } from '@kuramori/core';
import { openKeystore, type Keys, type On } from './keystore.ts';
import { makeKeystore } from './making.ts';
import { selfTest } from './self-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-chains-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const passphrase = () => Buffer.from('correct horse');

const forms: readonly (readonly [ChainName, RegExp])[] = [
  ['nem', /^[0-9a-f]{64}$/],
  ['bitcoin', /^tpub/],
  ['litecoin', /^tpub/],
  ['ethereum', /^0x[0-9a-fA-F]{40}$/],
];

describe.each(forms)('%s', (chain, form) => {
  const on: On = { chain, network: 'devnet' };
  const file = join(folder, `${chain}.json`);
  const { chainKey } = makeKeystore(file, passphrase(), { on });

  it('has a key in its chain’s own form, the same whenever it is opened', () => {
    expect(chainKey).toMatch(form);
    const keys = openKeystore(file, passphrase());
    expect(keys.chainKey).toBe(chainKey);
    expect(keys.on.chain).toBe(chain);
  });

  it('passes the self-test; once locked it signs nothing', () => {
    const keys = openKeystore(file, passphrase());
    expect(() => selfTest(keys)).not.toThrow();
    keys.lock();
    expect(() => keys.chain.sign('00', '00')).toThrow('wiped');
    expect(() => keys.chain.rehearse('00')).toThrow('wiped');
  });

  it('is no key of another chain or network, whatever the file is made to say', () => {
    const store = JSON.parse(readFileSync(file, 'utf8')) as { on?: On };
    const others: readonly (On | undefined)[] = [
      { chain: chain === 'bitcoin' ? 'litecoin' : 'bitcoin', network: 'devnet' },
      { chain: 'ethereum', network: 'mainnet' },
      chain === 'nem' ? { chain: 'nem', network: 'devnet' } : undefined,
    ];
    for (const other of others) {
      const altered = join(folder, 'altered.json');
      writeFileSync(altered, JSON.stringify({ ...store, on: other }));
      expect(() => openKeystore(altered, passphrase())).toThrow(
        /passphrase is wrong, or the file was altered/,
      );
    }
  });
});

describe.each(['litecoin', 'ethereum'] as const)('bad nonces on %s', (chain) => {
  const secret = createHash('sha256').update('bad nonces').digest();
  const keys = (() => {
    const file = join(folder, `bad-${chain}.json`);
    return makeKeystore(file, passphrase(), { on: { chain, network: 'devnet' } });
  })();
  const key = codecOf(chain).keyOf(secret, chain, 'devnet');
  const held: Keys = { ...keys, chain: key, chainKey: key.publicKey };
  const record = (text: string) => signText(keys.record, 'journal-entry', text);

  it('one signature for every message', () => {
    const once = key.rehearse('00');
    expect(() => selfTest(held, { chain: () => once, record })).toThrow(
      /chain key: signatures 1 and 2 .* one nonce/,
    );
  });

  it('a machine’s chance instead of the derived nonce', () => {
    const { Fn, BASE } = secp256k1.Point;
    let count = 0n;
    // Valid or not, each has a nonce's point of its own; none is the one that key and message give.
    const chance = (message: string) => {
      count += 1n;
      const nonce = Fn.create(
        BigInt(`0x${createHash('sha256').update(`${message} ${count}`).digest('hex')}`),
      );
      const r = Fn.create(BASE.multiply(nonce).toAffine().x);
      return (
        Fn.toBytes(r).toHex() +
        Fn.toBytes(Fn.create(nonce + 1n) >> 1n).toHex() +
        (chain === 'ethereum' ? '1b' : '')
      );
    };
    expect(() => selfTest(held, { chain: chance, record })).toThrow(
      /chain key: (signature 1 was not made|bit \d+ of the nonces)/,
    );
  });
});

it('the keys are made by people, for the chain that they name', () => {
  const made = join(folder, 'signer');
  const cli = (...args: readonly string[]) =>
    execFileSync(process.execPath, [join(import.meta.dirname, '../cli/launch.mjs'), ...args], {
      encoding: 'utf8',
    });
  const asked = ['signer', 'create', made, '--present', 'Aoi', '--present', 'Ren', '--json'] as const;
  expect(() => cli(...asked, '--chain', 'dogecoin', '--network', 'devnet')).toThrow(/dogecoin is none of/);
  expect(() => cli(...asked, '--chain', 'litecoin')).toThrow(/--chain and --network go together/);
  const ended = JSON.parse(cli(...asked, '--chain', 'litecoin', '--network', 'devnet')) as {
    chainKey: string;
  };
  expect(ended.chainKey).toMatch(/^tpub/);
});
