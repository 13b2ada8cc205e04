/** Step 3 of "How a signature leaves": the same judgement as the signer's, on our own view of the chain and our own copy of its journal. */
import {
  whoMayAct,
  assetsOf,
  bytesDigest,
  entryHash,
  evidenceIn,
  everySigner,
  factLifetime,
  heard,
  isAsk,
  judging,
  judgeUnder,
  leavesCold,
  mayPass,
  signStatement,
  standing,
  verifyEntry,
  type Ask,
  type Asset,
  type Case,
  type Countersignature,
  type Entry,
  type History,
  type PaymentAsk,
  type Policy,
  type PolicyChain,
  type Refusal,
  type SignedEntry,
  type SigningKey,
} from '@kuramori/core';
import { codecOf, conflictsWith } from '@kuramori/chains/codecs';
import type { Archive } from './archive.ts';
import type { Incident } from './incident.ts';
import type { Sight } from './eye.ts';

export interface Countersigner {
  /** The newest version. */
  readonly policy: Policy;
  readonly chain: PolicyChain;
  readonly key: SigningKey;
  readonly archive: Archive;
  /** The freeze that stops one of these assets, if any. */
  readonly frozen: (assets: readonly Asset[]) => boolean;
  /** Whether the archive goes as far as the other watchtowers'. */
  readonly isOpen: () => boolean;
  /** Keys whose word counts no more. */
  readonly suspended: () => ReadonlySet<string>;
  /** Our own clock, in milliseconds of Unix time. */
  readonly now: () => number;
  /** Our own clock and balance, of the coin where no asset is named; a text says why we have no view. */
  readonly witness: (wallet: string, asset?: Asset) => Promise<Sight | string>;
  /** The block by which a plan is dead, in our own view; undefined while it may still confirm. */
  readonly deadBy: (wallet: string, plan: string) => object | undefined;
  /** What proves a plan's inputs, as seen here; a text names what was not. */
  readonly previous: (wallet: string, plan: string) => readonly string[] | string;
  /** Where somebody must look: a signer whose journal is not one. */
  readonly incident: Incident;
  /** Entries of a signer from a number on, asked of the signer itself. */
  readonly fetchEntries: (signer: string, from: number) => Promise<readonly SignedEntry[]>;
  /** Signers whose entries are being fetched. */
  readonly fetching: Map<string, Promise<unknown>>;
}

/**
 * How old and how new a record may be when it first comes here, in milliseconds. Custody submits one again after a crash
 * as long as its transaction lives, two hours; a stolen record key must not date its records out of the rolling limits.
 */
const [latest, earliest] = [3 * 3_600_000, 2 * factLifetime];

export type Countersigned = { kind: 'countersigned'; countersignature: Countersignature } | Refusal;

/** One record, with whatever its signer wrote before it and we do not hold. `together`: where it goes with others. */
export async function countersign(
  tower: Countersigner,
  record: SignedEntry,
  together = async (one: SignedEntry) => (await countersignAll(tower, [one]))[0],
): Promise<Countersigned> {
  const first = await together(record);
  const behind = first?.kind === 'refused' && first.why === 'gap';
  if (behind) await fetchBefore(tower, record);
  const answer = behind ? await together(record) : first;
  if (!answer) throw new Error('a record got no answer');
  return answer;
}

/** How long a signer's earlier entries are waited for, in milliseconds; what comes later is taken at the next asking. */
const fetchPatience = 2_000;

/**
 * A signer's earlier entries are fetched from itself, beside the others' records: one that is slow, or gives them
 * one by one, holds up nobody else. For a record that its signer did not sign nothing is fetched.
 */
async function fetchBefore(tower: Countersigner, record: SignedEntry): Promise<void> {
  const { signer, seq, policy } = record.entry;
  const under = tower.chain.find(({ digest }) => digest === policy)?.policy;
  const behind = seq > tower.archive.history(signer).seq + 1;
  if (!behind || !under || !verifyEntry(under, record)) return;
  const known = tower.fetching.get(signer);
  const fetching =
    known ??
    catchUp(tower, signer, seq - 1, performance.now() + fetchPatience).finally(() =>
      tower.fetching.delete(signer),
    );
  if (!known) tower.fetching.set(signer, fetching);
  await fetching;
}

/**
 * Several records, each signer's in their order, each as if it came alone; what is written down for them is written once.
 * Between the look at the chain and the judgement nobody is waited for.
 */
export async function countersignAll(
  tower: Countersigner,
  records: readonly SignedEntry[],
): Promise<readonly Countersigned[]> {
  const seen = await Promise.all(records.map(({ entry }) => lookFor(tower, entry)));
  const answers = new Map<SignedEntry, Countersigned>();
  const inOrder = records.map((record, index) => ({ record, sight: seen[index] ?? null }));
  tower.archive.gather(() => {
    for (const { record, sight } of inOrder.toSorted((a, b) => a.record.entry.seq - b.record.entry.seq))
      answers.set(record, countersignOne(tower, record, sight));
  });
  return records.map((record) => answers.get(record) as Countersigned);
}

/** What we see of the chain for an entry; null where it needs no view, a text where there is none. */
type Looked = Sight | string | null;

async function lookFor(tower: Countersigner, entry: Entry): Promise<Looked> {
  const { body } = entry;
  if (!isAsk(body)) return null;
  // A rotation moves nothing: the coin's balance stands there.
  const sight = await tower.witness(body.wallet, assetsOf(body)[0]);
  const unseen = stillUnseen(tower, entry);
  if (unseen !== null) return unseen;
  // A verdict stays for ever: what two nodes a block apart say of the keys must not become one.
  return typeof sight !== 'string' && sight.control === null && body.kind === 'payment'
    ? `the nodes do not say alike whose keys act for ${body.wallet}`
    : sight;
}

/** How long a plan's coins may be on their way here, in milliseconds: other nodes than ours may have seen them first. */
const coinsTravel = 30_000;

/**
 * What a plan spends was not seen here yet: as long as it may be on its way that is no verdict, which would stay for ever. It
 * must not hold up the journal for longer, and nothing that goes home.
 */
function stillUnseen(tower: Countersigner, { at, body }: Entry): string | null {
  if (body.kind !== 'payment' || tower.frozen(assetsOf(body)) || at < tower.now() - coinsTravel) return null;
  const previous = tower.previous(body.wallet, body.plan);
  return typeof previous === 'string' ? previous : null;
}

function countersignOne(tower: Countersigner, record: SignedEntry, sight: Looked): Countersigned {
  const { entry } = record;
  const hash = entryHash(entry);
  if (!tower.isOpen())
    return refused('closed', 'this watchtower has not yet heard how far the others hold the journals');
  if (!tower.chain.some(({ digest }) => digest === entry.policy))
    return refused('policy', 'recorded under a policy that is none of this watchtower’s');
  const taken = take(tower, record, sight);
  if (taken !== null) return taken;
  // By the words of a quorum that came after it was judged late, it may be signed all the same.
  const verdict = tower.archive.isVouched(hash) ? null : tower.archive.verdict(hash);
  // For the asker these differ: another transaction may well pay, so its money must not be given back.
  if (verdict?.startsWith('paid-by-another-transaction'))
    return refused('paid-by-another-transaction', verdict);
  // Its record stays unsigned for ever; another plan may pass, so its money must not be given back.
  if (typeof verdict === 'string' && mayPass(partsOf(verdict))) return refused('not-now', verdict);
  if (typeof verdict === 'string') return refused('judged', verdict);
  if (entry.body.kind === 'payment' && tower.frozen(assetsOf(entry.body)))
    return refused('frozen', 'this watchtower has frozen: it countersigns no payment');
  if (isSuperseded(tower, entry))
    return refused('superseded', 'another transaction is recorded since for an intent of this one');
  tower.archive.countersign(hash);
  const signature = signStatement(tower.key, 'countersignature', { entry: hash });
  return { kind: 'countersigned', countersignature: { watchtower: tower.key.publicKey, signature } };
}

/** A verdict is kept as `why: detail`. */
function partsOf(verdict: string): { readonly why: string; readonly detail: string } {
  const end = verdict.indexOf(': ');
  return { why: verdict.slice(0, end), detail: verdict.slice(end + 2) };
}

/** Keeps the entry. Null where it is held; a refusal where it is not an extension, or we cannot see. */
function take(tower: Countersigner, record: SignedEntry, sight: Looked): Refusal | null {
  if (typeof sight === 'string') return refused('blind', sight);
  const { entry } = record;
  // Of a time that has not come: the signer was told it by a clock that has gone back since, or somebody has its record key.
  // Taken, it would keep every later entry out until then, be that in ten years; so it waits, unjudged.
  if (entry.seq > tower.archive.history(entry.signer).seq && entry.at > tower.now() + earliest)
    return refused(
      'recorded-ahead',
      `entry ${entry.seq} of ${entry.signer} is dated ${Math.round((entry.at - tower.now()) / 1000)} s ahead of this watchtower's clock: submitted again, it is judged when that time has come`,
    );
  const outcome = tower.archive.take(record, (history) => verdictOf(tower, entry, history, sight));
  if (outcome === 'taken' || outcome === 'known') return null;
  if (outcome === 'fork') {
    // Signed by its record key, so no caller can make it up: that signer was taken, or an old copy of it is running.
    tower.incident.note('a signer has two journals', {
      signer: entry.signer,
      seq: entry.seq,
      entry: entryHash(entry),
    });
  }
  return refused(outcome, `entry ${entry.seq} of ${entry.signer} does not extend the journal held here`);
}

/** Keeps an entry that another watchtower holds, judged as if it came here first. */
export async function takeOver(tower: Countersigner, record: SignedEntry): Promise<Refusal | null> {
  return take(tower, record, await lookFor(tower, record.entry));
}

/** Takes what a signer wrote and we do not hold, asked of itself: up to a number, or all there is. */
export async function catchUp(
  tower: Countersigner,
  signer: string,
  until = Number.POSITIVE_INFINITY,
  /** This machine's monotonic time by which it ends. */
  deadline = Number.POSITIVE_INFINITY,
): Promise<Refusal | null> {
  while (performance.now() < deadline) {
    const from = tower.archive.history(signer).seq + 1;
    if (from > until) return null;
    const entries = await tower.fetchEntries(signer, from);
    if (entries.length === 0 && until === Number.POSITIVE_INFINITY) return null;
    for (const record of entries) {
      const { seq } = tower.archive.history(signer);
      // Another call may have taken it while we waited.
      if (record.entry.seq <= seq) continue;
      if (record.entry.signer !== signer || record.entry.seq !== seq + 1) break;
      const taken = take(tower, record, await lookFor(tower, record.entry));
      if (taken !== null) return taken;
    }
    if (tower.archive.history(signer).seq < from)
      return refused('gap', `${signer} does not give its entry ${from}`);
  }
  return refused('gap', `${signer} is slow to give its entries: submitted again, it goes on from there`);
}

function verdictOf(
  tower: Countersigner,
  entry: Entry,
  history: History,
  witnessed: Sight | null,
): string | null {
  const { body } = entry;
  if (!isAsk(body)) return null;
  // It was judged when it was ordered, here or by a quorum of the others, and the vault took its time.
  if (tower.archive.isVouched(entryHash(entry))) return null;
  return judgedHere(tower, entry, body, history, witnessed);
}

/** Why an ask may not be signed, by our own eyes and all journals; null where it may. */
export function judgedHere(
  tower: Countersigner,
  { signer, at }: Pick<Entry, 'signer' | 'at'>,
  body: Ask,
  history: History,
  witnessed: Sight | null,
): string | null {
  if (!witnessed) return 'unknown-wallet';
  if (at < witnessed.at - latest) return `misdated: recorded at ${at}, and it is ${witnessed.at}`;
  const dead = body.kind === 'payment' ? deadBefore(tower, body) : new Set<string>();
  const previous = tower.previous(body.wallet, body.plan);
  if (typeof previous === 'string') return `bytes-refused: ${previous}`;
  const cases: Case[] = [];
  const shown = evidenceIn(body);
  const counting = heard(standing(tower.chain, tower.archive.versions(), witnessed.at), tower.suspended());
  for (const policy of judging(counting, body.kind)) {
    const wallet = policy.wallets.find(({ id }) => id === body.wallet);
    if (!wallet) return 'unknown-wallet';
    const codec = codecOf(wallet.chain);
    cases.push({
      policy,
      signer,
      ask: body,
      explained: codec.explainShare(wallet, body.plan, body.share, policy.network, previous),
      conflicts: conflictsWith(wallet, body.plan),
      evidenceSigned:
        shown.length > 0 &&
        shown.every((one) => codec.evidenceSigned(whoMayAct(wallet, witnessed.control), one, policy.network)),
      // A signer knows only its own records; we know everybody's.
      evidenceCovered: shown.some((one) => tower.archive.covers(one.signer, one.bytes)),
      races: codec.races(wallet, body.plan, shown),
      witnessed: { ...witnessed, dead },
      history,
      everyones: wallet.role === 'cold' ? tower.archive.moves() : tower.archive.everyones(),
    });
  }
  const judgement = judgeUnder(cases as [Case, ...Case[]]);
  if (judgement.kind === 'refused') return `${judgement.why}: ${judgement.detail}`;
  return body.kind === 'payment'
    ? (elsewhere(tower, body, (plan) => cases.every((one) => one.conflicts(plan))) ??
        farAhead(tower, signer, body))
    : null;
}

/** How far a sweep's number may be ahead of those that the other signers have recorded. */
const mostAheadOfOthers = 1000;

/** One signer alone must not count sweeps away from all the others: they would refuse every one that follows. */
function farAhead(tower: Countersigner, signer: string, ask: PaymentAsk): string | null {
  const others = everySigner(tower.chain).filter((id) => id !== signer);
  for (const { intent, authority } of ask.intents) {
    if (authority.kind !== 'treasury' || leavesCold(intent)) continue;
    let last = 0;
    for (const id of others)
      for (const { wallet, number } of tower.archive.history(id).sweeps)
        if (wallet === intent.wallet && number > last) last = number;
    if (authority.number > last + mostAheadOfOthers)
      return `number-far-ahead: sweep ${authority.number}, and the other signers have recorded up to ${last}`;
  }
  return null;
}

/** Every plan that any signer recorded for these intents, whole. */
function plansBefore({ chain, archive }: Countersigner, { intents }: PaymentAsk): readonly string[] {
  // What leaves a cold wallet has a number that anybody can name ahead: only what may be signed counts.
  const cold = intents.flatMap(({ intent }) => [...archive.coldPlans(intent.id)]);
  const others = intents.filter(({ intent }) => !leavesCold(intent));
  const recorded = everySigner(chain).flatMap((id) => {
    const { plans } = archive.history(id);
    return others.flatMap(({ intent }) => plans.get(intent.id) ?? []);
  });
  return [...recorded, ...cold];
}

/** Of those, the ones that can never confirm, by our own eyes: what others state counts for nothing here. */
function deadBefore(tower: Countersigner, ask: PaymentAsk): ReadonlySet<string> {
  // Its own plan may stand there already, by another signer: that one is not before it.
  const dead = plansBefore(tower, ask).filter(
    (plan) => plan !== ask.plan && tower.deadBy(ask.wallet, plan) !== undefined,
  );
  return new Set(dead.map(bytesDigest));
}

/** A dead transaction's signature is nobody's business any more: with a stolen key it could be put into a block. */
function isSuperseded(tower: Countersigner, { signer, body }: Entry): boolean {
  if (body.kind !== 'payment') return false;
  const { plans } = tower.archive.history(signer);
  return body.intents.some(({ intent }) => plans.get(intent.id)?.at(-1) !== body.plan);
}

/** One intent, one transaction, over all signers: two wallets may have no signer in common, but we hold every journal. */
function elsewhere(tower: Countersigner, ask: PaymentAsk, conflicts: Case['conflicts']): string | null {
  const alive = plansBefore(tower, ask).find(
    (plan) => plan !== ask.plan && tower.deadBy(ask.wallet, plan) === undefined && !conflicts(plan),
  );
  return alive === undefined
    ? null
    : `paid-by-another-transaction: other bytes, ${bytesDigest(alive)}, are recorded for an intent and may still confirm`;
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
