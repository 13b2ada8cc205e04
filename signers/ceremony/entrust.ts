/**
 * Entrust: a folder for a chain key that stays with its holder, an HSM or another wallet or device. What is made here is the record
 * key, for the journal that each of its signatures stands in before it is asked for.
 */
import { Misconfigured } from '@kuramori/program';
import type { HeldBy, On } from '../keystore.ts';
import { makeEntrusted } from '../making.ts';
import { ownerIn } from '../held/hsm.ts';
import { keyOfOthers } from '../held/wallet.ts';
import { serviceOf } from '../step/hsm.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { halvesOf, mustBeEmpty, sealing, toCompare } from './create.ts';
import { mustSurvive, type Named } from './layout.ts';

export interface Entrusting {
  readonly on?: On | undefined;
  /** The HSM's process. */
  readonly hsm?: { readonly socket: string } | undefined;
  readonly keyInHsm?: string | undefined;
  readonly keyInWallet?: string | undefined;
  readonly thrown?: string | undefined;
  readonly language?: string | undefined;
  /** Of the wallet that the key is for. */
  readonly layout?: Named | undefined;
}

export async function entrust(ceremony: Ceremony, asked: Entrusting): Promise<Ended> {
  const { on, keyInHsm: label, keyInWallet: shown } = asked;
  if (label !== undefined && shown !== undefined)
    throw new Misconfigured('--key-in-hsm and --key-in-wallet: a key has one holder: name one of them');
  if (asked.thrown !== undefined || asked.language !== undefined)
    throw new Misconfigured(
      '--dice and --language: are for a key that is made here, and this one is elsewhere',
    );
  if (!on)
    throw new Misconfigured(
      '--chain and --network: name what the key signs for: of NEM none is ever elsewhere',
    );
  mustBeEmpty(ceremony);
  const survives = mustSurvive(ceremony, asked.layout);
  const heldBy: HeldBy = label === undefined ? { by: 'wallet' } : { by: 'hsm', key: label };
  const { chainKey, described } =
    label === undefined ? keyOfOthers(shown ?? '', on) : await inHsm(asked.hsm, label, on);
  const make = (file: string, passphrase: Uint8Array, record: Uint8Array) =>
    makeEntrusted(file, passphrase, { chainKey, on, heldBy }, record);
  return sealing(ceremony, null, make, (keys) => {
    const what = [
      ...halvesOf(keys, described, on),
      {
        name: 'held',
        value: label === undefined ? 'by another wallet or device' : `in the HSM, as ${label}`,
      },
      ...survives,
    ];
    return ceremony.ended(ceremony.note('done', what), what, [
      `${toCompare(keys, on)}: with what its holder’s own screen shows`,
      `the passphrase is in ${ceremony.at('passphrase')}: a copy of it is kept by somebody who keeps no backup of the keystore`,
      label === undefined
        ? 'once the policy names the wallet: pin it, and register it there (kuramori vault registration), and compare the first address on the device’s own screen, letter by letter'
        : 'the HSM is backed up by its maker’s means: this folder’s backup holds no part of the chain key',
      'its nonces are its holder’s: whoever made that can give the key away in signatures that are good. Keys of one maker must never be enough',
      'next: back-up, and pin once the keepers have signed the policy',
    ]);
  });
}

async function inHsm(hsm: Entrusting['hsm'], label: string, on: On) {
  const service = await serviceOf(hsm && { socket: hsm.socket });
  if (!service) throw new Misconfigured('--hsm: name the socket of the HSM’s process, which has the key');
  return { chainKey: await ownerIn(service, label, on), described: undefined };
}
