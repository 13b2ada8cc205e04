/** Flaw: why a frame is not taken, each with a sentence in both languages. */
import type { Told } from '../slip39/flaw.ts';

export type FrameFlaw =
  | { readonly why: 'no-code' | 'truncated' | 'changed' | 'no-message' | 'another-message' | 'contradicts' }
  | { readonly why: 'another-type'; readonly type: string }
  | { readonly why: 'too-large'; readonly most: number };

export function tellFrame(flaw: FrameFlaw): Told {
  switch (flaw.why) {
    case 'no-code':
      return {
        en: 'this is another code than ours: it does not begin like ur:psbt/ in letters of one case',
        ja: '本システムで読み取れるコードではありません。ur:psbt/などで始まり、大文字と小文字が混在しないものに限ります',
      };
    case 'another-type':
      return {
        en: `this code holds ‘${flaw.type}’, and not a file of ours or a PSBT: it is meant for another program`,
        ja: `このコードの中身は「${flaw.type}」で、本システムのファイルでもPSBTでもありません。別のプログラム用です`,
      };
    case 'truncated':
      return {
        en: 'this frame is cut short: letters are missing. Show it again',
        ja: 'このフレームは途中で切れています。もう一度表示してください',
      };
    case 'changed':
      return {
        en: 'this frame is damaged or was changed: its checksum is wrong. Show it again',
        ja: 'このフレームは壊れているか、変更されています（チェックサムが合いません）。もう一度表示してください',
      };
    case 'no-message':
      return {
        en: 'what this frame says of itself cannot be: no program that keeps to BCR-2024-001 wrote it',
        ja: 'フレームの内容に矛盾があります。BCR-2024-001に従うプログラムが書いたものではありません',
      };
    case 'another-message':
      return {
        en: 'this frame is of another message than the first one that was read, and that one may be the foreign one: show one message alone, from its beginning to its end',
        ja: 'このフレームは、最初に読み取ったものとは別のメッセージのものです。最初のフレームのほうが無関係な場合もあります。一つのメッセージだけを、最初から最後まで表示してください',
      };
    case 'contradicts':
      return {
        en: 'the frames contradict each other: one of them was changed or forged. Nothing of it is used; begin again',
        ja: 'フレーム同士が矛盾しています。変更または偽造されたものがあります。何も使わず、最初からやり直してください',
      };
    case 'too-large':
      return {
        en: `this message is larger than ${flaw.most} bytes, which is the most that is read from codes`,
        ja: `メッセージが大きすぎます。コードから読み取れるのは${flaw.most}バイトまでです`,
      };
    default:
      return flaw satisfies never;
  }
}

/** Of a frame that is here already: no fault, and nothing to do. */
export const toldKnown: Told = {
  en: 'this frame was read before: go on with the others',
  ja: 'このフレームは読み取り済みです。続けて他のフレームを表示してください',
};
