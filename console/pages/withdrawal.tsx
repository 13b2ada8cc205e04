/** One withdrawal, followed: what was asked, what happened, who approved, who recorded, who signed, what the nodes said. */
import type { ReactNode } from 'react';
import type { WithdrawalShown } from '../wire/index.ts';
import { Amount } from './amount.tsx';
import { useRead } from './ask.ts';
import { useLanguage } from './language.tsx';
import { StateMark } from './mark.tsx';
import { Way } from './way.tsx';

export function WithdrawalPage({ id }: { readonly id: string }) {
  const { words, time, state, refusal } = useLanguage();
  const { answer, at, again } = useRead<WithdrawalShown>('/api/withdrawal', { id });
  const { one } = words;
  const back = (
    <Way className="back" href="/withdrawals">
      ← {one.back}
    </Way>
  );
  if (answer === undefined) return back;
  if (answer.kind === 'refused')
    return (
      <>
        {back}
        <p className="note bad">{answer.status === 404 ? one.notFound : refusal(answer.why)}</p>
      </>
    );
  const shown = answer.value;
  return (
    <>
      {back}
      <header className="sum">
        <h1>
          <Amount value={shown.amount} symbol={shown.symbol} />
        </h1>
        <StateMark state={shown.state}>{state(shown.state)}</StateMark>
      </header>
      <p className="soft small">
        {words.list.asOf(time(at))} · {one.audited}{' '}
        <button type="button" className="button plain" onClick={again}>
          {words.list.refresh}
        </button>
      </p>
      <div className="split">
        <section>
          <h2>{one.what}</h2>
          <Facts shown={shown} />
        </section>
        <section>
          <h2>{one.history}</h2>
          <Steps shown={shown} />
        </section>
      </div>
      <section className="plan">
        <h2>{one.approvals}</h2>
        <Approvals shown={shown} />
      </section>
      {shown.plans.map((plan) => (
        <Plan key={plan.number} plan={plan} />
      ))}
    </>
  );
}

function Facts({ shown }: { readonly shown: WithdrawalShown }) {
  const { words, day, count } = useLanguage();
  const { one } = words;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [one.customer, shown.customer ?? words.reasons[shown.reason] ?? shown.reason],
    [
      one.to,
      <span key="to" className="mono">
        {shown.address ?? '–'}
      </span>,
    ],
    ...(shown.memo === null || shown.memo === '' ? [] : [[one.memo, shown.memo] as const]),
    [
      one.fee,
      <span key="fee">
        {shown.fee === null ? '–' : <Amount value={shown.fee} symbol={shown.feeSymbol} />}{' '}
        <span className="soft">
          ({one.feeCap} <Amount value={shown.feeCap} symbol={shown.feeSymbol} />)
        </span>
      </span>,
    ],
    [one.wallet, shown.wallet],
    ...(shown.height === null ? [] : [[one.height, count(shown.height)] as const]),
    ...(shown.waiting === null ? [] : [[one.waiting, shown.waiting] as const]),
    [one.expiry, day(shown.expiry * 1000)],
    ...(shown.keyId === null
      ? []
      : [
          [
            one.key,
            <span key="key" className="mono">
              {shown.keyId}
            </span>,
          ] as const,
        ]),
    [
      one.id,
      <span key="id" className="mono">
        {shown.id}
      </span>,
    ],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Steps({ shown }: { readonly shown: WithdrawalShown }) {
  const { day, state } = useLanguage();
  return (
    <ol className="steps">
      {shown.steps.map((step) => (
        <li key={step.number}>
          <StateMark state={step.state}>{state(step.state)}</StateMark>
          <time className="soft small" dateTime={new Date(step.at).toISOString()}>
            {day(step.at)}
          </time>
          {step.why === null ? null : <p className="why small soft">{step.why}</p>}
        </li>
      ))}
    </ol>
  );
}

function Approvals({ shown }: { readonly shown: WithdrawalShown }) {
  const { words, day } = useLanguage();
  if (shown.approvals.length === 0) return <p className="soft">{words.one.noApprovals}</p>;
  return (
    <ul className="sheet">
      {shown.approvals.map(({ person, at }) => (
        <li key={person}>
          <strong>{person}</strong>
          <span className="soft small">{day(at)}</span>
        </li>
      ))}
    </ul>
  );
}

function Plan({ plan }: { readonly plan: WithdrawalShown['plans'][number] }) {
  const { words, count, day } = useLanguage();
  const { one } = words;
  return (
    <section className="plan">
      <h2>{one.plan(plan.number)}</h2>
      <dl className="facts">
        <Fact name={one.transaction} value={<span className="mono">{plan.transaction}</span>} />
        <Fact name={one.digest} value={<span className="mono">{plan.digest}</span>} />
        {plan.dead === null ? null : <Fact name={one.dead} value={plan.dead} />}
      </dl>
      {plan.records.length === 0 ? null : (
        <>
          <h3>{one.records}</h3>
          <ul className="sheet">
            {plan.records.map((record) => (
              <li key={record.signer}>
                <strong>{record.signer}</strong>
                <span className="hash">
                  {record.place === null ? null : <span>{one.entry(count(record.place))} · </span>}
                  <span className="mono soft">{record.entry}</span>
                  <br />
                  {record.signature === null ? (
                    <span className="warn small">{one.noSignature}</span>
                  ) : (
                    <span className="small soft">
                      {one.signature} <span className="mono">{record.signature}</span>
                    </span>
                  )}
                </span>
                <span className="small">{one.countersigned(record.countersignatures)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {plan.announcements.length === 0 ? null : (
        <>
          <h3>{one.nodes}</h3>
          <ul className="sheet">
            {plan.announcements.map(({ node, part, tries, at, code, message }) => (
              <li key={`${node} ${part}`}>
                <span className="mono small">{node.replace(/^https?:\/\//, '')}</span>
                <span>
                  {code === null ? <span className="warn">{one.noAnswer}</span> : message || String(code)}
                </span>
                <span className="soft small">
                  {one.tries(tries)} · {day(at)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
