/** From facts to the record. It adds up what the lines say and nothing else. */
import type { Does } from './line.ts';
import type { Fact, Telling } from './merge.ts';
import type { Pages } from './pages.ts';
import type { Source } from './read.ts';
import { IncidentRecord, type Transaction, type Unknown } from './record.ts';

type Said = Telling['said'];
type Known<Event extends string> = Extract<Said, { readonly event: Event }>;
type Sight = Known<'alarm' | 'alarm: frozen' | 'unexplained, and in a block'>;
type Evacuation = IncidentRecord['evacuations'][number];
type Thaw = IncidentRecord['thaws'][number];

export interface Given {
  readonly sources: readonly Source[];
  readonly facts: readonly Fact[];
  readonly pages: Pages | null;
  readonly since: number | null;
}

export function build({ sources, facts: all, pages, since }: Given): IncidentRecord {
  const facts = all.filter(({ at }) => since === null || at >= since);
  const transactions = transactionsOf(facts);
  const alarms = facts.filter(({ event }) => event === 'alarm');
  const evacuations = facts.flatMap(evacuationOf);
  const steps = pages?.steps.filter(({ at }) => since === null || at >= since) ?? null;
  const record: Omit<IncidentRecord, 'unknown'> = {
    v: 1,
    since,
    sources: sources.map(({ name, lines, torn }) => ({ name, lines: lines.length, torn })),
    firstSight: least(transactions.map(({ firstSeen }) => firstSeen)),
    firstAlarm: least(alarms.map(({ at }) => at)),
    signers: facts.flatMap(({ at, tellings }) => {
      const said = tellings[0]?.said as Known<'signer frozen'> | undefined;
      return said?.event === 'signer frozen' ? { signer: said.signer, at } : [];
    }),
    transactions,
    sums: sumsOf(transactions),
    named: namedBy(transactions),
    freezes: alarms.flatMap(({ at, tellings }) => {
      // What a watchtower froze for by itself stands among the transactions, however its freeze was passed on.
      const said = tellings.map((one) => one.said as Known<'alarm'>);
      const [first] = said;
      const passed = first?.by !== undefined && said.every(({ by }) => by !== undefined);
      if (!passed) return [];
      const { by = '', why, frozenAt = at, assets = null } = first;
      return { at: frozenAt, by, why, assets };
    }),
    evacuations,
    thaws: thawsOf(facts),
    pages:
      steps?.map(({ at, event, page, person, channel }) => ({
        at,
        event,
        page,
        person: person ?? null,
        channel: channel ?? null,
      })) ?? null,
    facts: facts.map(({ at, chainTime, event, tellings }) => ({
      at,
      chainTime,
      event,
      toldBy: tellings.map(({ source, line, at: when }) => ({ source, line, at: when })),
      said: (tellings[0]?.said ?? {}) as IncidentRecord['facts'][number]['said'],
    })),
  };
  const torn = sources.some((one) => one.torn) || pages?.torn === true;
  return IncidentRecord.parse({ ...record, unknown: unknownOf(record, torn) });
}

function least(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

function transactionsOf(facts: readonly Fact[]): Transaction[] {
  const found = new Map<string, Transaction>();
  for (const { tellings } of facts)
    for (const { said } of tellings) {
      if (!isSight(said)) continue;
      const alarm = said.event === 'unexplained, and in a block' ? null : said;
      const hash = said.transaction ?? alarm?.hash ?? null;
      const id = hash ?? alarm?.evidence?.bytes;
      // A freeze that somebody passed on shows nothing.
      if (id === undefined || id === null) continue;
      const before = found.get(id);
      found.set(id, {
        hash,
        inner: said.transactions?.[1] ?? before?.inner ?? null,
        wallet: said.wallet ?? before?.wallet ?? null,
        does: said.does ?? before?.does ?? null,
        firstSeen: Math.min(said.seenAt ?? said.at, before?.firstSeen ?? said.at),
        signatures: withSignature(before?.signatures ?? [], alarm),
        inBlocks: withPlace(before?.inBlocks ?? [], said),
      });
    }
  return [...found.values()].toSorted((a, b) => a.firstSeen - b.firstSeen);
}

function isSight(said: Said): said is Sight {
  return ['alarm', 'alarm: frozen', 'unexplained, and in a block'].includes(said.event);
}

function withSignature(
  before: Transaction['signatures'],
  alarm: Known<'alarm' | 'alarm: frozen'> | null,
): Transaction['signatures'] {
  const signer = alarm?.signer;
  if (!alarm || signer === undefined) return before;
  const { evidence, signatureVerifies } = alarm;
  const bytes = evidence?.bytes ?? null;
  if (before.some((one) => one.signer === signer && one.bytes === bytes)) return before;
  const signature = evidence?.signature ?? null;
  return [...before, { signer, bytes, signature, verifies: signatureVerifies ?? null }];
}

function withPlace(before: Transaction['inBlocks'], { node, height }: Sight): Transaction['inBlocks'] {
  if (node === undefined || height === undefined || height === null) return before;
  return before.some((one) => one.node === node && one.height === height)
    ? before
    : [...before, { node, height }];
}

/** What an account is made to do: that of the proposal, where it is one. */
export function deedOf({ does }: Transaction): Exclude<Does, { kind: 'proposal' }> | null {
  return does?.kind === 'proposal' ? does.of : does;
}

function sumsOf(transactions: readonly Transaction[]): IncidentRecord['sums'] {
  const sums = new Map<string, { announced: bigint; inBlocks: bigint }>();
  const counted = new Set<string>();
  for (const one of transactions) {
    const deed = deedOf(one);
    const moves = deed ? movesOf(deed) : [];
    if (moves.length === 0) continue;
    // The same payment in several wrappers is announced once; in a block stands each wrapper by itself.
    const id = one.inner ?? one.hash ?? '';
    const isNew = id === '' || !counted.has(id);
    counted.add(id);
    for (const { asset, units } of moves) {
      const before = sums.get(asset) ?? { announced: 0n, inBlocks: 0n };
      sums.set(asset, {
        announced: before.announced + (isNew ? BigInt(units) : 0n),
        inBlocks: before.inBlocks + (one.inBlocks.length > 0 ? BigInt(units) : 0n),
      });
    }
  }
  return [...sums].map(([asset, { announced, inBlocks }]) => ({
    asset,
    announced: announced.toString(),
    inBlocks: inBlocks.toString(),
  }));
}

/** What goes to others, as far as it is told. */
function movesOf(
  deed: NonNullable<ReturnType<typeof deedOf>>,
): readonly { readonly asset: string; readonly units: string }[] {
  if (deed.kind === 'transfer') return deed.moves;
  if (deed.kind === 'safe') return deed.pays;
  return deed.kind === 'spend'
    ? deed.to.flatMap(({ units, ours }) => (ours ? [] : { asset: deed.asset, units }))
    : [];
}

function namedBy(transactions: readonly Transaction[]): IncidentRecord['named'] {
  const named = new Map<string, IncidentRecord['named'][number]>();
  const add = (address: string, as: 'recipient' | 'cosigner', hash: string | null) => {
    const before = named.get(`${as} ${address}`)?.transactions ?? [];
    const hashes = hash === null || before.includes(hash) ? before : [...before, hash];
    named.set(`${as} ${address}`, { address, as, transactions: hashes });
  };
  for (const one of transactions) {
    const deed = deedOf(one);
    if (deed?.kind === 'transfer') add(deed.to, 'recipient', one.hash);
    if (deed?.kind === 'spend')
      for (const { place, ours } of deed.to) if (!ours) add(place, 'recipient', one.hash);
    if (deed?.kind === 'safe') for (const { to } of deed.pays) add(to, 'recipient', one.hash);
    if (deed?.kind === 'modification')
      for (const { address } of deed.adds) add(address, 'cosigner', one.hash);
  }
  return [...named.values()];
}

function evacuationOf({ at, tellings }: Fact): Evacuation | readonly Evacuation[] {
  const said = tellings[0]?.said as Known<'evacuation announced' | 'evacuation sent'> | undefined;
  if (said?.event !== 'evacuation announced' && said?.event !== 'evacuation sent') return [];
  const announced = said.event === 'evacuation announced';
  const answers = tellings.flatMap(({ said: each }) => {
    const one = each as Known<'evacuation announced'>;
    return announced ? `${one.node ?? ''}: ${one.code}` : [];
  });
  return {
    at,
    what: announced ? 'announced' : 'sent',
    wallet: said.wallet,
    asset: said.asset ?? null,
    units: said.units ?? null,
    destination: said.destination ?? null,
    transaction: ('transaction' in said ? said.transaction : null) ?? null,
    answers,
  };
}

function thawsOf(facts: readonly Fact[]): Thaw[] {
  const thaws = new Map<string, Thaw>();
  for (const { at, tellings } of facts) {
    const said = tellings[0]?.said as Known<'thaw taken up' | 'thawed'> | undefined;
    if (said?.event !== 'thaw taken up' && said?.event !== 'thawed') continue;
    const { thaw } = said;
    const none = { takenUp: null, due: null, lifted: null, keepers: [], cause: null, answers: {} };
    const before: Thaw = thaws.get(thaw) ?? { thaw, ...none };
    if (said.event === 'thawed') thaws.set(thaw, { ...before, lifted: at });
    else
      thaws.set(thaw, {
        ...before,
        takenUp: at,
        due: said.due,
        keepers: said.keepers ?? [],
        cause: said.cause ?? null,
        answers: said.answers ?? {},
      });
  }
  return [...thaws.values()];
}

function unknownOf(record: Omit<IncidentRecord, 'unknown'>, torn: boolean): readonly Unknown[] {
  const { transactions, evacuations, pages } = record;
  const unread = transactions.some((one) => deedOf(one) === null || deedOf(one)?.kind === 'unread');
  const moved = transactions.some(({ inBlocks }) => new Set(inBlocks.map(({ height }) => height)).size > 1);
  const holds: readonly (readonly [Unknown, boolean])[] = [
    ['torn-line', torn],
    ['no-sight', record.firstSight === null],
    ['no-alarm', record.firstAlarm === null],
    ['no-signer-frozen', record.signers.length === 0],
    ['no-transaction', transactions.length === 0],
    ['some-undecoded', unread],
    ['several-heights', moved],
    ['no-evacuation', evacuations.length === 0],
    ['evacuation-not-in-a-block', evacuations.length > 0],
    ['no-thaw', !record.thaws.some(({ lifted }) => lifted !== null)],
    ['no-pages', pages === null],
    ['nobody-answered', pages !== null && !pages.some(({ event }) => event === 'acknowledged')],
  ];
  return holds.flatMap(([name, isSo]) => (isSo ? name : []));
}
