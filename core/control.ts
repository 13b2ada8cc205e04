/**
 * Control: which keys act for an account, as its chain has it. A rotation changes them there before any version of the policy
 * can say so; what it brings in is a spare, which the policy pinned long before.
 */
import { z } from 'zod';
import type { Wallet } from './policy.ts';
import { text } from './text.ts';

export const Control = z.strictObject({
  /** How many must sign; 0 where the account's own key does. */
  threshold: z.int().nonnegative(),
  /** Chain keys, sorted; none where the account's own key acts. */
  keys: z.array(text(1, 128)).max(32),
});
export type Control = z.infer<typeof Control>;

type Keyed = Pick<Wallet, 'threshold' | 'cosigners'> & { readonly publicKey?: string };

/** An account's own key, where its chain has accounts that are keys themselves (NEM); null elsewhere. */
export function ownKey(wallet: Wallet): string | null {
  return wallet.chain === 'nem' ? wallet.publicKey : null;
}

/** Whether one key moves everything: the account's own, which nobody else's stands beside. */
export function isSingleKey({ cosigners, publicKey }: Keyed): boolean {
  return cosigners.length === 1 && cosigners[0]?.publicKey === publicKey;
}

/** What the chain says of a wallet whose keys are as the policy has them. */
export function controlOf(wallet: Keyed): Control {
  const keys = wallet.cosigners.map(({ publicKey }) => publicKey).toSorted();
  return isSingleKey(wallet) ? { threshold: 0, keys: [] } : { threshold: wallet.threshold, keys };
}

/** One text for one control, however its keys are ordered. */
export function controlText({ threshold, keys }: Control): string {
  return `${threshold} of ${keys.toSorted().join()}`;
}

/** Whether both are known, and alike. */
export function sameControl(one: Control | null, other: Control | null): boolean {
  return one !== null && other !== null && controlText(one) === controlText(other);
}

/**
 * The wallet with the keys that its chain gives it: a spare stands for each cosigner that is gone, a vault's for a vault's.
 * Undefined where the chain names a key that is not pinned, another number of them, or another threshold.
 */
export function controlledBy<W extends Wallet>(wallet: W, control: Control): W | undefined {
  if (controlText(control) === controlText(controlOf(wallet))) return wallet;
  const here = new Set(control.keys);
  const kept = wallet.cosigners.filter(({ publicKey }) => here.has(publicKey));
  const gone = wallet.cosigners.filter(({ publicKey }) => !here.has(publicKey));
  const spares = wallet.spares ?? [];
  const come = spares.filter(({ publicKey }) => here.has(publicKey));
  const vaults = (keys: Wallet['cosigners']) => keys.filter(({ signer }) => signer === null).length;
  if (
    control.threshold !== wallet.threshold ||
    here.size !== control.keys.length ||
    here.size !== kept.length + come.length ||
    come.length !== gone.length ||
    vaults(come) !== vaults(gone)
  )
    return undefined;
  return { ...wallet, cosigners: [...kept, ...come], spares: spares.filter((one) => !come.includes(one)) };
}

/** Who signs with a key of a wallet: its online signer, or of a cold wallet its vault. Null where nobody does. */
export function holderOf(
  { role }: Pick<Wallet, 'role'>,
  { signer, vault }: Wallet['cosigners'][number],
): string | null {
  return signer ?? (role === 'cold' ? (vault ?? null) : null);
}

/** Every key that the policy lets act for a wallet, now or after rotations. */
export function everyKey({ cosigners, spares }: Pick<Wallet, 'cosigners' | 'spares'>): Wallet['cosigners'] {
  return [...cosigners, ...(spares ?? [])];
}

/** The same, as the chain writes keys, with the account's own. */
export function chainKeys(wallet: Wallet): readonly string[] {
  const own = ownKey(wallet);
  return [...(own === null ? [] : [own]), ...everyKey(wallet).map(({ publicKey }) => publicKey)];
}

/** The wallet with every key that may act for it now; where nobody says alike which do, with all that are pinned. */
export function whoMayAct<W extends Wallet>(wallet: W, control: Control | null): W {
  return (control && controlledBy(wallet, control)) ?? { ...wallet, cosigners: everyKey(wallet) };
}
