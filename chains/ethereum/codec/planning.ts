import { ETH, type Asset, type EthereumWallet, type Network } from '@kuramori/core';
import { checksummed, isAddress, parseAddress, zeroAddress, type Address } from './address.ts';
import { callOf, sentinel, type Call } from './calldata.ts';
import { isHex } from './hex.ts';
import { meaningOf } from './meaning.ts';
import { chainIdOf } from './network.ts';
import { encodePlan } from './plan.ts';
import type { Bound } from './safe.ts';
import { shareOf } from './share.ts';

/** What every plan is made from. */
export interface Planning {
  readonly wallet: Pick<EthereumWallet, 'address' | 'threshold'>;
  readonly network: Network;
  /** The Safe's own, as the chain says it is next; or a later one, while others are under way. */
  readonly nonce: bigint;
  /** Owners whose holders shall sign; as many as the wallet's threshold. */
  readonly keys: readonly string[];
}

export interface PaymentPlan extends Planning {
  /** ETH, or a token: `ethereum:0x…`. */
  readonly asset: Asset;
  readonly recipient: string;
  readonly units: bigint;
}

/** An unsigned transaction and what each key signs. */
export interface Planned {
  readonly plan: string;
  readonly shares: readonly { readonly key: string; readonly share: string }[];
  /** Wei: always 0, since the relayer pays for gas. */
  readonly fees: bigint;
}

export type PlanResult =
  | { readonly kind: 'planned'; readonly planned: Planned }
  | {
      readonly kind: 'refused';
      readonly field: 'asset' | 'recipient' | 'keys' | 'call';
      readonly why: string;
    };

export function planPayment(payment: PaymentPlan): PlanResult {
  const { asset, units } = payment;
  const recipient = parseAddress(payment.recipient);
  if (recipient.kind === 'refused') return { kind: 'refused', field: 'recipient', why: recipient.why };
  const { address: to } = recipient;
  if (asset === ETH) return planned(payment, { kind: 'coins', to, units });
  const token = tokenOf(asset);
  if (!token) return { kind: 'refused', field: 'asset', why: `${asset} is not of this chain` };
  return planned(payment, { kind: 'token', token, to, units });
}

/** The contract of a token's name; undefined where the asset is no token of Ethereum. */
export function tokenOf(asset: string): Address | undefined {
  const bare = asset.startsWith('ethereum:0x') ? asset.slice('ethereum:0x'.length) : '';
  return isHex(bare, 20) ? checksummed(bare) : undefined;
}

/** Uses up the nonce and moves nothing: executed, it is the proof that no other transaction with this nonce ever will be. */
export function planCancellation(planning: Planning): PlanResult {
  return planned(planning, { kind: 'cancellation' });
}

export interface RotationPlan extends Planning {
  readonly remove: string;
  readonly add: string;
  /** The Safe's owners in its own order (getOwners), which says who stands before the removed one. */
  readonly owners: readonly string[];
}

/** One owner in another's place, in one transaction: the number of owners and the threshold stay as they are. */
export function planRotation(rotation: RotationPlan): PlanResult {
  const { remove, add, owners, keys } = rotation;
  const at = owners.indexOf(remove);
  if (at < 0 || owners.includes(add))
    return { kind: 'refused', field: 'call', why: `${remove} is no owner, or ${add} is one already` };
  // A stolen key's signature would count, and it may be a thief who gives it.
  if (keys.includes(remove)) return { kind: 'refused', field: 'keys', why: 'the removed owner would sign' };
  const previous = at === 0 ? sentinel : owners[at - 1];
  if (previous === undefined || (at > 0 && !isAddress(previous)) || !isAddress(remove) || !isAddress(add))
    return { kind: 'refused', field: 'call', why: 'an owner is no address' };
  return planned(rotation, { kind: 'swap', previous: previous as Address, remove, add });
}

function planned({ wallet, network, nonce, keys }: Planning, call: Call): PlanResult {
  const safe = wallet.address;
  if (!isAddress(safe)) throw new RangeError(`${safe} is no Safe’s address`);
  if (keys.length !== wallet.threshold || new Set(keys).size !== keys.length || !keys.every(isAddress))
    return { kind: 'refused', field: 'keys', why: `must be ${wallet.threshold} different owners` };
  const bound: Bound = {
    chainId: chainIdOf(network),
    safe,
    tx: {
      ...callOf(safe, call),
      operation: 0,
      safeTxGas: 0n,
      baseGas: 0n,
      gasPrice: 0n,
      gasToken: zeroAddress,
      refundReceiver: zeroAddress,
      nonce,
    },
  };
  const meaning = meaningOf(bound);
  if (meaning.kind === 'refused') return { kind: 'refused', field: 'call', why: meaning.why };
  const shares = keys.map((key) => ({ key, share: shareOf(bound, key) }));
  return { kind: 'planned', planned: { plan: encodePlan(bound), shares, fees: 0n } };
}
