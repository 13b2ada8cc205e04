/** Making: a keystore of a new record key, and of a chain key that comes from words, as other wallets make it from them too. */
import { randomBytes } from 'node:crypto';
import { writeNew } from '@kuramori/program';
import type { KeyService } from './key-service.ts';
import {
  cipherOf,
  contextOf,
  entrusted,
  fromSecrets,
  nem,
  type Entrusted,
  type Header,
  type HeldBy,
  type Keys,
  type On,
  type Opened,
} from './keystore.ts';
import { joined } from './secret-bytes.ts';
import { chainSecretFrom } from './seed/seed.ts';
import type { Language } from './seed/sentence.ts';

/** RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes. */
const cost = { memoryKiB: 65_536, passes: 3, lanes: 4 } as const;

/** What a chain key is made of. */
export interface Sown {
  readonly on?: On | undefined;
  /** 32 bytes, which are wiped; the system's where there are none. */
  readonly entropy?: Uint8Array;
  /** The same, for the record key. */
  readonly record?: Uint8Array;
  /** Of the words that the entropy is written in: the same bytes in another one are another key. */
  readonly language?: Language;
}

/**
 * Makes new keys, writes them sealed, mode 0600, and gives them back open. Never overwrites a file: it could be the only copy
 * of a key. The record key is new each time, also where the chain key comes back from paper: a journal goes with it, and an
 * old one must not begin anew. The passphrase is wiped.
 */
export function makeKeystore(file: string, passphrase: Uint8Array, sown: Sown = {}): Keys {
  const { header, sealed, keys } = seal(passphrase, sown);
  write(file, header, sealed);
  return keys;
}

/** The same, wrapped by a key of the HSM. */
export async function makeWrapped(
  file: string,
  passphrase: Uint8Array,
  service: KeyService,
  key: string,
  sown: Sown = {},
): Promise<Keys> {
  const { header, sealed, keys } = seal(passphrase, sown, { by: service.kind, key });
  write(file, header, await service.wrap(key, sealed, contextOf(header)));
  return keys;
}

/** A keystore of a record key alone, beside a chain key that stays with its holder. As `makeKeystore` else. */
export function makeEntrusted(
  file: string,
  passphrase: Uint8Array,
  held: { readonly chainKey: string; readonly on: On; readonly heldBy: HeldBy },
  record: Uint8Array = randomBytes(32),
): Entrusted {
  const keys = entrusted(record, held.chainKey, held.on, held.heldBy);
  const header: Header = { ...headerOf(keys), heldBy: held.heldBy };
  const sealed = cipherOf(header, passphrase).encrypt(record);
  record.fill(0);
  write(file, header, sealed);
  return keys;
}

function seal(
  passphrase: Uint8Array,
  { on = nem, entropy = randomBytes(32), record = randomBytes(32), language = 'english' }: Sown,
  wrapped?: Header['wrapped'],
): { readonly header: Header; readonly sealed: Uint8Array; readonly keys: Keys } {
  const chain = chainSecretFrom(entropy, language, on);
  const secrets = joined(record, entropy, chain);
  for (const spent of [record, entropy, chain]) spent.fill(0);
  const keys = fromSecrets(secrets, on);
  const header: Header = {
    ...headerOf(keys),
    ...(language === 'english' ? {} : { language }),
    ...(wrapped ? { wrapped } : {}),
  };
  const sealed = cipherOf(header, passphrase).encrypt(secrets);
  secrets.fill(0);
  return { header, sealed, keys };
}

function headerOf({ record, chainKey, on }: Opened): Header {
  return {
    v: 2,
    kdf: { name: 'argon2id', ...cost, salt: randomBytes(16).toString('hex') },
    cipher: { name: 'xchacha20-poly1305', nonce: randomBytes(24).toString('hex') },
    recordKey: record.publicKey,
    chainKey,
    ...(on.chain === 'nem' ? {} : { on }),
  };
}

function write(file: string, header: Header, sealed: Uint8Array): void {
  writeNew(file, `${JSON.stringify({ ...header, sealed: sealed.toHex() }, null, 2)}\n`);
}
