/**
 * Tally: what an address of ours has of an asset before and after a block, beside what is seen to move there in it. Coins are
 * proven by the state's root; units of a token are what its contract answers, which is all that they are.
 */
import { ETH, type Asset } from '@kuramori/core';
import { bareOf, numberOf, selectorOf, tokenOf, word, type Address } from '../codec/index.ts';
import type { Read, Unread } from '../../watched.ts';
import type { Answer, Rpc } from '../../rpc.ts';
import { proofQuestion, readAccount } from './account.ts';
import type { ReadBlock } from './block.ts';
import type { Ours, OurPlace } from './ours.ts';
import { Data, type Header, type Proof } from './reply.ts';
import type { Move } from './seen.ts';

export interface Tally extends OurPlace {
  readonly asset: Asset;
  /** What is seen to come, less what is seen to leave. */
  readonly moved: bigint;
  /** Null where the node has no state so old any more, or the token answers nothing that is a number. */
  readonly before: bigint | null;
  readonly after: bigint | null;
}

type Due = Omit<Tally, 'before' | 'after'>;

/**
 * What is to be held against the moves of a block: whatever has moved, every Safe's coins, and where the node has no traces the
 * coins of every address, since they come there unseen.
 */
export function duesOf(
  moves: readonly Move[],
  { withdrawals }: ReadBlock,
  ours: Ours,
  traced: boolean,
): readonly Due[] {
  const dues = new Map<string, { -readonly [Part in keyof Due]: Due[Part] }>();
  const add = ({ wallet, address, salt }: OurPlace, asset: Asset, units: bigint): void => {
    const key = `${address} ${asset}`;
    const known = dues.get(key);
    if (known) known.moved += units;
    else dues.set(key, { wallet, address, salt, asset, moved: units });
  };
  for (const place of ours.places()) if (place.salt === null || !traced) add(place, ETH, 0n);
  for (const move of moves) add(move, move.asset, move.way === 'in' ? move.units : -move.units);
  for (const { address, units } of withdrawals) {
    const place = ours.placeOf(address);
    if (place) add(place, ETH, units);
  }
  return [...dues.values()];
}

const atOnce = 100;
const bounds = { timeoutMs: 20_000, maxBytes: 16 * 1024 * 1024 };
const balanceOf = selectorOf('balanceOf(address)');

/** What each address has after the blocks of these headers, in the order of both; fails where a node answers nothing, or lies. */
export async function balancesAt(
  rpc: Rpc,
  whose: readonly { readonly address: Address; readonly asset: Asset }[],
  headers: readonly Header[],
): Promise<Read<readonly (readonly (bigint | null)[])[]>> {
  const asked = headers.flatMap((header) => whose.map((one) => ({ ...one, header })));
  const found: (bigint | null)[] = [];
  for (let at = 0; at < asked.length; at += atOnce) {
    const some = asked.slice(at, at + atOnce);
    const read = await rpc.ask(
      some.map(({ address, asset, header }) =>
        asset === ETH ? proofQuestion(address, [], header) : unitsQuestion(address, asset, header),
      ),
      bounds,
    );
    if (read.kind === 'failed') return read;
    for (const [index, answer] of read.value.entries()) {
      const one = some[index];
      const units = one && unitsIn(answer, one.address, one.header);
      if (typeof units === 'string')
        return { kind: 'failed', detail: `${rpc.url} eth_getProof of ${one?.address}: ${units}` };
      found.push(units ?? null);
    }
  }
  return {
    kind: 'read',
    value: headers.map((_, at) => found.slice(at * whose.length, (at + 1) * whose.length)),
  };
}

function unitsQuestion(address: Address, asset: Asset, { hash }: Header) {
  const token = tokenOf(asset);
  if (!token) throw new RangeError(`balancesAt: ${asset} is no token of Ethereum`);
  const call = { to: `0x${bareOf(token)}`, data: `0x${balanceOf}${word(address)}` };
  return { method: 'eth_call', params: [call, { blockHash: `0x${hash}` }], result: Data } as const;
}

/** Null: the node cannot say. A text: it lies. */
function unitsIn(answer: Answer<Proof | string>, address: Address, header: Header): bigint | null | string {
  if (answer.kind === 'refused') return null;
  if (typeof answer.value === 'string') return answer.value.length === 64 ? numberOf(answer.value) : null;
  const account = readAccount(answer.value, address, [], header);
  return typeof account === 'string' ? account : account.coins;
}

/** What has gone from a Safe by nothing that anybody can see: a sentence, of which somebody must hear. */
export function goneFrom({ tallies }: { readonly tallies: readonly Tally[] }, ours: Ours): readonly Unread[] {
  return tallies.flatMap(({ wallet, salt, asset, moved, before, after }) => {
    if (salt !== null || before === null || after === null || after - before >= moved) return [];
    const why = `${before + moved - after} units of ${asset} are gone from ${wallet}, and nothing shows where`;
    return [{ hash: null, signer: ours.wallet(wallet).cosigners[0]?.publicKey ?? null, why }];
  });
}
