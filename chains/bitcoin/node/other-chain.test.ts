import { describe, expect, it } from 'vitest';
import { wrongChain } from './genesis.ts';
import { hash256, named } from './wire.ts';

/** The first block of a chain by its header’s parts (Core: chainparams.cpp, CreateGenesisBlock). */
function genesisOf(root: string, time: number, bits: number, nonce: number): string {
  const header = Buffer.alloc(80);
  header.writeUInt32LE(1, 0);
  header.set(Uint8Array.fromHex(root).toReversed(), 36);
  header.writeUInt32LE(time, 68);
  header.writeUInt32LE(bits, 72);
  header.writeUInt32LE(nonce, 76);
  return named(hash256(header));
}

const bitcoinRoot = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';
const bitcoinRoot4 = '7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e';
const litecoinRoot = '97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9';

const chains = [
  ['bitcoin', 'mainnet', genesisOf(bitcoinRoot, 1231006505, 0x1d00ffff, 2083236893)],
  ['bitcoin', 'testnet', genesisOf(bitcoinRoot, 1296688602, 0x1d00ffff, 414098458)],
  ['bitcoin', 'testnet', genesisOf(bitcoinRoot4, 1714777860, 0x1d00ffff, 393743547)],
  ['bitcoin', 'devnet', genesisOf(bitcoinRoot, 1296688602, 0x207fffff, 2)],
  ['litecoin', 'mainnet', genesisOf(litecoinRoot, 1317972665, 0x1e0ffff0, 2084524493)],
  ['litecoin', 'testnet', genesisOf(litecoinRoot, 1486949366, 0x1e0ffff0, 293345)],
  ['litecoin', 'devnet', genesisOf(litecoinRoot, 1296688602, 0x207fffff, 0)],
] as const;

describe('a node of another chain', () => {
  it.each(chains)('of %s %s is told from every other by its first block', (chain, network, genesis) => {
    for (const [other, where] of chains) {
      const why = wrongChain({ chain: 'main', genesis }, other, where);
      if (other === chain && where === network) expect(why).toBe(undefined);
      else expect(why).toBe(`serves ${chain} ${network} (it says "main"), and not ${other} ${where}`);
    }
  });

  it('is named where nobody knows it', () => {
    const signet = genesisOf(bitcoinRoot, 1598918400, 0x1e0377ae, 52613770);
    expect(wrongChain({ chain: 'signet', genesis: signet }, 'bitcoin', 'testnet')).toBe(
      'serves bitcoin signet (it says "signet"), and not bitcoin testnet',
    );
    expect(wrongChain({ chain: 'main', genesis: 'ab'.repeat(32) }, 'bitcoin', 'mainnet')).toContain(
      'a chain that nobody here knows, which begins with abab',
    );
  });
});
