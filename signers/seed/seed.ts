/** Seed: the 64 bytes that BIP-39 makes of a sentence, and the secret of a chain's key that other wallets derive from them. */
import { createHash, pbkdf2Sync } from 'node:crypto';
import { codecOf } from '@kuramori/chains/codecs';
import type { On } from '../keystore.ts';
import { secretBytes } from '../secret-bytes.ts';
import { wordsOf, type Language } from './sentence.ts';

/** BIP-39, "From mnemonic to seed". */
const iterations = 2048;
/** The longest word in UTF-8 and NFKD, and a space. */
const longest = 64;

/** The secret of the chain's key, by the chain's own path. The entropy stays; whoever has used the secret wipes it. */
export function chainSecretFrom(entropy: Uint8Array, language: Language, on: On): Uint8Array {
  const seed = seedOf(entropy, language);
  try {
    return codecOf(on.chain).secretFromSeed(seed);
  } finally {
    seed.fill(0);
  }
}

/** Without a passphrase of BIP-39, which would be one more thing to lose. Wipe it. */
export function seedOf(entropy: Uint8Array, language: Language): Uint8Array {
  const sentence = secretBytes(longest * (((entropy.length * 8) / 32) * 3));
  const seed = pbkdf2Sync(
    sentence.subarray(0, writeSentence(entropy, language, sentence)),
    'mnemonic',
    iterations,
    64,
    'sha512',
  );
  sentence.fill(0);
  return seed;
}

/** The sentence in UTF-8 and NFKD with plain spaces, as it is hashed; made without a text of it. Gives its length. */
function writeSentence(entropy: Uint8Array, language: Language, into: Uint8Array): number {
  const digest = createHash('sha256').update(entropy).digest();
  const [check = 0] = digest;
  digest.fill(0);
  const bits = entropy.length * 8 + entropy.length / 4;
  const byteAt = (at: number) =>
    at < entropy.length ? (entropy[at] ?? 0) : at === entropy.length ? check : 0;
  let length = 0;
  for (let bit = 0; bit < bits; bit += 11) {
    const at = bit >> 3;
    const three = (byteAt(at) << 16) | (byteAt(at + 1) << 8) | byteAt(at + 2);
    const word = wordsOf[language][(three >> (13 - (bit & 7))) & 2047] ?? '';
    if (bit > 0) into[length++] = 0x20;
    const { written } = new TextEncoder().encodeInto(word.normalize('NFKD'), into.subarray(length));
    length += written;
  }
  return length;
}
