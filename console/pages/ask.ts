/** Asking the desk. What is refused comes back as what the desk says; where it does not answer, as that. */
import { useCallback, useEffect, useState } from 'react';
import type { Refused } from '../wire/index.ts';

export type Asked<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly status: number; readonly why: Refused };

async function asked<T>(answering: Promise<Response>): Promise<Asked<T>> {
  const answer = await answering.catch(() => null);
  if (answer === null)
    return { kind: 'refused', status: 0, why: { code: 'offline', field: null, detail: '' } };
  const body = (await answer.json().catch(() => null)) as unknown;
  if (answer.ok) return { kind: 'answered', value: body as T };
  const why = (body ?? { code: 'offline', field: null, detail: '' }) as Refused;
  if (answer.status === 401) dispatchEvent(new Event('logged-out'));
  return { kind: 'refused', status: answer.status, why };
}

export function get<T>(path: string, query: Readonly<Record<string, string | null>> = {}): Promise<Asked<T>> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== '') search.set(name, value);
  return asked(fetch(search.size > 0 ? `${path}?${search}` : path));
}

export function post<T>(path: string, body: object): Promise<Asked<T>> {
  return asked(
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}

export interface Read<T> {
  /** Undefined until the first answer. */
  readonly answer: Asked<T> | undefined;
  readonly at: number;
  readonly again: () => void;
}

/** Reads once, and again when it is asked to. */
export function useRead<T>(path: string, query?: Readonly<Record<string, string | null>>): Read<T> {
  const [read, setRead] = useState<{ answer: Asked<T> | undefined; at: number }>({
    answer: undefined,
    at: 0,
  });
  const key = JSON.stringify(query ?? {});
  const again = useCallback(() => {
    let gone = false;
    void get<T>(path, JSON.parse(key) as Record<string, string>).then((answer) => {
      if (!gone) setRead({ answer, at: Date.now() });
    });
    return () => {
      gone = true;
    };
  }, [path, key]);
  useEffect(again, [again]);
  return { ...read, again };
}
