/** App: the door, or the console of whoever is logged in. What is in the menu is what the desk says that they may open. */
import { useCallback, useEffect, useState } from 'react';
import type { Me, Right } from '../wire/index.ts';
import { get, post } from './ask.ts';
import { Door } from './door.tsx';
import { useLanguage } from './language.tsx';
import { OverviewPage } from './overview.tsx';
import { PeoplePage } from './people.tsx';
import { go, usePlace } from './place.ts';
import { paint, theme } from './theme.ts';
import { ViewingsPage } from './viewings.tsx';
import { Way } from './way.tsx';
import { WithdrawalPage } from './withdrawal.tsx';
import { WithdrawalsPage } from './withdrawals.tsx';

type Who =
  | { readonly kind: 'asking' }
  | { readonly kind: 'out'; readonly over: boolean }
  | { readonly kind: 'in'; readonly me: Me };

export function App() {
  const [who, setWho] = useState<Who>({ kind: 'asking' });
  const ask = useCallback(async () => {
    const me = await get<Me>('/api/me');
    if (me.kind === 'answered') setWho({ kind: 'in', me: me.value });
    else setWho((before) => ({ kind: 'out', over: before.kind === 'in' }));
  }, []);
  useEffect(() => {
    void ask();
    const out = () => setWho((before) => ({ kind: 'out', over: before.kind === 'in' }));
    addEventListener('logged-out', out);
    return () => removeEventListener('logged-out', out);
  }, [ask]);
  if (who.kind === 'asking') return null;
  if (who.kind === 'out') return <Door over={who.over} entered={() => void ask()} />;
  const leave = async () => {
    await post('/api/logout', {});
    go('/');
    setWho({ kind: 'out', over: false });
  };
  return <Shell me={who.me} leave={() => void leave()} />;
}

const ways: readonly (readonly [Right, string])[] = [
  ['overview', '/'],
  ['withdrawals', '/withdrawals'],
  ['people', '/people'],
  ['viewings', '/viewings'],
];

function Shell({ me, leave }: { readonly me: Me; readonly leave: () => void }) {
  const { words, change, name } = useLanguage();
  const place = usePlace();
  const [now, setNow] = useState(theme);
  const section = ways.findLast(
    ([, path]) => place === path || (path !== '/' && place.startsWith(`${path}/`)),
  );
  useEffect(() => {
    document.title = section ? `${words.nav[section[0]]} · ${words.brand}` : words.brand;
  }, [section, words]);
  return (
    <>
      <header className="top">
        <div className="inner">
          <Way className="brand" href="/">
            <img src="/kura.svg" alt="" />
            {words.brand}
          </Way>
          <nav className="ways" aria-label={words.nav.sections}>
            {ways
              .filter(([right]) => me.rights.includes(right))
              .map(([right, path]) => (
                <Way key={right} href={path} aria-current={section?.[0] === right ? 'page' : undefined}>
                  {words.nav[right]}
                </Way>
              ))}
          </nav>
          <div className="tools">
            <button
              type="button"
              className="button plain"
              lang={name === 'en' ? 'ja' : 'en'}
              onClick={change}
            >
              {words.other}
            </button>
            <button
              type="button"
              className="button plain"
              aria-label={now === 'dark' ? words.theme.toLight : words.theme.toDark}
              onClick={() => setNow(paint(now === 'dark' ? 'light' : 'dark'))}
            >
              <span aria-hidden="true">{now === 'dark' ? '☀' : '☾'}</span>
            </button>
            <button
              type="button"
              className="button plain"
              onClick={leave}
              title={`${me.name} · ${words.roles[me.role] ?? me.role}`}
            >
              {words.door.logout}
            </button>
          </div>
        </div>
      </header>
      <main>
        <Page me={me} place={place} />
      </main>
    </>
  );
}

function Page({ me, place }: { readonly me: Me; readonly place: string }) {
  const { words } = useLanguage();
  const id = /^\/withdrawals\/([0-9a-f]{64})$/.exec(place)?.[1];
  if (id !== undefined && me.rights.includes('withdrawals')) return <WithdrawalPage key={id} id={id} />;
  if (place === '/withdrawals' && me.rights.includes('withdrawals')) return <WithdrawalsPage />;
  if (place === '/people' && me.rights.includes('people')) return <PeoplePage me={me} />;
  if (place === '/viewings' && me.rights.includes('viewings')) return <ViewingsPage />;
  if (place !== '/') return <p className="note">{words.wrong.role}</p>;
  return <OverviewPage />;
}
