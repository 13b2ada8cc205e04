/** Panel: the relayer's nodes as one. More than half of them must say a thing for it to be so; what is sent goes to all. */
import type { EthereumWallet } from '@kuramori/core';
import type { Read } from '@kuramori/chains/watched';
import type { Address } from '@kuramori/chains/ethereum/codec';
import type { EthereumNode, FeeBounds, Fees, Found, Tried } from '@kuramori/chains/ethereum/node';

export interface Standing {
  /** The account's next number: by the head, the lowest that a node says, so that too much is sent again and not too little. */
  readonly next: number;
  /** The same where more than half hold it for final. */
  readonly final: number;
  /** The first number that no node's pool has something for; the head's where they disagree. */
  readonly free: number;
  readonly coins: bigint;
}

export interface Panel {
  readonly standing: (account: Address) => Promise<Read<Standing>>;
  /** The Safe's next number. */
  readonly safeNonce: (wallet: EthereumWallet) => Promise<Read<bigint>>;
  readonly fees: (bounds: FeeBounds) => Promise<Read<Fees>>;
  readonly tries: (from: Address, to: Address, calldata: string) => Promise<Read<Tried>>;
  /** What became of a transaction, where more than half say the same. */
  readonly find: (hash: string) => Promise<Read<Found>>;
  /** To every node; what each says, or failed by. */
  readonly announce: (raw: string) => Promise<readonly string[]>;
}

/** A node that says there is more in its pool is not believed: numbers beyond would wait for ever. */
const mostAhead = 64;

export function openPanel(nodes: readonly EthereumNode[]): Panel {
  const quorum = Math.floor(nodes.length / 2) + 1;

  /** What enough of them answered; or why not. */
  async function enough<T>(ask: (node: EthereumNode) => Promise<Read<T>>): Promise<Read<readonly T[]>> {
    const answers = await Promise.all(nodes.map(ask));
    const read = answers.flatMap((one) => (one.kind === 'read' ? [one.value] : []));
    if (read.length >= quorum) return { kind: 'read', value: read };
    return {
      kind: 'failed',
      detail: answers.flatMap((one) => (one.kind === 'failed' ? one.detail : [])).join('; '),
    };
  }

  /** Of answers in their order, the one that at least a quorum is not above. */
  const lower = <T>(sorted: readonly T[]): T | undefined => sorted[Math.ceil(sorted.length / 2) - 1];
  const ascending = (values: readonly bigint[]) => values.toSorted((one, other) => (one < other ? -1 : 1));

  return {
    async standing(account) {
      const heads = await enough((node) => node.account(account, 'latest'));
      if (heads.kind === 'failed') return heads;
      const finals = await enough((node) => node.account(account, 'finalized'));
      if (finals.kind === 'failed') return finals;
      const pending = await enough((node) => node.pending(account));
      if (pending.kind === 'failed') return pending;
      const next = ascending(heads.value.map(({ nonce }) => nonce))[0] ?? 0n;
      // As many as a quorum hold it for final at least.
      const final = ascending(finals.value.map(({ nonce }) => nonce)).at(-quorum) ?? 0n;
      const [free = next] = ascending(pending.value);
      return {
        kind: 'read',
        value: {
          next: Number(next),
          final: Number(final),
          free: Number(free > next + BigInt(mostAhead) ? next : greaterOf(free, next)),
          coins: ascending(heads.value.map(({ coins }) => coins))[0] ?? 0n,
        },
      };
    },
    async safeNonce(wallet) {
      const read = await enough((node) => node.safe(wallet, 'latest'));
      if (read.kind === 'failed') return read;
      return { kind: 'read', value: lower(ascending(read.value.map(({ nonce }) => nonce))) ?? 0n };
    },
    async fees(bounds) {
      const read = await enough((node) => node.fees(bounds));
      if (read.kind === 'failed') return read;
      const sorted = read.value.toSorted((one, other) => (one.maxFeePerGas < other.maxFeePerGas ? -1 : 1));
      const fees = lower(sorted);
      return fees ? { kind: 'read', value: fees } : { kind: 'failed', detail: 'no node says what gas costs' };
    },
    async tries(from, to, calldata) {
      const read = await enough((node) => node.tries(from, to, calldata));
      if (read.kind === 'failed') return read;
      // Nobody alone keeps a payment back; where they are of two minds it waits, which costs nothing.
      for (const kind of ['gas', 'reverts'] as const) {
        const [said, ...alike] = read.value.filter((one) => one.kind === kind);
        if (said && alike.length + 1 >= quorum) return { kind: 'read', value: said };
      }
      return { kind: 'failed', detail: 'the nodes disagree whether it would fail' };
    },
    async find(hash) {
      const read = await enough((node) => node.find(hash));
      if (read.kind === 'failed') return read;
      const told = new Map<string, Found[]>();
      for (const one of read.value) {
        const key = one.kind === 'mined' ? one.hash : one.kind;
        told.set(key, [...(told.get(key) ?? []), one]);
      }
      const [value] = [...told.values()].find((alike) => alike.length >= quorum) ?? [];
      return value ? { kind: 'read', value } : { kind: 'failed', detail: `the nodes disagree about ${hash}` };
    },
    announce: (raw) =>
      Promise.all(
        nodes.map(async (node) => {
          const said = await node.announce(raw);
          return said.kind === 'failed' ? said.detail : said.value.kind;
        }),
      ),
  };
}

const greaterOf = (one: bigint, other: bigint): bigint => (one > other ? one : other);
