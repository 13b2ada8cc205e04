/** Overview: the house at a glance, made from what the database tells. Sums alone, and no customer. */
import { SignedUnits, Units } from '@kuramori/core';
import { row, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { AssetShown, ChainShown, GuardShown, Overview } from '../wire/index.ts';
import { chainOf, shownAmount, symbolOf } from './amount.ts';

const count = z.coerce.number().pipe(z.int().nonnegative());

const Node = z.object({ url: z.string(), height: z.int(), error: z.string().nullable() });
const Tower = z.object({
  key: z.string(),
  answers: z.boolean(),
  open: z.boolean().default(false),
  frozen: z.array(z.string()).default([]),
  chains: z
    .array(z.object({ chain: z.string(), blind: z.string().nullable(), nodes: z.array(Node) }))
    .default([]),
  books: z
    .object({
      findings: z.array(z.string()),
      chains: z.array(z.object({ chain: z.string(), compared: z.int().nullable() })),
    })
    .default({ findings: [], chains: [] }),
});
type Tower = z.output<typeof Tower>;
const Signer = z.object({
  id: z.string(),
  spare: z.boolean(),
  answers: z.boolean(),
  open: z.boolean().default(false),
  frozen: z.array(z.string()).default([]),
});

/** As custody writes it (custody/told.ts). */
const House = z.object({
  signers: z.array(Signer),
  watchtowers: z.array(Tower),
  chains: z.array(z.object({ chain: z.string(), height: z.int(), stopped: z.string().nullable() })),
});
const Treasury = z.object({
  hotShare: z.object({ most: z.int(), now: z.int().nullable() }),
  assets: z.array(z.object({ asset: z.string(), limit: Units })),
});

const Read = z.object({
  at: z.int(),
  assets: z.array(
    z.object({
      asset: z.string(),
      claims: SignedUnits,
      holdings: SignedUnits,
      wallets: z.array(
        z.object({ kind: z.enum(['hot', 'cold', 'in-transit']), wallet: z.string(), units: SignedUnits }),
      ),
      stop: z.object({ why: z.string(), thawed: z.string().nullable() }).nullable(),
      services: z.record(z.string(), z.enum(['open', 'stopped'])),
    }),
  ),
  cursors: z.record(z.string(), z.int()),
  told: z.object({
    house: z.object({ body: House, age: z.int() }).optional(),
    treasury: z.object({ body: Treasury, age: z.int() }).optional(),
  }),
  open: z.record(z.string(), count),
  asked: count,
  sent: count,
  p99: z.number().nullable(),
  counted: count,
  notices: z.object({ grave: count.default(0), warning: count.default(0), info: count.default(0) }),
});
type Read = z.output<typeof Read>;

export async function readOverview(client: Client): Promise<Overview> {
  const { overview } = await row(client, z.object({ overview: Read }), 'select desk.overview() as overview');
  return overviewOf(overview);
}

/** What custody told so long ago says nothing of the house as it is. ms */
const staleMs = 15_000;

function overviewOf(read: Read): Overview {
  const { at, told, open, asked, sent, p99, counted, notices } = read;
  const house = told.house;
  // Whoever was alive when custody was last heard may not be now.
  const silent = house === undefined || house.age > staleMs;
  const towers = house?.body.watchtowers ?? [];
  const share = told.treasury?.body.hotShare;
  const of = (...states: readonly string[]) => states.reduce((sum, state) => sum + (open[state] ?? 0), 0);
  return {
    at,
    assets: read.assets.map((one) => assetOf(one, told.treasury?.body, silent ? [] : towers, towers.length)),
    hotShare: share ? { bps: share.now, most: share.most } : null,
    chains: (house?.body.chains ?? []).map((one) => chainShown(one, read, towers)),
    signers: (house?.body.signers ?? []).map((one) => guard(one.id, silent, one, null, one.spare)),
    watchtowers: towers.map((one, index) =>
      guard(`${index + 1} · ${one.key.slice(0, 8)}`, silent, one, blindOf(one)),
    ),
    flow: {
      asked,
      sent,
      waiting: Object.values(open).reduce((sum, more) => sum + more, 0),
      forPeople: of('awaiting-approval'),
      disputed: read.open['disputed'] ?? 0,
      p99: p99 === null ? null : Math.round(p99),
      counted,
    },
    notices,
    custodySilentFor: house === undefined ? null : silent ? house.age : 0,
  };
}

const blindOf = ({ chains }: Tower) =>
  chains.flatMap(({ chain, blind }) => (blind === null ? [] : `${chain}: ${blind}`)).join('; ') || null;

function guard(
  name: string,
  silent: boolean,
  {
    answers,
    open,
    frozen,
  }: { readonly answers: boolean; readonly open: boolean; readonly frozen: readonly string[] },
  blind: string | null,
  spare = false,
): GuardShown {
  // Nobody waits for a spare: it may be switched off.
  if (spare && !silent && !answers) return { name, state: 'spare', why: null };
  if (silent || !answers) return { name, state: 'silent', why: null };
  if (frozen.length > 0) return { name, state: 'frozen', why: frozen.map(symbolOf).join(', ') };
  if (!open) return { name, state: 'closed', why: null };
  return blind === null ? { name, state: 'alive', why: null } : { name, state: 'blind', why: blind };
}

function chainShown(
  { chain, height, stopped }: z.output<typeof House>['chains'][number],
  { cursors }: Read,
  towers: readonly Tower[],
): ChainShown {
  const seen = new Map<string, z.output<typeof Node>>();
  for (const node of towers
    .flatMap(({ chains }) => chains.filter((one) => one.chain === chain))
    .flatMap(({ nodes }) => nodes)) {
    const before = seen.get(node.url);
    if (before === undefined || node.height > before.height) seen.set(node.url, node);
  }
  const tip = Math.max(0, ...seen.values().map((node) => node.height));
  return {
    chain,
    booked: cursors[chain] ?? height,
    stopped,
    nodes: Array.from(seen.values(), ({ url, height: at, error }) => ({
      url: url.replace(/^https?:\/\//, ''),
      height: at,
      behind: tip - at,
      error,
    })),
  };
}

function assetOf(
  { asset, claims, holdings, wallets, stop, services }: Read['assets'][number],
  treasury: z.output<typeof Treasury> | undefined,
  answering: readonly Tower[],
  towers: number,
): AssetShown {
  const sum = (kind: string) =>
    wallets.filter((one) => one.kind === kind).reduce((total, { units }) => total + units, 0n);
  const [hot, cold, between] = [sum('hot'), sum('cold'), sum('in-transit')];
  const limit = treasury?.assets.find((one) => one.asset === asset)?.limit ?? null;
  const whole = [holdings, claims, 1n].reduce((most, one) => (one > most ? one : most));
  const part = (units: bigint) => (units <= 0n ? 0 : Number((units * 1000n) / whole));
  const chain = chainOf(asset);
  const compared = answering.flatMap(({ answers, books }) =>
    answers ? (books.chains.find((one) => one.chain === chain)?.compared ?? []) : [],
  );
  return {
    asset,
    symbol: symbolOf(asset),
    chain,
    state: stop === null ? 'running' : stop.thawed === null ? 'frozen' : 'thawing',
    why: stop?.why ?? null,
    claims: shownAmount(claims, asset),
    hot: shownAmount(hot, asset),
    cold: shownAmount(cold, asset),
    between: shownAmount(between, asset),
    limit: limit === null ? null : shownAmount(limit, asset),
    bar: {
      hot: part(hot),
      cold: part(cold),
      between: part(between),
      limit: limit === null ? null : Math.min(1000, part(limit)),
      claims: part(claims),
    },
    overLimit: limit !== null && hot > limit,
    hotBps: claims > 0n ? Number(((hot + between) * 10_000n) / claims) : null,
    surplus: shownAmount(holdings - claims, asset),
    short: holdings < claims,
    stopped: Object.entries(services)
      .filter(([, state]) => state === 'stopped')
      .map(([service]) => service)
      .sort(),
    compared: {
      towers: compared.length,
      of: towers,
      at: compared.length === 0 ? null : Math.max(...compared),
      findings: [...new Set(answering.flatMap(({ books }) => books.findings))],
    },
  };
}
