/** Acting: whose keys move the hot wallet now. A rotation changes them on the chain before a version of the policy names them. */
import { everyKey, type Wallet } from '@kuramori/core';
import type { Branch } from '../branch.ts';

/** How long one look is good for, in milliseconds: whoever signs checks it by what the watchtowers state. */
const lookLife = 2_000;

/** The hot wallet with the keys that most of our nodes say act for it; as the policy has it where they say nothing alike. */
export function actingWallet(house: Branch): Promise<Wallet> {
  return house.lines.sharing(`acting wallet ${house.hot.id}`, lookLife, () => house.chain.acting(house));
}

/** The online signers of a wallet, with their keys on the chain. */
export function onlineOf(wallet: Wallet): readonly { readonly signer: string; readonly key: string }[] {
  return onlineAmong(wallet.cosigners);
}

/** Those and the ones that may take their place. */
export function everOnline(wallet: Wallet): readonly { readonly signer: string; readonly key: string }[] {
  return onlineAmong(everyKey(wallet));
}

function onlineAmong(keys: Wallet['cosigners']) {
  return keys.flatMap(({ signer, publicKey }) => (signer === null ? [] : [{ signer, key: publicKey }]));
}
