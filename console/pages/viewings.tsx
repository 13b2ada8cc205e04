/** Viewings: who looked at which customers' data, and when. */
import { useCallback, useEffect, useState } from 'react';
import type { Viewing, ViewingPage as Page } from '../wire/index.ts';
import { get } from './ask.ts';
import { useLanguage } from './language.tsx';

/** The id's beginning, or the filter. */
function aboutOf(about: Viewing['about']): string {
  const text = Object.values(about).join(' · ');
  return text.length > 24 ? `${text.slice(0, 22)}…` : text;
}

export function ViewingsPage() {
  const { words, day } = useLanguage();
  const { viewings } = words;
  const [items, setItems] = useState<readonly Viewing[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const load = useCallback(async (cursor: string | null) => {
    const page = await get<Page>('/api/viewings', { cursor });
    if (page.kind === 'refused') return;
    setItems((before) => [...(cursor === null ? [] : (before ?? [])), ...page.value.items]);
    setNext(page.value.next);
  }, []);
  useEffect(() => void load(null), [load]);
  return (
    <>
      <h1>{viewings.title}</h1>
      {items?.length === 0 ? <p className="empty">{viewings.none}</p> : null}
      <ul className="plainlist">
        {items?.map((one) => (
          <li key={one.number}>
            <span className="soft small">{day(one.at)}</span>
            <strong>{one.person}</strong>
            <span title={one.customers?.join(', ')}>
              {viewings.what[one.what]} ·{' '}
              {one.customers === null ? viewings.hidden : viewings.customers(one.customers.length)}
            </span>
            <span className="mono small soft">{aboutOf(one.about)}</span>
          </li>
        ))}
      </ul>
      {next === null ? null : (
        <button type="button" className="button" onClick={() => void load(next)}>
          {viewings.more}
        </button>
      )}
    </>
  );
}
