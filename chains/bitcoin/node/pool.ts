/**
 * Pool: what waits in a node's memory. The list of ids is read at each look, and what is new in it is fetched and looked at once;
 * of strangers' transactions nothing is kept but the id.
 */
import { outpointText } from '../codec/index.ts';
import type { Unread, Waiting } from '../../watched.ts';
import type { OurCoin, Ours } from './ours.ts';
import * as reply from './reply.ts';
import type { Rpc } from '../../rpc.ts';
import { handIn, see, unknownCoins, type SeenTransaction } from './seen.ts';
import { skimOne, type Skimmed } from './wire.ts';

/** More ids than any node's pool holds: 300 MB of transactions. One id takes 67 bytes of the list. */
const listBounds = { timeoutMs: 30_000, maxBytes: 64 * 1024 * 1024 };
/** A transaction that nodes relay has 100,000 virtual bytes at most (MAX_STANDARD_TX_WEIGHT): 800,000 digits of witness. */
const atOnce = 50;
const fetchBounds = { timeoutMs: 30_000, maxBytes: 48 * 1024 * 1024 };
/** One look takes so many at most, so that a pool that is full at the start does not keep us from the blocks for ever. */
const mostALook = 10_000;
/** Core: RPC_INVALID_ADDRESS_OR_KEY. It was there when the list was made. */
const notThere = -5;

export interface Pool {
  readonly look: () => Promise<Waiting<SeenTransaction>>;
}

export function openPool(rpc: Rpc, ours: Ours): Pool {
  let looked: ReadonlySet<string> = new Set();
  let kept: ReadonlyMap<string, SeenTransaction> = new Map();
  /** Of those kept, what they are made of: some of their coins were not known yet. */
  const open = new Map<string, Skimmed>();
  let surprises = ours.surprises();
  let looking: Promise<Waiting<SeenTransaction>> | undefined;

  async function look(): Promise<Waiting<SeenTransaction>> {
    if (surprises !== ours.surprises()) {
      // An address was told that nobody looked for: what was passed over is looked at again.
      surprises = ours.surprises();
      looked = new Set();
    }
    const list = await rpc.one('getrawmempool', [false], reply.Hashes, listBounds);
    if (list.kind === 'failed') return { seen: [], unread: [], failed: list.detail };
    const there = new Set(list.value);
    const fresh = list.value.filter((id) => !looked.has(id));
    const now = new Set(list.value.filter((id) => looked.has(id)));
    const seen = new Map([...kept].filter(([id]) => there.has(id)));
    for (const id of open.keys()) if (!there.has(id)) open.delete(id);
    const unread: Unread[] = [];
    const met = new Map(open);
    let failed: string | null = null;
    for (let at = 0; at < Math.min(fresh.length, mostALook) && failed === null; at += atOnce)
      failed = await fetchSome(fresh.slice(at, at + atOnce), now, met, unread);
    settle(met, seen, unread);
    const coins = await supposed(seen);
    if (typeof coins === 'string') failed ??= coins;
    else
      settle(open, seen, unread, { ...ours, coin: (outpoint) => ours.coin(outpoint) ?? coins.get(outpoint) });
    for (const { id, mweb, takes } of seen.values()) {
      if (!mweb || takes.length === 0) continue;
      const signer = takes.flatMap(({ signed }) => signed)[0]?.signer ?? null;
      unread.push({ hash: id, signer, why: 'an MWEB part stands beside it' });
    }
    // What cannot be told yet is fetched anew: it may have been shown without its signatures.
    for (const id of open.keys()) now.delete(id);
    looked = now;
    kept = seen;
    if (fresh.length > mostALook)
      failed ??= `${rpc.url}: ${fresh.length - mostALook} transactions of its pool are still to be looked at`;
    return { seen: [...seen.values()], unread, failed };
  }

  async function fetchSome(
    ids: readonly string[],
    now: Set<string>,
    met: Map<string, Skimmed>,
    unread: Unread[],
  ): Promise<string | null> {
    const answers = await transactions(ids);
    if (answers.kind === 'failed') return answers.detail;
    for (const [at, answer] of answers.value.entries()) {
      const id = ids[at] ?? '';
      if (answer.kind === 'refused') {
        if (answer.code === notThere) continue;
        return `${rpc.url} getrawtransaction: ${answer.code} ${answer.message}`;
      }
      const skimmed = skimOne(answer.value);
      // Nothing that a script guards: coins within MWEB alone, whose id is of bytes that nobody here reads (LIP 3).
      const inMweb = skimmed?.form === 'mweb' && skimmed.inputs.length === 0;
      if (skimmed && (skimmed.id === id || inMweb)) {
        now.add(id);
        if (!inMweb) met.set(id, skimmed);
        continue;
      }
      const signer = skimmed ? handIn(skimmed, ours) : null;
      const why = skimmed ? `the node calls it ${id}, its bytes hash to ${skimmed.id}` : 'its bytes are none';
      // Not counted as looked at: it is fetched and told of again as long as it is there.
      unread.push({ hash: id, signer, why });
    }
    return null;
  }

  const transactions = (ids: readonly string[]) =>
    rpc.ask(
      ids.map((id) => ({ method: 'getrawtransaction', params: [id, false], result: reply.Hex })),
      fetchBounds,
    );

  /** The list is in no order: what spends an output of ours may stand before what made it. */
  function settle(
    met: ReadonlyMap<string, Skimmed>,
    seen: Map<string, SeenTransaction>,
    unread: Unread[],
    known = ours,
  ): void {
    for (let before = -1; before !== seen.size;) {
      before = seen.size;
      for (const [id, skimmed] of met) {
        const found = see(skimmed, known, true);
        if (found === undefined) continue;
        if (typeof found === 'string') {
          unread.push({ hash: id, signer: handIn(skimmed, ours), why: found });
          continue;
        }
        seen.set(id, found);
        if (found.takes.some(({ unsigned }) => unsigned.length > 0)) open.set(id, skimmed);
        else open.delete(id);
      }
    }
  }

  /**
   * The coins that open ones spend and nobody here has seen, as the node has them: who begins to look finds payments of ours
   * under way, whose coins stand in blocks that are still to be read. A lie is told by the signatures, which bind the amounts.
   */
  async function supposed(
    seen: Map<string, SeenTransaction>,
  ): Promise<ReadonlyMap<string, OurCoin> | string> {
    const coins = new Map<string, OurCoin>();
    for (const id of open.keys()) {
      const one = seen.get(id);
      const unknown = one ? unknownCoins(one, ours) : [];
      if (unknown.length === 0) continue;
      const read = await rpc.ask(
        unknown.map(({ txid, vout }) => ({
          method: 'gettxout',
          // Not as the pool has it, where it is spent.
          params: [txid, vout, false],
          result: reply.TxOut,
        })),
      );
      // Asked after that: where it is gone by now, its coins may have gone with it into a block.
      const there = await rpc.ask([{ method: 'getmempoolentry', params: [id], result: reply.MempoolEntry }]);
      if (read.kind === 'failed') return read.detail;
      if (there.kind === 'failed') return there.detail;
      if (there.value[0].kind === 'refused') {
        open.delete(id);
        seen.delete(id);
        continue;
      }
      for (const [at, { txid, vout }] of unknown.entries()) {
        const answer = read.value[at];
        const output = answer?.kind === 'read' ? answer.value : null;
        const place = output ? ours.placeOf(output.scriptPubKey.hex) : undefined;
        if (!output || !place) continue;
        const units = BigInt(Math.round(output.value * 1e8));
        coins.set(outpointText({ txid, vout }), { ...place, txid, vout, units });
      }
    }
    return coins;
  }

  return {
    // Who asks while a look is under way shares it.
    look() {
      looking ??= look().finally(() => (looking = undefined));
      return looking;
    },
  };
}
