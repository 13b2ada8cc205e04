/**
 * Account: what a node says stands at an address after a block, proven (EIP-1186) by the root of the whole state, which is in the
 * block's header. So a node can keep silent, but not lie about coins, owners, guard or nonce.
 */
import { bareOf, type Address } from '../codec/index.ts';
import type { Read } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { Proof, type Header } from './reply.ts';
import { decoded, emptyRoot, keccak, provenAt } from './trie.ts';

export interface Account {
  /** The next number of a transaction of its own. */
  readonly nonce: bigint;
  /** Wei. */
  readonly coins: bigint;
  /** Keccak-256 of its code: hex. */
  readonly codeHash: string;
  /** Each asked slot's word, in the order of the asking. */
  readonly words: readonly bigint[];
}

const bounds = { timeoutMs: 10_000, maxBytes: 8 * 1024 * 1024 };
const bytesOf = (hex: string): Uint8Array => Uint8Array.fromHex(hex);
const noCode = keccak(new Uint8Array(0));

/** What to ask for a proof of an address, and of slots of it (64 hex digits each), after the block of this header. */
export function proofQuestion(address: Address, slots: readonly string[], { hash }: Pick<Header, 'hash'>) {
  const params = [`0x${bareOf(address)}`, slots.map((slot) => `0x${slot}`), { blockHash: `0x${hash}` }];
  return { method: 'eth_getProof', params, result: Proof } as const;
}

/** What stands at an address after a block, and in slots of it. */
export async function accountAt(
  rpc: Rpc,
  address: Address,
  slots: readonly string[],
  header: Header,
): Promise<Read<Account>> {
  const question = proofQuestion(address, slots, header);
  const read = await rpc.one(question.method, question.params, question.result, bounds);
  if (read.kind === 'failed') return read;
  const found = readAccount(read.value, address, slots, header);
  return typeof found === 'string'
    ? { kind: 'failed', detail: `${rpc.url} eth_getProof of ${address} at ${header.number}: ${found}` }
    : { kind: 'read', value: found };
}

/** What a proof proves, or why it proves nothing. */
export function readAccount(
  { accountProof, storageProof }: Proof,
  address: Address,
  slots: readonly string[],
  { stateRoot }: Pick<Header, 'stateRoot'>,
): Account | string {
  const bytes = provenAt(stateRoot, Uint8Array.fromHex(bareOf(address)), accountProof.map(bytesOf));
  if (bytes === undefined) return 'is not proven by the state’s root';
  if (bytes === null) return { nonce: 0n, coins: 0n, codeHash: noCode, words: slots.map(() => 0n) };
  // Yellow paper, 4.1: nonce, balance, root of the storage, hash of the code.
  const fields = decoded(bytes);
  if (!Array.isArray(fields) || fields.length !== 4) return 'is proven to be no account';
  const [nonce, coins, storage, code] = (fields as readonly unknown[]).map((field) =>
    field instanceof Uint8Array ? Buffer.from(field).toString('hex') : '',
  );
  if (storageProof.length !== slots.length) return `${slots.length} slots got ${storageProof.length} proofs`;
  const words: bigint[] = [];
  for (const [at, slot] of slots.entries()) {
    const nodes = storageProof[at]?.proof.map(bytesOf) ?? [];
    const word = storage === emptyRoot ? null : provenAt(storage ?? '', Uint8Array.fromHex(slot), nodes);
    const value = word ? decoded(word) : word;
    if (value === undefined || (value !== null && !(value instanceof Uint8Array)))
      return `its slot ${slot} is not proven by its storage’s root`;
    words.push(value === null ? 0n : BigInt(`0x0${Buffer.from(value).toString('hex')}`));
  }
  return { nonce: BigInt(`0x0${nonce}`), coins: BigInt(`0x0${coins}`), codeHash: code ?? '', words };
}
