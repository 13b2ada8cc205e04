/** Header: what a block's hash is of. A node's word on any of it is worth what hashes to the hash that was asked for. */
import type { z } from 'zod';
import { Header, headerOrder } from './reply.ts';
import { keccak, numberItem, rlp, type Item } from './trie.ts';

/** Fields that nodes tell beside a header, and that are in none. */
const beside = new Set(['hash', 'size', 'totalDifficulty', 'uncles', 'transactions', 'withdrawals']);

/** Of fields, in their order, as far as they are there: the forks only ever appended. */
function hashOf(header: Header): string {
  const fields = headerOrder.map((name) => header[name]).filter((field) => field !== undefined);
  return keccak(
    rlp(
      fields.map((field): Item =>
        typeof field === 'string' ? Uint8Array.fromHex(field) : numberItem(BigInt(field)),
      ),
    ),
  );
}

/** Why a header is not the one that has this hash; undefined where it is. */
export function headerFlaw(header: Header, hash: string): string | undefined {
  const own = hashOf(header);
  if (own === hash && header.hash === hash) return undefined;
  if (own === hash) return `the node calls it ${header.hash}`;
  const unknown = Object.keys(header).filter(
    (name) => !beside.has(name) && !(headerOrder as readonly string[]).includes(name),
  );
  const fork = unknown.length === 0 ? '' : `, without ${unknown.join(', ')}, which nobody here knows`;
  return `its header hashes to ${own}${fork}`;
}

/** Reads a header that says itself which hash it has: what is at a height, or behind a name. */
export function readHeader(given: unknown): Header | string {
  const read: z.ZodSafeParseResult<Header> = Header.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `its header is out of form: ${issue?.path.join('.')} ${issue?.message}`;
  }
  return headerFlaw(read.data, read.data.hash) ?? read.data;
}
