/**
 * Judge: whether one set of bytes may be signed. Pure: policy, what was asked, what the bytes mean, what the
 * watchtowers witness and what was signed before go in; a verdict comes out. Nothing is allowed that no rule allows.
 */
import type { Witnessed } from './fact.ts';
import type { Evidence } from './freeze.ts';
import { bytesDigest } from './canonical.ts';
import { entryHash, type Ask, type EvacuationAsk, type Entry, type PaymentAsk } from './journal.ts';
import type { History } from './history.ts';
import { evacuationId, intentDigest, withdrawalIntent, type Intent } from './intent.ts';
import { verifyStatement } from './key.ts';
import type { Policy, Rule, Wallet } from './policy.ts';
import { verifyRequest } from './request.ts';
import type { Explained, Spend } from './spend.ts';

export interface Case {
  readonly policy: Policy;
  /** The id of the signer whose signature is asked for. */
  readonly signer: string;
  readonly ask: Ask;
  /** What the chain's codec reads in the ask's bytes. */
  readonly explained: Explained;
  /** Whether the chain's codec finds an evacuation's evidence validly signed by a key of the wallet. */
  readonly evidenceSigned: boolean;
  readonly witnessed: Witnessed;
  /** The signer's journal up to now. */
  readonly history: History;
}

export type Why =
  | 'unknown-wallet'
  | 'not-a-cosigner'
  | 'no-rule'
  | 'frozen'
  | 'not-frozen'
  | 'bytes-refused'
  | 'spends-another-account'
  | 'signs-with-another-key'
  | 'authority-key-unknown'
  | 'authority-signature'
  | 'authority-request'
  | 'intent-altered'
  | 'intent-twice'
  | 'intent-expired'
  | 'outlives-intent'
  | 'output-without-intent'
  | 'intent-without-output'
  | 'fee-over-cap'
  | 'over-payment-limit'
  | 'over-rolling-limit'
  | 'over-first-seen-share'
  | 'paid-by-another-transaction'
  | 'destination-not-pinned'
  | 'evidence-signature'
  | 'evidence-below-quorum'
  | 'evidence-is-covered'
  | 'number-used';

/** Made by `judge` alone; what `sign` asks for. */
export interface Approved {
  readonly approved: unique symbol;
  readonly ask: Ask;
  readonly spend: Spend;
  readonly at: number;
}

export type Judgement =
  | { readonly kind: 'approved'; readonly approved: Approved }
  | { readonly kind: 'refused'; readonly why: Why; readonly detail: string };

const made = new WeakSet<Approved>();

/** Guards `sign` at run time as the type does at compile time. */
export function isApproved(approved: Approved): boolean {
  return made.has(approved);
}

export function judge(given: Case): Judgement {
  const { policy, ask, explained } = given;
  const wallet = policy.wallets.find(({ id }) => id === ask.wallet);
  if (wallet?.role !== 'hot') return refuse('unknown-wallet', `no hot wallet is called ${ask.wallet}`);
  const cosigner = wallet.cosigners.find(({ signer }) => signer === given.signer);
  if (!cosigner) return refuse('not-a-cosigner', `${given.signer} holds no key of ${wallet.id}`);
  if (explained.kind === 'refused') return refuse('bytes-refused', explained.why);
  const { spend } = explained;
  if (spend.share !== ask.share)
    return refuse('bytes-refused', 'the explained bytes are not the bytes to sign');
  if (spend.from !== wallet.address)
    return refuse('spends-another-account', `pays from ${spend.from}, not ${wallet.address}`);
  if (spend.signer !== cosigner.publicKey)
    return refuse('signs-with-another-key', `asks for ${spend.signer}`);
  const refused =
    ask.kind === 'payment'
      ? judgePayment(given, ask, wallet, spend)
      : judgeEvacuation(given, ask, wallet, spend);
  if (refused) return refused;
  const approved = { ask, spend, at: given.witnessed.at } as unknown as Approved;
  made.add(approved);
  return { kind: 'approved', approved };
}

type Refused = Extract<Judgement, { kind: 'refused' }>;

function refuse(why: Why, detail: string): Refused {
  return { kind: 'refused', why, detail };
}

function judgePayment(given: Case, ask: PaymentAsk, wallet: Wallet, spend: Spend): Refused | undefined {
  const { policy, history, witnessed } = given;
  if (history.frozen) return refuse('frozen', history.frozen.freeze.why);
  const seen = new Set<string>();
  for (const { intent, authority } of ask.intents) {
    if (seen.has(intent.id)) return refuse('intent-twice', intent.id);
    seen.add(intent.id);
    const rule = ruleFor(policy, wallet, intent);
    if (!rule) return refuse('no-rule', `no rule allows ${intent.asset} from ${wallet.id}`);
    const refused =
      judgeAuthority(policy, wallet, intent, authority.request) ??
      judgeTime(intent, spend, witnessed.at) ??
      judgeOnce(intent, ask, history) ??
      judgeLimits(rule, intent, history, witnessed);
    if (refused) return refused;
  }
  return (
    judgeOutputs(
      ask.intents.map(({ intent }) => intent),
      spend,
    ) ?? judgeFees(policy, wallet, ask, spend)
  );
}

function ruleFor(policy: Policy, wallet: Wallet, intent: Intent): Rule | undefined {
  return policy.rules.find((rule) => rule.wallet === wallet.id && rule.asset === intent.asset);
}

/** The exchange itself asked for exactly this: its signed request, read by ourselves, leads to the same intent. */
function judgeAuthority(
  policy: Policy,
  wallet: Wallet,
  intent: Intent,
  request: PaymentAsk['intents'][number]['authority']['request'],
): Refused | undefined {
  const exchange = policy.exchanges.find(({ keys }) => keys.some(({ keyId }) => keyId === request.keyId));
  const key = exchange?.keys.find(({ keyId }) => keyId === request.keyId);
  if (!exchange || !key) return refuse('authority-key-unknown', `no exchange key is called ${request.keyId}`);
  if (!verifyRequest(key.publicKey, request))
    return refuse('authority-signature', `${request.keyId} did not sign this request`);
  const asked = withdrawalIntent(exchange.id, wallet.id, request);
  if (asked.kind === 'refused') return refuse('authority-request', `${asked.field} ${asked.why}`);
  if (intentDigest(asked.intent) !== intentDigest(intent)) {
    return refuse('intent-altered', 'the signed request leads to another intent than the one given');
  }
  return undefined;
}

function judgeTime(intent: Intent, spend: Spend, at: number): Refused | undefined {
  if (at >= intent.expiry * 1000) return refuse('intent-expired', `expired at ${intent.expiry}`);
  if (spend.validUntil > intent.expiry) {
    return refuse(
      'outlives-intent',
      `the transaction is valid until ${spend.validUntil}, the intent until ${intent.expiry}`,
    );
  }
  return undefined;
}

/** One intent, one transaction: a second one is signed only when the first is proven dead, which no fact states yet. */
function judgeOnce(intent: Intent, ask: PaymentAsk, history: History): Refused | undefined {
  const before = history.plans.get(intent.id);
  if (before === undefined) return undefined;
  const same = before === bytesDigest(ask.plan);
  return refuse(
    'paid-by-another-transaction',
    same ? `${intent.id} is already recorded` : `${intent.id} is paid by other bytes`,
  );
}

function judgeLimits(
  rule: Rule,
  intent: Intent,
  history: History,
  witnessed: Witnessed,
): Refused | undefined {
  const { wallet, asset, destination, amount, feeCap } = intent;
  if (amount > rule.perPayment) {
    return refuse(
      'over-payment-limit',
      `${amount} is more than the ${rule.perPayment} that one payment may be`,
    );
  }
  const mine = history.payments.filter((past) => past.wallet === wallet && past.asset === asset);
  const hours = (n: number) => witnessed.at - n * 3_600_000;
  const left = sum(mine.filter((past) => past.at > hours(rule.rolling.hours)).map((past) => past.units));
  if (left + amount + feeCap > rule.rolling.units) {
    return refuse(
      'over-rolling-limit',
      `${left} of ${rule.rolling.units} are used within ${rule.rolling.hours} h`,
    );
  }
  const toIt = mine.filter((past) => past.destination === destination.address);
  const known = toIt.some((past) => past.at <= hours(rule.firstSeen.hours));
  if (known) return undefined;
  const share = (witnessed.balance * BigInt(rule.firstSeen.shareBps)) / 10_000n;
  if (sum(toIt.map((past) => past.units)) + amount > share) {
    return refuse(
      'over-first-seen-share',
      `a destination first seen less than ${rule.firstSeen.hours} h ago may get ${share}`,
    );
  }
  return undefined;
}

/** Each output is exactly one intent's, and each intent has its output. */
function judgeOutputs(intents: readonly Intent[], spend: Spend): Refused | undefined {
  const open = [...intents];
  for (const output of spend.outputs) {
    const index = open.findIndex(
      ({ destination, asset, amount }) =>
        destination.address === output.address &&
        destination.memo === output.memo &&
        asset === output.asset &&
        amount === output.units,
    );
    if (index < 0)
      return refuse('output-without-intent', `${output.units} ${output.asset} to ${output.address}`);
    open.splice(index, 1);
  }
  const [unpaid] = open;
  return unpaid && refuse('intent-without-output', `${unpaid.id} is not paid by these bytes`);
}

function judgeFees(policy: Policy, wallet: Wallet, ask: PaymentAsk, spend: Spend): Refused | undefined {
  const caps = sum(ask.intents.map(({ intent }) => intent.feeCap));
  const rule = policy.rules.find((other) => other.wallet === wallet.id && other.asset === spend.feeAsset);
  const cap = rule && rule.feeCap < caps ? rule.feeCap : caps;
  if (!rule) return refuse('no-rule', `no rule allows fees in ${spend.feeAsset} from ${wallet.id}`);
  if (spend.fees > cap) return refuse('fee-over-cap', `fees of ${spend.fees} are more than ${cap}`);
  return undefined;
}

/** Coins may always go home: frozen, to the pinned cold address, on evidence that a key of ours signs what no record covers. */
function judgeEvacuation(given: Case, ask: EvacuationAsk, wallet: Wallet, spend: Spend): Refused | undefined {
  const { policy, history, witnessed } = given;
  const { intent } = ask;
  if (!history.frozen) return refuse('not-frozen', 'an evacuation follows a freeze');
  const rule = ruleFor(policy, wallet, intent);
  if (!rule) return refuse('no-rule', `no rule allows ${intent.asset} from ${wallet.id}`);
  const home = policy.wallets.find(({ id }) => id === wallet.evacuateTo);
  if (intent.destination.address !== home?.address || intent.destination.memo !== '') {
    return refuse(
      'destination-not-pinned',
      `${intent.destination.address} is not the cold address of ${wallet.id}`,
    );
  }
  if (
    intent.reason !== 'evacuation' ||
    intent.wallet !== wallet.id ||
    intent.id !== evacuationId(wallet.id, ask.number)
  ) {
    return refuse('intent-altered', 'the id is not that of this wallet and number');
  }
  if (ask.number <= (history.evacuations.get(wallet.id) ?? 0)) return refuse('number-used', `${ask.number}`);
  if (spend.fees > rule.feeCap || spend.fees > intent.feeCap)
    return refuse('fee-over-cap', `fees of ${spend.fees}`);
  return (
    judgeTime(intent, spend, witnessed.at) ??
    judgeOutputs([intent], spend) ??
    judgeEvidence(given, ask.wallet, ask.evidence)
  );
}

function judgeEvidence(given: Case, wallet: string, evidence: Evidence): Refused | undefined {
  const { policy, history } = given;
  if (!given.evidenceSigned)
    return refuse('evidence-signature', `${evidence.signer} did not sign these bytes`);
  const bytes = bytesDigest(evidence.bytes);
  if (history.records.has(bytes)) return refuse('evidence-is-covered', 'a record of ours covers these bytes');
  const stating = evidence.statements.filter(
    ({ statement, watchtower, signature }) =>
      policy.watchtowers.keys.includes(watchtower) &&
      statement.wallet === wallet &&
      statement.bytes === bytes &&
      // The statement names this journal, so the watchtower looked at it, and no further than it goes.
      statement.heads.some((head) => head.signer === given.signer && head.seq <= history.seq) &&
      verifyStatement(watchtower, 'uncovered', statement, signature),
  );
  if (new Set(stating.map(({ watchtower }) => watchtower)).size < policy.watchtowers.quorum) {
    return refuse('evidence-below-quorum', 'too few watchtowers state that no record covers these bytes');
  }
  return undefined;
}

/** The entry that records an approved ask, next in the journal. */
export function recordOf(
  approved: Approved,
  signer: string,
  policy: string,
  history: History,
): { entry: Entry; hash: string } {
  const at = Math.max(approved.at, history.at);
  const entry: Entry = {
    v: 1,
    signer,
    seq: history.seq + 1,
    prev: history.head,
    at,
    policy,
    body: approved.ask,
  };
  return { entry, hash: entryHash(entry) };
}

function sum(units: readonly bigint[]): bigint {
  return units.reduce((total, one) => total + one, 0n);
}
