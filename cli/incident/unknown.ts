/** What the lines do not tell, in words. */
import type { Unknown } from './record.ts';
import type { Both } from './words.ts';

export const unknowns: { readonly [U in Unknown]: Both } = {
  'torn-line': {
    en: 'the last line of a file was cut off: something happened that is not in it',
    ja: 'ファイルの最終行が途中で切れており、そこに記録されるはずだった事象は含まれていない',
  },
  'no-sight': {
    en: 'no line says when something suspicious was first seen',
    ja: '不審な取引を最初に観測した時刻の記録がない',
  },
  'no-alarm': { en: 'no line is an alarm', ja: '警報の記録がない' },
  'no-signer-frozen': { en: 'no line says that a signer froze', ja: '署名者が凍結された記録がない' },
  'no-transaction': { en: 'no line shows a transaction', ja: '取引を示す記録がない' },
  'some-undecoded': {
    en: 'of some transactions the lines do not say what they do: the sums lack them',
    ja: '内容を解読できない取引があり、合計には含まれていない',
  },
  'several-heights': {
    en: 'a transaction was seen at several heights: blocks were rewritten, or it was paid again; it is counted once',
    ja: '同一の取引が複数の高さで観測された（ブロックの巻き戻し、または再実行）。合計では一度だけ数えている',
  },
  'no-evacuation': { en: 'no line says that coins were sent home', ja: '退避送金の記録がない' },
  'evacuation-not-in-a-block': {
    en: 'whether what was sent home is in a block: look on the chain',
    ja: '退避送金がブロックに取り込まれたか（チェーン上で確認すること）',
  },
  'no-thaw': { en: 'no line says that a thaw has lifted a freeze', ja: '凍結解除の記録がない' },
  'no-pages': {
    en: 'who was paged, and when they answered: no journal of a pager was given',
    ja: '誰が呼び出され、いつ応答したか（呼出記録が与えられていない）',
  },
  'nobody-answered': {
    en: 'no line says that somebody answered a page',
    ja: '呼出しに応答した者の記録がない',
  },
};
