/** A key as somebody else's wallet shows it: another network's, a private one, or one that was copied wrong is none. */
import { describe, expect, it } from 'vitest';
import { readDescribed } from './descriptor.ts';
import { extendedOf, payloadOf } from './extended-key.ts';
import { registrationOf } from './index.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3], 'bitcoin', 'devnet');
const described = held.keys[0]?.described ?? '';
const [origin = ''] = /^\[.*\]/.exec(described) ?? [];
const { publicKey = '' } = held.keys[0] ?? {};

describe('a key of another wallet', () => {
  it('is read with and without what a descriptor has behind it, and as Electrum writes it', () => {
    const registering = registrationOf(held.wallet, 'devnet', 'cold');
    if (registering.kind === 'refused') throw new Error(registering.why);
    const [electrums = ''] = registering.registration.bitcoin?.slip132 ?? [];
    expect(electrums).toMatch(/^Vpub/);
    for (const text of [described, `${origin}${publicKey}`, ` ${origin}${electrums}\n`])
      expect(readDescribed(text, 'devnet'), text).toMatchObject({ extended: publicKey });
  });

  const mainnet = heldWallet(1, [1], 'bitcoin', 'mainnet').keys[0]?.described ?? '';
  it.each([
    ['of another network', mainnet, 'is a key of another network than devnet'],
    ['without where it comes from', publicKey, 'is not [fingerprint/path]key'],
    ['with a path of another length', described.replace('/48h', '/48h/0h'), 'and its path has'],
    ['copied with a wrong letter', described.replace(/(.)(.)\/<0;1>/, '$2$1/<0;1>'), 'checksum'],
    ['rubbish', 'xpub', 'is not [fingerprint/path]key'],
  ])('%s is refused', (_, text, why) => {
    expect(readDescribed(text, 'devnet')).toContain(why);
  });

  it('a private key is named as one, so that it is never used again', () => {
    const payload = payloadOf(publicKey)?.slice() ?? new Uint8Array(78);
    new DataView(payload.buffer).setUint32(0, 0x04358394);
    expect(readDescribed(`${origin}${extendedOf(payload)}`, 'devnet')).toContain('is a private key');
  });
});
