/** The attacks. Each is told from the thief's side, on the theft's own timeline, and says what it got through. */
import {
  minimumFee,
  sortModifications,
  type CosignerChange,
  type Modification,
  type Multisig,
  type PublicKey,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { House } from '../house/house.ts';
import type { Account } from '../house/people.ts';
import { burnCosignature, burnWrapper, replayPaid } from './burn-attacks.ts';
import { custodyTaken, exchangeTaken } from './path-attacks.ts';
import type { Stage } from './stage.ts';
import type { Theft } from './theft.ts';
import { send, stealKey, take, takeable, times } from './thief.ts';

export interface Scene extends Pick<Stage, 'house' | 'now' | 'jumpTo' | 'account' | 'accepted'> {
  readonly theft: Theft;
}

export const attacks = {
  /** The theft as it was: one key, a probe, then eleven transfers in eight hours. */
  async coincheck({ house, theft, now, jumpTo, accepted }: Scene): Promise<void> {
    const stolen = stealKey(house, 'signer-1');
    for (const { at, units } of theft.transfers) {
      await jumpTo(at);
      const attempt = await take(house.nodes[0], stolen, theft.thief, units, now());
      if (attempt?.code === 1) accepted(attempt);
    }
  },

  /** The same thief without the probe: everything at once, announced to the node that custody does not ask first. */
  async 'no-probe'({ house, theft, now, jumpTo, accepted }: Scene): Promise<void> {
    const stolen = stealKey(house, 'signer-1');
    const [first] = theft.transfers;
    await jumpTo(first?.at ?? now());
    for (let tries = 0; tries < theft.transfers.length; tries += 1) {
      const attempt = await take(house.nodes[1], stolen, theft.thief, theft.total, now());
      if (attempt === null) return;
      if (attempt.code === 1) accepted(attempt);
      await jumpTo(now() + 120_000);
    }
  },

  /** One key of the 2-of-3: evict another signer, replace it by the thief's key, or just propose to pay everything. */
  async 'one-key'({ house, theft, now, jumpTo, account, accepted }: Scene): Promise<void> {
    const stolen = stealKey(house, 'signer-1');
    const own = account();
    const other = house.deed.signers.find(({ id }) => id !== 'signer-1')?.chainKey as PublicKey;
    const vault = house.deed.vaultKey as PublicKey;
    const evict = (cosigner: PublicKey): CosignerChange => ({ type: 'delete', cosigner });
    const change = (
      at: number,
      modifications: readonly CosignerChange[],
      minCosignatoriesChange: number,
    ): Modification => ({
      ...common(house, at),
      kind: 'modification',
      version: 2,
      fee: 500_000n,
      modifications: sortModifications(modifications, 'testnet'),
      minCosignatoriesChange,
    });
    const plans: readonly ((at: number) => Promise<Transfer | Modification>)[] = [
      async (at) => change(at, [evict(other)], -1),
      async (at) => change(at, [evict(vault)], 0),
      async (at) => change(at, [{ type: 'add', cosigner: own.publicKey }, evict(other)], 0),
      async (at) => pay(house, theft, at, await takeable(house.nodes[0], house.deed.hot.address)),
    ];
    for (const [index, { at }] of theft.transfers.entries()) {
      await jumpTo(at);
      const inner = await plans[index % plans.length]?.(now());
      if (!inner || (inner.kind === 'transfer' && inner.amount <= 0n)) continue;
      const attempt = await send(house.nodes[index % 2 === 0 ? 0 : 1], stolen, wrap(stolen, inner));
      if (attempt.code === 1) accepted(attempt);
    }
  },

  'burn-wrapper': burnWrapper,
  'burn-cosignature': burnCosignature,
  'replay-paid': replayPaid,
  'custody-taken': custodyTaken,
  'exchange-taken': exchangeTaken,
} as const satisfies Record<string, (scene: Scene) => Promise<void>>;

export type Attack = keyof typeof attacks;

function common(house: House, at: number) {
  return { network: 'testnet', signer: house.deed.hot.publicKey as PublicKey, ...times(at, 1800) } as const;
}

/** Everything that is there, but for the fees. */
function pay(house: House, theft: Theft, at: number, free: bigint): Transfer {
  const draft: Transfer = {
    ...common(house, at),
    kind: 'transfer',
    version: 1,
    recipient: theft.thief,
    amount: free,
    fee: 0n,
    message: { kind: 'none' },
    mosaics: [],
  };
  const fee = minimumFee(draft) ?? 0n;
  return { ...draft, fee, amount: free - fee - 300_000n };
}

function wrap(by: Account, inner: Transfer | Modification): Multisig {
  return {
    kind: 'multisig',
    version: 1,
    network: 'testnet',
    timeStamp: inner.timeStamp,
    deadline: inner.deadline,
    signer: by.publicKey,
    fee: 150_000n,
    inner,
  };
}
