/** Viewings: who looked at which customers' data, and when. */
import { useCallback, useEffect, useState } from 'react';
import type { Refused, Viewing, ViewingPage as Page } from '../wire/index.ts';
import { get } from './ask.ts';
import { useLanguage } from './language.tsx';

export function ViewingsPage() {
  const { words, day, refusal } = useLanguage();
  const { viewings } = words;
  const [items, setItems] = useState<readonly Viewing[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [wrong, setWrong] = useState<Refused | null>(null);
  const load = useCallback(async (cursor: string | null) => {
    const page = await get<Page>('/api/viewings', { cursor });
    setWrong(page.kind === 'refused' ? page.why : null);
    if (page.kind === 'refused') return;
    setItems((before) => [...(cursor === null ? [] : (before ?? [])), ...page.value.items]);
    setNext(page.value.next);
  }, []);
  useEffect(() => void load(null), [load]);
  return (
    <>
      <h1>{viewings.title}</h1>
      <p role="alert" className={wrong === null ? 'hidden' : 'note bad'}>
        {wrong === null ? '' : refusal(wrong)}
      </p>
      {items?.length === 0 ? <p className="empty">{viewings.none}</p> : null}
      <ul className="plainlist">
        {items?.map((one) => (
          <li key={one.number}>
            <span className="soft small">{day(one.at)}</span>
            <strong>{one.person}</strong>
            <Seen what={viewings.what[one.what] ?? one.what} customers={one.customers} />
            <span className="mono small soft about">{Object.values(one.about).join(' · ')}</span>
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

/** Whose data it was: one stands there, more of them behind a tap. */
function Seen({ what, customers }: { readonly what: string; readonly customers: Viewing['customers'] }) {
  const { viewings } = useLanguage().words;
  if (customers === null) return <span className="bad">{`${what} · ${viewings.hidden}`}</span>;
  if (customers.length < 2) return <span>{`${what} · ${customers[0] ?? viewings.customers(0)}`}</span>;
  return (
    <details>
      <summary>{`${what} · ${viewings.customers(customers.length)}`}</summary>
      {customers.join(', ')}
    </details>
  );
}
