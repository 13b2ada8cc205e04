/** Asset: what customers are owed of it, and where it lies, as one bar. */
import type { AssetShown } from '../wire/index.ts';
import { Amount } from './amount.tsx';
import { chainName } from './chain-name.ts';
import { useLanguage } from './language.tsx';
import { StateMark } from './mark.tsx';

const part = (of1000: number) => `${of1000 / 10}%`;

export function Asset({ asset }: { readonly asset: AssetShown }) {
  const { words, percent, count } = useLanguage();
  const { overview } = words;
  const { symbol, state, why, bar, compared, hotBps } = asset;
  const stopped =
    asset.stopped.length > 0
      ? overview.stopped(asset.stopped.map((one) => overview.services[one] ?? one).join(', '))
      : null;
  const differs = compared.findings.length > 0;
  return (
    <article className={`asset ${state}`} aria-label={symbol} data-asset={asset.asset}>
      <div className="title">
        <div>
          <p className="name">{symbol}</p>
          <p className="soft small">{chainName(asset.chain)}</p>
        </div>
        <StateMark state={state}>{words.state[state]}</StateMark>
      </div>
      <div>
        <div
          className="bar"
          role="img"
          aria-label={overview.bar(
            symbol,
            asset.hot,
            asset.limit ?? overview.noLimit,
            asset.cold,
            asset.claims,
          )}
        >
          <span className="hot" style={{ width: part(bar.hot) }} />
          <span className="between" style={{ left: part(bar.hot), width: part(bar.between) }} />
          <span className="cold" style={{ left: part(bar.hot + bar.between), width: part(bar.cold) }} />
          <span className="owed" style={{ width: part(bar.claims) }} />
          {bar.limit === null ? null : <span className="limit" style={{ left: part(bar.limit) }} />}
        </div>
        <dl className="keys">
          <div>
            <dt>
              <span className="swatch owed" />
              {overview.owed}
            </dt>
            <dd data-figure="claims">
              <Amount value={asset.claims} symbol={symbol} />
            </dd>
          </div>
          <div>
            <dt>
              <span className="swatch hot" />
              {overview.hot}
            </dt>
            <dd className={asset.overLimit ? 'warn' : undefined}>
              <Amount value={asset.hot} symbol={symbol} />
              {asset.overLimit ? <span className="small"> {overview.over}</span> : null}
            </dd>
          </div>
          <div>
            <dt>
              <span className="swatch limit" />
              {overview.limit}
            </dt>
            <dd>
              {asset.limit === null ? overview.noLimit : <Amount value={asset.limit} symbol={symbol} />}
            </dd>
          </div>
          <div>
            <dt>
              <span className="swatch cold" />
              {overview.cold}
            </dt>
            <dd>
              <Amount value={asset.cold} symbol={symbol} />
            </dd>
          </div>
          <div>
            <dt>{overview.share}</dt>
            <dd>{hotBps === null ? '–' : percent(hotBps)}</dd>
          </div>
          <div>
            <dt>{overview.surplus}</dt>
            <dd className={asset.short ? 'bad' : undefined}>
              <Amount value={asset.surplus} symbol={symbol} />
            </dd>
          </div>
        </dl>
        <p className="small soft compared">
          <span>{overview.compared}</span>
          {differs ? (
            <StateMark state="disputed">{overview.differ}</StateMark>
          ) : compared.at === null ? (
            <StateMark state="unknown">{overview.notCompared}</StateMark>
          ) : (
            <StateMark state="final">
              {overview.agree(compared.towers, compared.of, count(compared.at))}
            </StateMark>
          )}
        </p>
        {compared.findings.map((finding) => (
          <p key={finding} className="small bad">
            {finding}
          </p>
        ))}
      </div>
      {why === null && stopped === null ? null : (
        <p className={state === 'frozen' ? 'why note bad' : 'why note'}>
          {[why, stopped].filter((one) => one !== null).join(' · ')}
        </p>
      )}
    </article>
  );
}
