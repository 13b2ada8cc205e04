/** Share sheet: one person's share on paper. It has this share's words and nothing of another's; what it says beside them is in the share itself, or public. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { squaresOf } from '../codes/squares.ts';
import type { Language } from '../seed/sentence.ts';
import type { Share39 } from '../slip39/share.ts';
import type { Fact, Sheet } from './sheet.ts';

/** What a chain key is called on paper. */
export interface KeyOnPaper {
  readonly chain: string;
  readonly network: string;
  readonly chainKey: string;
  /** Of the 24 words that the shares stand for. */
  readonly language: Language;
  /** Whether the shares have a passphrase of their own. */
  readonly passphrase: boolean;
}

export type Envelope = Pick<Share39, 'id' | 'group' | 'member' | 'threshold' | 'groupThreshold' | 'groups'>;

/** On the outside of the envelope, and in the list of the safe. */
export function numberOf({ id, group, member }: Envelope): string {
  return `${String(id).padStart(5, '0')}-${group + 1}-${member + 1}`;
}

/**
 * Which key it is: 32 bits of SHA-256. Too few to recover by, and on purpose: the key is typed from the paper of its making, or a
 * forged share would bring its own answer along.
 */
export function markOf(chainKey: string): string {
  return createHash('sha256').update(chainKey).digest('hex').slice(0, 8).replace(/.{4}/, '$& ');
}

export function shareSheet(share: Envelope, text: Uint8Array, key: KeyOnPaper): Sheet {
  const words = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  return {
    title: { en: 'Kuramori: one share of a key', ja: '鍵のシェア（1枚）' },
    blocks: [
      { kind: 'facts', facts: [...factsOf(share), ...keyFacts(key)] },
      { kind: 'words', words: words.split(' ') },
      {
        kind: 'code',
        // Capitals take less room, and SLIP-0039 knows no difference.
        squares: squaresOf(words.toUpperCase(), 'quartile'),
        side: 62,
        facts: [
          ...recoveryFacts(key),
          {
            name: { en: 'checksum (CRC-32 of the words)', ja: 'チェックサム' },
            value: checksumOf(text),
          },
          { name: { en: 'number of the seal', ja: '封印番号' }, value: '' },
          { name: { en: 'sealed on', ja: '封印日' }, value: '' },
          { name: { en: 'holder', ja: '保管者' }, value: '' },
          { name: { en: 'witness', ja: '立会人' }, value: '' },
        ],
      },
      { kind: 'notes', notes: handling },
    ],
  };
}

function factsOf(share: Envelope): readonly Fact[] {
  const { id, group, member, threshold, groupThreshold, groups } = share;
  return [
    { name: { en: 'envelope', ja: '封筒番号' }, value: numberOf(share) },
    {
      name: { en: 'set, group, member', ja: 'セット番号・グループ・シェア番号' },
      value: `${id}, ${group + 1} (${groups}), ${member + 1}`,
    },
    {
      name: { en: 'it takes', ja: '復元に必要な数' },
      value:
        groups === 1
          ? `${threshold} / ${threshold}枚`
          : `${threshold} of this group, ${groupThreshold} of ${groups} groups / このグループから${threshold}枚、${groups}グループ中${groupThreshold}グループ`,
    },
  ];
}

export function keyFacts({ chain, network, chainKey }: KeyOnPaper): readonly Fact[] {
  return [
    { name: { en: 'chain', ja: 'チェーン' }, value: `${chain}, ${network}` },
    {
      name: { en: 'mark of the chain key', ja: '鍵のフィンガープリント（先頭8桁）' },
      value: markOf(chainKey),
    },
  ];
}

/** Without either of them the shares give another key, and no error says so. */
export function recoveryFacts({ language, passphrase }: KeyOnPaper): readonly Fact[] {
  return [
    {
      name: { en: 'language of the 24 words (BIP-39)', ja: '言語（BIP-39の24単語）' },
      value: { english: 'English / 英語', japanese: 'Japanese / 日本語' }[language],
    },
    {
      name: { en: 'passphrase', ja: 'パスフレーズ' },
      value: passphrase ? 'yes / 有' : 'none / 無',
    },
  ];
}

/** Eight digits, over the words as they stand, in lower case with one space between. */
export function checksumOf(text: Uint8Array): string {
  return crc32(text).toString(16).padStart(8, '0').replace(/.{4}/, '$& ');
}

const handling = [
  {
    ja: 'これは鍵の一部です。必要な数だけ集めた人は、誰でもその鍵を使えます。撮影・複写・送信をせず、下記の復元のとき以外は入力もしないでください。',
    en: 'This is a part of a key. Whoever has as many as it takes has the key. Take no photograph, make no copy, send it to nobody, type it nowhere except to recover, as below.',
  },
  {
    ja: '単語を一つずつ黙読し、欠けやかすれがないことを確かめてから、封筒に入れて封をし、封印番号を控えてください。',
    en: 'Read every word, silently; see that none is missing or faint. Then seal the envelope, and note the number of its seal here and in the list of the safe.',
  },
  {
    ja: '封筒の外側には封筒番号と日付だけを書いてください。他のシェア、バックアップ、パスフレーズと同じ場所に置かず、同じ人が持たないでください。',
    en: 'On its outside: the number of the envelope and the date, nothing else. Never in one place, nor in one hand, with another share, a backup or a passphrase.',
  },
  {
    ja: '印刷した機器には内容が残ります。ネットワークに接続せず、内蔵ストレージのないプリンターを使い、印刷後は、このファイルの媒体とともに、プリンターまたはその記憶装置を物理的に破壊してください。',
    en: 'The printer remembers what it printed. Use one without network and without a disk, and destroy it, or its memory, together with the medium of this file.',
  },
  {
    ja: '開封は二人以上で行い、一覧に日付・氏名・理由を書いてください。封印が破られていたら、直ちに鍵の交換を依頼してください。',
    en: 'Two people open it, and write date, names and reason into the list. Where the seal is broken, have the key rotated out at once.',
  },
  {
    ja: '復元は、新しく用意した、ネットワークに接続していない端末で行います（kuramori signer recover）。復元した鍵を、作成時に控えた紙と照合してください。',
    en: 'Recovery, on a clean machine without network: kuramori signer recover. The key itself is compared with the paper of its making.',
  },
];
