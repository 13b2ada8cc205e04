/** Door: in by a passkey; the first time, by a code that becomes one. */
import { useState } from 'react';
import { useLanguage } from './language.tsx';
import { login, register, type Shown } from './passkey.ts';

export function Door({ over, entered }: { readonly over: boolean; readonly entered: () => void }) {
  const { words, change, name, refusal } = useLanguage();
  const { door } = words;
  const [hasCode, setHasCode] = useState(false);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(over ? door.over : '');
  const go = async (knock: () => Promise<Shown<null>>) => {
    setBusy(true);
    setWrong('');
    const shown = await knock();
    setBusy(false);
    if (shown.kind === 'answered') return entered();
    setWrong(shown.kind === 'cancelled' ? door.cancelled : refusal(shown.why));
  };
  return (
    <main className="door">
      <p className="brand">
        <img src="/kura.svg" alt="" />
        {words.brand}
      </p>
      <h1 className="hidden">{door.title}</h1>
      {hasCode ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void go(() => register(code));
          }}
        >
          <div>
            <label className="label" htmlFor="code">
              {door.code}
            </label>
            <input
              id="code"
              className="field mono"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              required
              placeholder="XXXXX-XXXXX-XXXXX-XXXXX"
              value={code}
              onChange={({ target }) => setCode(target.value)}
            />
          </div>
          <p className="soft small">{door.codeSay}</p>
          <button type="submit" className="button main" disabled={busy}>
            {busy ? door.wait : door.register}
          </button>
          <button type="button" className="button plain" onClick={() => setHasCode(false)}>
            {door.back}
          </button>
        </form>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void go(login);
          }}
        >
          <p className="soft">{door.say}</p>
          <button type="submit" className="button main" disabled={busy}>
            {busy ? door.wait : door.login}
          </button>
          <button type="button" className="button" onClick={() => setHasCode(true)}>
            {door.haveCode}
          </button>
        </form>
      )}
      <p role="alert" className={wrong === '' ? 'hidden' : 'note bad'}>
        {wrong}
      </p>
      <button type="button" className="button plain soft" lang={name === 'en' ? 'ja' : 'en'} onClick={change}>
        {words.other}
      </button>
    </main>
  );
}
