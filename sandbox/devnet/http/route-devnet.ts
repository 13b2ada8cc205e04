import type { Hono } from 'hono';
import { z } from 'zod';
import { blockBytes } from '../chain/block.ts';
import { deserialise } from '../wire/deserialise.ts';
import { NisFailure } from '../wire/failure.ts';
import { blocksAtOnce, type Gossip } from '../peers/gossip.ts';
import type { NodeCore } from '../node.ts';
import { Items } from '../peers/peer-client.ts';
import { errorReply, ownBody, reply } from './reply.ts';
import { verifiable } from '../wire/serialise.ts';
import { childrenOf } from '../wire/transaction.ts';

/** What nodes of a devnet ask each other. Not part of NIS, whose own protocol signs and encrypts. */
export function peerRoutes(app: Hono, node: NodeCore): void {
  const { chain, pool } = node;
  const { network } = chain.genesis;

  app.get('/devnet/peer/tip', () => {
    const { block, score } = chain.last();
    const genesis = chain.at(1)?.block.hash ?? '';
    return reply({ height: block.height, hash: block.hash, score: score.toString(), genesis });
  });
  app.get('/devnet/peer/hashes', (context) => {
    const from = Math.max(1, Number(context.req.query('from') ?? 1));
    return reply({ from, hashes: blocksFrom(node, from).map(({ hash }) => hash) });
  });
  app.get('/devnet/peer/blocks', (context) => {
    const after = Number(context.req.query('after') ?? 0);
    return reply({
      items: blocksFrom(node, after + 1).map((block) => blockBytes(block, block.signature).toHex()),
    });
  });
  app.get('/devnet/peer/unconfirmed', () => {
    // DefaultUnconfirmedTransactionsFilter.getUnknownTransactions: wrappers with their cosignatures, and those again.
    const pending = pool.list();
    const signed = pending.flatMap(childrenOf).filter(({ signature }) => signature !== null);
    return reply({ items: pending.concat(signed).map((transaction) => verifiable(transaction).toHex()) });
  });
  app.post('/devnet/peer/transactions', async (context) => {
    const parsed = Items.safeParse(await ownBody(context));
    if (!parsed.success) return errorReply(node, 400, 'items: must be a list of hex');
    const verdicts = parsed.data.items.map((item) => {
      try {
        return node.push(deserialise(Uint8Array.fromHex(item), 'verifiable', network));
      } catch (failure) {
        if (failure instanceof NisFailure) return failure.status;
        throw failure;
      }
    });
    return reply({ verdicts });
  });
  app.post('/devnet/peer/blocks', async (context) => {
    const parsed = Items.safeParse(await ownBody(context));
    if (!parsed.success) return errorReply(node, 400, 'items: must be a list of hex');
    return reply({ verdicts: parsed.data.items.map((item) => node.pushBlock(Uint8Array.fromHex(item))) });
  });
}

function blocksFrom({ chain }: NodeCore, from: number) {
  const links = Array.from({ length: blocksAtOnce }, (_, at) => chain.at(from + at));
  return links.filter((link) => link !== undefined).map(({ block }) => block);
}

const Rewind = z.strictObject({
  /** How many blocks to take off the end. */
  blocks: z.int().min(1).max(5_000),
  transactions: z.enum(['pending', 'forgotten']).default('pending'),
});
const Fork = z.strictObject({
  /** How many blocks are replaced. Peers follow down to 360, NIS's limit for a rewrite. */
  depth: z.int().min(1).max(5_000),
  /** Hashes of confirmed transactions that the other blocks leave out. */
  drop: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')).default([]),
  dropped: z.enum(['pending', 'forgotten']).default('pending'),
});
const Deadlines = z.strictObject({ check: z.boolean() });

/** The hand of drills and tests on the node. */
export function controlRoutes(app: Hono, node: NodeCore, gossip: Gossip): void {
  const { chain, pool } = node;

  app.get('/devnet/control/status', () => {
    const { block } = chain.last();
    return reply({
      name: node.config.name,
      now: node.now(),
      height: block.height,
      hash: block.hash,
      blockTime: block.timeStamp,
      pending: pool.list().length,
      harvests: node.config.harvest !== undefined,
      peers: gossip.peers().map(({ url, reachable }) => ({ url, reachable })),
    });
  });
  app.post('/devnet/control/harvest', () => {
    const made = node.harvestOne();
    if (made.kind === 'refused') return errorReply(node, 409, made.why);
    const { height, hash, transactions } = made.block;
    return reply({ height, hash, transactions: transactions.length });
  });
  app.post('/devnet/control/drop-pending', () => reply({ dropped: pool.clear() }));
  app.post('/devnet/control/rewind', async (context) => {
    const parsed = Rewind.safeParse(await ownBody(context));
    if (!parsed.success) return errorReply(node, 400, z.prettifyError(parsed.error));
    const height = chain.height() - parsed.data.blocks;
    if (height < 1)
      return errorReply(node, 400, `blocks: the chain has only ${chain.height() - 1} above the first`);
    const reverted = node.rewind(height, parsed.data.transactions);
    return reply({ height, reverted: reverted.length });
  });
  app.post('/devnet/control/fork', async (context) => {
    const parsed = Fork.safeParse(await ownBody(context));
    if (!parsed.success) return errorReply(node, 400, z.prettifyError(parsed.error));
    const forked = node.fork({ ...parsed.data, drop: new Set(parsed.data.drop) });
    if (forked.kind === 'refused') return errorReply(node, 409, forked.why);
    const { block } = chain.last();
    return reply({ height: block.height, hash: block.hash, left: [...forked.left] });
  });
  app.post('/devnet/control/deadlines', async (context) => {
    const parsed = Deadlines.safeParse(await ownBody(context));
    if (!parsed.success) return errorReply(node, 400, z.prettifyError(parsed.error));
    node.checkDeadlines(parsed.data.check);
    return reply({ check: parsed.data.check });
  });
  app.post('/devnet/control/broadcast', async () => {
    await gossip.flush();
    return reply({ sent: true });
  });
  app.post('/devnet/control/sync', async () => {
    await gossip.sync();
    return reply({ height: chain.height() });
  });
}
