/** Scan: a share from a file: its words as text, or a picture of its page, whose code is read. */
import { Misconfigured, readOwn } from '@kuramori/program';
import { isForeign, isPicture, readPicture, textIn, toldPicture } from '../codes/index.ts';

/** The words, for the caller to wipe; whether they are a share is for the caller to judge. Throws Misconfigured. */
export function shareIn(file: string): Uint8Array {
  const bytes = readOwn(file);
  if (!isPicture(bytes) && !isForeign(bytes)) return bytes;
  const picture = readPicture(bytes);
  bytes.fill(0);
  if (picture === null) throw new Misconfigured(`${file}: ${toldPicture.en} / ${toldPicture.ja}`);
  const text = textIn(picture);
  picture.grey.fill(0);
  if (text === null)
    throw new Misconfigured(
      `${file}: no code is seen in this picture: scan the whole page flat, at 200 dots an inch or more, or type its words / 画像にコードが見つかりません。ページ全体を平らに置いて200dpi以上で読み取るか、単語を入力してください`,
    );
  // In eight bits a letter of another alphabet would become one of ours.
  if (!/^[\x20-\x7e]*$/.test(text))
    throw new Misconfigured(
      `${file}: the code in this picture has letters that no share has / 画像のコードに、シェアでは使われない文字が含まれています`,
    );
  return Buffer.from(text, 'latin1');
}
