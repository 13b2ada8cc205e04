/**
 * The eye on an EVM chain. Of a node nothing is believed that can be computed (docs/decisions/0033): Safes are proven by the hash of
 * the block on which all nodes agree, executions are counted node by node, and a plan is dead only where its Safe's number went to
 * something else in a block that every node holds for final.
 */
import { join } from 'node:path';
import {
  ETH,
  controlledBy,
  type Asset,
  type EthereumWallet,
  type PolicyChain,
  type Wallet,
} from '@kuramori/core';
import type { Where } from '@kuramori/chains/http';
import {
  readPlan,
  safeHash,
  saltOf,
  tokenOf,
  zeroAddress,
  type GuardKeys,
} from '@kuramori/chains/ethereum/codec';
import {
  changedParts,
  controlAt,
  ethereumNode,
  ethereumReading,
  openOurs,
  type EthereumNode,
  type Ours as OnChain,
  type SafeAt,
  type SafeParts,
  type SeenBlock,
  type SeenTransaction,
} from '@kuramori/chains/ethereum/node';
import { Misconfigured } from '@kuramori/program';
import type { Telling } from '../alarm.ts';
import { openBell } from '../bell.ts';
import type { OpenEye } from '../eye.ts';
import { openLooks } from '../looks.ts';
import { watchedOn, type Named } from '../ours.ts';
import { openChainSigns } from '../signs/on-chain.ts';
import type { Sighting } from '../signs/sighting.ts';
import type { At, View } from '../view.ts';
import type { EthereumConfig } from './ethereum-config.ts';
import { describe, describeBytes } from './ethereum-describe.ts';
import { apartFrom, strangersIn } from './ethereum-guard.ts';
import { openEthereumHome, type WaitingExecution } from './ethereum-home.ts';
import { openLedgers } from './ethereum-ledgers.ts';
import { openEthereumPlaces } from './ethereum-places.ts';
import { openSafes } from './ethereum-safes.ts';
import { ethereumFlows, goneBy, openEthereumSigns } from './ethereum-signs.ts';

export interface EthereumEyeParts extends Omit<EthereumConfig, 'nodes' | 'safes' | 'relayers'> {
  /** Clients of the nodes, over one knowledge of what is ours. */
  readonly nodesOf: (ours: OnChain) => readonly EthereumNode[];
  /** By the Safe's address: as it was made. */
  readonly safes: Readonly<Record<string, SafeParts>>;
  readonly relayers: readonly Where[];
}

/** As the configuration has it, with its relayers found. */
export function ethereumEyeOf(
  { nodes, firstBlock, ...config }: Omit<EthereumConfig, 'relayers'>,
  relayers: readonly Where[],
): OpenEye {
  return ethereumEye({
    ...config,
    firstBlock,
    relayers,
    nodesOf: (ours) => nodes.map((url) => ethereumNode({ url }, ours, firstBlock)),
  });
}

export function ethereumEye(parts: EthereumEyeParts): OpenEye {
  return (around) => {
    const { ours, now, alarm } = around;
    const { network } = ours.inForce().policy;
    const wallets = watchedOn(ours, 'ethereum');
    for (const wallet of wallets) checkSafe(wallet, parts);
    const listed = tokensOf(ours.chain);
    const onChain = openOurs(wallets, network, listed);
    const watchedEver = ours.wallets.filter((one): one is EthereumWallet => one.chain === 'ethereum');
    const named = new Map(wallets.map((wallet) => [wallet.address, wallet]));
    const places = openEthereumPlaces(join(around.folder, 'places-ethereum.jsonl'), onChain, now);
    const nodes = parts.nodesOf(onChain);
    const safes = openSafes(nodes);
    const ledgers = openLedgers(
      nodes.map(({ url }) => url),
      parts.watchFrom,
      ({ wallet, plan, transaction }, { height }, node) =>
        alarm.sign(
          `${wallet} tells of an execution with a number that it had used before: it runs other code`,
          { wallet, transaction, node, height },
          `repeated ${transaction} ${plan}`,
        ),
    );
    const home = openEthereumHome({
      network,
      relayers: parts.relayers,
      owedMs: parts.owedSeconds * 1_000,
      lateMs: parts.lateSeconds * 1_000,
      now,
    });
    const reading = ethereumReading(onChain);
    const telling: Telling<SeenTransaction> = {
      ...reading,
      describe,
      left: (seen, wallet) => goneBy(seen, named.get(wallet.address)?.id ?? ''),
      touchedBy: () => [],
      canary: () => undefined,
    };
    const sight = alarm.through(telling);
    const signs = openChainSigns<SeenTransaction>({
      chain: 'ethereum',
      looks: () => looks,
      signs: around.signs,
      flowsOf: (seen) => ethereumFlows(seen, (id) => onChain.wallet(id).address),
      own: () => openEthereumSigns(nodes, network, parts.firstBlock, () => [...guards.values()].flat()),
    });
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
        concerns: ({ executions, parts: signed }) => executions.length + signed.length > 0,
        onSight: sight.look,
        onUnread: sight.unread,
        onBlock(block, url) {
          // As its node gave it: with what it found at our addresses.
          ledgers.took(block as SeenBlock, url);
          signs.saw(block, url);
        },
        onBack: ledgers.back,
      },
    });
    const { followed } = looks;
    const bell = openBell();
    let stopped = false;
    /** The newest block at which every Safe was looked at. */
    let lookedAt = '';
    /** Of each wallet, where its guard and the policy are two things. */
    const guards = new Map<string, readonly Sighting[]>();

    /** One that cannot count any more is as good as one that says nothing. */
    function see(): View {
      const flaw = ledgers.flaw();
      return flaw === null ? looks.see() : { kind: 'blind', why: flaw };
    }

    function onThis(wallet: Wallet): EthereumWallet {
      if (wallet.chain !== 'ethereum') throw new Error(`${wallet.id} is a wallet of ${wallet.chain}`);
      return wallet;
    }

    /** A plan of this very Safe, on this very chain. */
    function idOf(wallet: Wallet, plan: string): string | undefined {
      const read = readPlan(plan);
      return read.kind === 'plan' && read.bound.safe === onThis(wallet).address
        ? safeHash(read.bound)
        : undefined;
    }

    /** What no event tells: a Safe's code, guard, modules and owners, as its storage is at each block that all nodes have. */
    async function lookAtSafes(): Promise<void> {
      const seen = see();
      if (seen.kind === 'blind' || seen.tip.hash === lookedAt) return;
      const [looked] = await Promise.all([
        Promise.all(wallets.map((wallet) => lookAtSafe(wallet, seen.tip))),
        Promise.all(
          nodes.map(async (node) => {
            const final = await node.at('finalized');
            if (final.kind === 'read') ledgers.finalized(final.value, node.url);
          }),
        ),
      ]);
      if (looked.every(Boolean)) lookedAt = seen.tip.hash;
    }

    async function lookAtSafe(wallet: EthereumWallet, tip: At): Promise<boolean> {
      const safe = await safes.at(wallet, tip);
      if (typeof safe === 'string') return false;
      const made = madeOf(wallet, parts);
      const guard = await guardOf(made, safe);
      if (typeof guard === 'string') return false;
      // What is other code, or another guard, is told as changed.
      const apart = guard === null || safe.guard !== made.guard ? [] : apartFrom(guard, wallet);
      guards.set(
        wallet.id,
        apart.map((why) => ({
          key: `${wallet.id} ${why}`,
          once: why,
          fields: { wallet: wallet.id, guard: safe.guard, why },
        })),
      );
      const control = controlAt(safe);
      const versions = versionsOf(wallet);
      const changed = [
        ...changedParts(made, safe),
        ...(guard === undefined ? [] : strangersIn(guard, versions)),
        ...(versions.some((one) => controlledBy(one, control))
          ? []
          : [`its owners are ${control.keys.join(', ')}, of whom ${control.threshold} sign`]),
      ];
      for (const why of changed)
        alarm.sign(
          `${wallet.id} is not as it was made: ${why}`,
          { wallet: wallet.id, height: tip.height, block: tip.hash },
          `changed ${wallet.address} ${why}`,
        );
      return true;
    }

    const versionsOf = ({ address }: EthereumWallet) => watchedEver.filter((one) => one.address === address);

    /** Undefined: it has none and was made so, or has another than it was made with, and is told as changed. */
    const guardOf = async (made: SafeParts, safe: SafeAt): Promise<GuardKeys | null | undefined | string> =>
      safe.guard === zeroAddress || safe.guard !== made.guard ? undefined : safes.guard(safe);

    async function watchSafes(): Promise<void> {
      while (!stopped) {
        await lookAtSafes();
        await bell.wait(parts.pollMs);
      }
    }

    /** What each wallet has of an asset; undefined where one does not tell. */
    async function heldOf(
      list: readonly Named[],
      asset: Asset,
      at: At,
    ): Promise<ReadonlyMap<string, bigint> | undefined> {
      const held = new Map<string, bigint>();
      for (const { id, address } of list) {
        const wallet = named.get(address);
        const units = wallet ? await safes.units(wallet, asset, at) : '';
        const placed = wallet && ledgers.placed(wallet.id, asset, at);
        if (typeof units === 'string' || placed === undefined) return undefined;
        // What stands at a customer's address is the wallet's: it can go nowhere else.
        held.set(id, units + placed);
      }
      return held;
    }

    /** What waits at any node and is an execution of the Safe. */
    function waitingOf(id: string): readonly WaitingExecution[] {
      const states = followed();
      const waits = new Map(states.flatMap(({ pending }) => [...pending]));
      return [...waits.values()].flatMap((seen) => {
        const covered = telling.parts(seen).every((part) => around.isCovered(part));
        const everywhere = states.every(({ pending }) => pending.has(seen.hash));
        return seen.executions
          .filter(({ wallet }) => wallet === id)
          .map(({ bound, hash }) => ({ bound, hash, covered, everywhere }));
      });
    }

    return {
      chain: 'ethereum',
      // Two epochs of 32 blocks, and the one that is being filled.
      finalAfter: 96,
      pollMs: parts.pollMs,
      followed,
      see,
      async witness(wallet, asset) {
        const seen = see();
        if (seen.kind === 'blind') return seen.why;
        const [safe, balance] = await Promise.all([
          safes.at(onThis(wallet), seen.tip),
          safes.units(onThis(wallet), asset, seen.tip),
        ]);
        if (typeof safe === 'string') return safe;
        if (typeof balance === 'string') return balance;
        // Of one that is not as it was made nobody can say who acts for it: coins may go home, and nowhere else.
        const made = madeOf(onThis(wallet), parts);
        const guard = await guardOf(made, safe);
        if (typeof guard === 'string') return guard;
        const asMade =
          changedParts(made, safe).length === 0 &&
          (guard === undefined || strangersIn(guard, versionsOf(onThis(wallet))).length === 0);
        return { at: now(), balance, control: asMade ? controlAt(safe) : null };
      },
      async holds(wallet) {
        const tip = followed().flatMap(({ height, blocks }) => {
          const hash = blocks.get(height)?.hash;
          return hash === undefined ? [] : { height, hash };
        })[0];
        const units = tip ? await safes.units(onThis(wallet), ETH, tip) : '';
        return typeof units === 'string' ? null : units;
      },
      deadBy: (wallet, plan) =>
        idOf(wallet, plan) !== undefined && see().kind === 'clear' ? ledgers.endedBy(plan) : undefined,
      fate(wallet, plan) {
        const id = idOf(wallet, plan);
        if (id === undefined) return undefined;
        const { fate, height } = ledgers.became(plan);
        if (fate !== 'unseen') return { kind: 'fate', fate, height };
        if (followed().some(({ pendingIds }) => pendingIds.has(id)))
          return { kind: 'fate', fate: 'pending', height: null };
        return { kind: 'fate', fate: ledgers.endedBy(plan) ? 'dead' : 'unseen', height: null };
      },
      // What a plan moves stands in its bytes.
      previous: () => [],
      lookAtPlace: (wallet, whose) =>
        places.look(named.get(wallet.address)?.id ?? '', saltOf(network, whose)),
      describeBytes,
      async planHome(asked) {
        const seen = see();
        if (seen.kind === 'blind') return { kind: 'refused', why: seen.why };
        const wallet = onThis(asked.wallet);
        const safe = await safes.at(wallet, seen.tip);
        if (typeof safe === 'string') return { kind: 'refused', why: safe };
        return home.plan(
          { ...asked, wallet },
          {
            safe,
            units: (asset) => safes.units(wallet, asset, seen.tip),
            waits: waitingOf(named.get(wallet.address)?.id ?? ''),
            isMined: (hash) => followed().every(({ confirmed }) => confirmed.has(hash)),
            isDone: (plan) => ledgers.became(plan).fate !== 'unseen',
          },
        );
      },
      async sample(list, at) {
        if (
          see().kind === 'blind' ||
          !followed().every(({ blocks }) => blocks.get(at.height)?.hash === at.hash)
        )
          return { kind: 'passed' };
        const [coins, ...tokens] = await Promise.all(
          [ETH, ...listed].map(async (asset) => ({ asset, held: await heldOf(list, asset, at) })),
        );
        if (!coins?.held) return { kind: 'passed' };
        const told = tokens.flatMap(({ asset, held }) => (held ? [[asset, held] as const] : []));
        return { kind: 'sample', sample: { ...at, balances: coins.held, tokens: new Map(told) } };
      },
      signs,
      status() {
        const seen = see();
        return { chain: 'ethereum', ...looks.status(), blind: seen.kind === 'blind' ? seen.why : null };
      },
      watch: () => Promise.all([looks.watch(), watchSafes()]),
      [Symbol.dispose]() {
        stopped = true;
        bell.stop();
        looks[Symbol.dispose]();
        places[Symbol.dispose]();
      },
    };
  };
}

function madeOf({ address }: EthereumWallet, { safes }: Pick<EthereumEyeParts, 'safes'>): SafeParts {
  const made = safes[address];
  if (!made) throw new Error(`nobody says how the Safe ${address} was made`);
  return made;
}

/** Throws Misconfigured where a Safe could not be watched, or its coins not be carried home. */
function checkSafe({ id, address, role }: EthereumWallet, { safes, relayers }: EthereumEyeParts): void {
  if (!Object.hasOwn(safes, address))
    throw new Misconfigured(
      `chains.ethereum.safes: says nothing of ${address}, the Safe of ${id}: without what it is made of nobody sees that it changed`,
    );
  if (role === 'hot' && relayers.length === 0)
    throw new Misconfigured(
      `chains.ethereum.relayers: is empty, and the policy has the hot wallet ${id}: say who carries its coins home`,
    );
}

/** Every token that any version of the policy has a rule for. */
function tokensOf(chain: PolicyChain) {
  const assets = chain.flatMap(({ policy }) => policy.rules.map(({ asset }) => asset));
  return [...new Set(assets)].filter((asset) => tokenOf(asset) !== undefined);
}
