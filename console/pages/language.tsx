/** Language: whose words are shown, and how times and numbers are written in it. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Refused } from '../wire/index.ts';
import { en, type Words } from './words/en.ts';
import { ja } from './words/ja.ts';

type Name = 'en' | 'ja';

export interface Language {
  readonly name: Name;
  readonly words: Words;
  readonly change: () => void;
  /** 14:03:22; with the day where it is not today's. */
  readonly time: (ms: number) => string;
  readonly day: (ms: number) => string;
  /** The same where there is little room. */
  readonly soon: (ms: number) => string;
  readonly count: (count: number) => string;
  readonly percent: (bps: number) => string;
  readonly span: (ms: number) => string;
  /** A text that custody wrote about a state; in its own words where there are none here. */
  readonly state: (state: string) => string;
  /** What is wrong, in this language where the code is known; else as the desk says it. */
  readonly refusal: (why: Refused) => string;
}

const Context = createContext<Language | null>(null);

function first(): Name {
  const said = localStorage.getItem('language');
  if (said === 'en' || said === 'ja') return said;
  return navigator.language.startsWith('ja') ? 'ja' : 'en';
}

export function InLanguage({ children }: { readonly children: ReactNode }) {
  const [name, setName] = useState(first);
  useEffect(() => {
    localStorage.setItem('language', name);
    document.documentElement.lang = name;
  }, [name]);
  const language = useMemo(() => languageOf(name, () => setName(name === 'en' ? 'ja' : 'en')), [name]);
  return <Context value={language}>{children}</Context>;
}

export function useLanguage(): Language {
  const language = use(Context);
  if (language === null) throw new Error('useLanguage is called outside of InLanguage');
  return language;
}

function languageOf(name: Name, change: () => void): Language {
  const words = name === 'en' ? en : ja;
  const locale = name === 'en' ? 'en-GB' : 'ja-JP';
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const whole = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: name === 'en' ? 'short' : '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const short = new Intl.DateTimeFormat(locale, {
    month: name === 'en' ? 'short' : 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  const number = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
  const unit = (value: number, of: 'second' | 'minute' | 'hour' | 'millisecond', digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: of,
      // 12s, and 12秒.
      unitDisplay: name === 'en' ? 'narrow' : 'short',
      maximumFractionDigits: digits,
    }).format(value);
  return {
    name,
    words,
    change,
    time: (ms) => clock.format(ms),
    day: (ms) => whole.format(ms),
    soon: (ms) => short.format(ms),
    count: (count) => number.format(count),
    percent: (bps) => share.format(bps / 10_000),
    span(ms) {
      if (ms < 1_000) return unit(ms, 'millisecond');
      if (ms < 120_000) return unit(ms / 1_000, 'second', ms < 10_000 ? 1 : 0);
      return ms < 7_200_000 ? unit(ms / 60_000, 'minute') : unit(ms / 3_600_000, 'hour', 1);
    },
    state: (state) => words.withdrawalStates[state] ?? state,
    refusal: ({ code, field, detail }) => words.refused[code]?.(field ?? '') ?? detail,
  };
}
