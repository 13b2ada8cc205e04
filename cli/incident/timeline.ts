/** The timeline: the steps, what moved, who decided and answered, then every fact with who told it. */
import { code, shown, table } from './escape.ts';
import { sumTable, transactionTable } from './moved.ts';
import { draftNote, type Document } from './document.ts';
import type { IncidentRecord } from './record.ts';
import { stepTable } from './steps.ts';
import { unknowns } from './unknown.ts';
import { amount, jst, list, moment, unknown, utc, type Both, type Lang } from './words.ts';
import { questions } from '../thaw/questions.ts';

export const timeline: Document = {
  name: 'timeline',
  title: { en: 'Incident: timeline', ja: 'インシデント経過記録' },
  opening: (record, lang) => [draftNote(lang), sourcesText(record, lang)],
  sections: [
    {
      heading: { en: 'Steps', ja: '経過の要点' },
      body: (record, lang) => [stepTable(record, lang)],
    },
    {
      heading: { en: 'Unexplained transactions', ja: '未承認の取引' },
      body: (record, lang) => [transactionTable(record, lang, 'named')],
    },
    { heading: { en: 'Sums', ja: '金額' }, body: (record, lang) => [sumTable(record, lang)] },
    {
      heading: { en: 'Sent home', ja: '退避送金' },
      body: (record, lang) => [evacuationTable(record, lang)],
    },
    {
      heading: { en: 'Decisions of people', ja: '人による判断' },
      body: (record, lang) => decisions(record, lang),
    },
    {
      heading: { en: 'Who was paged, and who answered', ja: '呼出しと応答' },
      body: (record, lang) => [pageTable(record, lang)],
    },
    {
      heading: { en: 'What these lines do not tell', ja: '記録からは不明な事項' },
      body: ({ unknown: gaps }, lang) =>
        gaps.length === 0 ? ['–'] : [gaps.map((one) => `* ${unknowns[one][lang]}`).join('\n')],
    },
    {
      heading: { en: 'Every fact', ja: '全記録' },
      body: (record, lang) => [factTable(record, lang)],
    },
  ],
};

function sourcesText({ sources, since }: IncidentRecord, lang: Lang): string {
  const all = sources.map(({ name, lines, torn }) => {
    const cut = torn ? `; ${unknowns['torn-line'][lang]}` : '';
    return lang === 'en' ? `* ${code(name)}: ${lines} lines${cut}` : `* ${code(name)}：${lines} 行${cut}`;
  });
  const from = lang === 'en' ? 'Only what was told since' : '以下の時刻以降の記録のみ：';
  return [...all, ...(since === null ? [] : [`* ${from} ${moment(since)}`])].join('\n');
}

export function evacuationTable({ evacuations }: IncidentRecord, lang: Lang): string {
  if (evacuations.length === 0) return unknown(lang, unknowns['no-evacuation']);
  const head: readonly Both[] = [
    { en: 'UTC', ja: 'UTC' },
    { en: 'Japan', ja: '日本時間' },
    { en: 'what', ja: '内容' },
    { en: 'amount', ja: '金額' },
    { en: 'to', ja: '送金先' },
    { en: 'transaction', ja: '取引ハッシュ' },
    { en: 'what the nodes answered', ja: 'ノードの応答' },
  ];
  const what: { readonly [W in 'announced' | 'sent']: Both } = {
    announced: { en: 'announced', ja: 'ブロードキャスト' },
    sent: { en: 'sent', ja: '送信完了' },
  };
  const rows = evacuations.map((one) => [
    code(utc(one.at)),
    jst(one.at),
    `${what[one.what][lang]} (${shown(one.wallet)})`,
    one.units === null ? '–' : amount(one.asset ?? '', one.units),
    one.destination === null ? '–' : code(one.destination),
    one.transaction === null ? '–' : code(one.transaction),
    one.answers.map(shown).join('<br>') || '–',
  ]);
  return `${table(
    head.map((one) => one[lang]),
    rows,
  )}\n\n${unknown(lang, unknowns['evacuation-not-in-a-block'])}`;
}

export function decisions({ freezes, thaws }: IncidentRecord, lang: Lang): readonly string[] {
  const frozen = freezes.map(({ at, by, why, assets }) =>
    lang === 'en'
      ? `* ${moment(at)}: the key ${code(by)} froze ${assets ? list(assets) : 'everything'}: “${shown(why)}”`
      : `* ${moment(at)}：鍵 ${code(by)} が${assets ? list(assets) : 'すべて'}を凍結：「${shown(why)}」`,
  );
  const thawed = thaws.flatMap(({ thaw, takenUp, due, lifted, keepers, cause, answers }) => {
    const at = (time: number | null) => (time === null ? '–' : moment(time));
    const head =
      lang === 'en'
        ? `* thaw ${code(thaw)}: taken up ${at(takenUp)}, due ${at(due)}, lifted ${at(lifted)}, signed by ${list(keepers) || '–'}`
        : `* 凍結解除 ${code(thaw)}：受理 ${at(takenUp)}、解除予定 ${at(due)}、解除 ${at(lifted)}、署名者 ${list(keepers) || '–'}`;
    const causeText = lang === 'en' ? 'cause' : '原因';
    return [
      head,
      ...(cause === null ? [] : [`  * ${causeText}: “${shown(cause)}”`]),
      ...Object.entries(answers).map(([id, answer]) => `  * ${questionText(id, lang)}: “${shown(answer)}”`),
    ];
  });
  const none: Both = { en: 'no line shows a decision of a person', ja: '人による判断の記録がない' };
  const all = [...frozen, ...thawed];
  return [all.length === 0 ? unknown(lang, none) : all.join('\n')];
}

function questionText(id: string, lang: Lang): string {
  return Object.hasOwn(questions, id) ? questions[id as keyof typeof questions][lang] : shown(id);
}

export function pageTable({ pages }: IncidentRecord, lang: Lang): string {
  if (pages === null) return unknown(lang, unknowns['no-pages']);
  if (pages.length === 0) return unknown(lang, unknowns['nobody-answered']);
  const head: readonly Both[] = [
    { en: 'UTC', ja: 'UTC' },
    { en: 'Japan', ja: '日本時間' },
    { en: 'what', ja: '内容' },
    { en: 'page', ja: '呼出し' },
    { en: 'person', ja: '担当者' },
    { en: 'by', ja: '手段' },
  ];
  return table(
    head.map((one) => one[lang]),
    pages.map(({ at, event, page, person, channel }) => [
      code(utc(at)),
      jst(at),
      steps[event][lang],
      shown(page),
      shown(person ?? '–'),
      shown(channel ?? '–'),
    ]),
  );
}

const steps: { readonly [E in NonNullable<IncidentRecord['pages']>[number]['event']]: Both } = {
  opened: { en: 'opened', ja: '発報' },
  delivered: { en: 'delivered', ja: '送達' },
  escalated: { en: 'escalated', ja: '上位へ転送' },
  acknowledged: { en: 'answered', ja: '応答' },
  resolved: { en: 'resolved', ja: '解決' },
};

function factTable({ facts }: IncidentRecord, lang: Lang): string {
  const head: readonly Both[] = [
    { en: 'UTC', ja: 'UTC' },
    { en: 'Japan', ja: '日本時間' },
    { en: 'chain time', ja: 'チェーン時刻' },
    { en: 'event', ja: '事象' },
    { en: 'said', ja: '記載' },
    { en: 'told by (file:line)', ja: '記録元（ファイル:行）' },
  ];
  return table(
    head.map((one) => one[lang]),
    facts.map(({ at, chainTime, event, said, toldBy }) => [
      code(utc(at)),
      jst(at),
      code(utc(chainTime)),
      shown(event),
      saidText(said),
      toldBy.map(({ source, line }) => `${code(source)}:${line}`).join(', '),
    ]),
  );
}

/** What is not said elsewhere on the page; bytes stand in the record. */
function saidText(said: IncidentRecord['facts'][number]['said']): string {
  const left = new Set(['at', 'chainTime', 'event', 'does', 'evidence', 'transactions', 'seenAt', 'answers']);
  return Object.entries(said)
    .filter(([name, value]) => value !== null && !left.has(name))
    .map(
      ([name, value]) =>
        `${shown(name)}: ${typeof value === 'string' ? code(value) : shown(JSON.stringify(value))}`,
    )
    .join('; ');
}
