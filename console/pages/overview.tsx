/** Overview: whether all is well, said first; then what customers are owed and where it lies; then who watches. */
import type { AssetShown, ChainShown, GuardShown, Overview } from '../wire/index.ts';
import { Asset } from './asset.tsx';
import { chainName } from './chain-name.ts';
import { useLanguage, type Language } from './language.tsx';
import { useLive } from './live.ts';
import { StateMark } from './mark.tsx';

export function OverviewPage() {
  const { overview, stale } = useLive();
  const language = useLanguage();
  const { words, time, span } = language;
  if (overview === null)
    return (
      <p className={stale ? 'note bad' : 'soft'}>{stale ? words.wrong.offline : words.overview.never}</p>
    );
  const said = headline(overview, language);
  const { custodySilentFor: silent } = overview;
  return (
    <div className={stale ? 'stale' : undefined}>
      <div className="headline">
        <h1>
          <StateMark state={stale ? 'silent' : said.state}>
            {stale ? words.overview.lost : said.text}
          </StateMark>
        </h1>
        <p className="live soft" role="status">
          {stale ? '' : words.overview.live(time(overview.at))}
        </p>
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

/** The gravest thing alone: whoever is called at night reads one line. */
function headline(
  { assets, custodySilentFor }: Overview,
  { words: { overview } }: Language,
): { readonly state: string; readonly text: string } {
  const names = (which: (one: AssetShown) => boolean) =>
    assets
      .filter(which)
      .map(({ symbol }) => symbol)
      .join(', ');
  const short = names((one) => one.short);
  if (short !== '') return { state: 'disputed', text: overview.short(short) };
  const frozen = names(({ state }) => state === 'frozen');
  if (frozen !== '') return { state: 'frozen', text: overview.frozen(frozen) };
  const thawing = names(({ state }) => state === 'thawing');
  if (thawing !== '') return { state: 'thawing', text: overview.thawing(thawing) };
  if (custodySilentFor !== 0) return { state: 'silent', text: overview.blindly };
  const over = names(({ overLimit }) => overLimit);
  if (over !== '') return { state: 'blind', text: overview.tooHot(over) };
  return { state: 'running', text: overview.allRunning };
}

function Figures({ overview: { flow, hotShare, notices } }: { readonly overview: Overview }) {
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
  return (
    <ul className="rows">
      {chains.map(({ chain, booked, stopped, nodes }) => (
        <li key={chain}>
          <div>
            <strong>{chainName(chain)}</strong>
          </div>
          <ul className="nodes">
            {nodes.map(({ url, height, behind, error }) => (
              <li key={url}>
                <StateMark state={error === null ? (behind > 2 ? 'blind' : 'alive') : 'silent'}>
                  {url}
                </StateMark>
                <span className={behind > 2 || error !== null ? 'warn' : 'soft'}>
                  {count(height)} · {behind === 0 ? words.overview.atTip : words.overview.behind(behind)}
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
