/** Chains, as they call themselves. */
const names: Readonly<Record<string, string>> = {
  nem: 'NEM',
  bitcoin: 'Bitcoin',
  litecoin: 'Litecoin',
  ethereum: 'Ethereum',
};

export const chainName = (chain: string) => names[chain] ?? chain;
