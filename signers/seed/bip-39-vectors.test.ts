/** The vectors of BIP-39 for 256 bits (its reference, trezor/python-mnemonic, by language and number), in both languages. */
import { mnemonicToSeedSync } from '@scure/bip39';
import { array, assert, constantFrom, integer, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { codecOf } from '@kuramori/chains/codecs';
import { chainSecretFrom, seedOf } from './seed.ts';
import { readSentence, sentenceOf } from './sentence.ts';

const vectors = [
  {
    name: 'english, 9',
    language: 'english',
    entropy: '0000000000000000000000000000000000000000000000000000000000000000',
    words:
      'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art',
    seed: 'bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8',
  },
  {
    name: 'english, 11',
    language: 'english',
    entropy: '8080808080808080808080808080808080808080808080808080808080808080',
    words:
      'letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless',
    seed: 'c0c519bd0e91a2ed54357d9d1ebef6f5af218a153624cf4f2da911a0ed8f7a09e2ef61af0aca007096df430022f7a2b6fb91661a9589097069720d015e4e982f',
  },
  {
    name: 'english, 15',
    language: 'english',
    entropy: '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
    words:
      'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
    seed: '64c87cde7e12ecf6704ab95bb1408bef047c22db4cc7491c4271d170a1b213d20b385bc1588d9c7b38f1b39d415665b8a9030c9ec653d75e65f847d8fc1fc440',
  },
  {
    name: 'english, 24',
    language: 'english',
    entropy: 'f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f',
    words:
      'void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold',
    seed: '01f5bced59dec48e362f2c45b5de68b9fd6c92c6634f44d6d40aab69056506f0e35524a518034ddc1192e1dacd32c1ed3eaa3c3b131c88ed8e7e54c49a5d0998',
  },
  {
    name: 'japanese, 9',
    language: 'japanese',
    entropy: '0000000000000000000000000000000000000000000000000000000000000000',
    words:
      'あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　あいこくしん　いってい',
    seed: 'c91afc204a8b098524c5e2134bf4955b9a9ddd5d4bb78c2184bb4378a306e851b60f3e4032fc910ecb48acfb9e441dd3ceaaab9e14700b11396b94e27e8ac2da',
  },
  {
    name: 'japanese, 11',
    language: 'japanese',
    entropy: '8080808080808080808080808080808080808080808080808080808080808080',
    words:
      'そとづら　あまど　おおう　あこがれる　いくぶん　けいけん　あたえる　いよく　そとづら　あまど　おおう　あこがれる　いくぶん　けいけん　あたえる　いよく　そとづら　あまど　おおう　あこがれる　いくぶん　けいけん　あたえる　うめる',
    seed: '0f46c02350b3f1227c3566dea2ff0f2caf716495a95725b320a31a3058d5d62596fdb816be75909d2c5f7094beb171dc504ea8ea60f5e2e40bd8aa0d9339aab0',
  },
  {
    name: 'japanese, 15',
    language: 'japanese',
    entropy: '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
    words:
      'しやくしょ　くちこみ　どんぶり　けつじょ　おとしもの　くうぐん　どんぶり　たずさわる　ひたむき　みうち　にほん　うわさ　しゃけん　このよ　じどう　ほめる　たいよう　くふう　そんちょう　ろくが　はんこ　せあぶら　くうぐん　そっこう',
    seed: '94308a93dc1bc12f8e917b2445581240d83cd82ad3c52f9ba4125aa6ce5490a3624fb3dfd7e22923ef7ff3b778157e8bec76392b122bf465fcc56ab4f5a73401',
  },
  {
    name: 'japanese, 24',
    language: 'japanese',
    entropy: 'f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f',
    words:
      'よゆう　かんけい　けぶかい　へいこう　おかず　べんごし　りえき　じゆう　はんい　ともる　かほご　きぬごし　つみき　いきる　はかる　てふだ　しほう　ひろう　とくてん　ほったん　こさめ　ひつじゅひん　せつぞく　めんどう',
    seed: '909c8c992019adde332a11f0ebd1b0c0fbc9dd96e4d3d30ca4ecb0d06f743841cd25380f87b3a538f46dfa3fb3a5ab330487f99d128b1c6bcdbe476d3bbe2af2',
  },
] as const;

it.each(vectors)('$name', ({ language, entropy, words, seed }) => {
  const bytes = Uint8Array.fromHex(entropy);
  // The file is written in NFKD with plain spaces, and Japanese is shown with ideographic ones.
  expect(sentenceOf(bytes, language).normalize('NFKD')).toBe(words.normalize('NFKD'));
  expect(readSentence(words)).toEqual({ kind: 'sentence', entropy: bytes, language });
  expect(mnemonicToSeedSync(words, 'TREZOR').toHex()).toBe(seed);
});

it('the seed that is made without a text of the words is the library’s, without a passphrase (100 sentences)', () => {
  assert(
    property(
      uint8Array({ minLength: 32, maxLength: 32 }),
      constantFrom('english', 'japanese'),
      (entropy, language) => {
        const sentence = sentenceOf(entropy, language);
        expect(Buffer.from(seedOf(entropy, language)).toString('hex')).toBe(
          mnemonicToSeedSync(sentence).toHex(),
        );
        expect(readSentence(sentence)).toEqual({ kind: 'sentence', entropy, language });
      },
    ),
    { numRuns: 100 },
  );
});

it('white space, capitals and the form of the letters are no difference', () => {
  assert(
    property(
      uint8Array({ minLength: 32, maxLength: 32 }),
      array(integer({ min: 0, max: 3 }), { minLength: 24, maxLength: 24 }),
      (entropy, spaces) => {
        for (const language of ['english', 'japanese'] as const) {
          const words = sentenceOf(entropy, language).normalize('NFC').split(/\s/);
          const text = words
            .map((word, at) => `${word}${[' ', '\n', '\u3000', ' \r\n\t'][spaces[at] ?? 0] ?? ''}`)
            .join('');
          expect(readSentence(text.toUpperCase())).toEqual({ kind: 'sentence', entropy, language });
        }
      },
    ),
    { numRuns: 30 },
  );
});

it.each(['nem', 'bitcoin', 'litecoin', 'ethereum'] as const)(
  'a key on %s is that of the sentence’s seed',
  (chain) => {
    const entropy = new Uint8Array(32).fill(9);
    for (const language of ['english', 'japanese'] as const)
      expect(chainSecretFrom(entropy, language, { chain, network: 'mainnet' })).toEqual(
        codecOf(chain).secretFromSeed(mnemonicToSeedSync(sentenceOf(entropy, language))),
      );
  },
);
