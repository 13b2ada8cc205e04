/** Opens NEM by what the configuration says of it. */
import { nemNode, type NemNode } from '@kuramori/chains/nem/node';
import type { Policy, Wallet } from '@kuramori/core';
import { Misconfigured, readSecret, type Clock } from '@kuramori/program';
import type { Counter } from '../../branch.ts';
import { openPanel } from '../../chain/panel.ts';
import { anyChain } from '../chain.ts';
import type { NemConfig } from './config.ts';
import { nemChain } from './chain.ts';
import { openMessageKey, type MessageKey } from './message-key.ts';
import { networkOf } from './network.ts';

/** Throws Misconfigured where the message key is not the hot account's, or where a node says that it moves coins. */
export async function openNem(
  { nodes: urls, messageKeyFile, ...rest }: NemConfig,
  policy: Policy,
  hot: Wallet,
  clock: Clock,
): Promise<Omit<Counter, 'hot' | 'room'>> {
  const nodes = urls.map((url) => nemNode(url, networkOf({ policy })));
  const messageKey =
    messageKeyFile === undefined ? null : await readMessageKey(messageKeyFile, policy, hot, nodes, clock);
  return { ...rest, chain: anyChain(nemChain({ nodes, hot, messageKey })) };
}

async function readMessageKey(
  path: string,
  policy: Policy,
  hot: Wallet,
  nodes: readonly NemNode[],
  clock: Clock,
): Promise<MessageKey> {
  const key = openMessageKey(readSecret(path), hot, networkOf({ policy }));
  // Nodes that do not answer now are asked again, before the key is used.
  const usable = await key.usable(openPanel(nodes), clock.now());
  if (usable.kind === 'dangerous') throw new Misconfigured(`chains.nem.messageKeyFile: ${usable.why}`);
  return key;
}
