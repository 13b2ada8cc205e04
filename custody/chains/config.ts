/** What custody is told of its chains. Another chain is another line here. */
import { z } from 'zod';
import { BitcoinConfig } from './bitcoin/config.ts';
import { EthereumConfig } from './ethereum/config.ts';
import { NemConfig } from './nem/config.ts';

export const ChainsConfig = z
  .strictObject({
    nem: NemConfig.optional(),
    bitcoin: BitcoinConfig.optional(),
    litecoin: BitcoinConfig.optional(),
    ethereum: EthereumConfig.optional(),
  })
  .superRefine((chains, context) => {
    for (const [name, chain] of Object.entries(chains)) {
      const urls = chain?.nodes.map((node) => (typeof node === 'string' ? node : node.url)) ?? [];
      if (new Set(urls).size === urls.length) continue;
      const message = 'names one node twice: two different ones are needed';
      context.addIssue({ code: 'custom', path: [name, 'nodes'], message });
    }
  });
export type ChainsConfig = z.infer<typeof ChainsConfig>;
