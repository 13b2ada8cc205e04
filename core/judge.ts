/**
 * Judge: whether one set of bytes may be signed. Pure: policy, what was asked, what the bytes mean, what the
 * watchtowers witness and what was signed before go in; a verdict comes out. Nothing is allowed that no rule allows.
 */
import { bytesDigest } from './canonical.ts';
import { bySeveral, refuse, type Case, type Refused } from './case.ts';
import { controlledBy, controlText, holderOf, type Control } from './control.ts';
import { entryHash, type Ask, type Entry } from './journal.ts';
import { judgeEvacuation } from './judge-evacuation.ts';
import { judgeMove } from './judge-move.ts';
import { judgePayment } from './judge-payment.ts';
import type { History } from './history.ts';
import { judgeRotation } from './judge-rotation.ts';
import type { Wallet } from './policy.ts';

/** Made by `judge` alone; what `sign` asks for. */
export interface Approved {
  readonly approved: unique symbol;
  readonly ask: Ask;
  readonly at: number;
  /** The rules that allow it, and the denials that were lifted. */
  readonly grounds: readonly string[];
}

export type Judgement = { readonly kind: 'approved'; readonly approved: Approved } | Refused;

const made = new WeakSet<Approved>();

/** Guards `sign` at run time as the type does at compile time. */
export function isApproved(approved: Approved): boolean {
  return made.has(approved);
}

export function judge(given: Case): Judgement {
  const { policy, ask, explained } = given;
  const pinned = policy.wallets.find(({ id }) => id === ask.wallet);
  if (!pinned || (pinned.role === 'cold' && !isVaults(pinned, given)))
    return refuse('unknown-wallet', `${given.signer} signs for no wallet that is called ${ask.wallet}`);
  const { control } = given.witnessed;
  const acting = control ? controlledBy(pinned, control) : undefined;
  if (!acting && ask.kind === 'payment') return refuse('keys-on-chain', tellControl(pinned.id, control));
  // Coins may always go home, and a key be replaced, whatever else the chain says.
  const wallet = acting ?? pinned;
  const cosigner = wallet.cosigners.find((one) => holderOf(wallet, one) === given.signer);
  if (!cosigner) return refuse('not-a-cosigner', `${given.signer} holds no key of ${wallet.id}`);
  if (explained.kind === 'refused') return refuse('bytes-refused', explained.why);
  const meant = explained.kind === 'spend' ? explained.spend : explained.change;
  if (meant.share !== ask.share)
    return refuse('bytes-refused', 'the explained bytes are not the bytes to sign');
  const account = 'from' in meant ? meant.from : meant.account;
  if (account !== wallet.address)
    return refuse('spends-another-account', `acts on ${account}, not ${wallet.address}`);
  if (meant.signer !== cosigner.publicKey)
    return refuse('signs-with-another-key', `asks for ${meant.signer}`);
  const grounds = groundsFor(given, wallet);
  if ('kind' in grounds) return grounds;
  // Two intents may lead to the same bytes, down to the second; they would be paid once, and both count as paid.
  if (given.history.records.has(bytesDigest(ask.share)))
    return refuse('bytes-recorded-before', 'these bytes are recorded for another intent: plan them anew');
  return { kind: 'approved', approved: approvedOf({ ask, at: given.witnessed.at, grounds }) };
}

/** What is cold neither goes home nor is rotated by anybody who is online; its vaults move it. */
function isVaults({ cosigners }: Wallet, { ask, signer }: Case): boolean {
  return ask.kind === 'payment' && cosigners.some(({ vault }) => vault === signer);
}

function tellControl(wallet: string, control: Control | null): string {
  return control
    ? `the chain lets ${controlText(control)} act for ${wallet}: those are not its pinned keys`
    : `no quorum of watchtowers says alike whose keys act for ${wallet}`;
}

/** Payments and what goes home spend; a rotation changes who may, and neither passes for the other. */
function groundsFor(given: Case, wallet: Wallet): Refused | readonly string[] {
  const { ask, explained } = given;
  if (ask.kind === 'rotation')
    return explained.kind === 'change'
      ? judgeRotation(given, ask, wallet, explained.change)
      : refuse('bytes-refused', 'these bytes change nobody’s keys');
  if (explained.kind !== 'spend') return refuse('bytes-refused', 'these bytes change who may sign');
  if (ask.kind === 'payment' && wallet.role === 'cold') return judgeMove(given, ask, wallet, explained.spend);
  return ask.kind === 'payment'
    ? judgePayment(given, ask, wallet, explained.spend)
    : (judgeEvacuation(given, ask, wallet, explained.spend) ?? [`home ${wallet.evacuateTo}`]);
}

/**
 * The same ask under each version of the policy that stands: all must allow it. Where they do, what the last one approved,
 * with the grounds of all.
 */
export function judgeUnder(cases: readonly [Case, ...Case[]]): Judgement {
  const grounds = new Set<string>();
  let last: Judgement | undefined;
  for (const given of cases) {
    last = judge(given);
    if (last.kind === 'refused') {
      const { version } = given.policy;
      return cases.length === 1 ? last : { ...last, detail: `${bySeveral}${version}: ${last.detail}` };
    }
    for (const ground of last.approved.grounds) grounds.add(ground);
  }
  if (last?.kind !== 'approved') throw new Error('a judgement without a policy');
  return { kind: 'approved', approved: approvedOf({ ...last.approved, grounds: [...grounds] }) };
}

function approvedOf(given: Pick<Approved, 'ask' | 'at' | 'grounds'>): Approved {
  const approved = given as unknown as Approved;
  made.add(approved);
  return approved;
}

/** The entry that records an approved ask, next in the journal. */
export function recordOf(
  approved: Approved,
  signer: string,
  policy: string,
  history: Pick<History, 'seq' | 'head' | 'at'>,
): { entry: Entry; hash: string } {
  const at = Math.max(approved.at, history.at);
  const entry: Entry = {
    v: 1,
    signer,
    seq: history.seq + 1,
    prev: history.head,
    at,
    policy,
    grounds: [...approved.grounds],
    body: approved.ask,
  };
  return { entry, hash: entryHash(entry) };
}
