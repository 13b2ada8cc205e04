/** What the keepers answer before a house starts again, in words. */
import type { ThawQuestion } from '@kuramori/core';
import type { Both } from '../incident/words.ts';

export const questions: { readonly [Question in 'cause' | ThawQuestion]: Both } = {
  cause: {
    en: 'What led to each freeze that is lifted: who froze, and what was really the matter? (20 to 2,000 letters)',
    ja: '解除する凍結ごとに、誰が凍結し、実際の原因は何だったか。（20～2,000文字）',
  },
  'key-replaced': {
    en: 'Was the key that signed what nothing explains replaced, and when did the chain show it? If none was stolen: how do you know?',
    ja: '説明のつかない署名をした鍵は交換したか。交換がチェーン上で確認されたのはいつか。盗まれた鍵がない場合、その根拠は何か。',
  },
  'evidence-explained': {
    en: 'Is each piece of evidence explained: how did these bytes come to be signed?',
    ja: '証拠は一つ残らず説明がついたか。そのバイト列はどのようにして署名されたのか。',
  },
  'rooms-rebuilt': {
    en: 'Which nodes, machines and processes were rebuilt, from what, and which were left as they are, and why?',
    ja: 'どのノード、機器、プロセスを何から再構築したか。そのまま残したものとその理由は何か。',
  },
  'people-told': {
    en: 'Who was told, and when: customers, the regulator, the police, the chain’s foundation, other exchanges?',
    ja: '顧客、監督当局、警察、チェーンの財団、他の交換業者のうち、誰にいつ知らせたか。',
  },
  'who-decided': {
    en: 'Who decided to start again, in which meeting, on what grounds?',
    ja: '再開を決めたのは誰か。どの会議で、何を根拠に決めたか。',
  },
};
