import { describe, expect, it } from 'vitest';
import { addressOf, bitcoin, scriptOf, type BitcoinChain } from './index.ts';
import { chanceOf, kinds, seed, someScript } from './testing/chance.ts';

const networks = ['mainnet', 'testnet', 'devnet'] as const;
const places = (['bitcoin', 'litecoin'] as const).flatMap((chain) =>
  networks.map((network) => [chain, network] as const),
);
const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** The reason of a refusal; undefined where it is read. */
function why(text: string, chain: BitcoinChain, network: (typeof networks)[number]): string | undefined {
  const read = bitcoin.readAddress(text, chain, network);
  return read.kind === 'refused' ? read.why : undefined;
}

describe(`a coin sent to a wrong address is gone (SEED=${seed})`, () => {
  const chance = chanceOf(seed);
  const written = places.flatMap(([chain, network]) =>
    kinds.map((kind) => {
      const script = someScript(chance, kind);
      return { chain, network, kind, script, address: addressOf(script, chain, network) ?? '' };
    }),
  );

  it.each(written)('$chain $network $kind: there and back', ({ chain, network, script, address }) => {
    expect(bitcoin.readAddress(address, chain, network)).toEqual({ kind: 'address', address });
    expect(scriptOf(address, chain, network)).toEqual({ kind: 'script', script });
  });

  it.each(written)('$chain $network $kind: every wrong character, every two that changed places', (one) => {
    const { address, chain, network } = one;
    const letters = address.includes('1q') || address.includes('1p') ? bech32 : base58;
    const read: string[] = [];
    for (const at of address.split('').keys()) {
      const letter = letters[chance.below(letters.length)] ?? '';
      const wrong = address.slice(0, at) + letter + address.slice(at + 1);
      if (wrong !== address && why(wrong, chain, network) === undefined) read.push(wrong);
      const swapped =
        address.slice(0, at) + address.charAt(at + 1) + address.charAt(at) + address.slice(at + 2);
      if (swapped !== address && why(swapped, chain, network) === undefined) read.push(swapped);
    }
    expect(read).toEqual([]);
    expect(why(address.slice(0, -1), chain, network)).toBeDefined();
    expect(why(`${address}q`, chain, network)).toBeDefined();
    expect(why(` ${address}`, chain, network)).toBeDefined();
    expect(why(`${address}\n`, chain, network)).toBeDefined();
  });

  it('says whose it is, where it is another chain’s or network’s', () => {
    for (const { address, chain, network } of written)
      for (const [otherChain, otherNetwork] of places) {
        const said = why(address, otherChain, otherNetwork);
        if (said === undefined) continue;
        expect(said).toContain(`${chain} ${network}`);
      }
    expect(why('bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu', 'litecoin', 'mainnet')).toBe(
      'is an address of bitcoin mainnet',
    );
    expect(why('1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA', 'litecoin', 'mainnet')).toBe(
      'is an address of bitcoin mainnet',
    );
    expect(why('2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2', 'bitcoin', 'mainnet')).toBe(
      'is an address of bitcoin testnet, bitcoin devnet, litecoin testnet, litecoin devnet',
    );
  });

  it('Litecoin’s scripts have two addresses, of which one is written', () => {
    const script = someScript(chance, 'script hash');
    const old = addressOf(script, 'bitcoin', 'mainnet') ?? '';
    const own = addressOf(script, 'litecoin', 'mainnet') ?? '';
    expect([old[0], own[0]]).toEqual(['3', 'M']);
    expect(bitcoin.readAddress(old, 'litecoin', 'mainnet')).toEqual({ kind: 'address', address: own });
    expect(why(own, 'bitcoin', 'mainnet')).toBe('is an address of litecoin mainnet');
  });

  it('MWEB is refused by its name', () => {
    const made = `ltcmweb1qq${bech32.repeat(4)}`;
    expect(why(made, 'litecoin', 'mainnet')).toContain('MWEB');
    expect(why(made.toUpperCase(), 'litecoin', 'mainnet')).toContain('MWEB');
    expect(why(made, 'bitcoin', 'mainnet')).toContain('litecoin’s MWEB'.replace('’', "'"));
    expect(why(`tmweb1qq${bech32}`, 'litecoin', 'devnet')).toContain('MWEB');
  });

  it('a taproot address whose key is no point', () => {
    // 5 is no x of a point of secp256k1 (BIP 340: lift_x fails).
    const dead = Uint8Array.of(0x51, 32, ...new Uint8Array(31), 5);
    expect(addressOf(dead, 'bitcoin', 'mainnet')).toBeUndefined();
    expect(
      why('bc1pqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzsn2j7p5', 'bitcoin', 'mainnet'),
    ).toBeDefined();
  });

  it('nothing at all, other alphabets, and what is far too long', () => {
    for (const text of [
      '',
      'ｂｃ1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu',
      '0x00',
      'bc1',
      'bc',
      '1',
      '1'.repeat(100_000),
      'bc1q'.repeat(10_000),
    ])
      expect(why(text, 'bitcoin', 'mainnet')).toBeDefined();
  });
});
