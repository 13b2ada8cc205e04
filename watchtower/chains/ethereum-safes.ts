/**
 * What each Safe is after a block, and what an address has of an asset there. A Safe's own parts and its coins are proven by the
 * block's hash, so one node is enough to say them; what a token's contract answers all nodes must say alike.
 */
import { ETH, type Asset, type EthereumWallet } from '@kuramori/core';
import type { Address, GuardKeys } from '@kuramori/chains/ethereum/codec';
import type { EthereumNode, SafeAt } from '@kuramori/chains/ethereum/node';
import type { Read } from '@kuramori/chains/watched';
import type { At } from '../view.ts';

export interface Safes {
  /** A text says why nothing can be told. */
  readonly at: (wallet: EthereumWallet, at: At) => Promise<SafeAt | string>;
  /** Whom a Safe's guard lets in; null where it is none of ours. */
  readonly guard: (safe: SafeAt) => Promise<GuardKeys | null | string>;
  readonly units: (wallet: EthereumWallet, asset: Asset, at: At) => Promise<bigint | string>;
}

/** What was proven stays so: asked for again and again while a block is the newest. */
const mostKept = 256;

export function openSafes(nodes: readonly EthereumNode[]): Safes {
  const kept = new Map<string, Promise<unknown>>();

  function once<T>(key: string, ask: () => Promise<T | string>): Promise<T | string> {
    const known = kept.get(key) as Promise<T | string> | undefined;
    if (known) return known;
    const asked = ask();
    kept.set(key, asked);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    void asked.then((found) => {
      // A failure is no answer: the next one asks anew.
      if (typeof found === 'string') kept.delete(key);
    });
    return asked;
  }

  const at: Safes['at'] = (wallet, block) =>
    once(`${wallet.address} ${block.hash}`, () => firstOf(nodes.map((node) => node.safe(wallet, block))));

  async function unitsOf(wallet: EthereumWallet, asset: Asset, block: At): Promise<bigint | string> {
    const said = await Promise.all(nodes.map((node) => node.units(wallet.address as Address, asset, block)));
    const units: bigint[] = [];
    for (const [index, one] of said.entries()) {
      if (one.kind === 'failed') return one.detail;
      if (one.value === null)
        return `${nodes[index]?.url}: ${asset} does not say what ${wallet.id} has of it`;
      units.push(one.value);
    }
    const [first] = units;
    return first !== undefined && units.every((one) => one === first)
      ? first
      : `the nodes do not say alike what ${wallet.id} has of ${asset} at block ${block.height}`;
  }

  return {
    at,
    guard: ({ guard, height, hash }) =>
      once(`${guard} ${hash}`, () =>
        firstOf(nodes.map((node) => node.guard(guard as Address, { height, hash }))),
      ),
    async units(wallet, asset, block) {
      if (asset !== ETH)
        return once(`${wallet.address} ${asset} ${block.hash}`, () => unitsOf(wallet, asset, block));
      const safe = await at(wallet, block);
      return typeof safe === 'string' ? safe : safe.coins;
    },
  };
}

/** Whoever proves it first; where nobody does, why. */
async function firstOf<T>(reads: readonly Promise<Read<T>>[]): Promise<T | string> {
  const why: string[] = [];
  return Promise.any(
    reads.map(async (read) => {
      const one = await read;
      if (one.kind === 'read') return one.value;
      why.push(one.detail);
      throw new Error(one.detail);
    }),
  ).catch(() => why.join('; '));
}
