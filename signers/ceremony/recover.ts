/**
 * Recover: the chain key from shares or words, on a clean machine. The record key is made anew: its journal is elsewhere, and a
 * record key that came back without it would begin with unused limits. So this is another signer, which the keepers must name.
 */
import { Network } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured, readOwn, typed } from '@kuramori/program';
import { nem, type On } from '../keystore.ts';
import { chainSecretFrom } from '../seed/seed.ts';
import { readSentence, tellSentence, type Language } from '../seed/sentence.ts';
import { tellRefusal, type Told } from '../slip39/flaw.ts';
import { recoverShared } from '../slip39/shares.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { keysIn, making, mustBeEmpty, sealedBy, toCompare, type Creating } from './create.ts';
import { confirmsKey } from './fingerprint.ts';
import { shareIn } from './scan.ts';
import { passphraseIn } from './share.ts';

export interface Recovering extends Pick<Creating, 'hsm' | 'on'> {
  /** Files of shares, just as many as it takes; none where there are words. */
  readonly shares: readonly string[];
  /** The file of 24 words. */
  readonly words?: string | undefined;
  readonly language?: Language | undefined;
  readonly sharePassphrase?: string | undefined;
  readonly confirm?: string | undefined;
}

export async function recover(ceremony: Ceremony, asked: Recovering): Promise<Ended> {
  mustBeEmpty(ceremony);
  const { hsm, on } = asked;
  const { entropy, language } = originIn(asked);
  try {
    const key = { chainKey: chainKeyOf(entropy, language, on ?? nem), network: on?.network };
    await mustBeWanted(ceremony, asked, key);
  } catch (cause) {
    entropy.fill(0);
    throw cause;
  }
  return making(ceremony, hsm, { on, language, entropy }, null, (keys) => {
    const what = [
      ...keysIn(keys, on),
      { name: 'comes from', value: `24 words of BIP-39, ${language}` },
      ...[...asked.shares, ...(asked.words === undefined ? [] : [asked.words])].map((value) => {
        return { name: 'from', value };
      }),
      { name: 'keystore', value: sealedBy(hsm) },
    ];
    return ceremony.ended(ceremony.note('done', what), what, [
      toCompare(keys, on),
      'the chain key is the old one, the record key is new: no journal goes with it. The keepers put it into the policy in the place of the old one, which never signs again',
      'the signer that this replaces must never run again: destroy its folder, or retire it',
      'papers that came together in one place are a key that somebody may have copied: share anew onto new ones, or rotate the key out',
      'next: back-up, and pin once the keepers have signed the policy',
    ]);
  });
}

/** The network is typed too where the keystore is for one: the same key may be on several, and the paper says on which. */
export async function mustBeWanted(
  ceremony: Ceremony,
  { confirm }: Pick<Recovering, 'confirm'>,
  { chainKey, network }: { readonly chainKey: string; readonly network: Network | undefined },
): Promise<void> {
  const what = network === undefined ? 'the chain key' : 'network and chain key';
  const answer =
    confirm ??
    (await typed(
      ceremony.say,
      `Type ${what} from the paper of its making${network === undefined ? '' : ', such as mainnet 5f3a …'} (of the key its first 20 digits; of one in letters of both cases, all of it or the last 20):`,
    )) ??
    '';
  const [, word = '', rest = ''] = /^\s*(\S+)\s(.*)$/s.exec(answer) ?? [];
  const named = Network.options.find((one) => one === word.toLowerCase());
  if (network !== undefined && named !== undefined && named !== network)
    throw new Misconfigured(
      oneLine({
        en: `the paper says ${named}, and this recovery is for ${network}: nothing is written. See that these are the right papers, or say --network ${named}`,
        ja: `紙には${named}とあり、この復元は${network}用です。何も書き込んでいません。紙が正しいか確かめてください`,
      }),
    );
  const wanted =
    network === undefined ? confirmsKey(answer, chainKey) : named === network && confirmsKey(rest, chainKey);
  if (!wanted)
    throw new Misconfigured(
      oneLine({
        en: `what was typed is not the chain key that this gives${network === undefined ? '' : `, after the network (${network})`}: nothing is written. Chain, network, language or the passphrase of the shares may be others than when it was made; no error says so`,
        ja: '入力された鍵は、復元された鍵と一致しません。何も書き込んでいません。チェーン、ネットワーク、言語、シェアのパスフレーズを確かめてください',
      }),
    );
}

function originIn(asked: Recovering): { readonly entropy: Uint8Array; readonly language: Language } {
  const { shares, words, language = 'english' } = asked;
  if (words === undefined) return { entropy: entropyFrom(shares, asked.sharePassphrase), language };
  const text = readOwn(words);
  const read = readSentence(text.toString('utf8'));
  text.fill(0);
  if (read.kind === 'refused') throw new Misconfigured(`${words}: ${oneLine(tellSentence(read.flaw))}`);
  return read;
}

function entropyFrom(files: readonly string[], passphraseFile: string | undefined): Uint8Array {
  const passphrase = passphraseIn(passphraseFile);
  const spent: Uint8Array[] = [passphrase];
  let read: ReturnType<typeof recoverShared>;
  try {
    for (const file of files) spent.push(shareIn(file));
    read = recoverShared(spent.slice(1), passphrase);
  } finally {
    for (const one of spent) one.fill(0);
  }
  if (!(read instanceof Uint8Array)) throw new Misconfigured(oneLine(tellRefusal(read, files)));
  if (read.length === 32) return read;
  read.fill(0);
  throw new Misconfigured(
    oneLine({
      en: `these shares hold ${read.length} bytes, and ours hold 32: another program made them`,
      ja: `このシェアの中身は${read.length}バイトです。本システムのものは32バイトです`,
    }),
  );
}

/** Nothing is written by it. */
function chainKeyOf(entropy: Uint8Array, language: Language, on: On): string {
  const secret = chainSecretFrom(entropy, language, on);
  try {
    const key = codecOf(on.chain).keyOf(secret, on.chain, on.network);
    key.wipe();
    return key.publicKey;
  } finally {
    secret.fill(0);
  }
}

/** Both languages, for whoever stands there. */
export function oneLine({ en, ja }: Told): string {
  return `${en} / ${ja}`;
}
