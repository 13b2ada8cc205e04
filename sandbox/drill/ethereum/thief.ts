/** Thieves of a Safe: with the keys of both online owners, an account of their own that pays for gas, and more for it than anybody else. */
import type { Asset, ChainKey } from '@kuramori/core';
import {
  combine,
  encodeExecution,
  ethereum,
  planPayment,
  recover,
  safeHash,
  selectorOf,
  word,
  type Bound,
} from '@kuramori/chains/ethereum/codec';
import { signParts } from '@kuramori/chains/secp256k1';
import { outsider, passed, submit } from '../../ethereum/node.ts';
import { until } from '../../house/chain.ts';
import { stealSecret } from '../steal.ts';
import type { EthereumStage } from './stage.ts';

export function stealOwners({ house, deed }: Pick<EthereumStage, 'house' | 'deed'>): readonly ChainKey[] {
  return deed.signers.map(({ id }) => ethereum.keyOf(stealSecret(house, id), 'ethereum', 'devnet'));
}

export interface Taking {
  readonly asset: Asset;
  readonly to: string;
  readonly units: bigint;
  /** The Safe's own number. */
  readonly nonce: bigint;
}

/** What the Safe executes, whoever sends it: hex with 0x. */
export function executionBy(
  owners: readonly ChainKey[],
  { hot }: Pick<EthereumStage, 'hot'>,
  { asset, to, units, nonce }: Taking,
): string {
  const keys = owners.map(({ publicKey }) => publicKey);
  const made = planPayment({ wallet: hot, network: 'devnet', keys, asset, recipient: to, units, nonce });
  if (made.kind === 'refused') throw new Error(`drill: ${made.field} ${made.why}`);
  const { plan, shares } = made.planned;
  const signatures = new Map(
    owners.map((owner) => {
      const share = shares.find(({ key }) => key === owner.publicKey)?.share ?? '';
      return [owner.publicKey, owner.sign(plan, share)] as const;
    }),
  );
  const combined = combine(hot, plan, signatures);
  if (combined.kind === 'refused') throw new Error(`drill: ${combined.why}`);
  return `0x${combined.calldata}`;
}

/** The order of secp256k1's points (SEC 2, 2.4.1). */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** An execution of whatever he likes, by keys that sign without looking, as these owners' own programs never would: hex with 0x. */
export function executionBlindly(
  bound: Bound,
  owners: readonly { readonly publicKey: string; readonly secret: Uint8Array }[],
): string {
  const hash = safeHash(bound);
  const signed = owners.map(({ publicKey, secret }) => {
    const { r, s } = signParts(secret, Uint8Array.fromHex(hash));
    // EIP-2: of s and −s the lower.
    const rs = word(r) + word(s > order / 2n ? order - s : s);
    return { owner: publicKey.toLowerCase(), rs, v: recover(hash, rs, 0) === publicKey ? '1b' : '1c' };
  });
  const signatures = signed
    .sort((one, other) => (one.owner < other.owner ? -1 : 1))
    .map(({ rs, v }) => rs + v)
    .join('');
  return `0x${encodeExecution({ tx: bound.tx, signatures })}`;
}

const gwei = 10n ** 9n;
/** More than a house lets its relayer pay: of two with the same number, his stands first in a block. */
const fees = {
  maxPriorityFeePerGas: `0x${(20n * gwei).toString(16)}`,
  maxFeePerGas: `0x${(200n * gwei).toString(16)}`,
};

/** Sends it from his own account, and waits for no block. Gives the transaction's hash. */
export async function sendAsThief(
  { call }: Pick<EthereumStage, 'call'>,
  to: string,
  data: string,
): Promise<string> {
  return submit(call, await outsider(call, 'thief'), { to, data }, 400_000, fees);
}

/** The Safe's next number, as its newest block has it. */
export async function nextNumber({ call, deed }: Pick<EthereumStage, 'call' | 'deed'>): Promise<bigint> {
  return BigInt(
    String(await call('eth_call', { to: deed.hot, data: `0x${selectorOf('nonce()')}` }, 'latest')),
  );
}

/** Whether a transaction did what it was to do, as soon as it is in a block. */
export async function inBlock({ call }: Pick<EthereumStage, 'call'>, hash: string): Promise<boolean> {
  const { did } = await until(`${hash} to be in a block`, async () => {
    const told = await passed(call, hash);
    return told === undefined ? undefined : { did: told };
  });
  return did;
}
