/** The steps of an incident in their order, with what passed between them: the table that every report begins with. */
import { code, shown, table } from './escape.ts';
import type { IncidentRecord, Unknown } from './record.ts';
import { unknowns } from './unknown.ts';
import { jst, unknown, utc, type Both, type Lang } from './words.ts';

interface Step {
  readonly what: Both;
  /** Code, escaped already. */
  readonly of?: string;
  /** Where no line says it, what is then not known. */
  readonly at: number | Unknown;
}

export function stepsOf(record: IncidentRecord): readonly Step[] {
  const { firstSight, firstAlarm, signers, evacuations, thaws, pages } = record;
  const of = (what: 'announced' | 'sent') => evacuations.find((one) => one.what === what)?.at;
  const answered = pages?.find(({ event }) => event === 'acknowledged');
  const lifted = thaws.flatMap((one) => (one.lifted === null ? [] : one.lifted));
  const taken = thaws.flatMap((one) => (one.takenUp === null ? [] : one.takenUp));
  const steps: readonly Step[] = [
    { what: { en: 'First suspicious sight', ja: '不審な取引を最初に観測' }, at: firstSight ?? 'no-sight' },
    { what: { en: 'First alarm', ja: '最初の警報' }, at: firstAlarm ?? 'no-alarm' },
    ...signers.map(({ signer, at }) => ({
      what: { en: 'Signer frozen', ja: '署名者を凍結' },
      of: shown(signer),
      at,
    })),
    ...(signers.length > 0
      ? []
      : [{ what: { en: 'Signers frozen', ja: '署名者を凍結' }, at: 'no-signer-frozen' as const }]),
    {
      what: { en: 'Evacuation announced', ja: '退避送金をブロードキャスト' },
      at: of('announced') ?? 'no-evacuation',
    },
    { what: { en: 'Evacuation sent', ja: '退避送金を送信' }, at: of('sent') ?? 'no-evacuation' },
    {
      what: { en: 'First answer to a page', ja: '呼出しへの最初の応答' },
      ...(answered?.person ? { of: shown(answered.person) } : {}),
      at: answered?.at ?? (pages === null ? 'no-pages' : 'nobody-answered'),
    },
    ...taken.map((at) => ({ what: { en: 'Thaw taken up', ja: '凍結解除の受理' }, at })),
    ...(lifted.length > 0
      ? lifted.map((at) => ({ what: { en: 'Thawed', ja: '凍結解除' }, at }))
      : [{ what: { en: 'Thawed', ja: '凍結解除' }, at: 'no-thaw' as const }]),
  ];
  const known = steps.filter(({ at }) => typeof at === 'number');
  const missing = steps.filter(({ at }) => typeof at !== 'number');
  return [...known.toSorted((a, b) => Number(a.at) - Number(b.at)), ...missing];
}

/** Milliseconds between: of watches that may differ, where several machines told. */
export function stepTable(record: IncidentRecord, lang: Lang): string {
  const head: readonly Both[] = [
    { en: 'step', ja: '段階' },
    { en: 'UTC', ja: 'UTC' },
    { en: 'Japan', ja: '日本時間' },
    { en: 'after the step before, ms', ja: '前段階から（ミリ秒）' },
    { en: 'after the first, ms', ja: '最初から（ミリ秒）' },
  ];
  const steps = stepsOf(record);
  const first = steps[0]?.at;
  const rows = steps.map(({ what, of, at }, index) => {
    const name = of === undefined ? what[lang] : `${what[lang]}: ${of}`;
    if (typeof at !== 'number') return [name, unknown(lang, unknowns[at]), '–', '–', '–'];
    const before = steps[index - 1]?.at;
    return [
      name,
      code(utc(at)),
      jst(at),
      typeof before === 'number' ? String(at - before) : '–',
      typeof first === 'number' ? String(at - first) : '–',
    ];
  });
  return table(
    head.map((one) => one[lang]),
    rows,
  );
}
