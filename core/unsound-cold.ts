/** What of a policy's vaults and cold rules leads nowhere, or would let one person open what is cold. */
import { coinOf, coinOn } from './amount.ts';
import { everyKey } from './control.ts';
import type { Policy } from './policy.ts';

type Wrong = { readonly field: string; readonly why: string } | undefined;

/** Every vault that a key names is one of the policy's, holds one key of a wallet, and shares it with nobody who is online. */
export function wrongVault({ wallets, vaults = [] }: Policy): Wrong {
  for (const [index, wallet] of wallets.entries()) {
    const field = `wallets.${index}.cosigners`;
    const named = everyKey(wallet).flatMap(({ vault }) => vault ?? []);
    const unknown = named.find((name) => !vaults.some(({ id }) => id === name));
    if (unknown !== undefined) return { field, why: `no vault is called ${unknown}` };
    if (everyKey(wallet).some(({ signer, vault }) => signer !== null && vault !== undefined))
      return { field, why: 'a key is in a vault or with an online signer, and not with both' };
    if (wallet.role === 'cold' && wallet.spares?.some(({ vault }) => vault !== undefined))
      return {
        field: `wallets.${index}.spares`,
        why: 'a cold wallet’s keys are not exchanged: a move brings its coins to another one',
      };
    if (new Set(named).size !== named.length)
      return { field, why: 'one vault holds two keys of this wallet' };
  }
  return undefined;
}

/** What leaves a cold wallet goes to our own wallets, is approved by people, and can be signed by its vaults. */
export function wrongColdRule({ wallets, coldRules = [], network, watchtowers }: Policy): Wrong {
  // Orders are in no journal before they are signed: of two quorums’ watchtowers one must be honest though another lies.
  if (coldRules.length > 0 && network === 'mainnet' && 2 * watchtowers.quorum - watchtowers.keys.length < 2)
    return {
      field: 'watchtowers.quorum',
      why: 'two quorums of watchtowers must share two, where vaults move what is cold: 2k − n ≥ 2',
    };
  for (const [index, { wallet: name, asset, to, approvals }] of coldRules.entries()) {
    const at = (field: string, why: string) => ({ field: `coldRules.${index}.${field}`, why });
    const wallet = wallets.find(({ id }) => id === name);
    if (wallet?.role !== 'cold') return at('wallet', 'must name a cold wallet of this policy');
    if (coinOf(asset) !== coinOn(wallet.chain))
      return at('asset', `is not on ${wallet.chain}, where ${name} is`);
    const astray = to.find(
      (id) => id === name || wallets.find((one) => one.id === id)?.chain !== wallet.chain,
    );
    if (astray !== undefined)
      return at('to', `${astray} is no other wallet of this policy on ${wallet.chain}`);
    if (new Set(to).size !== to.length) return at('to', 'names a wallet twice');
    const vaults = wallet.cosigners.filter(({ vault }) => vault !== undefined).length;
    if (vaults < wallet.threshold)
      return at(
        'wallet',
        `${vaults} of the cosigners of ${name} name their vault, and ${wallet.threshold} must sign: nothing could leave`,
      );
    if (new Set(approvals.people).size !== approvals.people.length)
      return at('approvals.people', 'names somebody twice');
    if (approvals.quorum > approvals.people.length)
      return at('approvals.quorum', 'is more than the people who may approve');
    if (approvals.quorum < 2 && network === 'mainnet')
      return at('approvals.quorum', 'one person alone would open a cold wallet: must be at least 2');
  }
  return undefined;
}
