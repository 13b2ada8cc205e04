/** Withdrawals: page by page as the list is scrolled, each row drawn only while it can be seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Refused, WithdrawalBrief, WithdrawalPage as Page } from '../wire/index.ts';
import { Amount } from './amount.tsx';
import { get } from './ask.ts';
import { useLanguage } from './language.tsx';
import { StateMark } from './mark.tsx';
import { Way } from './way.tsx';

interface Filter {
  readonly state: string;
  readonly asset: string;
  readonly find: string;
}

interface Loaded {
  readonly items: readonly WithdrawalBrief[];
  readonly next: string | null;
  readonly wrong: Refused | null;
  readonly at: number;
}

/** The list under one filter; what was asked under another is dropped when it comes. */
function useList(filter: Filter) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [turn, setTurn] = useState(0);
  const busy = useRef(false);
  const current = useRef(0);
  const load = useCallback(
    async (cursor: string | null) => {
      const mine = current.current;
      busy.current = true;
      const page = await get<Page>('/api/withdrawals', { ...filter, cursor });
      if (mine !== current.current) return;
      busy.current = false;
      setLoaded((before) =>
        page.kind === 'refused'
          ? { items: before?.items ?? [], next: null, wrong: page.why, at: before?.at ?? Date.now() }
          : {
              items: cursor === null ? page.value.items : [...(before?.items ?? []), ...page.value.items],
              next: page.value.next,
              wrong: null,
              at: cursor === null ? Date.now() : (before?.at ?? Date.now()),
            },
      );
    },
    [filter],
  );
  useEffect(() => {
    current.current += 1;
    // Typing asks nobody until it pauses.
    const soon = setTimeout(() => void load(null), turn === 0 && filter.find !== '' ? 250 : 0);
    return () => clearTimeout(soon);
  }, [load, turn, filter.find]);
  const more = useCallback(() => {
    if (loaded?.next != null && !busy.current) void load(loaded.next);
  }, [load, loaded]);
  return { loaded, more, again: () => setTurn((before) => before + 1) };
}

const narrow = matchMedia('(max-width: 720px)');

export function WithdrawalsPage() {
  const { words, time, refusal } = useLanguage();
  const { list } = words;
  const [filter, setFilter] = useState<Filter>({ state: '', asset: '', find: '' });
  const { loaded, more, again } = useList(filter);
  const set = (change: Partial<Filter>) => setFilter((before) => ({ ...before, ...change }));
  return (
    <>
      <div className="headline">
        <h1>{list.title}</h1>
        <p className="live soft">
          {loaded === null ? '' : list.asOf(time(loaded.at))}{' '}
          <button type="button" className="button plain" onClick={again}>
            {list.refresh}
          </button>
        </p>
      </div>
      <search className="toolbar">
        <input
          type="search"
          className="field search"
          aria-label={list.find}
          placeholder={list.find}
          maxLength={64}
          value={filter.find}
          onChange={({ target }) => set({ find: target.value.trim() })}
        />
        <select
          className="choice"
          aria-label={list.state}
          value={filter.state}
          onChange={({ target }) => set({ state: target.value })}
        >
          <option value="">{list.allStates}</option>
          {Object.entries(words.withdrawalStates).map(([state, name]) => (
            <option key={state} value={state}>
              {name}
            </option>
          ))}
        </select>
        <Assets value={filter.asset} change={(asset) => set({ asset })} />
      </search>
      {loaded?.wrong ? <p className="note bad">{refusal(loaded.wrong)}</p> : null}
      <List loaded={loaded} more={more} filtered={Object.values(filter).some((one) => one !== '')} />
    </>
  );
}

function Assets({ value, change }: { readonly value: string; readonly change: (asset: string) => void }) {
  const { words } = useLanguage();
  const [assets, setAssets] = useState<readonly { readonly asset: string; readonly symbol: string }[]>([]);
  useEffect(() => {
    void get<{ readonly assets: typeof assets }>('/api/overview').then((read) => {
      if (read.kind === 'answered') setAssets(read.value.assets);
    });
  }, []);
  return (
    <select
      className="choice"
      aria-label={words.list.asset}
      value={value}
      onChange={({ target }) => change(target.value)}
    >
      <option value="">{words.list.allAssets}</option>
      {assets.map(({ asset, symbol }) => (
        <option key={asset} value={asset}>
          {symbol}
        </option>
      ))}
    </select>
  );
}

function List({
  loaded,
  more,
  filtered,
}: {
  readonly loaded: Loaded | null;
  readonly more: () => void;
  readonly filtered: boolean;
}) {
  const { words } = useLanguage();
  const { list } = words;
  const scroll = useRef<HTMLDivElement>(null);
  const items = loaded?.items ?? [];
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => (narrow.matches ? 72 : 52),
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= items.length - 30) more();
  }, [last, items.length, more]);
  const whole = loaded?.next === null ? items.length + 1 : -1;
  return (
    <div className="list" role="table" aria-label={list.title} aria-rowcount={whole}>
      <div className="head" role="row" aria-rowindex={1}>
        <span role="columnheader">{list.requested}</span>
        <span role="columnheader">{list.customer}</span>
        <span role="columnheader">{list.to}</span>
        <span role="columnheader" className="right">
          {list.amount}
        </span>
        <span role="columnheader">{list.state}</span>
      </div>
      {/* Whoever uses no mouse scrolls it by keys. */}
      <div className="scroll" ref={scroll} role="rowgroup" tabIndex={0} aria-label={list.title}>
        {items.length === 0 ? (
          <div role="row">
            <p className="empty" role="cell">
              {loaded === null ? list.loading : filtered ? list.none : list.noneYet}
            </p>
          </div>
        ) : null}
        <div className="whole" role="presentation" style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, start, size }) => {
            const item = items[index];
            return item ? (
              <Row key={item.id} item={item} index={index} start={start} size={size} at={loaded?.at ?? 0} />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

function Row({
  item,
  index,
  start,
  size,
  at,
}: {
  readonly item: WithdrawalBrief;
  readonly index: number;
  readonly start: number;
  readonly size: number;
  readonly at: number;
}) {
  const { words, time, day, soon, state } = useLanguage();
  return (
    <div
      className="row"
      role="row"
      aria-rowindex={index + 2}
      style={{ height: size, transform: `translateY(${start}px)` }}
    >
      <span className="when soft small" role="cell" title={day(item.requestedAt)}>
        {at - item.requestedAt < 12 * 3_600_000 ? time(item.requestedAt) : soon(item.requestedAt)}
      </span>
      <span className="who" role="cell">
        <Way href={`/withdrawals/${item.id}`}>
          {item.customer ?? words.reasons[item.reason] ?? words.list.house}
        </Way>
      </span>
      <span className="where mono soft" role="cell" title={item.address ?? undefined}>
        {item.address ?? '–'}
      </span>
      <span className="much right" role="cell">
        <Amount value={item.amount} symbol={item.symbol} />
      </span>
      <span className="state" role="cell">
        <StateMark state={item.state}>{state(item.state)}</StateMark>
      </span>
    </div>
  );
}
