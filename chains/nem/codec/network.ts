export type NemNetwork = 'mainnet' | 'testnet';

/** The network's byte: the first of a decoded address, and the highest of a transaction's version. */
export const networkByte = { mainnet: 0x68, testnet: 0x98 } as const satisfies Record<NemNetwork, number>;
