/**
 * An order to a vault: what it is to record and sign is judged here and countersigned ahead, since no vault can be asked. Twice: by
 * our own eyes and all journals, as whatever is signed; and as the vault will, by its journal and the facts alone.
 */
import {
  bytesDigest,
  countersigned,
  entryHash,
  factLifetime,
  heard,
  isTooLong,
  mostPlans,
  signStatement,
  verifyEntry,
  writtenBy,
  assetsOf,
  type Countersignature,
  type Entry,
  type Order,
  type Policy,
  type Refusal,
  type Told,
} from '@kuramori/core';
import { codecOf, conflictsWith } from '@kuramori/chains/codecs';
import { countersign, judgedHere, type Countersigned, type Countersigner } from './countersign.ts';

/** Of the same bytes of one vault: each is kept for good. */
const mostOrders = 16;

export interface Ordering extends Countersigner {
  /** The digest of the version in force. */
  readonly inForce: () => string;
}

export type Ordered =
  | { readonly kind: 'ordered'; readonly entry: Entry; readonly countersignature: Countersignature }
  | Refusal;

export async function order(tower: Ordering, asked: Order): Promise<Ordered> {
  const { vault, policy: digest, ask } = asked;
  if (!tower.isOpen())
    return refused('closed', 'this watchtower has not yet heard how far the others hold the journals');
  const policy = tower.chain.find((one) => one.digest === digest)?.policy;
  if (!policy) return refused('policy', 'no version here has this digest');
  const wallet = coldOf(policy, asked);
  if (typeof wallet !== 'object') return refused('not-a-vault', wallet);
  const sight = await tower.witness(ask.wallet, assetsOf(ask)[0]);
  if (typeof sight === 'string') return refused('blind', sight);
  const previous = tower.previous(ask.wallet, ask.plan);
  if (typeof previous === 'string') return refused('blind', previous);
  // From here on nobody is waited for: what came meanwhile counts.
  if (tower.frozen(assetsOf(ask)))
    return refused('frozen', 'this watchtower has frozen: it orders nothing of a vault');
  if (digest !== tower.inForce())
    return refused('policy', `here the version in force is ${tower.inForce()}: make the order anew under it`);
  const history = tower.archive.history(vault);
  const codec = codecOf(wallet.chain);
  const written = writtenBy(asked, tower.chain, history, {
    explained: codec.explainShare(wallet, ask.plan, ask.share, policy.network, previous),
    conflicts: conflictsWith(wallet, ask.plan),
  });
  if (written.kind === 'refused') return refused(written.why, written.detail);
  const record = written.entries.at(-1) as Entry;
  if (!tower.archive.isOrdered(written.hash)) {
    const late = Math.round((sight.at - written.at) / 1000);
    if (Math.abs(sight.at - written.at) > factLifetime)
      return refused('facts-old', `the facts are of ${late} s ago: gather them anew`);
    const plans = tower.archive.coldPlans(ask.intents[0]?.intent.id ?? '');
    if (plans.size >= mostPlans && !plans.has(ask.plan))
      return refused(
        'too-many-plans',
        `${mostPlans} transactions were ordered for it: have it asked for anew`,
      );
    const key = wallet.cosigners.find((one) => one.vault === vault)?.publicKey ?? '';
    if (tower.archive.ordersOf(key, bytesDigest(ask.share)).length >= mostOrders)
      return refused('too-many-orders', `the same bytes were ordered ${mostOrders} times: plan it anew`);
    if (written.entries.some(isTooLong))
      return refused('entry-too-long', 'its record would be too long for a journal: move less at once');
    const verdict = judgedHere(tower, record, ask, history, sight);
    if (verdict !== null) return refused('judged', verdict);
    tower.archive.order(written.entries);
  }
  const entry = entryHash(record);
  const signature = signStatement(tower.key, 'countersignature', { entry });
  const countersignature = { watchtower: tower.key.publicKey, signature };
  return { kind: 'ordered', entry: record, countersignature };
}

/**
 * A vault's own record, brought back with the words that let it sign: by a quorum's it is taken as if it had been ordered here, by
 * whoever was away then. Else it is judged as it comes.
 */
export async function take(tower: Ordering, { record, countersignatures }: Told): Promise<Countersigned> {
  const { entry } = record;
  const under = tower.chain.find(({ digest }) => digest === entry.policy)?.policy;
  if (tower.isOpen() && under?.vaults?.some(({ id }) => id === entry.signer) && verifyEntry(under, record)) {
    // Without those whom people suspended: their keys may be a thief's.
    const [counting] = heard([under], tower.suspended());
    if (countersigned(counting, entryHash(entry), countersignatures) >= counting.watchtowers.quorum)
      tower.archive.poolOrder(entry);
  }
  return countersign(tower, record);
}

function coldOf(policy: Policy, { vault, ask }: Order): Policy['wallets'][number] | string {
  if (!policy.vaults?.some(({ id }) => id === vault)) return `no vault of the policy is called ${vault}`;
  const wallet = policy.wallets.find(({ id }) => id === ask.wallet);
  if (wallet?.role !== 'cold') return `no cold wallet is called ${ask.wallet}`;
  return wallet;
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
