/**
 * Sentence: 24 words of BIP-39 for 32 bytes, in English or Japanese, as other wallets write and read them. The same bytes in
 * another language are another sentence, and so other keys: a sentence is of one language, which the keystore remembers.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { wordlist as japanese } from '@scure/bip39/wordlists/japanese.js';
import type { Told } from '../slip39/flaw.ts';

export type Language = 'english' | 'japanese';

export const wordsOf: Readonly<Record<Language, readonly string[]>> = { english, japanese };
const languages = ['english', 'japanese'] as const;
/** For 256 bits and 8 of the checksum. */
const sentenceWords = 24;

export type SentenceFlaw =
  | { readonly why: 'word-count'; readonly words: number }
  | { readonly why: 'unknown-word'; readonly word: number }
  | { readonly why: 'mixed-languages'; readonly word: number }
  | { readonly why: 'checksum' };

export type ReadSentence =
  | { readonly kind: 'sentence'; readonly entropy: Uint8Array; readonly language: Language }
  | { readonly kind: 'refused'; readonly flaw: SentenceFlaw };

/** For people to copy: a text, which nobody can wipe. The process that made it should end soon. */
export function sentenceOf(entropy: Uint8Array, language: Language): string {
  return entropyToMnemonic(entropy, [...wordsOf[language]]);
}

/** Reads 24 words of one language, with any white space between. Whoever has used the entropy wipes it. */
export function readSentence(text: string): ReadSentence {
  // BIP-39, "From mnemonic to seed": compared in NFKD, where an ideographic space is a space.
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const refused = (flaw: SentenceFlaw) => ({ kind: 'refused', flaw }) as const;
  const spoken = words.map((word) => languages.find((language) => wordsOf[language].includes(word)));
  const unknown = spoken.indexOf(undefined);
  if (unknown >= 0) return refused({ why: 'unknown-word', word: unknown + 1 });
  const [language] = spoken;
  const other = spoken.findIndex((one) => one !== language);
  if (other >= 0) return refused({ why: 'mixed-languages', word: other + 1 });
  if (language === undefined || words.length !== sentenceWords)
    return refused({ why: 'word-count', words: words.length });
  try {
    const entropy = mnemonicToEntropy(words.join(' '), [...wordsOf[language]]);
    return { kind: 'sentence', entropy, language };
  } catch {
    return refused({ why: 'checksum' });
  }
}

/** In both languages; no word is told, since a refusal is written down. */
export function tellSentence(flaw: SentenceFlaw): Told {
  switch (flaw.why) {
    case 'word-count':
      return {
        en: `has ${flaw.words} words: a sentence of BIP-39 for these keys has 24`,
        ja: `単語が${flaw.words}個あります。BIP-39の文は24単語です`,
      };
    case 'unknown-word':
      return {
        en: `word ${flaw.word} is in no list of BIP-39 that is read here (English, Japanese)`,
        ja: `${flaw.word}番目の単語は、ここで読み取れるBIP-39の単語リスト（英語・日本語）にありません`,
      };
    case 'mixed-languages':
      return {
        en: `word ${flaw.word} is of another language than the words before it: a sentence is of one language`,
        ja: `${flaw.word}番目の単語は、それまでの単語と言語が違います。一つの文は一つの言語で書かれます`,
      };
    case 'checksum':
      return {
        en: 'its checksum is wrong: a word was changed or moved. Read it again from the paper',
        ja: 'チェックサムが合いません。単語が変わったか、順序が違います。紙から読み直してください',
      };
    default:
      return flaw satisfies never;
  }
}
