/**
 * A draft report under the headings of the business improvement order to Coincheck of 29 January 2018 (Payment Services
 * Act, article 63-16): what the record tells is filled in, what people must answer is asked.
 */
import { draftNote, type Document } from './document.ts';
import { sumTable, transactionTable } from './moved.ts';
import { stepTable } from './steps.ts';
import { decisions, evacuationTable, pageTable } from './timeline.ts';
import { unknowns } from './unknown.ts';
import { blank, type Both, type Lang } from './words.ts';

const ask = (lang: Lang, ...questions: readonly Both[]) => [
  questions.map((one) => `* ${blank(lang, one)}`).join('\n'),
];
const sub = (lang: Lang, heading: Both) => `### ${heading[lang]}`;

export const regulator: Document = {
  name: 'regulator',
  title: {
    en: 'Report on the incident (draft, under the headings of the order of 29 January 2018)',
    ja: '本事案に関する報告書（案。平成30年1月29日付業務改善命令の項目による）',
  },
  opening: (_, lang) => [
    draftNote(lang),
    ...ask(
      lang,
      { en: 'To whom, by which order or article, due when?', ja: '宛先、根拠となる命令・条項、提出期限' },
      {
        en: 'Company, registration number, who signs, who answers questions',
        ja: '商号、登録番号、報告責任者、連絡先',
      },
    ),
  ],
  sections: [
    {
      heading: {
        en: '1. Facts of the incident and clarification of its cause',
        ja: '１．本事案の事実関係及び原因の究明',
      },
      body: (record, lang) => [
        sub(lang, { en: 'Course of events', ja: '事案の経過' }),
        stepTable(record, lang),
        sub(lang, { en: 'Transactions that no record of ours explains', ja: '当社の記録で説明できない取引' }),
        transactionTable(record, lang, 'named'),
        sub(lang, { en: 'Amounts', ja: '金額' }),
        sumTable(record, lang),
        sub(lang, { en: 'What was sent to cold storage', ja: 'コールドウォレットへの退避' }),
        evacuationTable(record, lang),
        sub(lang, { en: 'What the record does not tell', ja: '記録からは不明な事項' }),
        record.unknown.map((one) => `* ${unknowns[one][lang]}`).join('\n') || '–',
        sub(lang, { en: 'Cause', ja: '原因' }),
        ...ask(
          lang,
          {
            en: 'How did the signatures come about: which key, whose, where was it kept?',
            ja: '署名はどのように作られたか（どの鍵か、誰の鍵か、保管場所）',
          },
          {
            en: 'How did the intruder get in, when first, and what else did he reach?',
            ja: '侵入経路、最初の侵入時刻、他に到達された範囲',
          },
          {
            en: 'What was the amount worth in yen, at which rate of which moment?',
            ja: '円換算額、適用したレートとその時点',
          },
          {
            en: 'What is still being looked into, by whom, until when?',
            ja: '調査中の事項、担当者、完了予定',
          },
        ),
      ],
    },
    {
      heading: { en: '2. Appropriate handling of customers', ja: '２．顧客への適切な対応' },
      body: (_, lang) =>
        ask(
          lang,
          {
            en: 'How many customers are concerned, with how much of which asset?',
            ja: '影響を受けた顧客数、資産の種類と数量',
          },
          { en: 'When and how were they told, and what?', ja: '顧客に通知した時刻、方法、内容' },
          {
            en: 'Are they made whole: with what, at which rate, until when, out of which funds?',
            ja: '補償の有無、方法、レート、時期、原資',
          },
          {
            en: 'Which services were stopped when, and which are open again since when?',
            ja: '停止したサービスと時刻、再開したサービスと時刻',
          },
          { en: 'Where do customers ask, and how many have asked?', ja: '問い合わせ窓口と受付件数' },
        ),
    },
    {
      heading: {
        en: '3. Stronger governance of system risk management and clarification of responsibility',
        ja: '３．システムリスク管理態勢にかかる経営管理態勢の強化及び責任の所在の明確化',
      },
      body: (record, lang) => [
        sub(lang, { en: 'Decisions that the record holds', ja: '記録に残る判断' }),
        ...decisions(record, lang),
        sub(lang, { en: 'Who was paged, and who answered', ja: '呼出しと応答' }),
        pageTable(record, lang),
        sub(lang, { en: 'To be explained', ja: '説明を要する事項' }),
        ...ask(
          lang,
          {
            en: 'Who holds each of the keys and roles that the record names?',
            ja: '記録にある鍵及び役割の各責任者',
          },
          {
            en: 'When did the board learn of it, and what did it decide?',
            ja: '取締役会が把握した時刻と決定事項',
          },
          {
            en: 'Who is responsible for system risk, to whom does he report, and what had been reported before?',
            ja: 'システムリスク管理の責任者、報告系統、事前の報告内容',
          },
          { en: 'Which responsibility is taken, by whom?', ja: '経営責任の明確化の内容' },
        ),
      ],
    },
    {
      heading: {
        en: '4. Effective system risk management and measures that prevent a recurrence',
        ja: '４．実効性あるシステムリスク管理態勢の構築及び再発防止策の策定等',
      },
      body: (_, lang) =>
        ask(
          lang,
          {
            en: 'What was done about the cause, and how was it shown to work?',
            ja: '原因への対処と、その有効性の確認方法',
          },
          {
            en: 'Which keys were replaced, which machines rebuilt, which policy changed?',
            ja: '交換した鍵、再構築した機器、変更した規則',
          },
          {
            en: 'Which share of each asset is hot, and under how many keys?',
            ja: '資産ごとのホットウォレット比率と署名に必要な鍵の数',
          },
          {
            en: 'What is tested from now on, how often, and who looks at the results?',
            ja: '今後の点検項目、頻度、結果の確認者',
          },
          {
            en: 'Which measures are still to come, until when, under whom?',
            ja: '未実施の措置、期限、責任者',
          },
        ),
    },
  ],
};
