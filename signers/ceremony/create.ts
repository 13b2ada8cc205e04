/** Create: new keys into a folder that never had any. Whatever lies there already is nobody's to adopt: a stranger may have put it there. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { retirementIn } from '@kuramori/core';
import { Misconfigured, reasonOf, writeNew } from '@kuramori/program';
import type { Entrusted, Keys, On, Opened } from '../keystore.ts';
import { makeKeystore, makeWrapped, type Sown } from '../making.ts';
import { pinsIn } from '../pins.ts';
import { joined, secretBytes } from '../secret-bytes.ts';
import { selfTest } from '../self-test.ts';
import { entropyOf, strengthOf, tellStrength, type Thrown } from '../seed/entropy.ts';
import type { Language } from '../seed/sentence.ts';
import { transcriptIn } from '../transcript.ts';
import type { Ceremony, Ended, What } from '../step/step.ts';
import { destroyKeys } from './destroy.ts';
import { fingerprintOf } from './fingerprint.ts';
import { serviceOf } from '../step/hsm.ts';
import { mustSurvive, type Named } from './layout.ts';
import { thrownIn } from './thrown.ts';

type Wrapping = { readonly socket: string; readonly key: string } | undefined;

export interface Creating {
  readonly hsm?: Wrapping;
  readonly on?: On | undefined;
  /** Of the words that the key comes from. */
  readonly language?: Language | undefined;
  /** A file of thrown faces, or `-` for somebody who types them. */
  readonly thrown?: string | undefined;
  /** Of the wallet that the key is for. */
  readonly layout?: Named | undefined;
}

export async function create(
  ceremony: Ceremony,
  { hsm, on, language = 'english', thrown: from, layout }: Creating,
): Promise<Ended> {
  mustBeEmpty(ceremony);
  const survives = mustSurvive(ceremony, layout);
  const thrown = from === undefined ? null : await thrownIn(from, ceremony.say);
  const strength = thrown && tellStrength(thrown.kind, strengthOf(thrown));
  const sown = { on, language, entropy: entropyOf(randomBytes, thrown, 'words') };
  return making(ceremony, hsm, sown, thrown, (keys) => {
    const what = [
      ...keysIn(keys, on),
      { name: 'comes from', value: `24 words of BIP-39, ${language}` },
      ...survives,
      { name: 'thrown', value: strength ?? 'nothing' },
      { name: 'keystore', value: sealedBy(hsm) },
    ];
    return ceremony.ended(ceremony.note('done', what), what, [
      toCompare(keys, on),
      `the passphrase is in ${ceremony.at('passphrase')}: a copy of it is kept by somebody who keeps no backup of the keystore`,
      ...(from === undefined || from === '-'
        ? []
        : [`destroy ${from}: were this machine’s generator broken, it would be the key`]),
      'next: back-up, share onto paper, and pin once the keepers have signed the policy',
    ]);
  });
}

/** Makes the keys in a folder that is empty. What the chain key comes from is wiped, and what was thrown. As `sealing` else. */
export async function making(
  ceremony: Ceremony,
  hsm: Wrapping,
  sown: Sown,
  thrown: Thrown | null,
  tell: (keys: Keys) => Ended,
): Promise<Ended> {
  const make: Make<Keys> = async (file, passphrase, record) => {
    const service = await serviceOf(hsm);
    const seeds = { ...sown, record };
    return service && hsm
      ? makeWrapped(file, passphrase, service, hsm.key, seeds)
      : makeKeystore(file, passphrase, seeds);
  };
  try {
    return await sealing(ceremony, thrown, make, tell);
  } finally {
    sown.entropy?.fill(0);
  }
}

/** Makes a keystore: passphrase and seed are wiped. */
type Make<K> = (file: string, passphrase: Uint8Array, record: Uint8Array) => K | Promise<K>;

/** A keystore and its passphrase, tested, and whatever `tell` writes of them; where anything comes to nothing, nothing stays. */
export async function sealing<K extends Keys | Entrusted>(
  ceremony: Ceremony,
  thrown: Thrown | null,
  make: Make<K>,
  tell: (keys: K) => Ended,
): Promise<Ended> {
  const passphrase = passphraseFrom(entropyOf(randomBytes, thrown, 'passphrase'));
  const record = entropyOf(randomBytes, thrown, 'record key');
  thrown?.faces.fill(0);
  const line = joined(passphrase, Buffer.from('\n'));
  try {
    // Whoever made this one first has the folder; what is there already is not ours to destroy.
    writeNew(ceremony.at('passphrase'), line);
    return await orUndone(ceremony, async () => {
      const keys = await make(ceremony.at('keystore.json'), passphrase, record);
      ceremony.hold(keys);
      selfTest(keys);
      return tell(keys);
    });
  } finally {
    for (const spent of [line, passphrase, record]) spent.fill(0);
  }
}

const letters = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** Six bits a letter (RFC 4648 §5, without padding), as bytes, which can be wiped. The entropy is. */
function passphraseFrom(entropy: Uint8Array): Uint8Array {
  const text = secretBytes(Math.ceil((entropy.length * 8) / 6));
  for (const at of text.keys()) {
    const [byte, bit] = [(at * 6) >> 3, (at * 6) & 7];
    const two = ((entropy[byte] ?? 0) << 8) | (entropy[byte + 1] ?? 0);
    text[at] = letters[(two >> (10 - bit)) & 63] ?? 0;
  }
  entropy.fill(0);
  return text;
}

/** What was made may be a key that other machines have too, from paper: it is destroyed, and not only taken away. */
async function orUndone<T>(ceremony: Ceremony, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    rmSync(transcriptIn(ceremony.folder), { force: true });
    try {
      destroyKeys(ceremony);
    } catch (other) {
      // Why it came to this is what people must hear of first.
      ceremony.say(`${reasonOf(other)}: destroy ${leftText(ceremony)} by hand`);
    }
    throw cause;
  }
}

const leftText = (ceremony: Ceremony) =>
  [ceremony.at('keystore.json'), ceremony.at('passphrase')].filter((file) => existsSync(file)).join(' and ');

export function keysIn(keys: Keys, on: On | undefined): What {
  const { described } = keys.chain;
  return halvesOf(keys, described, on);
}

export function halvesOf(
  { record, chainKey }: Opened,
  described: string | undefined,
  on: On | undefined,
): What {
  return [
    { name: 'record key', value: record.publicKey },
    { name: 'chain key', value: chainKey },
    // Where it comes from nobody can tell from the key.
    ...(described === undefined ? [] : [{ name: 'key in a descriptor', value: described }]),
    ...(on ? [{ name: 'signs for', value: `${on.chain}, ${on.network}` }] : []),
  ];
}

export function toCompare({ record, chainKey }: Opened, on: On | undefined): string {
  const where = on === undefined ? '' : `, on ${on.network}`;
  return `read aloud and compare: record key ${fingerprintOf(record.publicKey)}, chain key ${fingerprintOf(chainKey)}${where}`;
}

export function sealedBy(hsm: Wrapping): string {
  return hsm ? `sealed, and wrapped by the HSM’s key ${hsm.key}` : 'sealed';
}

export function mustBeEmpty(ceremony: Ceremony): void {
  const { folder, before } = ceremony;
  const retired = before && retirementIn(before);
  if (retired)
    throw new Misconfigured(
      `${folder}: was retired on ${new Date(retired.at).toISOString()}: name another folder`,
    );
  if (before)
    throw new Misconfigured(
      `${folder}: has keys already, and keys are never overwritten: name another folder`,
    );
  const left = [
    ceremony.at('keystore.json'),
    ceremony.at('passphrase'),
    pinsIn(folder),
    ceremony.at('journal.jsonl'),
  ].filter((file) => existsSync(file));
  const [first] = left;
  if (first !== undefined)
    throw new Misconfigured(
      `${first}: is there, and no transcript (ceremony.jsonl) says who made it. Where a making was interrupted, its keys were told to nobody; where a recovery was, they hold the chain key that is in use: destroy ${left.join(' and ')} (shred -u), and give the command again. Else put the transcript back from a backup`,
    );
}
