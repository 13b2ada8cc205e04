/** Pool: what waits in a node's memory and acts on a Safe of ours, or is made by a key of ours. */
import { z } from 'zod';
import { bareOf, type Address } from '../codec/index.ts';
import type { Read, Unread, Waiting } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { rawOf } from './envelope.ts';
import type { Ours } from './ours.ts';
import { PendingBlock, PoolContent, Transaction } from './reply.ts';
import { see, type Beside, type SeenTransaction } from './seen.ts';
import { keccak } from './trie.ts';

/** A pool of 20,000 transactions is some 40 MB. */
const bounds = { timeoutMs: 30_000, maxBytes: 128 * 1024 * 1024 };
/** JSON-RPC 2.0: there is no such method. */
const noSuchMethod = -32_601;

/** What of a transaction is looked at before it is read wholly. */
const Skimmed = z.looseObject({
  hash: z.string(),
  from: z.string(),
  to: z.string().nullish(),
  type: z.string().optional(),
});

/**
 * One look takes so many that are new at most, and tries so many of the Safe's next numbers for each: whoever fills the pool with
 * calls of our Safes, which costs him nothing while they wait, must not hold us. A key is recovered in a millisecond. What has a
 * later number can be executed only once those before it are, and is seen as that comes nearer.
 */
const mostALook = 25;
const numbersTried = 4;

export interface Pool {
  readonly look: () => Promise<Waiting<SeenTransaction>>;
}

export function openPool(
  rpc: Rpc,
  ours: Ours,
  noncesOf: (wallets: readonly string[]) => Promise<Read<Beside['nonces']>>,
): Pool {
  /** What was found in each that waits, while its Safe is at the same number; null: nothing of ours. */
  let looked: ReadonlyMap<string, SeenTransaction | null> = new Map();

  async function look(): Promise<Waiting<SeenTransaction>> {
    const list = await everythingIn(rpc);
    if (list.kind === 'failed') return { seen: [], unread: [], failed: list.detail };
    const mine = list.value.flatMap((given) => {
      const skimmed = Skimmed.safeParse(given);
      return skimmed.success && concerns(skimmed.data, ours) ? [{ given, skimmed: skimmed.data }] : [];
    });
    if (mine.length === 0) return { seen: [], unread: [], failed: null };
    const called = mine.flatMap(({ skimmed }) => ours.placeOf(bare(skimmed.to))?.wallet ?? []);
    const known = await noncesOf([...new Set(called)]);
    if (known.kind === 'failed') return { seen: [], unread: [], failed: known.detail };
    const now = new Map<string, SeenTransaction | null>();
    const unread: Unread[] = [];
    let fresh = 0;
    for (const { given, skimmed } of mine) {
      const read = Transaction.safeParse(given);
      const why = read.success ? hashFlaw(read.data) : `is out of form: ${issueOf(read.error)}`;
      if (!read.success || why !== undefined) {
        unread.push({ hash: skimmed.hash.slice(2), signer: keyIn(skimmed, ours), why: why ?? '' });
        continue;
      }
      const nonces = (wallet: string) => known.value(wallet).slice(0, numbersTried);
      const [next = ''] = nonces(ours.placeOf(read.data.to ?? '')?.wallet ?? '');
      const key = `${read.data.hash} ${next}`;
      const before = looked.get(key);
      if (before === undefined && (fresh += 1) > mostALook) continue;
      now.set(key, before === undefined ? (see(read.data, null, ours, { nonces }) ?? null) : before);
    }
    looked = now;
    const failed =
      fresh > mostALook
        ? `${rpc.url}: ${fresh - mostALook} transactions of its pool are still to be looked at`
        : null;
    return { seen: [...now.values()].filter((one) => one !== null), unread, failed };
  }

  return { look };
}

/** The whole pool where the node shows it; else what it would put into the next block. */
async function everythingIn(rpc: Rpc): Promise<Read<readonly unknown[]>> {
  const read = await rpc.ask([{ method: 'txpool_content', params: [], result: PoolContent }], bounds);
  if (read.kind === 'failed') return read;
  const [pool] = read.value;
  if (pool.kind === 'read') {
    const { pending, queued } = pool.value;
    const bySender = [...Object.values(pending), ...Object.values(queued)];
    return { kind: 'read', value: bySender.flatMap((byNonce) => Object.values(byNonce)) };
  }
  if (pool.code !== noSuchMethod)
    return { kind: 'failed', detail: `${rpc.url} txpool_content: ${pool.code} ${pool.message}` };
  const next = await rpc.one('eth_getBlockByNumber', ['pending', true], PendingBlock, bounds);
  return next.kind === 'failed' ? next : { kind: 'read', value: next.value.transactions };
}

const bare = (address: string | null | undefined): string => (address ?? '').slice(2).toLowerCase();

/** What delegates an account names it nowhere but by its signature. */
function concerns({ from, to, type }: z.infer<typeof Skimmed>, ours: Ours): boolean {
  return ours.keyOf(bare(from)).length > 0 || ours.placeOf(bare(to))?.salt === null || type === '0x4';
}

/** Of what cannot be read: a key of ours that is said to have sent it, so that whoever asks whether a key is ours is told so. */
function keyIn({ from }: z.infer<typeof Skimmed>, ours: Ours): string | null {
  const [wallet] = ours.keyOf(bare(from));
  const keys = [...(wallet?.cosigners ?? []), ...(wallet?.spares ?? [])];
  return keys.find(({ publicKey }) => bareOf(publicKey as Address) === bare(from))?.publicKey ?? null;
}

function hashFlaw(transaction: Transaction): string | undefined {
  const own = keccak(rawOf(transaction));
  return own === transaction.hash
    ? undefined
    : `the node calls it ${transaction.hash}, its bytes hash to ${own}`;
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.')} ${issue?.message}`;
}
