/** Words: what the chain key comes from as 24 words of BIP-39, which any wallet of the field reads. Whoever has this one paper has the key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, readSecretBytes, writeNew } from '@kuramori/program';
import { originOf } from '../keystore.ts';
import { readSentence, sentenceOf } from '../seed/sentence.ts';
import type { Ceremony, Ended } from './ceremony.ts';
import { serviceOf } from './hsm.ts';
import { mustBeApart } from './share.ts';

export async function words(
  ceremony: Ceremony,
  to: string,
  hsm: { readonly socket: string } | undefined,
): Promise<Ended> {
  const keys = await ceremony.open();
  mustBeApart(ceremony.folder, to, [to]);
  const { entropy, language } = await originOf(
    ceremony.at('keystore.json'),
    readSecretBytes(ceremony.at('passphrase')),
    await serviceOf(hsm),
  );
  const file = join(to, 'words.txt');
  const what = [
    { name: 'chain key', value: keys.chainKey },
    { name: 'words', value: `24 of BIP-39, ${language}` },
    { name: 'destination', value: file },
  ];
  // Before a word leaves, as with shares.
  ceremony.note('begun', what);
  writeNew(file, `${sentenceOf(entropy, language)}\n`);
  const read = readSentence(readFileSync(file, 'utf8'));
  if (read.kind === 'refused' || Buffer.compare(read.entropy, entropy) !== 0)
    throw new Misconfigured(
      `${file}: reads otherwise than it was written: destroy the medium, and begin again`,
    );
  entropy.fill(0);
  read.entropy.fill(0);
  return ceremony.ended(ceremony.note('done', what), what, [
    'whoever sees these words has the chain key, alone and for good: shares are for safekeeping, words for another wallet when there is no other way',
    'copy them onto paper by hand, read them aloud from the paper, then destroy the medium: what stood on flash memory cannot be wiped',
  ]);
}
