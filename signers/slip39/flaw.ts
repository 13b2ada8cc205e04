/** Flaw: why shares give no secret, each with a sentence in both languages. A word itself is never told: a refusal is written down. */

/** `share` and `other`: their places among those that were given, from 1. `group`: its number, from 1. */
export type Flaw39 =
  | { readonly why: 'length'; readonly words: number }
  | { readonly why: 'unknown-word'; readonly word: number }
  | { readonly why: 'checksum' | 'padding' | 'more-groups-than-there-are' };

export type Refusal39 =
  | { readonly why: 'unread'; readonly share: number; readonly flaw: Flaw39 }
  | { readonly why: 'another-set' | 'another-threshold'; readonly share: number }
  | { readonly why: 'twice'; readonly share: number; readonly other: number }
  | {
      readonly why: 'too-few-groups' | 'too-many-groups';
      readonly have: number;
      readonly need: number;
    }
  | {
      readonly why: 'too-few-shares' | 'too-many-shares';
      readonly group: number;
      readonly have: number;
      readonly need: number;
    }
  | { readonly why: 'wrong-share'; readonly group: number | null };

export interface Told {
  readonly en: string;
  readonly ja: string;
}

/** `names`: what the shares are called, in the order in which they were given. */
export function tellRefusal(refusal: Refusal39, names: readonly string[]): Told {
  const named = (share: number) => names[share - 1] ?? `${share}`;
  switch (refusal.why) {
    case 'unread': {
      const { en, ja } = tellFlaw(refusal.flaw);
      return { en: `${named(refusal.share)}: ${en}`, ja: `${named(refusal.share)}：${ja}` };
    }
    case 'another-set':
      return {
        en: `${named(refusal.share)}: is a share of another set than ${named(1)}: shares of one set begin with the same two words`,
        ja: `${named(refusal.share)}：${named(1)}とは別のセットのシェアです。同じセットのシェアは最初の2単語が同じです`,
      };
    case 'another-threshold':
      return {
        en: `${named(refusal.share)}: names another number of shares for its group than the share before it: one of them is wrong`,
        ja: `${named(refusal.share)}：同じグループの前のシェアと必要数が異なります。どちらかが誤りです`,
      };
    case 'twice':
      return {
        en: `${named(refusal.share)}: has the same number as ${named(refusal.other)}: one share counts once`,
        ja: `${named(refusal.share)}：${named(refusal.other)}と同じ番号のシェアです。一枚は一度しか数えません`,
      };
    case 'too-few-groups':
      return {
        en: `shares of ${refusal.have} group(s) are given, and it takes ${refusal.need}`,
        ja: `グループ${refusal.have}個分のシェアしかありません。${refusal.need}個必要です`,
      };
    case 'too-many-groups':
      return {
        en: `shares of ${refusal.have} groups are given, and it takes exactly ${refusal.need}: leave the others out`,
        ja: `グループ${refusal.have}個分のシェアがあります。ちょうど${refusal.need}個にしてください`,
      };
    case 'too-few-shares':
      return {
        en: `group ${refusal.group}: ${refusal.have} share(s) are given, and it takes ${refusal.need}`,
        ja: `グループ${refusal.group}：シェアが${refusal.have}枚しかありません。${refusal.need}枚必要です`,
      };
    case 'too-many-shares':
      return {
        en: `group ${refusal.group}: ${refusal.have} shares are given, and it takes exactly ${refusal.need}: leave the others out`,
        ja: `グループ${refusal.group}：シェアが${refusal.have}枚あります。ちょうど${refusal.need}枚にしてください`,
      };
    case 'wrong-share':
      return refusal.group === null
        ? {
            en: 'the groups do not fit together: a share is wrong, or was forged',
            ja: 'グループ同士が合いません。誤った、または偽造されたシェアがあります',
          }
        : {
            en: `group ${refusal.group}: its shares do not fit together: one is wrong, or was forged`,
            ja: `グループ${refusal.group}：シェア同士が合いません。誤った、または偽造されたシェアがあります`,
          };
    default:
      return refusal satisfies never;
  }
}

function tellFlaw(flaw: Flaw39): Told {
  switch (flaw.why) {
    case 'length':
      return {
        en: `has ${flaw.words} words: a share of ours has 33`,
        ja: `単語が${flaw.words}個あります。本システムのシェアは33単語です`,
      };
    case 'unknown-word':
      return {
        en: `word ${flaw.word} is not in the list of SLIP-0039, whose words are English; 24 words of BIP-39 are no share`,
        ja: `${flaw.word}番目の単語はSLIP-0039の単語リスト（英語）にありません。BIP-39の24単語はシェアではありません`,
      };
    case 'checksum':
      return {
        en: 'its checksum is wrong: a word was changed, left out or moved. Read it again from the paper',
        ja: 'チェックサムが合いません。単語が変わったか、抜けたか、順序が違います。紙から読み直してください',
      };
    case 'padding':
      return {
        en: 'its padding is not zero: no program that keeps to SLIP-0039 wrote it',
        ja: '詰めビットが0ではありません。SLIP-0039に従うプログラムが書いたものではありません',
      };
    case 'more-groups-than-there-are':
      return {
        en: 'asks for more groups than there are: no program that keeps to SLIP-0039 wrote it',
        ja: '存在する数より多いグループを求めています。SLIP-0039に従うプログラムが書いたものではありません',
      };
    default:
      return flaw satisfies never;
  }
}
