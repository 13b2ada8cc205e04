/** Safe sheet: which envelopes there are, with room for where they lie and who opened them when. Nothing on it is secret. */
import type { Told } from '../slip39/flaw.ts';
import { keyFacts, numberOf, recoveryFacts, type Envelope, type KeyOnPaper } from './share-sheet.ts';
import type { Sheet } from './sheet.ts';

export function safeSheet(envelopes: readonly Envelope[], layout: Told, key: KeyOnPaper): Sheet {
  return {
    title: { en: 'Kuramori: envelopes of one key', ja: '封筒一覧' },
    blocks: [
      {
        kind: 'facts',
        facts: [
          { name: { en: 'set', ja: 'セット番号' }, value: `${envelopes[0]?.id ?? ''}` },
          { name: { en: 'it takes', ja: '復元に必要な数' }, value: `${layout.en} / ${layout.ja}` },
          ...keyFacts(key),
          ...recoveryFacts(key),
        ],
      },
      {
        kind: 'table',
        shares: [14, 14, 22, 26, 24],
        head: [
          { en: 'envelope', ja: '封筒番号' },
          { en: 'group, member', ja: 'グループ・シェア番号' },
          { en: 'seal', ja: '封印番号' },
          { en: 'where', ja: '保管場所' },
          { en: 'holder', ja: '保管者' },
        ],
        rows: envelopes.map((one) => [numberOf(one), `${one.group + 1}, ${one.member + 1}`, '', '', '']),
      },
      {
        kind: 'table',
        shares: [14, 16, 26, 26, 18],
        head: [
          { en: 'envelope', ja: '封筒番号' },
          { en: 'opened on', ja: '開封日' },
          { en: 'by', ja: '開封者（二人以上）' },
          { en: 'why', ja: '理由' },
          { en: 'new seal', ja: '新しい封印番号' },
        ],
        rows: Array.from({ length: 12 }, () => ['', '', '', '', '']),
      },
      {
        kind: 'notes',
        notes: [
          {
            ja: 'この一覧は秘密ではありませんが、どこに何があるかを示します。封筒とは別の場所に保管してください。',
            en: 'This list is no secret, but it says where things are: keep it apart from the envelopes.',
          },
          {
            ja: '月に一度、封筒を開けずに数と封印番号を確かめてください。封筒が見当たらないときは、紛失数が復元に必要な数に達する前に鍵を交換し、そのシェアを無効にしてください。',
            en: 'Once a month, count the envelopes and compare their seals, unopened. One that is missing is made worthless by a rotation of the key, before as many are missing as it takes.',
          },
        ],
      },
    ],
  };
}
