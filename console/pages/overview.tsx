/** Overview: whether all is well, said first; then what customers are owed and where it lies; then who watches. */
import type { ChainShown, GuardShown, Overview } from '../wire/index.ts';
import { Asset } from './asset.tsx';
import { chainName } from './chain-name.ts';
import { useLanguage } from './language.tsx';
import { useLive } from './live.ts';
import { StateMark } from './mark.tsx';

export function OverviewPage() {
  const { overview, stale } = useLive();
  const { words, time, span } = useLanguage();
  if (overview === null)
    return (
      <p className={stale ? 'note bad' : 'soft'}>{stale ? words.wrong.offline : words.overview.never}</p>
    );
  const { custodySilentFor: silent } = overview;
  return (
    <div className={stale ? 'stale' : undefined}>
      <div className="headline">
        {/* Announced when it changes; the time beside it does so each second. */}
        <div role="status">
          {stale ? (
            <h1>
              <StateMark state="silent">{words.overview.lost}</StateMark>
            </h1>
          ) : (
            <Headline overview={overview} />
          )}
        </div>
        <p className="live soft">{stale ? '' : words.overview.live(time(overview.at))}</p>
      </div>
      {stale ? (
        <p className="note bad staleness" role="alert">
          {words.overview.stale(time(overview.at))}
        </p>
      ) : null}
      {!stale && silent !== 0 ? (
        <p className="note staleness">
          {silent === null ? words.overview.silentEver : words.overview.silent(span(silent))}
        </p>
      ) : null}
      {overview.findings.map((finding) => (
        <p key={finding} className="note bad staleness">
          {finding}
        </p>
      ))}
      <div className="ages">
        <Figures overview={overview} />
        <h2>{words.overview.assets}</h2>
        <div className="assets">
          {overview.assets.map((asset) => (
            <Asset key={asset.asset} asset={asset} />
          ))}
        </div>
        <div className="house">
          <section>
            <h2>{words.overview.chains}</h2>
            <Chains chains={overview.chains} />
          </section>
          <section>
            <h2>{words.overview.watchtowers}</h2>
            <Guards guards={overview.watchtowers} />
            <h2>{words.overview.signers}</h2>
            <Guards guards={overview.signers} />
          </section>
        </div>
      </div>
    </div>
  );
}

/** What is read at night: the gravest thing first, then all else that is not as it should be. The desk judges; here are words. */
function Headline({ overview: { state, reasons } }: { readonly overview: Overview }) {
  const { words } = useLanguage();
  const said = reasons.map(({ code, state: tone, about }) => {
    const names = about.map(chainName).join(', ');
    return { code, tone, text: words.overview.reasons[code](names) };
  });
  const [first, ...more] = said;
  return (
    <>
      <h1>
        <StateMark state={state}>{first?.text ?? words.overview.allRunning}</StateMark>
      </h1>
      {more.length === 0 ? null : (
        <ul className="reasons">
          {more.map(({ code, tone, text }) => (
            <li key={code} data-reason={code}>
              <StateMark state={tone}>{text}</StateMark>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Figures({ overview: { flow, hotShare, treasury, notices } }: { readonly overview: Overview }) {
  const { words, count, percent, span } = useLanguage();
  const { overview } = words;
  const waits = flow.forPeople > 0;
  return (
    <dl className="figures" aria-label={overview.flow}>
      <div>
        <dt>{overview.sent}</dt>
        <dd data-figure="sent">
          {count(flow.sent)}
          <small>{overview.aMinute}</small>
        </dd>
      </div>
      <div>
        <dt>{overview.waiting}</dt>
        <dd data-figure="waiting">
          {count(flow.waiting)}
          {waits ? <small className="under">{`${overview.forPeople} ${count(flow.forPeople)}`}</small> : null}
        </dd>
      </div>
      <div>
        <dt>{overview.p99}</dt>
        <dd>{flow.p99 === null ? '–' : span(flow.p99)}</dd>
      </div>
      <div>
        <dt>{overview.shareOfAll}</dt>
        <dd>
          {hotShare?.bps == null ? '–' : percent(hotShare.bps)}
          {hotShare ? <small className="under">{overview.atMost(percent(hotShare.most))}</small> : null}
          {treasury ? (
            <small className={treasury.late ? 'under bad' : 'under'} data-figure="treasury">
              {treasury.late ? overview.late(span(treasury.age)) : overview.ago(span(treasury.age))}
            </small>
          ) : null}
        </dd>
      </div>
      <div>
        <dt>{overview.notices}</dt>
        <dd className={notices.grave > 0 ? 'bad' : notices.warning > 0 ? 'warn' : undefined}>
          {count(notices.grave + notices.warning)}
          {notices.grave > 0 ? (
            <small className="under">{`${overview.grave} ${count(notices.grave)}`}</small>
          ) : null}
        </dd>
      </div>
    </dl>
  );
}

function Chains({ chains }: { readonly chains: readonly ChainShown[] }) {
  const { words, count } = useLanguage();
  const placeOf = (state: ChainShown['nodes'][number]['state'], behind: number) => {
    if (state === 'silent' || state === 'failing') return words.overview.node[state];
    return behind === 0 ? words.overview.atTip : words.overview.behind(behind);
  };
  return (
    <ul className="rows">
      {chains.map(({ chain, booked, stopped, nodes }) => (
        <li key={chain}>
          <div>
            <strong>{chainName(chain)}</strong>
          </div>
          <ul className="nodes">
            {nodes.map(({ url, height, behind, state }) => (
              <li key={url}>
                <StateMark state={state}>{url}</StateMark>
                <span className={state === 'alive' ? 'soft' : 'warn'}>
                  {count(height)} · {placeOf(state, behind)}
                </span>
              </li>
            ))}
          </ul>
          <div className="soft small">{booked === null ? '–' : words.overview.booked(count(booked))}</div>
          {stopped === null ? null : <p className="why small bad">{stopped}</p>}
        </li>
      ))}
    </ul>
  );
}

function Guards({ guards }: { readonly guards: readonly GuardShown[] }) {
  const { words } = useLanguage();
  return (
    <ul className="rows guards">
      {guards.map(({ name, state, why }) => (
        <li key={name}>
          <span className="mono">{name}</span>
          <StateMark state={state}>{words.guard[state]}</StateMark>
          {why === null ? null : <p className="why small soft">{why}</p>}
        </li>
      ))}
    </ul>
  );
}
