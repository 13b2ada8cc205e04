/**
 * The eye on Bitcoin's family. Nothing is believed of a node but its blocks, which are what their hashes are of: what wallets hold is
 * added up here, node by node, and a plan is dead only by a conflicting spend that is deep enough in all of them. A start reads the
 * blocks anew from `watchFrom`: nothing that is written down could be wrong (docs/decisions/0031).
 */
import { join } from 'node:path';
import { coinOn, controlOf, type BitcoinWallet, type Wallet } from '@kuramori/core';
import {
  descriptorOf,
  outpointText,
  readPlan,
  traceOf,
  type BitcoinChain,
} from '@kuramori/chains/bitcoin/codec';
import {
  bitcoinNode,
  bitcoinReading,
  openOurs,
  type BitcoinNode,
  type Ours as Coins,
  type SeenTransaction,
} from '@kuramori/chains/bitcoin/node';
import { Misconfigured } from '@kuramori/program';
import type { Telling } from '../alarm.ts';
import type { OpenEye } from '../eye.ts';
import { openLooks } from '../looks.ts';
import { watchedOn } from '../ours.ts';
import { openChainSigns } from '../signs/on-chain.ts';
import type { View } from '../view.ts';
import { endpointsOf, type BitcoinConfig } from './bitcoin-config.ts';
import { describe, describeBytes } from './bitcoin-describe.ts';
import { openPlaces } from './bitcoin-places.ts';
import { openBitcoinHome } from './bitcoin-home.ts';
import { openLedgers } from './bitcoin-ledgers.ts';
import { bitcoinFlows, leftBy, openBitcoinSigns } from './bitcoin-signs.ts';

export interface BitcoinEyeParts extends Omit<BitcoinConfig, 'nodes'> {
  readonly chain: BitcoinChain;
  /** Clients of the nodes, over one knowledge of what is ours. */
  readonly nodesOf: (ours: Coins) => readonly BitcoinNode[];
}

/** As the configuration has it. */
export function bitcoinEyeOf(config: BitcoinConfig, chain: BitcoinChain): OpenEye {
  const endpoints = endpointsOf(config);
  return bitcoinEye({
    ...config,
    chain,
    nodesOf: (ours) => endpoints.map((endpoint) => bitcoinNode(endpoint, chain, ours)),
  });
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
    const places = openPlaces(join(around.folder, `places-${chain}.json`), coins, parts.gap);
    const nodes = parts.nodesOf(coins);
    const ledgers = openLedgers(
      nodes.map(({ url }) => url),
      parts.watchFrom,
    );
    const telling: Telling<SeenTransaction> = {
      ...bitcoinReading(coins),
      describe: ({ transaction }) => describe(transaction, chain, coins),
      left(seen, wallet) {
        const units = leftBy(seen, nameOf(wallet));
        return units === null ? [] : [{ transaction: seen.id, asset: coinOn(chain), units }];
      },
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
          ledgers.took(block, url);
          signs.saw(block, url);
        },
        onBack: ledgers.back,
      },
    });
    const { followed } = looks;

    /** One that cannot count any more is as good as one that says nothing. */
    function see(): View {
      const flaw = ledgers.flaw();
      return flaw === null ? looks.see() : { kind: 'blind', why: flaw };
    }

    function endOf(wallet: Wallet, plan: string) {
      const trace = traceOf(onThis(wallet), plan);
      return trace && see().kind === 'clear' ? ledgers.endedBy(trace, parts.deadDepth) : undefined;
    }

    function onThis(wallet: Wallet): BitcoinWallet {
      if (wallet.chain !== chain) throw new Error(`${wallet.id} is a wallet of ${wallet.chain}`);
      return wallet;
    }

    /** What waits at any node. */
    const waiting = () => [...new Map(followed().flatMap(({ pending }) => [...pending])).values()];

    return {
      chain,
      finalAfter: 0,
      pollMs: parts.pollMs,
      followed,
      see,
      async witness(wallet) {
        const seen = see();
        if (seen.kind === 'blind') return seen.why;
        const balance = ledgers.balanceAt(nameOf(wallet), seen.tip.height);
        // The keys of a descriptor are its own for ever.
        return balance === undefined
          ? `the nodes do not say alike what ${wallet.id} holds at block ${seen.tip.height}`
          : { at: now(), balance, control: controlOf(wallet) };
      },
      holds: async (wallet) => ledgers.least(nameOf(wallet)),
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
      lookAtPlace: (wallet, { number }) => places.look(nameOf(wallet), number),
      describeBytes: (bytes) => describeBytes(bytes, chain, coins, waiting()),
      async planHome(asked) {
        const seen = see();
        if (seen.kind === 'blind') return { kind: 'refused', why: seen.why };
        const wallet = onThis(asked.wallet);
        const waits = waiting();
        const name = nameOf(wallet);
        const thiefs = waits.filter((one) => telling.parts(one).some((part) => !around.isCovered(part)));
        const tainted = standingOn(thiefs, waits);
        const sure = (id: string) => !tainted.has(id) && followed().every(({ pending }) => pending.has(id));
        return home.plan(
          { ...asked, wallet },
          {
            // What a thief's transaction gives back stands and falls with it, and so does what he may replace.
            coins: ledgers.coins(name, waits).filter(({ height, txid }) => height !== null || sure(txid)),
            thiefs: thiefs.filter(({ takes }) => takes.some((each) => each.wallet === name)),
            height: seen.tip.height,
            previous: coins.previous,
            isCovered: around.isCovered,
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
          const units = ledgers.balanceAt(nameOf(wallet), at.height);
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

/** The ids of transactions, of what spends the same as they, and of all that waits and spends what those give. */
function standingOn(
  roots: readonly SeenTransaction[],
  waits: readonly SeenTransaction[],
): ReadonlySet<string> {
  const spent = new Set(roots.flatMap(({ transaction }) => transaction.inputs.map(outpointText)));
  const rivals = waits.filter(({ transaction }) =>
    transaction.inputs.some((input) => spent.has(outpointText(input))),
  );
  const ids = new Set(rivals.map(({ id }) => id));
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
