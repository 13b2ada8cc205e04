import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Transaction as OtherTransaction } from '@scure/btc-signer';
import { describe, expect, it } from 'vitest';
import { compare } from './bytes.ts';
import { checksumOf } from './checksum.ts';
import { digestsOf } from './digest.ts';
import { compareOutpoints, compareOutputs } from './draft.ts';
import { childOf, publicNodeOf } from './extended-key.ts';
import { addressOf, descriptorOf, readPlan, readTransaction } from './index.ts';
import { multisigScript } from './place.ts';
import { heldWallet } from './testing/wallet.ts';

describe('BIP 32, vector 2: a public key’s child', () => {
  it('m/0', () => {
    const master =
      'xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB';
    const child =
      'xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH';
    const { publicKey, chainCode } = childOf(publicNodeOf(master), 0);
    expect(publicKey).toEqual(publicNodeOf(child).publicKey);
    expect(chainCode).toEqual(publicNodeOf(child).chainCode);
  });
});

describe('BIP 67: the keys of a multisig, sorted', () => {
  it.each([
    [
      [
        '02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8',
        '02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f',
      ],
      '39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z',
    ],
    [
      [
        '02632b12f4ac5b1d1b72b2a3b508c19172de44f6f46bcee50ba33f3f9291e47ed0',
        '027735a29bae7780a9755fae7a1c4374c656ac6a69ea9f3697fda61bb99a4f3e77',
        '02e2cc6bd5f45edd43bebe7cb9b675f0ce9ed3efe613b177588290ad188d11b404',
      ],
      '3CKHTjBKxCARLzwABMu9yD85kvtm7WnMfH',
    ],
  ])('%#', (keys, address) => {
    const sorted = keys.map((key) => Uint8Array.fromHex(key)).sort(compare);
    const script = multisigScript(2, sorted);
    const paying = Uint8Array.of(0xa9, 20, ...ripemd160(sha256(script)), 0x87);
    expect(addressOf(paying, 'bitcoin', 'mainnet')).toBe(address);
  });
});

describe('BIP 69: inputs and outputs, in order', () => {
  it('inputs of its first example', () => {
    const sorted = [
      ['0e53ec5dfb2cb8a71fec32dc9a634a35b7e24799295ddd5278217822e0b31f57', 0],
      ['26aa6e6d8b9e49bb0630aac301db6757c02e3619feb4ee0eea81eb1672947024', 1],
      ['28e0fdd185542f2c6ea19030b0796051e7772b6026dd5ddccd7a2f93b73e6fc2', 0],
      ['28e0fdd185542f2c6ea19030b0796051e7772b6026dd5ddccd7a2f93b73e6fc2', 1],
    ] as const;
    const outpoints = sorted.map(([txid, vout]) => ({ txid, vout }));
    expect(outpoints.toReversed().sort(compareOutpoints)).toEqual(outpoints);
  });

  it('outputs: by amount, then by script', () => {
    const script = (hex: string) => Uint8Array.fromHex(hex);
    const outputs = [
      { units: 400_057_456n, script: script('76a9144a5fba237213a062f6f57978f796390bdcf8d01588ac') },
      { units: 40_000_000_000n, script: script('76a9145be32612930b8323add2212a4ec03c1562084f8488ac') },
      { units: 40_000_000_000n, script: script('76a9145be32612930b8323add2212a4ec03c1562084f8588ac') },
    ];
    expect(outputs.toReversed().sort(compareOutputs)).toEqual(outputs);
  });
});

describe('BIP 143: what is signed', () => {
  it('native P2WSH: SIGHASH_SINGLE of an input that has no output', () => {
    const transaction = readTransaction(
      '0100000002fe3dc9208094f3ffd12645477b3dc56f60ec4fa8e6f5d67c565d1c6b9216b36e0000000000ffffffff' +
        '0815cf020f013ed6cf91d29f4202e8a58726b1ac6c79da47c23d1bee0a6925f80000000000ffffffff' +
        '0100f2052a010000001976a914a30741f8145e5acadf23f751864167f32e0963f788ac00000000',
    );
    if (!transaction) throw new Error('cannot be read');
    const script = Uint8Array.fromHex(
      '21026dccc749adc2a9d0d89497ac511f760f45c47dc5ed9cf352a58ac706453880aeadab' +
        '210255a9626aebf5e29c0e6538428ba0d1dcf6ca98ffdf086aa8ced5e0d0215ea465ac',
    );
    expect(digestsOf(transaction)(1, script, 4_900_000_000n, 3).toHex()).toBe(
      '82dde6e4f1e94d02c2b7ad03d2115d691f48d064e9d52f58194a6637e4194391',
    );
  });

  it.each([
    ['ALL', 0x01, '185c0be5263dce5b4bb50a047973c1b6272bfbd0103a89444597dc40b248ee7c'],
    ['NONE', 0x02, 'e9733bc60ea13c95c6527066bb975a2ff29a925e80aa14c213f686cbae5d2f36'],
    ['SINGLE', 0x03, '1e1f1c303dc025bd664acb72e583e933fae4cff9148bf78c157d1e8f78530aea'],
    ['ALL of one', 0x81, '2a67f03e63a6a422125878b40b82da593be8d4efaafe88ee528af6e5a9955c6e'],
    ['NONE of one', 0x82, '781ba15f3779d5542ce8ecb5c18716733a5ee42a6f51488ec96154934e2c890a'],
    ['SINGLE of one', 0x83, '511e8e52ed574121fc1b654970395502128263f62662e076dc6baf05c2e6a99b'],
  ])('6 of 6, each kind: %s', (_, sighash, digest) => {
    const transaction = readTransaction(
      '010000000136641869ca081e70f394c6948e8af409e18b619df2ed74aa106c1ca29787b96e0100000000ffffffff' +
        '0200e9a435000000001976a914389ffce9cd9ae88dcc0631e88a821ffdbe9bfe2688ac' +
        'c0832f05000000001976a9147480a33f950689af511e6e84c138dbbd3c3ee41588ac00000000',
    );
    if (!transaction) throw new Error('cannot be read');
    const script = Uint8Array.fromHex(
      '56210307b8ae49ac90a048e9b53357a2354b3334e9c8bee813ecb98e99a7e07e8c3ba3' +
        '2103b28f0c28bfab54554ae8c658ac5c3e0ce6e79ad336331f78c428dd43eea8449b' +
        '21034b8113d703413d57761b8b9781957b8c0ac1dfe69f492580ca4195f50376ba4a' +
        '21033400f6afecb833092a9a21cfdf1ed1376e58c5d1f47de74683123987e967a8f4' +
        '2103a6d48b1131e94ba04d9737d61acdaa1322008af9602b3b14862c07a1789aac16' +
        '2102d8b661b0b3302ee2f162b09e07a55ad5dfbe673a9f01d9f0c19617681024306b56ae',
    );
    expect(digestsOf(transaction)(0, script, 987_654_321n, sighash).toHex()).toBe(digest);
    // And as the library has it, which hashes everything anew for each input.
    const other = OtherTransaction.fromRaw(
      Uint8Array.fromHex(
        '010000000136641869ca081e70f394c6948e8af409e18b619df2ed74aa106c1ca29787b96e0100000000ffffffff0200e9a435000000001976a914389ffce9cd9ae88dcc0631e88a821ffdbe9bfe2688acc0832f05000000001976a9147480a33f950689af511e6e84c138dbbd3c3ee41588ac00000000',
      ),
    );
    expect(other.preimageWitnessV0(0, Uint8Array.from(script), sighash, 987_654_321n).toHex()).toBe(digest);
  });
});

describe('BIP 174', () => {
  it.each([
    [
      'valid, with an unknown field in an input',
      'cHNidP8BAD8CAAAAAf//////////////////////////////////////////AAAAAAD/////AQAAAAAAAAAAA2oBAAAAAAAACg8BAgMEBQYHCAkPAQIDBAUGBwgJCgsMDQ4PAAA=',
      'input 0',
    ],
    [
      'valid, without inputs',
      'cHNidP8BAEwCAAAAAALT3/UFAAAAABl2qRTQxZkDxbrChodg6Q/VIaRmWqdlIIisAOH1BQAAAAAXqRQ1RebjO4MsRwUPJNPuuTycA5SLx4ezLhMAAAAA',
      'has no input',
    ],
  ])('%s: not what our planner makes', (_, text, why) => {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
    expect(readPlan(descriptorOf(heldWallet(1, [1]).wallet), bytes.toHex())).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(why) as string,
    });
  });
});

describe('BIP 380: the checksum of a descriptor', () => {
  it('raw(deadbeef)', () => {
    expect(checksumOf('raw(deadbeef)')).toBe('89f8spxm');
    expect(checksumOf('raw(dedbeef)')).not.toBe('89f8spxm');
    expect(checksumOf('raw(Ü)')).toBeUndefined();
  });
});
