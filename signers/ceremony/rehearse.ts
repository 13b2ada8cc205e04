/**
 * Rehearse: that what people would recover from is there, and works. It comes back in memory alone, is held against the keys of
 * this folder, signs a message that means nothing on the chain, and is wiped; what was seen is written down, also where it is no.
 * On the machine that has the key already no other place sees it.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { newestOf, setsOf, type ChainKey } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import { Misconfigured, readConfig, readOwn, readSecretBytes } from '@kuramori/program';
import { nem, unlock, type Keys, type On } from '../keystore.ts';
import { pinsIn } from '../pins.ts';
import { chainSecretFrom } from '../seed/seed.ts';
import { readSentence, tellSentence, type Language } from '../seed/sentence.ts';
import { selfTest } from '../self-test.ts';
import { readBackup } from './backup.ts';
import { broughtBy, type Bringing, type Seen } from './brought.ts';
import { Disproved, type Ceremony, type Ended, type What } from '../step/step.ts';
import { mustBeEmpty } from './create.ts';
import { serviceOf } from '../step/hsm.ts';
import { mustComeApart } from './media.ts';
import { policyIn } from './policy-file.ts';
import { mustBeWanted, oneLine } from './recover.ts';
import { chainFor } from './retire.ts';
import { actingBy, rolesOf } from './roles.ts';
import { passphraseIn } from './share.ts';

export interface Rehearsing extends Bringing {
  /** With `language`: only where no keys are in the folder. */
  readonly on?: On | undefined;
  readonly language?: Language | undefined;
  readonly sharePassphrase?: string | undefined;
  readonly words?: string | undefined;
  readonly backup?: string | undefined;
  /** The copy that opens the backup. */
  readonly passphrase?: string | undefined;
  readonly policy?: string | undefined;
  readonly hsm?: { readonly socket: string } | undefined;
  readonly present: readonly string[];
  readonly confirm?: string | undefined;
}

/** What a rehearsal is held against. */
interface Here {
  /** Null where the key is on paper alone. */
  readonly keys: Keys | null;
  readonly on: On;
  readonly language: Language;
}

/** What came back, until it is wiped. */
interface Back {
  readonly chain: ChainKey;
  /** Of a backup; shares and words have none. */
  readonly recordKey?: string;
  readonly tell: What;
}

type Kind = 'shares' | 'words' | 'backup';

export async function rehearse(ceremony: Ceremony, asked: Rehearsing): Promise<Ended> {
  const kind = kindOf(asked);
  mustBeHeld(asked, kind);
  const brought = [...asked.shares, asked.words, asked.backup, asked.passphrase].filter(
    (one) => one !== undefined,
  );
  mustComeApart(ceremony.folder, brought, asked.althoughTogether);
  const here = await hereOf(ceremony, asked);
  const about = [
    { name: 'of', value: kind },
    ...(asked.althoughTogether ? [{ name: 'although together', value: 'media were not told apart' }] : []),
  ];
  // Before a share is read: whoever kills this once enough of them came leaves a trace of it.
  const begun = here.keys ? ceremony.note('begun', about) : null;
  const seen: Seen = { rows: [...about] };
  try {
    const back = await backOf(ceremony, asked, kind, here, seen);
    try {
      seen.rows.push({ name: 'chain key', value: back.chain.publicKey }, ...back.tell);
      await mustBeTheKey(ceremony, asked, here, back, seen);
      mustSign(back.chain, here.keys?.chain ?? back.chain, begun ?? randomBytes(32).toString('hex'));
      seen.rows.push(
        ...provenBy(here, back),
        ...policyTold(ceremony, here, asked.policy, back.chain.publicKey),
      );
    } finally {
      back.chain.wipe();
    }
  } catch (cause) {
    throw cause instanceof Misconfigured ? new Disproved(cause.message, seen.rows) : cause;
  }
  return ceremony.ended(here.keys ? ceremony.note('done', seen.rows) : '', seen.rows, remembered(here, kind));
}

function kindOf({ shares, from, words, backup, passphrase, sharePassphrase }: Rehearsing): Kind {
  const named = [shares.length > 0, from !== undefined, words !== undefined, backup !== undefined];
  if (named.filter(Boolean).length > 1)
    throw new Misconfigured(
      'shares, from, words, backup: one of them is tried at a time, so that no more comes together than one takes',
    );
  if ((backup === undefined) !== (passphrase === undefined))
    throw new Misconfigured(
      'passphrase: names the copy that opens the backup, and that somebody else keeps: both or none',
    );
  if (sharePassphrase !== undefined && (words !== undefined || backup !== undefined))
    throw new Misconfigured('sharePassphrase: is of shares alone');
  return backup !== undefined ? 'backup' : words !== undefined ? 'words' : 'shares';
}

/** Nobody brings two things, and somebody is there who brings none: what they see is not theirs to take. */
function mustBeHeld({ holders, present, shares }: Rehearsing, kind: Kind): void {
  const stranger = holders.find((name) => !present.includes(name));
  if (stranger !== undefined)
    throw new Misconfigured(`holders: ${stranger} is not among those present (--present)`);
  const twice = holders.find((name, at) => holders.indexOf(name) !== at);
  if (twice !== undefined)
    throw new Misconfigured(
      `holders: ${twice} brings two: nobody keeps two shares, or a backup and its passphrase. Change who keeps what first`,
    );
  if (holders.length >= present.length)
    throw new Misconfigured(
      'present: everybody brings something: a witness must be there who brings nothing, and sees what the others do',
    );
  const wanted = kind === 'backup' ? 2 : kind === 'words' ? 1 : shares.length || holders.length;
  if (holders.length !== wanted)
    throw new Misconfigured(
      kind === 'backup'
        ? 'holders: who brings the backup, then who brings the passphrase: two people'
        : `holders: ${wanted} ${wanted === 1 ? 'is' : 'are'} brought, and ${holders.length} people are named`,
    );
}

const Worded = z.looseObject({ language: z.literal('japanese').optional() });

async function hereOf(ceremony: Ceremony, asked: Rehearsing): Promise<Here> {
  if (ceremony.before === null) {
    mustBeEmpty(ceremony);
    return { keys: null, on: asked.on ?? nem, language: asked.language ?? 'english' };
  }
  if (asked.on !== undefined || asked.language !== undefined)
    throw new Misconfigured(
      `${ceremony.folder}: says of its keys for which chain they are, and in which language: leave --chain, --network and --language out`,
    );
  const keys = await ceremony.openHere();
  // Authenticated when it was opened; what the key comes from stays sealed.
  const { language = 'english' } = readConfig(ceremony.at('keystore.json'), Worded);
  return { keys, on: keys.on, language };
}

async function backOf(
  ceremony: Ceremony,
  asked: Rehearsing,
  kind: Kind,
  { on, language }: Here,
  seen: Seen,
): Promise<Back> {
  const [first, second] = asked.holders;
  if (kind === 'backup') {
    seen.rows.push(
      { name: 'backup at', value: `${asked.backup}, brought by ${first}` },
      { name: 'passphrase', value: `${asked.passphrase}, brought by ${second}` },
    );
    return backedUp(asked);
  }
  if (kind === 'words') {
    seen.rows.push({ name: 'words', value: `24 of BIP-39, brought by ${first}` });
    seen.rows.push({ name: 'from', value: `${asked.words}` });
    return made(wordsIn(asked.words ?? '', language), on, language);
  }
  const passphrase = passphraseIn(asked.sharePassphrase);
  try {
    return made(await broughtBy(ceremony, asked, passphrase, seen), on, language);
  } finally {
    passphrase.fill(0);
  }
}

/** The key of it; the entropy is wiped. */
function made(entropy: Uint8Array, on: On, language: Language): Back {
  let secret: Uint8Array = new Uint8Array();
  try {
    secret = chainSecretFrom(entropy, language, on);
    return { chain: codecOf(on.chain).keyOf(secret, on.chain, on.network), tell: [] };
  } finally {
    entropy.fill(0);
    secret.fill(0);
  }
}

function wordsIn(file: string, language: Language): Uint8Array {
  const text = readOwn(file);
  const read = readSentence(text.toString('utf8'));
  text.fill(0);
  if (read.kind === 'refused') throw new Misconfigured(`${file}: ${oneLine(tellSentence(read.flaw))}`);
  if (read.language === language) return read.entropy;
  read.entropy.fill(0);
  throw new Misconfigured(
    `${file}: is in ${read.language} words, and the key comes from ${language} ones: the same bytes in them are another key`,
  );
}

async function backedUp({ backup = '', passphrase = '', hsm }: Rehearsing): Promise<Back> {
  const { manifest, digest, files } = readBackup(backup);
  const keys = await unlock(join(backup, 'keystore.json'), readSecretBytes(passphrase), await serviceOf(hsm));
  try {
    selfTest(keys);
  } catch (cause) {
    keys.lock();
    throw cause;
  }
  return {
    chain: keys.chain,
    recordKey: keys.record.publicKey,
    tell: [
      { name: 'backup', value: digest },
      { name: 'made', value: new Date(manifest.at).toISOString() },
      {
        name: 'pins',
        value: files.has('pins.json') ? 'are in it' : 'are not in it: back up again after pinning',
      },
    ],
  };
}

/** Throws Misconfigured where what came back is another key. */
async function mustBeTheKey(
  ceremony: Ceremony,
  asked: Rehearsing,
  { keys, on }: Here,
  { chain: { publicKey }, recordKey }: Back,
  { rows }: Seen,
): Promise<void> {
  if (!keys) {
    const network = asked.on && on.network;
    return mustBeWanted(ceremony, asked, { chainKey: publicKey, network });
  }
  const sets = setsOf(ceremony.before?.entries ?? []).join(', ');
  if (publicKey !== keys.chainKey)
    throw new Misconfigured(
      oneLine({
        en: `what was brought gives the chain key ${publicKey}, and this folder’s is ${keys.chainKey}: it is of another key, or the passphrase of the shares is another, of which no error tells (SLIP-0039)${rows.some(({ name }) => name === 'share') ? `; this folder’s own sets are ${sets || 'none that its transcript knows'}` : ''}`,
        ja: '持ち寄られたものから復元された鍵は、このフォルダーの鍵ではありません。別の鍵のものか、シェアのパスフレーズが違います',
      }),
    );
  if (recordKey !== undefined && recordKey !== keys.record.publicKey)
    throw new Misconfigured(
      `the backup holds the record key ${recordKey}, and this folder’s is ${keys.record.publicKey}: it is of another signer, from before a recovery or after one`,
    );
}

/** Throws Misconfigured where a signature of a message of this rehearsal alone is not the one that the key itself gives. */
function mustSign(back: ChainKey, own: ChainKey, fresh: string): void {
  const message = Buffer.from(`kuramori rehearsal ${fresh}`).toString('hex');
  const signature = back.rehearse(message);
  if (signature !== own.rehearse(message) || !own.inspect(message, signature).derived)
    throw new Misconfigured(
      'the key that came back signs otherwise than it must: this machine or its code is broken. Find out why, elsewhere, before any key is used here again',
    );
}

function provenBy({ keys }: Here, { recordKey }: Back): What {
  const against = keys ? 'the keys of this folder' : 'the paper of the making';
  return [
    { name: 'proven', value: `the chain key comes back, as ${against} ${keys ? 'have' : 'has'} it` },
    ...(recordKey === undefined || !keys ? [] : [{ name: 'proven', value: 'so does the record key' }]),
    {
      name: 'proven',
      value: keys
        ? 'it signs what this folder’s key signs'
        : 'it signs, with the nonce that key and message give',
    },
  ];
}

/** Where a policy is given: that it has something for this key to do. Throws Misconfigured. */
function policyTold(ceremony: Ceremony, { keys }: Here, file: string | undefined, chainKey: string): What {
  if (file === undefined)
    return keys && existsSync(pinsIn(ceremony.folder))
      ? [{ name: 'policy', value: 'not looked at: none was given (--policy)' }]
      : [];
  const recordKey = keys?.record.publicKey ?? '';
  const { policy, digest } = newestOf(keys ? chainFor(ceremony.folder, recordKey, file) : policyIn(file));
  const roles = [
    ...rolesOf(policy, { recordKey, chainKey }),
    ...(keys ? [] : actingBy(policy, chainKey).map((signer) => `the chain key of ${signer}`)),
  ];
  if (!roles.some((role) => !role.endsWith('whose records it signs')))
    throw new Misconfigured(
      `${file}: version ${policy.version}: names this chain key in no wallet: what was brought is of a key that is not in use`,
    );
  return [
    { name: 'policy', value: `version ${policy.version}, ${digest}` },
    ...roles.slice(0, 8).map((value) => ({ name: 'this key', value })),
  ];
}

function remembered({ keys }: Here, kind: Kind): readonly string[] {
  return [
    kind === 'backup'
      ? 'medium and passphrase go back, each with its holder, before anybody leaves: together they are the keys'
      : 'each goes back into its envelope, a new seal over it, with its holder, before anybody leaves: together they are the key',
    'what was typed into files, or scanned, is destroyed with its medium; a scanner remembers too',
    ...(keys
      ? []
      : ['no key of a folder signs this, so nothing is written down: note on paper what stands here']),
    'the next one is of other shares, so that each has been tried, and within a year',
  ];
}
