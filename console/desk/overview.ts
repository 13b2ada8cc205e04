/** Overview: the house at a glance, made from what the database tells. Sums alone, and no customer. */
import { SignedUnits, Units } from '@kuramori/core';
import { row, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { AssetShown, ChainShown, GuardShown, Overview, Reason } from '../wire/index.ts';
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
  hotShare: z.object({
    most: z.int(),
    now: z.int().nullable(),
    stale: z.array(z.string()),
    unset: z.array(z.string()),
  }),
  everySeconds: z.number(),
  assets: z.array(z.object({ asset: z.string(), may: Units, over: z.boolean() })),
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

/** The treasury may miss as many rounds, and be as slow as custody, before it is late. */
const missedRounds = 3;

/** Towers ask a node at moments of their own. */
const behindBlocks = 2;

function overviewOf(read: Read): Overview {
  const { at, told, open, asked, sent, p99, counted, notices } = read;
  const house = told.house;
  // Whoever was alive when custody was last heard may not be now.
  const silent = house === undefined || house.age > staleMs;
  const towers = house?.body.watchtowers ?? [];
  const { body: treasury, age = 0 } = told.treasury ?? {};
  const share = treasury?.hotShare;
  const findings = towers.flatMap(({ books }) => books.findings.map(findingOf));
  const of = (...states: readonly string[]) => states.reduce((sum, state) => sum + (open[state] ?? 0), 0);
  const shown = {
    at,
    // Also what is of an asset that the books do not have: it must stand somewhere.
    findings: textsOf(findings.filter((one) => !read.assets.some(({ asset }) => isAbout(asset)(one)))),
    assets: read.assets.map((one) =>
      assetOf(one, treasury, { findings, answering: silent ? [] : towers, towers: towers.length }),
    ),
    hotShare: share ? { bps: share.now, most: share.most } : null,
    treasury:
      treasury && share
        ? {
            age,
            late: age > missedRounds * treasury.everySeconds * 1000 + staleMs,
            stale: share.stale.map(symbolOf),
            unset: share.unset.map(symbolOf),
          }
        : null,
    chains: (house?.body.chains ?? []).map((one) => chainShown(one, read, towers, silent)),
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
  const reasons = reasonsOf(shown);
  const state = reasons.some((one) => one.state === 'stopped')
    ? 'stopped'
    : reasons.length > 0
      ? 'watch'
      : 'running';
  return { ...shown, state, reasons };
}

/** All that is not as it should be, the gravest first; an empty list is what "everything is running" means. */
function reasonsOf(shown: Omit<Overview, 'state' | 'reasons'>): readonly Reason[] {
  const { assets, chains, signers, watchtowers, hotShare, treasury, notices, findings } = shown;
  const silent = shown.custodySilentFor !== 0;
  const of = (which: (one: AssetShown) => boolean) => assets.filter(which).map(({ symbol }) => symbol);
  const are = (guards: readonly GuardShown[], state: GuardShown['state']) =>
    guards.filter((one) => one.state === state).map(({ name }) => name);
  const none = (guards: readonly GuardShown[]) =>
    !silent && guards.length > 0 && guards.every(({ state }) => state === 'silent' || state === 'spare');
  // Where custody is silent everybody is, and that is said once.
  const unheard = (guards: readonly GuardShown[]) => (silent || none(guards) ? [] : are(guards, 'silent'));
  const nodes = (state: ChainShown['nodes'][number]['state']) =>
    chains.flatMap((chain) => chain.nodes.filter((one) => one.state === state).map(({ url }) => url));
  const [stopped, watch] = ['stopped', 'watch'] as const;
  const all: readonly (readonly [Reason['code'], Reason['state'], boolean | readonly string[]])[] = [
    ['short', stopped, of(({ short }) => short)],
    [
      'books-differ',
      stopped,
      differing(
        of(({ compared }) => compared.findings.length > 0),
        findings,
      ),
    ],
    ['frozen', stopped, of(({ state }) => state === 'frozen')],
    ['signer-frozen', stopped, are(signers, 'frozen')],
    ['tower-frozen', stopped, are(watchtowers, 'frozen')],
    ['chain-stopped', stopped, chains.filter((one) => one.stopped !== null).map(({ chain }) => chain)],
    ['custody-silent', stopped, silent],
    ['signers-all-silent', stopped, none(signers)],
    ['towers-all-silent', stopped, none(watchtowers)],
    ['grave-notices', stopped, notices.grave > 0 && [`${notices.grave}`]],
    ['thawing', watch, of(({ state }) => state === 'thawing')],
    ['services-stopped', watch, of((one) => one.state === 'running' && one.stopped.length > 0)],
    ['tower-silent', watch, unheard(watchtowers)],
    ['signer-silent', watch, unheard(signers)],
    ['tower-blind', watch, are(watchtowers, 'blind')],
    ['tower-closed', watch, are(watchtowers, 'closed')],
    ['signer-closed', watch, are(signers, 'closed')],
    ['not-compared', watch, silent ? [] : of(({ compared }) => compared.at === null)],
    ['node-silent', watch, silent ? [] : nodes('silent')],
    ['node-failing', watch, nodes('failing')],
    ['node-behind', watch, nodes('behind')],
    ['too-hot', watch, of(({ overLimit }) => overLimit)],
    ['share-too-hot', watch, hotShare !== null && hotShare.bps !== null && hotShare.bps > hotShare.most],
    ['treasury-late', watch, treasury === null || treasury.late],
    ['no-price', watch, [...new Set([...(treasury?.stale ?? []), ...(treasury?.unset ?? [])])]],
    ['warnings', watch, notices.warning > 0 && [`${notices.warning}`]],
  ];
  return all.flatMap(([code, state, found]) => {
    const about = typeof found === 'boolean' ? [] : found;
    return found === true || about.length > 0 ? { code, state, about } : [];
  });
}

/** What is of no asset is of the books as a whole, and names none. */
const differing = (symbols: readonly string[], whole: readonly string[]) =>
  symbols.length > 0 ? symbols : whole.length > 0;

interface Finding {
  readonly text: string;
  readonly chain: string | null;
  readonly asset: string | null;
}

/** As watchtowers write it: `event: {fields}`. What cannot be read so is of the books as a whole, and is shown all the same. */
function findingOf(text: string): Finding {
  const { data } = Fields.safeParse(jsonOrNull(text.slice(text.indexOf(': ') + 2)));
  return { text, chain: data?.chain ?? null, asset: data?.asset ?? null };
}
const Fields = z.object({ chain: z.string().optional(), asset: z.string().optional() });
function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
/** An asset's own, or its whole chain's. */
const isAbout = (asset: string) => (one: Finding) =>
  one.asset === null ? one.chain === chainOf(asset) : one.asset === asset;
const textsOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ text }) => text))];

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
  silent: boolean,
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
      // What custody told long ago says nothing of a node either.
      state: silent ? 'silent' : error !== null ? 'failing' : tip - at > behindBlocks ? 'behind' : 'alive',
    })),
  };
}

function assetOf(
  { asset, claims, holdings, wallets, stop, services }: Read['assets'][number],
  treasury: z.output<typeof Treasury> | undefined,
  {
    findings,
    answering,
    towers,
  }: { readonly findings: readonly Finding[]; readonly answering: readonly Tower[]; readonly towers: number },
): AssetShown {
  const sum = (kind: string) =>
    wallets.filter((one) => one.kind === kind).reduce((total, { units }) => total + units, 0n);
  const [hot, cold, between] = [sum('hot'), sum('cold'), sum('in-transit')];
  const { may: limit = null, over = false } = treasury?.assets.find((one) => one.asset === asset) ?? {};
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
    overLimit: over,
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
      at: compared.length === 0 ? null : Math.min(...compared),
      findings: textsOf(findings.filter(isAbout(asset))),
    },
  };
}
