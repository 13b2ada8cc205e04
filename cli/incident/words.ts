/** Both languages of a report, its times and its amounts. What is not known is said, never guessed. */
import { formatAmount, XEM } from '@kuramori/core';
import { code, shown } from './escape.ts';

export type Lang = 'en' | 'ja';
export const langs: readonly Lang[] = ['en', 'ja'];
export type Both = { readonly [L in Lang]: string };

const japanMs = 9 * 60 * 60 * 1000;

/** `2026-01-26T00:02:13.123Z`. */
export function utc(at: number): string {
  return new Date(at).toISOString();
}

/** The same moment in Japan: `2026-01-26 09:02:13.123 JST`. */
export function jst(at: number): string {
  return `${new Date(at + japanMs).toISOString().replace('T', ' ').slice(0, -1)} JST`;
}

export function moment(at: number): string {
  return `${utc(at)} (${jst(at)})`;
}

const notKnown: Both = { en: 'not known', ja: '不明' };

/** Why something is not known, where it would stand. */
export function unknown(lang: Lang, why: Both): string {
  return lang === 'en' ? `${notKnown.en}: ${why.en}` : `${notKnown.ja}：${why.ja}`;
}

/** What only people can write: the question to answer, and a mark that nobody overlooks. */
export function blank(lang: Lang, question: Both): string {
  return lang === 'en' ? `**【TO BE WRITTEN】** ${question.en}` : `**【要記入】** ${question.ja}`;
}

/** Exactly: units of the chain, and the usual number beside them where its decimals are known. */
export function amount(asset: string, units: string): string {
  return asset === XEM
    ? `${formatAmount(BigInt(units), XEM)} XEM (${units} micro-XEM)`
    : `${units} ${shown(asset)}`;
}

export function list(items: readonly string[]): string {
  return items.map(code).join(', ');
}
