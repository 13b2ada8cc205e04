/**
 * The eye on Bitcoin's family. Nothing is believed of a node but its blocks, which are what their hashes are of: what wallets hold is
 * added up here, node by node, and a plan is dead only by a conflicting spend that is deep enough in all of them. A start reads the
 * blocks anew from `watchFrom`: nothing that is written down could be wrong (docs/decisions/0031).
 */
import { z } from 'zod';
import { controlOf, type BitcoinWallet, type Wallet } from '@kuramori/core';
import {
  descriptorOf,
  highestRate,
  leastRate,
  outpointText,
  readPlan,
  traceOf,
  type BitcoinChain,
} from '@kuramori/chains/bitcoin/codec';
import {
  bitcoinNode,
  bitcoinReading,
  openHoldings,
  openOurs,
  type BitcoinNode,
  type Holdings,
  type Ours as Coins,
  type SeenTransaction,
} from '@kuramori/chains/bitcoin/node';
import { Misconfigured, readSecret } from '@kuramori/program';
import type { Telling } from '../alarm.ts';
import type { OpenEye } from '../eye.ts';
import { openLooks } from '../looks.ts';
import { watchedOn } from '../ours.ts';
import { openChainSigns } from '../signs/on-chain.ts';
import type { View } from '../view.ts';
import { describe, describeBytes } from './bitcoin-describe.ts';
import { openBitcoinHome } from './bitcoin-home.ts';
import { bitcoinFlows, leftBy, openBitcoinSigns } from './bitcoin-signs.ts';

const Node = z.strictObject({
  /** Its RPC. */
  url: z.url({ protocol: /^http$/ }).refine((url) => new URL(url).username === '', {
    error: 'must be http://host:port: user and password stand in credentialsFile',
  }),
  /** A file of one line, user:password, as bitcoin.conf's rpcauth or the node's own cookie has them. */
  credentialsFile: z.string().min(1).optional(),
});

export const BitcoinConfig = z
  .strictObject({
    nodes: z.array(Node).min(2),
    /** Looking starts after this height: where the wallets were made. */
    watchFrom: z.int().positive(),
    pollMs: z.int().min(10).max(60_000).default(1_000),
    /** Blocks come by chance: 18 times the usual ten minutes pass without one in 65 million. */
    tipAgeSeconds: z.int().positive().default(10_800),
    /** So many blocks on a conflicting spend, and what it conflicts with is dead. */
    deadDepth: z.int().min(1).max(1_000).default(6),
    /** How many addresses beyond the highest paid one are looked at on each branch. One takes a millisecond to derive. */
    gap: z.int().min(20).max(100_000).default(200),
    /** What an evacuation pays where no node has an estimate, in units per 1,000 virtual bytes. */
    usualRate: z
      .int()
      .min(Number(leastRate))
      .max(Number(highestRate / 2n))
      .default(50_000),
  })
  .superRefine(({ nodes }, context) => {
    for (const [index, { url }] of nodes.entries())
      if (nodes.findIndex((one) => one.url === url) < index)
        context.addIssue({
          code: 'custom',
          path: ['nodes', index, 'url'],
          message: 'is there twice: one node cannot contradict itself',
        });
  });
export type BitcoinConfig = z.output<typeof BitcoinConfig>;

export interface BitcoinEyeParts extends Omit<BitcoinConfig, 'nodes'> {
  readonly chain: BitcoinChain;
  /** Clients of the nodes, over one knowledge of what is ours. */
  readonly nodesOf: (ours: Coins) => readonly BitcoinNode[];
}

/** As the configuration has it. */
export function bitcoinEyeOf(config: BitcoinConfig, chain: BitcoinChain): OpenEye {
  const endpoints = config.nodes.map(({ url, credentialsFile }) => ({
    url,
    authorization: credentialsFile === undefined ? undefined : basic(credentialsFile),
  }));
  return bitcoinEye({
    ...config,
    chain,
    nodesOf: (ours) => endpoints.map((endpoint) => bitcoinNode(endpoint, chain, ours)),
  });
}

function basic(file: string): string {
  const secret = readSecret(file);
  if (!/^[^:]+:.+$/.test(secret)) throw new Misconfigured(`${file}: must hold user:password in one line`);
  return `Basic ${Buffer.from(secret).toString('base64')}`;
}

/** What one node's blocks did with our wallets. */
interface Ledger {
  holdings: Holdings;
  /** Why it cannot be told any more. */
  flaw: string | null;
}

export function bitcoinEye({ chain, ...parts }: BitcoinEyeParts): OpenEye {
  return (around) => {
    const { ours, now } = around;
    const { network } = ours.inForce().policy;
    const wallets = watchedOn(ours, chain);
    const before = wallets.find(({ opening }) => opening !== undefined && opening.length > 0);
    if (before)
      throw new Misconfigured(
        `${before.id}: opening: coins that came before the blocks which are read cannot be watched: let watchFrom be before them, and the wallet open with nothing`,
      );
    const names = new Map(wallets.map(({ id, address }) => [address, id]));
    const nameOf = ({ address }: Pick<Wallet, 'address'>) => names.get(address) ?? '';
    const coins = openOurs(wallets, network, { gap: parts.gap });
    const nodes = parts.nodesOf(coins);
    const ledgers = new Map<string, Ledger>(
      nodes.map(({ url }) => [url, { holdings: openHoldings(), flaw: null }]),
    );
    const ledgerOf = (url: string): Ledger => {
      const found = ledgers.get(url);
      if (!found) throw new Error(`${url} is no node of ${chain}`);
      return found;
    };
    const telling: Telling<SeenTransaction> = {
      ...bitcoinReading(coins),
      describe: ({ transaction }) => describe(transaction, chain, coins),
      left: (seen, wallet) => leftBy(seen, nameOf(wallet)),
      touchedBy: () => [],
      canary: () => undefined,
    };
    const sight = around.alarm.through(telling);
    const signs = openChainSigns<SeenTransaction>({
      chain,
      looks: () => looks,
      signs: around.signs,
      flowsOf: (seen) => bitcoinFlows(seen, coins),
      own: () => openBitcoinSigns(nodes, chain, network),
    });
    const home = openBitcoinHome({ nodes, network, usualRate: BigInt(parts.usualRate), now });
    const looks = openLooks({
      nodes,
      watchFrom: parts.watchFrom,
      pollMs: parts.pollMs,
      patience: { silenceMs: around.silenceMs, tipAgeSeconds: parts.tipAgeSeconds },
      now,
      listener: {
        reading: telling,
        addresses: wallets.map(({ address }) => address),
        seldom: [],
        concerns: ({ takes }) => takes.length > 0,
        onSight: sight.look,
        onUnread: sight.unread,
        onBlock(block, url) {
          const ledger = ledgerOf(url);
          const took = ledger.holdings.take(block);
          if (took.kind === 'refused')
            ledger.flaw ??= `block ${block.height} of ${url} fits nowhere: ${took.why}`;
          signs.saw(block, url);
        },
        onBack(height, url) {
          const ledger = ledgerOf(url);
          if (height <= parts.watchFrom) ledger.holdings = openHoldings();
          else if (!ledger.holdings.undo())
            ledger.flaw ??= `${url} rewrote its chain deeper than blocks are kept here: start this watchtower again`;
        },
      },
    });
    const { followed } = looks;
    const all = () => [...ledgers.values()];

    /** One that cannot count any more is as good as one that says nothing. */
    function see(): View {
      const flaw = all().find((ledger) => ledger.flaw !== null)?.flaw;
      return flaw === undefined || flaw === null ? looks.see() : { kind: 'blind', why: flaw };
    }

    function balanceAt(wallet: Pick<Wallet, 'address'>, height: number): bigint | undefined {
      const held = all().map(({ holdings }) => holdings.balance(nameOf(wallet), height));
      return held.every((units) => units === held[0]) ? held[0] : undefined;
    }

    function endOf(wallet: Wallet, plan: string) {
      const trace = traceOf(onThis(wallet), plan);
      if (!trace || see().kind !== 'clear') return undefined;
      const [first, ...others] = all().map(({ holdings }) => holdings.endedBy(trace, parts.deadDepth));
      const same = others.every((one) => one?.height === first?.height && one?.hash === first?.hash);
      return same ? first : undefined;
    }

    function onThis(wallet: Wallet): BitcoinWallet {
      if (wallet.chain !== chain) throw new Error(`${wallet.id} is a wallet of ${wallet.chain}`);
      return wallet;
    }

    /** What waits at any node. */
    const waiting = () => [...new Map(followed().flatMap(({ pending }) => [...pending])).values()];

    return {
      chain,
      pollMs: parts.pollMs,
      followed,
      see,
      async witness(wallet) {
        const seen = see();
        if (seen.kind === 'blind') return seen.why;
        const balance = balanceAt(wallet, seen.tip.height);
        // The keys of a descriptor are its own for ever.
        return balance === undefined
          ? `the nodes do not say alike what ${wallet.id} holds at block ${seen.tip.height}`
          : { at: now(), balance, control: controlOf(wallet) };
      },
      async holds(wallet) {
        const held = all().flatMap(({ holdings }) => {
          const height = holdings.tip()?.height;
          return (height === undefined ? undefined : holdings.balance(nameOf(wallet), height)) ?? [];
        });
        return held.length === 0 ? null : held.reduce((one, other) => (one < other ? one : other));
      },
      deadBy: endOf,
      fate(wallet, plan) {
        const trace = traceOf(onThis(wallet), plan);
        if (!trace) return undefined;
        const states = followed();
        const heights = states.map(({ confirmed }) => confirmed.get(trace.ids[0] ?? ''));
        const [first] = heights;
        if (first !== undefined && heights.every((height) => height === first))
          return { kind: 'fate', fate: 'confirmed', height: first };
        const there = states.some(({ confirmed, pendingIds }) =>
          trace.ids.some((id) => confirmed.has(id) || pendingIds.has(id)),
        );
        if (there) return { kind: 'fate', fate: 'pending', height: null };
        return { kind: 'fate', fate: endOf(wallet, plan) ? 'dead' : 'unseen', height: null };
      },
      previous: (wallet, plan) => previousOf(coins, onThis(wallet), nameOf(wallet), plan, parts.gap),
      describeBytes: (bytes) => describeBytes(bytes, chain, coins),
      async planHome(asked) {
        const seen = see();
        if (seen.kind === 'blind') return { kind: 'refused', why: seen.why };
        const wallet = onThis(asked.wallet);
        const waits = waiting();
        const [ledger] = all();
        if (!ledger) return { kind: 'refused', why: 'there is no node' };
        ledger.holdings.wait(waits);
        const name = nameOf(wallet);
        const free = ledger.holdings.spendable(name, { confirmations: 1, unconfirmedChange: true });
        const taken = ledger.holdings.coins(name).filter(({ spentBy }) => spentBy !== null);
        const thiefs = waits.filter((one) => telling.parts(one).some((part) => !around.isCovered(part)));
        const tainted = standingOn(thiefs, waits);
        return home.plan(
          { ...asked, wallet },
          {
            // What a thief's transaction gives back stands and falls with it.
            coins: [...free, ...taken].filter(({ height, txid }) => height !== null || !tainted.has(txid)),
            thiefs: thiefs.filter(({ takes }) => takes.some((each) => each.wallet === name)),
            height: seen.tip.height,
            previous: coins.previous,
          },
        );
      },
      async sample(named, at) {
        if (
          see().kind === 'blind' ||
          !followed().every(({ blocks }) => blocks.get(at.height)?.hash === at.hash)
        )
          return { kind: 'passed' };
        const balances = new Map<string, bigint>();
        for (const wallet of named) {
          const units = balanceAt(wallet, at.height);
          if (units === undefined)
            return { kind: 'differ', why: `${wallet.id}: the nodes do not say alike what it holds` };
          balances.set(wallet.id, units);
        }
        return { kind: 'sample', sample: { ...at, balances } };
      },
      signs,
      status() {
        const seen = see();
        return { chain, ...looks.status(), blind: seen.kind === 'blind' ? seen.why : null };
      },
      watch: looks.watch,
      [Symbol.dispose]: looks[Symbol.dispose],
    };
  };
}

/** The ids of transactions, and of all that waits and spends what they give. */
function standingOn(
  roots: readonly SeenTransaction[],
  waits: readonly SeenTransaction[],
): ReadonlySet<string> {
  const ids = new Set(roots.map(({ id }) => id));
  for (let before = -1; before !== ids.size;) {
    before = ids.size;
    for (const { id, transaction } of waits)
      if (transaction.inputs.some(({ txid }) => ids.has(txid))) ids.add(id);
  }
  return ids;
}

/** The whole transactions that brought what a plan spends, each of which we saw ourselves; or what of it we did not. */
function previousOf(
  coins: Coins,
  wallet: BitcoinWallet,
  name: string,
  plan: string,
  gap: number,
): readonly string[] | string {
  const read = readPlan(descriptorOf(wallet), plan);
  // What is no plan its own reader refuses, in better words.
  if (read.kind === 'refused') return [];
  const shown = new Map<string, string>();
  for (const input of read.draft.inputs) {
    const hex = coins.previous(input.txid);
    if (hex === undefined || !coins.coin(outpointText(input)))
      return `the coin ${outpointText(input)}, which the plan spends, was not seen here`;
    shown.set(input.txid, hex);
  }
  const most = coins.next(name, 1) + gap;
  const far = read.draft.outputs.find(({ change }) => change !== null && change >= most);
  if (far) return `change goes to index ${far.change}, and nobody here looks beyond ${most - 1}`;
  return [...shown.values()];
}
