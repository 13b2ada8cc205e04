/**
 * The message key: the private key that customers' wallets encrypt to, the hot account's own. Custody may hold no key that
 * moves coins, so it is used only while a majority of the nodes say that the account is a multisig: then the chain refuses
 * its signatures (NIS answers 74), and all that is left of its power is to read.
 */
import {
  addressOf,
  decryptMessage,
  parsePrivateKey,
  publicKeyOf,
  type NemNetwork,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Wallet } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import type { Panel } from '../../chain/panel.ts';

export type Usable =
  | { readonly kind: 'usable' }
  /** The nodes do not say; ask again. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** It moves coins: whoever holds this process would hold them. */
  | { readonly kind: 'dangerous'; readonly why: string };

export interface MessageKey {
  /** Asks the nodes, unless they have said so a short while ago. `now` in milliseconds. */
  readonly usable: (panel: Panel<NemNode>, now: number) => Promise<Usable>;
  /** The payload's clear bytes as hex, of a message between this account and another; undefined where it is not for us. */
  readonly read: (other: PublicKey, payload: string) => string | undefined;
}

/** How long the nodes' word is good for, in milliseconds. What once is a multisig stays one, unless somebody undoes it. */
const goodFor = 60_000;

/** Throws Misconfigured where the text is not the private key of the wallet. The key stays inside. */
export function openMessageKey(text: string, wallet: Wallet, network: NemNetwork): MessageKey {
  const parsed = parsePrivateKey(text);
  if (parsed.kind === 'refused')
    throw new Misconfigured(`chains.nem.messageKeyFile: holds no NEM private key (${parsed.why})`);
  const { privateKey } = parsed;
  if (addressOf(publicKeyOf(privateKey), network) !== wallet.address)
    throw new Misconfigured(`chains.nem.messageKeyFile: is not the key of ${wallet.id}, ${wallet.address}`);
  let checked = -Infinity;
  return {
    async usable(panel, now) {
      if (Math.abs(now - checked) < goodFor) return { kind: 'usable' };
      const heard = await panel.ask((node) => node.account(wallet.address));
      const states = heard.flatMap(({ answer }) => (answer.kind === 'read' ? answer.value : []));
      // One node that says so is enough to stop; for going on it takes a majority.
      const single = states.find(({ cosigners }) => cosigners.length === 0);
      if (single) {
        checked = -Infinity;
        const why = `the message key of ${wallet.id} moves its coins: a node says that ${wallet.address} is no multisig. Take messageKeyFile out of custody's configuration, and delete the file`;
        return { kind: 'dangerous', why };
      }
      if (states.length < panel.majority) {
        const why = heard.flatMap(({ answer }) => (answer.kind === 'failed' ? answer.detail : [])).join('; ');
        return { kind: 'unknown', why: `whether ${wallet.id} is a multisig is not known: ${why}` };
      }
      checked = now;
      return { kind: 'usable' };
    },
    read(other, payload) {
      const read = decryptMessage(privateKey, other, payload);
      return read.kind === 'decrypted' ? read.payload : undefined;
    },
  };
}
