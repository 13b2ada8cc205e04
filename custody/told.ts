/**
 * Told: what custody hears of the house, written down for those who look and ask nobody (the console's desk). Whoever is
 * silent is written down as silent; and when custody itself is, the rows grow old, which their reader sees.
 */
import { jsonText, log, reasonOf } from '@kuramori/program';
import { freezeOf, signerRoutes, watchtowerRoutes } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { House } from './house.ts';
import type { Scans } from './chain/scan.ts';
import { pause } from './pause.ts';
import { assetsOf, soon } from './services/sight.ts';
import { allowedOf, type Stand } from './treasury/standing.ts';

/** How often. ms */
const everyMs = 2_000;

/** Writes again and again, until it is disposed of. What fails is said once and tried again. */
export function startTelling(house: House, scans: Scans): AsyncDisposable {
  const over = new AbortController();
  let said = '';
  const life = (async () => {
    while (!over.signal.aborted) {
      await tellHouse(house, scans).then(
        () => (said = ''),
        (cause: unknown) => {
          if (reasonOf(cause) !== said) log('not told', { why: reasonOf(cause) });
          said = reasonOf(cause);
        },
      );
      await pause(everyMs, over.signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}

/** One look at everybody. */
export async function tellHouse(house: House, scans: Scans): Promise<void> {
  const assets = assetsOf(house);
  // A spare's process waits for its rotation, and nobody waits for it.
  const serving = new Set(
    [...house.branches, ...house.retired].flatMap(({ hot }) =>
      hot.cosigners.flatMap(({ signer }) => signer ?? []),
    ),
  );
  const [signers, watchtowers] = await Promise.all([
    Promise.all(
      Array.from(house.signers, async ([id, at]) => {
        const says = await soon(house.lines.ask(at, signerRoutes.status, {}));
        const spare = !serving.has(id);
        if (says.kind !== 'status') return { id, spare, answers: false };
        const frozen = assets.filter((asset) => freezeOf(says.freezes, asset));
        return { id, spare, answers: true, open: says.open, frozen, seq: says.seq };
      }),
    ),
    Promise.all(
      house.watchtowers.map(async ({ key, at }) => {
        const says = await soon(house.lines.ask(at, watchtowerRoutes.status, {}));
        if (says.kind !== 'status') return { key, answers: false };
        const frozen = assets.filter((asset) => freezeOf(says.freezes, asset));
        const chains = says.chains.map(({ chain, blind, nodes }) => ({ chain, blind, nodes }));
        const { findings, chains: compared } = says.books;
        const books = {
          findings,
          chains: compared.map((one) => ({ chain: one.chain, compared: one.compared })),
        };
        return { key, answers: true, open: says.open, frozen, chains, books, signs: says.signs.length };
      }),
    ),
  ]);
  const chains = Array.from(scans.states(), ([chain, { height, target, stopped, complaints }]) => ({
    chain,
    height,
    target,
    stopped,
    complaints: complaints.map(({ node, why }) => ({ node, why })),
  }));
  await write(house.pool, 'house', { signers, watchtowers, chains });
}

/** As the treasury has just found it. */
export async function tellTreasury(
  { pool, policy, treasury }: House,
  { shares, assets }: Stand,
): Promise<void> {
  const slack = BigInt(treasury.sweep.slack);
  const { now, set, stale, unset } = shares;
  await write(pool, 'treasury', {
    hotShare: { most: policy.hotShareBps, now, set, stale, unset },
    // Whoever hears no round for a few of these knows that there is none.
    everySeconds: treasury.everySeconds,
    // What may be hot is judged once, here: whoever shows it has nothing to work out.
    assets: assets.map((stand) => {
      const { asset, hot, limit, promised } = stand;
      const may = allowedOf(stand, slack);
      return { asset, limit: limit.units, by: limit.by, promised, may, over: hot > may };
    }),
  });
}

async function write(client: Client, what: 'house' | 'treasury', body: object): Promise<void> {
  await client.query(
    `insert into custody.told (what, body) values ($1, $2)
       on conflict (what) do update set body = excluded.body, at = clock_timestamp()`,
    [what, jsonText(body)],
  );
}
