/** What tells Bitcoin's family apart: another coin of it is another column here, and nothing else. */
import type { Network } from '@kuramori/core';

export type BitcoinChain = 'bitcoin' | 'litecoin';

export interface Parameters {
  /** Before a segregated witness address's 1 (BIP 173). */
  readonly prefix: string;
  /** Before that of an address for MWEB, Litecoin's other ledger, which no script of ours pays to (LIP 4). */
  readonly mweb: string | null;
  /** The first byte of an address in base58: what pays to a key's hash, and what pays to a script's (Core: chainparams). */
  readonly keyHash: number;
  /** The first is the one that we write; Litecoin still reads its old one, which is Bitcoin's. */
  readonly scriptHash: readonly [number, ...number[]];
}

// Core: src/chainparams.cpp. A devnet is a regtest.
export const parameters: Readonly<Record<BitcoinChain, Readonly<Record<Network, Parameters>>>> = {
  bitcoin: {
    mainnet: { prefix: 'bc', mweb: null, keyHash: 0x00, scriptHash: [0x05] },
    testnet: { prefix: 'tb', mweb: null, keyHash: 0x6f, scriptHash: [0xc4] },
    devnet: { prefix: 'bcrt', mweb: null, keyHash: 0x6f, scriptHash: [0xc4] },
  },
  litecoin: {
    mainnet: { prefix: 'ltc', mweb: 'ltcmweb', keyHash: 0x30, scriptHash: [0x32, 0x05] },
    testnet: { prefix: 'tltc', mweb: 'tmweb', keyHash: 0x6f, scriptHash: [0x3a, 0xc4] },
    devnet: { prefix: 'rltc', mweb: 'tmweb', keyHash: 0x6f, scriptHash: [0x3a, 0xc4] },
  },
};

/** The first four bytes of an extended key (BIP 32). Litecoin's node reads and writes the same ones as Bitcoin's. */
export const keyVersions = {
  mainnet: { private: 0x0488ade4, public: 0x0488b21e },
  testnet: { private: 0x04358394, public: 0x043587cf },
  devnet: { private: 0x04358394, public: 0x043587cf },
} as const satisfies Record<Network, { readonly private: number; readonly public: number }>;

/** SLIP 132: Zpub, and Vpub of the test networks, by which Electrum says wsh(multi). */
export const slip132Versions = {
  mainnet: 0x02aa7ed3,
  testnet: 0x02575483,
  devnet: 0x02575483,
} as const satisfies Record<Network, number>;

/** The same of private keys: Zprv and Vprv, to name one as what it is. */
export const slip132Private = {
  mainnet: 0x02aa7a99,
  testnet: 0x02575048,
  devnet: 0x02575048,
} as const satisfies Record<Network, number>;

/** The second step of a key's path (SLIP 44); every coin's testnets share one. */
export function coinType(chain: BitcoinChain, network: Network): number {
  if (network !== 'mainnet') return 1;
  return chain === 'bitcoin' ? 0 : 2;
}

/** Units per 1,000 virtual bytes, as nodes count fee rates. */
export const rates = {
  bitcoin: { dust: 3_000n },
  // Litecoin 0.21: DUST_RELAY_TX_FEE.
  litecoin: { dust: 30_000n },
} as const satisfies Record<BitcoinChain, { readonly dust: bigint }>;

/** Below this no node of either chain relays (DEFAULT_MIN_RELAY_TX_FEE), and by this much a replacement must pay more (BIP 125 4). */
export const leastRate = 1_000n;

/** Above this a node takes the fee for a mistake and sends nothing (DEFAULT_MAX_RAW_TX_FEE_RATE: 0.1 coin). */
export const highestRate = 10_000_000n;

/** Twenty-one million bitcoins, eighty-four million litecoins: MAX_MONEY. No amount or sum of amounts is more. */
export const mostUnits = {
  bitcoin: 21_000_000n * 100_000_000n,
  litecoin: 84_000_000n * 100_000_000n,
} as const satisfies Record<BitcoinChain, bigint>;
