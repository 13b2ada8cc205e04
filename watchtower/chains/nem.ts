/** NEM's eye: accounts, whose balances and keys every node tells, and plans that a deadline ends. */
import { z } from 'zod';
import { asNem, PublicKeyHex, XEM, type NemWallet } from '@kuramori/core';
import { movements, networkOf, traceOf } from '@kuramori/chains/nem/codec';
import {
  listenForPushes,
  nemNode,
  nemReading,
  type NemNode,
  type SeenTransaction,
} from '@kuramori/chains/nem/node';
import { together } from '@kuramori/program';
import type { Telling } from '../alarm.ts';
import type { OpenEye } from '../eye.ts';
import { openLooks } from '../looks.ts';
import { openChainSigns } from '../signs/on-chain.ts';
import { accountAt, type Account } from './nem-account.ts';
import { openCanaries, type Canary } from './nem-canary.ts';
import { describe, describeBytes } from './nem-describe.ts';
import { deadBy, fate, type Deadline } from './nem-fate.ts';
import { nemFlows } from './nem-flows.ts';
import { planNemHome } from './nem-home.ts';
import { takeSample } from './nem-sample.ts';
import { nemAccountsOf, openNemSigns } from './nem-signs.ts';

export const NemConfig = z
  .strictObject({
    nodes: z.array(z.url({ protocol: /^http$/ })).min(2),
    /** Which of them push, and where; a push only hastens the next look (docs/alarms.md). */
    pushes: z
      .array(
        z.strictObject({
          node: z.string(),
          at: z.url({ protocol: /^ws$/, error: 'must be ws://…/w/messages/websocket' }),
        }),
      )
      .default([]),
    /** `kuramori canary plant` makes one, and prints what stands here. */
    canaries: z
      .array(z.strictObject({ where: z.string().min(1).max(256), publicKey: PublicKeyHex }))
      .max(64)
      .default([]),
    watchFrom: z.int().positive(),
    pollMs: z.int().min(10).max(60_000),
    tipAgeSeconds: z.int().positive(),
    deadMarginSeconds: z.int().positive(),
    rewriteDepth: z.int().positive().default(360),
  })
  .superRefine(({ nodes, pushes }, context) => {
    for (const [index, { node }] of pushes.entries()) {
      const message = !nodes.includes(node)
        ? 'must be one of `nodes`, as it is written there'
        : pushes.findIndex((one) => one.node === node) < index
          ? 'is there twice: name each node once'
          : null;
      if (message !== null) context.addIssue({ code: 'custom', path: ['pushes', index, 'node'], message });
    }
  });
export type NemConfig = z.output<typeof NemConfig>;

export interface NemEyeParts extends Deadline {
  readonly nodes: readonly NemNode[];
  /** Which of them push, by their URLs, and where: ws://…/w/messages/websocket. */
  readonly pushes: readonly { readonly node: string; readonly at: string }[];
  /** Accounts whose keys lie where only a thief looks. */
  readonly canaries: readonly Canary[];
  /** Looking starts after this height: where the wallets were made. */
  readonly watchFrom: number;
  readonly pollMs: number;
  readonly tipAgeSeconds: number;
}

/** As the configuration has it. */
export function nemEyeOf(config: NemConfig, network: Parameters<typeof networkOf>[0]): OpenEye {
  return nemEye({ ...config, nodes: config.nodes.map((url) => nemNode(url, networkOf(network))) });
}

export function nemEye({ nodes, ...parts }: NemEyeParts): OpenEye {
  return (around) => {
    const { ours, now } = around;
    const network = networkOf(ours.inForce().policy.network);
    const canaries = openCanaries(parts.canaries, network);
    const accounts = nemAccountsOf(ours, network);
    const telling: Telling<SeenTransaction> = {
      ...nemReading(network),
      describe: ({ transaction }) => describe(transaction, network),
      left(seen, wallet) {
        const units = leftBy(seen, asNem(wallet));
        return units === null ? [] : [{ transaction: seen.hash, asset: XEM, units }];
      },
      touchedBy: canaries.touchedBy,
      canary: canaries.keyed,
    };
    const sight = around.alarm.through(telling);
    const nemSigns = openNemSigns({
      ...around,
      nodes,
      network,
      accounts,
      deadline: parts,
      looks: () => looks,
      pushed: () => pushes.map(({ node, listening }) => ({ node, ...listening.state() })),
    });
    const mine = new Set([...accounts.addresses, ...accounts.cosigners]);
    const signs = openChainSigns<SeenTransaction>({
      chain: 'nem',
      looks: () => looks,
      signs: around.signs,
      flowsOf: (seen) => nemFlows(seen, mine, network),
      own: nemSigns.own,
    });
    const addresses = [...accounts.addresses];
    const looks = openLooks({
      nodes,
      watchFrom: parts.watchFrom,
      pollMs: parts.pollMs,
      patience: { silenceMs: around.silenceMs, tipAgeSeconds: parts.tipAgeSeconds },
      now,
      listener: {
        reading: telling,
        addresses,
        seldom: canaries.addresses,
        concerns: (seen) =>
          canaries.touchedBy(seen).length > 0 ||
          ours.at(telling.account(seen)) !== undefined ||
          ours.acts(telling.signer(seen)),
        onSight: sight.look,
        onUnread: sight.unread,
        onBlock(block, url) {
          signs.saw(block, url);
          nemSigns.saw(block);
        },
        onBack: () => {},
      },
    });
    // Of canaries none: they are not looked at in every round.
    const pushes = parts.pushes.map(({ node, at }) => {
      if (!nodes.some(({ url }) => url === node)) throw new Error(`pushes: ${node} is none of the nodes`);
      return { node, listening: listenForPushes(at, addresses, () => looks.hasten(node)) };
    });

    /** Who asks while the nodes are asked shares the next look: none is older than the question. */
    const accountOf = together(async (asked: readonly string[]) => {
      const all = new Map<string, Promise<Account | string>>();
      return Promise.all(
        asked.map((address) => {
          const one = all.get(address) ?? accountAt(nodes, address);
          all.set(address, one);
          return one;
        }),
      );
    }, 1_000);
    const { followed, see } = looks;

    return {
      chain: 'nem',
      finalAfter: 0,
      pollMs: parts.pollMs,
      followed,
      see,
      async witness({ address }) {
        const seen = see();
        if (seen.kind === 'blind') return seen.why;
        const account = await accountOf(address);
        return typeof account === 'string' ? account : { at: now(), ...account };
      },
      async holds({ address }) {
        const account = await accountAt(nodes, address);
        return typeof account === 'string' ? null : account.balance;
      },
      deadBy(wallet, plan) {
        const found = traceOf(asNem(wallet), plan, network);
        return found && see().kind === 'clear' ? deadBy(followed(), found, parts) : undefined;
      },
      fate(wallet, plan) {
        const found = traceOf(asNem(wallet), plan, network);
        return found && fate(followed(), found, parts);
      },
      // The amounts stand in the bytes.
      previous: () => [],
      // One account for all of them.
      lookAtPlace: () => null,
      describeBytes: (bytes) => describeBytes(bytes, network),
      planHome: async (asked) =>
        planNemHome(
          { nodes, network, followed: followed(), now: now() },
          { ...asked, wallet: asNem(asked.wallet) },
        ),
      sample: (wallets, at) => takeSample(nodes, wallets, at),
      signs,
      status: () => ({ chain: 'nem', ...looks.status() }),
      watch: looks.watch,
      [Symbol.dispose]() {
        for (const { listening } of pushes) listening[Symbol.dispose]();
        looks[Symbol.dispose]();
      },
    };
  };
}

/** Amount and every fee of a transfer that the wallet pays; null for what is none. */
function leftBy({ transaction, cosignatures }: SeenTransaction, { publicKey }: NemWallet): bigint | null {
  const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
  if (inner.kind !== 'transfer' || inner.signer !== publicKey) return null;
  const fees = cosignatures.map((one) => one.transaction.fee);
  if (transaction.kind === 'multisig') fees.push(transaction.fee);
  const units = movements(inner).filter(({ asset }) => asset === XEM);
  const all = [inner.fee, ...fees, ...units.map(({ quantity }) => quantity)];
  return all.reduce((sum, one) => sum + one, 0n);
}
