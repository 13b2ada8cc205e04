/** Steps 1 to 4 of "How a signature leaves", as the one who asks. */
import { codecOf } from '@kuramori/chains/codecs';
import {
  countersigned,
  entryHash,
  freezeOf,
  mayPass,
  mostDead,
  signerRoutes,
  verifyEntry,
  watchtowerRoutes,
  type Approval,
  type Asset,
  type Authority,
  type Countersignature,
  type Intent,
  type SignedEntry,
  type SignedFact,
} from '@kuramori/core';
import type { Branch } from '../branch.ts';
import { actingWallet, onlineOf } from './acting.ts';

export interface Share {
  readonly signer: string;
  readonly key: string;
  readonly share: string;
}

/** A signer's record of a share, with the watchtowers' word for it. It can be let go now. */
export interface Witnessed extends Share {
  readonly entry: string;
  readonly countersignatures: readonly Countersignature[];
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Not now: somebody is silent, frozen, blind or not yet open. `judged`: it was judged, and may pass as hours go by, as people decide, or with fewer payments. */
  | { readonly kind: 'wait'; readonly why: string; readonly judged?: boolean }
  /** Never: the same question gets the same answer. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Another transaction is recorded for this intent. */
  | { readonly kind: 'disputed'; readonly why: string };

/** Refusals that no waiting changes. Whatever is not here is asked again until the plan is too late. */
const final: ReadonlySet<string> = new Set([
  'unknown-wallet',
  'no-rule',
  'bytes-refused',
  'spends-another-account',
  'signs-with-another-key',
  'authority-key-unknown',
  'authority-signature',
  'authority-role',
  'authority-key-early',
  'authority-request',
  'intent-altered',
  'intent-twice',
  'several-assets',
  'intent-expired',
  'outlives-intent',
  'output-without-intent',
  'intent-without-output',
  'fee-over-cap',
  'over-payment-limit',
  'over-first-seen-share',
  'denied',
  'destination-not-pinned',
  'number-used',
  'number-far-ahead',
  'over-sweep-count',
  'over-sweep-fees',
  'leaves-too-little',
  // A watchtower judged the record, and keeps its verdict with it.
  'judged',
]);

interface Readiness {
  readonly ready: readonly Omit<Share, 'share'>[];
  readonly not: readonly string[];
}

/** The wallet's online signers that would sign now, in the policy's order, and why the others would not. */
export function readySigners(house: Branch): Promise<Readiness> {
  return house.lines.sharing(`ready signers ${house.hot.id}`, 1_000, () => askReady(house));
}

async function askReady(house: Branch): Promise<Readiness> {
  const online = onlineOf(await actingWallet(house));
  const answers = await Promise.all(
    online.map(async (cosigner) => {
      const status = await house.lines.ask(house.signers.get(cosigner.signer), signerRoutes.status, {});
      if (status.kind !== 'status') return { cosigner, not: why(cosigner.signer, status) };
      const freeze = freezeOf(status.freezes, house.coin);
      if (freeze) return { cosigner, not: `${cosigner.signer} is frozen: ${freeze.freeze.why}` };
      if (!status.open) return { cosigner, not: `${cosigner.signer} waits for its watchtowers` };
      if (status.policy !== house.policyDigest)
        return { cosigner, not: `${cosigner.signer} holds another policy` };
      return { cosigner, not: null };
    }),
  );
  return {
    ready: answers.filter(({ not }) => not === null).map(({ cosigner }) => cosigner),
    not: answers.flatMap(({ not }) => not ?? []),
  };
}

/** Of as many signers as it takes, in the policy's order; or why so many would not sign now. */
export async function keysThatSign(house: Branch): Promise<readonly string[] | string> {
  const { ready, not } = await readySigners(house);
  const keys = ready.slice(0, house.hot.threshold).map(({ key }) => key);
  return keys.length < house.hot.threshold ? not.join('; ') : keys;
}

/** One that the transaction pays, by whose word, and who approved it. */
export interface Part {
  readonly intent: Intent;
  readonly authority: Authority;
  readonly approvals: readonly Approval[];
}

interface Asked {
  readonly parts: readonly [Part, ...Part[]];
  readonly plan: string;
  /** What proves the plan's inputs, on a chain that has them: whole transactions, hex. */
  readonly previous: readonly string[];
  readonly shares: readonly Share[];
  /** The bytes of every plan of the intents before this one: watchtowers are asked to state that they are dead. */
  readonly before: readonly string[];
}

/**
 * Has every signer record its share and every record countersigned. No signature exists yet: a signer lets one go only
 * when it is shown what is returned here. Asked again for the same plan, it gives the same records.
 */
export async function witness(house: Branch, asked: Asked): Promise<Outcome<readonly Witnessed[]>> {
  const facts = await gatherFacts(
    house,
    asked.parts[0].intent.asset,
    asked.shares.map(({ signer }) => signer),
    asked.before,
  );
  if (facts.kind !== 'done') return facts;
  const records = await all(asked.shares.map((share) => propose(house, asked, share, facts.value)));
  if (records.kind !== 'done') return records;
  return all(records.value.map(({ share, record }) => countersign(house, share, record)));
}

/** How many payments of one moment share a fact: each has a nonce of its own of each signer in it, and it holds 32. */
const [sharers, mostNonces] = [8, 32];

/** One fact a watchtower, over one nonce a signer and payment. Payments of an asset that ask at one moment share it. */
function gatherFacts(
  house: Branch,
  asset: Asset,
  signers: readonly string[],
  plans: readonly string[],
): Promise<Outcome<readonly SignedFact[]>> {
  if (plans.length > 0) return askFacts(house, asset, signers, plans, 1);
  return house.lines.sharing(
    `facts of ${house.hot.id} and ${asset} for ${signers.join()}`,
    Math.max(1, Math.min(sharers, Math.floor(mostNonces / signers.length))),
    (count) => askFacts(house, asset, signers, plans, count),
  );
}

async function askFacts(
  house: Branch,
  asset: Asset,
  signers: readonly string[],
  plans: readonly string[],
  payments: number,
): Promise<Outcome<readonly SignedFact[]>> {
  const answers = await Promise.all(
    signers.flatMap((signer) =>
      Array.from({ length: payments }, async () => ({
        signer,
        answer: await house.lines.ask(house.signers.get(signer), signerRoutes.nonce, {}),
      })),
    ),
  );
  const nonces: string[] = [];
  for (const { signer, answer } of answers) {
    if (answer.kind !== 'nonce') return { kind: 'wait', why: why(signer, answer) };
    nonces.push(answer.nonce);
  }
  return askTowers(house, asset, nonces, plans);
}

async function askTowers(
  house: Branch,
  asset: Asset,
  nonces: readonly string[],
  plans: readonly string[],
): Promise<Outcome<readonly SignedFact[]>> {
  const asked = { wallet: house.hot.id, asset, nonces: [...nonces], plans: plans.slice(-mostDead) };
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => house.lines.ask(at, watchtowerRoutes.fact, asked)),
  );
  const facts = answers.flatMap((answer) => (answer.kind === 'fact' ? answer.fact : []));
  if (facts.length >= house.policy.watchtowers.quorum) return { kind: 'done', value: facts };
  const silent = answers.flatMap((answer) => (answer.kind === 'fact' ? [] : why('watchtower', answer)));
  return { kind: 'wait', why: silent.join('; ') };
}

async function propose(
  house: Branch,
  { parts, plan, previous }: Asked,
  share: Share,
  facts: readonly SignedFact[],
): Promise<Outcome<{ readonly share: Share; readonly record: SignedEntry }>> {
  const answer = await house.lines.ask(house.signers.get(share.signer), signerRoutes.propose, {
    kind: 'payment',
    wallet: house.hot.id,
    intents: parts.map(({ approvals, ...part }) => ({ ...part, approvals: [...approvals] })),
    plan,
    share: share.share,
    facts: [...facts],
    ...(previous.length > 0 ? { previous: [...previous] } : {}),
  });
  if (answer.kind === 'unreachable') return { kind: 'wait', why: why(share.signer, answer) };
  if (answer.kind === 'refused') {
    if (answer.why === 'paid-by-another-transaction')
      return { kind: 'disputed', why: why(share.signer, answer) };
    if (mayPass(answer) || answer.why === 'entry-too-long')
      return { kind: 'wait', why: why(share.signer, answer), judged: true };
    return { kind: final.has(answer.why) ? 'refused' : 'wait', why: why(share.signer, answer) };
  }
  const { record } = answer;
  const { body, signer } = record.entry;
  const same =
    body.kind === 'payment' && body.plan === plan && body.share === share.share && signer === share.signer;
  if (!same || !verifyEntry(house.policy, record)) {
    return { kind: 'wait', why: `${share.signer} answered with a record of something else` };
  }
  return { kind: 'done', value: { share, record } };
}

async function countersign(house: Branch, share: Share, record: SignedEntry): Promise<Outcome<Witnessed>> {
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => house.lines.ask(at, watchtowerRoutes.countersign, record)),
  );
  const countersignatures = answers.flatMap((one) =>
    one.kind === 'countersigned' ? one.countersignature : [],
  );
  const entry = entryHash(record.entry);
  const { quorum, keys } = house.policy.watchtowers;
  if (countersigned(house.policy, entry, countersignatures) >= quorum) {
    return { kind: 'done', value: { ...share, entry, countersignatures } };
  }
  const refusals = answers.flatMap((one) => (one.kind === 'refused' ? one : []));
  const reasons = answers.flatMap((one) => (one.kind === 'countersigned' ? [] : why('watchtower', one)));
  // Only when so many refuse for good that no quorum is left is it for good.
  const forGood = refusals.filter((one) => final.has(one.why)).length;
  if (keys.length - forGood < quorum) return { kind: 'refused', why: reasons.join('; ') };
  const judged = refusals.some((one) => verdicts.has(one.why));
  return { kind: 'wait', why: reasons.join('; '), judged };
}

/** A watchtower’s verdicts on what may be paid another time, or by another transaction. */
const verdicts: ReadonlySet<string> = new Set(['not-now', 'paid-by-another-transaction']);

/** The chain signature, checked by ourselves over exactly our bytes. */
export async function release(
  house: Branch,
  { signer, key, share, entry, countersignatures }: Witnessed,
  plan: string,
): Promise<Outcome<string>> {
  const answer = await house.lines.ask(house.signers.get(signer), signerRoutes.release, {
    entry,
    countersignatures: [...countersignatures],
  });
  if (answer.kind !== 'signed') return { kind: 'wait', why: why(signer, answer) };
  if (answer.share !== share || !codecOf(house.hot.chain).verifyShare(key, plan, share, answer.signature)) {
    return { kind: 'wait', why: `${signer} answered with a signature that does not verify over its share` };
  }
  return { kind: 'done', value: answer.signature };
}

/** All values, or the gravest reason why not: a dispute before a refusal, a refusal before waiting. */
async function all<T>(asked: readonly Promise<Outcome<T>>[]): Promise<Outcome<readonly T[]>> {
  const outcomes = await Promise.all(asked);
  for (const gravest of ['disputed', 'refused', 'wait'] as const) {
    const found = outcomes.find((outcome) => outcome.kind === gravest);
    if (found && found.kind !== 'done') return found;
  }
  return {
    kind: 'done',
    value: outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.value] : [])),
  };
}

type NoAnswer =
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'refused'; readonly why: string; readonly detail: string };

function why(who: string, answer: NoAnswer): string {
  return answer.kind === 'unreachable'
    ? `${who} is silent: ${answer.detail}`
    : `${who}: ${answer.why}: ${answer.detail}`;
}
