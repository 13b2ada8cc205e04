/**
 * Guard-at: whom a Safe's guard lets in, by the code that stands at its address after a block. The code is proven by its hash, which
 * the block's own hash is of; what the contract itself would say is not asked.
 */
import { bareOf, readGuard, type Address, type GuardKeys } from '../codec/index.ts';
import type { Read } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { accountAt } from './account.ts';
import { Data, type Header } from './reply.ts';
import { keccak } from './trie.ts';

/** EIP-170: no contract has more bytes; each is two digits. */
const bounds = { timeoutMs: 10_000, maxBytes: 2 * 24_576 + 1_024 };

/** Null: what is there is none of our guards. */
export async function guardAt(rpc: Rpc, guard: Address, header: Header): Promise<Read<GuardKeys | null>> {
  const [account, code] = await Promise.all([
    accountAt(rpc, guard, [], header),
    rpc.one('eth_getCode', [`0x${bareOf(guard)}`, { blockHash: `0x${header.hash}` }], Data, bounds),
  ]);
  if (account.kind === 'failed') return account;
  if (code.kind === 'failed') return code;
  if (keccak(Uint8Array.fromHex(code.value)) !== account.value.codeHash)
    return {
      kind: 'failed',
      detail: `${rpc.url} eth_getCode of ${guard} at ${header.number}: is not the code that is proven`,
    };
  return { kind: 'read', value: readGuard(code.value) ?? null };
}
