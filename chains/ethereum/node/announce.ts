/** Announce: an account's signed transaction goes to a node, and what the node says to it. */
import { z } from 'zod';
import type { Read } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { Hash } from './reply.ts';
import { keccak } from './trie.ts';

export type Announced =
  | { readonly kind: 'taken' }
  /** It waits there already. */
  | { readonly kind: 'known' }
  /** The account's number is used up, by this transaction or another: the chain says by which. */
  | { readonly kind: 'nonce-too-low'; readonly message: string }
  /** Another of the same number waits there, and this one does not pay enough more to take its place. */
  | { readonly kind: 'underpriced'; readonly message: string }
  /** The account cannot pay for its gas. */
  | { readonly kind: 'no-coins'; readonly message: string }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

/** Nodes agree on no codes: by their messages (go-ethereum: core/txpool/errors.go; Nethermind, Besu, Erigon, Reth, anvil alike but for the case). */
const meant: readonly (readonly [kind: Exclude<Announced['kind'], 'taken' | 'refused'>, words: RegExp])[] = [
  [
    'known',
    /already known|already imported|known transaction|alreadyknown|already in (?:the )?(?:mem)?pool/i,
  ],
  ['nonce-too-low', /nonce(?: is)? too low|oldnonce|old nonce|nonce_too_low/i],
  ['underpriced', /underpriced|replacement|fee too low|feetoolow/i],
  ['no-coins', /insufficient (?:funds|balance)|insufficientfunds|upfront cost/i],
];

/** Sends it: hex without 0x. That a node has taken it proves nothing: whether it is there is seen by looking. */
export async function announceTo(rpc: Rpc, raw: string): Promise<Read<Announced>> {
  const hash = keccak(Uint8Array.fromHex(raw));
  const read = await rpc.ask([
    { method: 'eth_sendRawTransaction', params: [`0x${raw}`], result: z.unknown() },
  ]);
  if (read.kind === 'failed') return read;
  const [answer] = read.value;
  if (answer.kind === 'refused') return { kind: 'read', value: refusal(answer) };
  const named = Hash.safeParse(answer.value);
  if (!named.success || named.data !== hash)
    return { kind: 'failed', detail: `${rpc.url} eth_sendRawTransaction: took ${hash} for another` };
  return { kind: 'read', value: { kind: 'taken' } };
}

function refusal({ code, message }: { readonly code: number; readonly message: string }): Announced {
  const kind = meant.find(([, words]) => words.test(message))?.[0];
  if (kind === undefined) return { kind: 'refused', code, message };
  return kind === 'known' ? { kind } : { kind, message };
}
