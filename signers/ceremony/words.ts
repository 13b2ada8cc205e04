/** Words: what the chain key comes from as 24 words of BIP-39, which any wallet of the field reads. Whoever has this one paper has the key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, readSecretBytes, writeNew } from '@kuramori/program';
import { originOf } from '../keystore.ts';
import { readSentence, sentenceOf } from '../seed/sentence.ts';
import type { Ceremony, Ended } from '../step/step.ts';
import { serviceOf } from '../step/hsm.ts';
import { mustBeApart } from './media.ts';

export interface Wording {
  /** The folder that they go to, on a medium of its own. */
  readonly to: string;
  readonly althoughTogether: boolean;
  readonly hsm?: { readonly socket: string } | undefined;
}

export async function words(ceremony: Ceremony, { to, althoughTogether, hsm }: Wording): Promise<Ended> {
  const keys = await ceremony.openHere();
  mustBeApart({ own: ceremony.folder, to: [to], althoughTogether });
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
  try {
    // Before a word leaves, as with shares.
    ceremony.note('begun', what);
    writeNew(file, `${sentenceOf(entropy, language)}\n`);
    mustReadAs(file, entropy);
  } finally {
    entropy.fill(0);
  }
  return ceremony.ended(ceremony.note('done', what), what, [
    'whoever sees these words has the chain key, alone and for good: shares are for safekeeping, words for another wallet when there is no other way',
    'copy them onto paper by hand, read them aloud from the paper, then destroy the medium: what stood on flash memory cannot be wiped',
  ]);
}

function mustReadAs(file: string, entropy: Uint8Array): void {
  const read = readSentence(readFileSync(file, 'utf8'));
  const same = read.kind === 'sentence' && Buffer.compare(read.entropy, entropy) === 0;
  if (read.kind === 'sentence') read.entropy.fill(0);
  if (!same)
    throw new Misconfigured(
      `${file}: reads otherwise than it was written: destroy the medium, and begin again`,
    );
}
