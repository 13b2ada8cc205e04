import type { NemWallet } from '@kuramori/core';
import { parseAddress, type Address } from './address.ts';
import { encode } from './encode.ts';
import { explain } from './explain.ts';
import { minimumFee } from './fee.ts';
import { innerHash } from './hash.ts';
import { isHex } from './hex.ts';
import { parsePublicKey, verify, type PrivateKey, type PublicKey, type Signature } from './keys.ts';
import { sign } from './signing.ts';
import type { NemNetwork } from './network.ts';
import { sortModifications } from './modification.ts';
import type { Cosignature, Modification, Multisig, Transfer } from './transaction.ts';

export interface PaymentPlan {
  readonly wallet: Pick<NemWallet, 'address' | 'publicKey' | 'threshold' | 'cosigners'>;
  readonly network: NemNetwork;
  readonly recipient: string;
  /** Micro-XEM. */
  readonly units: bigint;
  readonly memo: string;
  /** NEM seconds. */
  readonly timeStamp: number;
  readonly deadline: number;
  /** Chain keys whose holders shall sign, the first proposing; as many as the wallet's threshold. */
  readonly keys: readonly string[];
}

/** An unsigned payment: what each key signs, and the most that the network takes for all of it together. */
export interface Planned {
  /** Hex. The wrapper of a multisig wallet, the transfer itself of a single-key one. */
  readonly plan: string;
  readonly shares: readonly { readonly key: string; readonly share: string }[];
  /** Micro-XEM: inner, wrapper and every cosignature. */
  readonly fees: bigint;
}

export type PlanResult =
  | { readonly kind: 'planned'; readonly planned: Planned }
  | { readonly kind: 'refused'; readonly field: 'recipient' | 'memo' | 'keys'; readonly why: string };

/** Plans a payment in XEM with the least fees. The memo is at most 1,024 bytes of UTF-8 (NIS: MESSAGE_TOO_LARGE). */
export function planPayment(payment: PaymentPlan): PlanResult {
  const { wallet, network, timeStamp, deadline, keys } = payment;
  const recipient = parseAddress(payment.recipient, network);
  if (recipient.kind === 'refused') return { kind: 'refused', field: 'recipient', why: recipient.why };
  const payload = new TextEncoder().encode(payment.memo);
  if (payload.length > 1024)
    return { kind: 'refused', field: 'memo', why: `has ${payload.length} bytes of at most 1024` };
  const [first, ...others] = keys;
  if (first === undefined || keys.length !== wallet.threshold) {
    return {
      kind: 'refused',
      field: 'keys',
      why: `${keys.length} keys for a threshold of ${wallet.threshold}`,
    };
  }
  const common = { network, timeStamp, deadline, fee: 0n };
  const transfer = cheapest<Transfer>({
    ...common,
    kind: 'transfer',
    version: 1,
    signer: wallet.publicKey as PublicKey,
    recipient: recipient.address,
    amount: payment.units,
    message: payload.length === 0 ? { kind: 'none' } : { kind: 'plain', payload: payload.toHex() },
    mosaics: [],
  });
  if (first === wallet.publicKey) {
    const plan = encode(transfer).toHex();
    return { kind: 'planned', planned: { plan, shares: [{ key: first, share: plan }], fees: transfer.fee } };
  }
  const planned = wrapped(transfer, first, others, wallet.address as Address, common);
  return { kind: 'planned', planned };
}

export interface RotationPlan {
  readonly wallet: Pick<NemWallet, 'address' | 'publicKey' | 'threshold'>;
  readonly network: NemNetwork;
  /** Cosigners' chain keys. */
  readonly remove: string;
  readonly add: string;
  /** NEM seconds. */
  readonly timeStamp: number;
  readonly deadline: number;
  /** Chain keys whose holders shall sign, the first proposing; the removed one's signature does not count (NIS). */
  readonly keys: readonly string[];
}

/** Plans the replacement of one cosigner in ONE modification: between two the account would be n-of-n, which n − 1 keys evict. */
export function planRotation(rotation: RotationPlan): Planned {
  const { wallet, network, timeStamp, deadline, keys } = rotation;
  const [first, ...others] = keys;
  if (first === undefined || keys.length !== wallet.threshold || keys.includes(rotation.remove))
    throw new RangeError(
      `${keys.length} keys for a threshold of ${wallet.threshold}, without the removed one`,
    );
  const common = { network, timeStamp, deadline, fee: 0n };
  const modification = cheapest<Modification>({
    ...common,
    kind: 'modification',
    version: 2,
    signer: wallet.publicKey as PublicKey,
    modifications: sortModifications(
      [
        { type: 'add', cosigner: rotation.add as PublicKey },
        { type: 'delete', cosigner: rotation.remove as PublicKey },
      ],
      network,
    ),
    minCosignatoriesChange: 0,
  });
  return wrapped(modification, first, others, wallet.address as Address, common);
}

/**
 * What a key signs of a plan: the plan itself, where it is its own, or its cosignature, which follows from both alone. Undefined where
 * the bytes are neither a wrapper nor the key's, or the text is no key.
 */
export function shareOf(
  wallet: Pick<NemWallet, 'address'>,
  planHex: string,
  key: string,
  network: NemNetwork,
): string | undefined {
  if (!isHex(planHex) || parsePublicKey(key).kind === 'refused') return undefined;
  const read = explain(Uint8Array.fromHex(planHex), network);
  if (read.kind === 'refused') return undefined;
  const { transaction } = read;
  if (transaction.signer === key) return planHex;
  return transaction.kind === 'multisig'
    ? encode(cosign(transaction, key, wallet.address as Address)).toHex()
    : undefined;
}

function cosign(wrapper: Multisig, key: string, multisig: Address): Cosignature {
  const { network, timeStamp, deadline } = wrapper;
  return cheapest<Cosignature>({
    network,
    timeStamp,
    deadline,
    fee: 0n,
    kind: 'cosignature',
    version: 1,
    signer: key as PublicKey,
    innerHash: innerHash(wrapper),
    multisig,
  });
}

/** The wrapper of an inner transaction with everybody's share of it. */
function wrapped(
  inner: Transfer | Modification,
  first: string,
  others: readonly string[],
  multisig: Address,
  common: Pick<Multisig, 'network' | 'timeStamp' | 'deadline' | 'fee'>,
): Planned {
  const wrapper = cheapest<Multisig>({
    ...common,
    kind: 'multisig',
    version: 1,
    signer: first as PublicKey,
    inner,
  });
  const plan = encode(wrapper).toHex();
  const cosignatures = others.map((key) => cosign(wrapper, key, multisig));
  const shares = [
    { key: first, share: plan },
    ...cosignatures.map((cosignature) => ({
      key: cosignature.signer as string,
      share: encode(cosignature).toHex(),
    })),
  ];
  const fees = cosignatures.reduce((total, { fee }) => total + fee, inner.fee + wrapper.fee);
  return { plan, shares, fees };
}

function cheapest<T extends Transfer | Modification | Multisig | Cosignature>(transaction: T): T {
  return { ...transaction, fee: minimumFee(transaction) };
}

/** What POST /transaction/announce takes. */
export interface Announcement {
  readonly data: string;
  readonly signature: string;
}

export type Combined =
  | { readonly kind: 'announcements'; readonly announcements: readonly Announcement[] }
  | { readonly kind: 'refused'; readonly key: string; readonly why: string };

/** The signed parts in the order of announcing: the wrapper first, since a node refuses a cosignature without it (73). */
export function combine(planned: Planned, signatures: ReadonlyMap<string, string>): Combined {
  const announcements: Announcement[] = [];
  for (const { key, share } of planned.shares) {
    const signature = signatures.get(key);
    if (signature === undefined || !verifyShare(key, share, signature)) {
      return { kind: 'refused', key, why: signature === undefined ? 'has not signed' : 'signed other bytes' };
    }
    announcements.push({ data: share, signature });
  }
  return { kind: 'announcements', announcements };
}

/** Whether a chain key signed these bytes. Never throws. */
export function verifyShare(key: string, shareHex: string, signature: string): boolean {
  return verify(key as PublicKey, Uint8Array.fromHex(shareHex), signature as Signature);
}

export function signShare(privateKey: PrivateKey, shareHex: string): Signature {
  return sign(privateKey, Uint8Array.fromHex(shareHex));
}
