/**
 * Eye: all by which one chain is seen: its nodes, each followed at its own pace, what they agree on, and what by it can be said
 * of a wallet or a plan. One that does not see says why, and witnesses nothing.
 */
import type { Dead, Fate, NemWallet, WatchtowerStatus } from '@kuramori/core';
import { traceOf, type NemNetwork } from '@kuramori/chains/nem/codec';
import {
  listenForPushes,
  type NemNode,
  type PushState,
  type SeenTransaction,
} from '@kuramori/chains/nem/node';
import { together } from '@kuramori/program';
import { openBell } from './bell.ts';
import { follow, type Followed, type Follower, type Listener } from './follow.ts';
import { accountAt, deadBy, fate, view, type Account, type Patience, type View } from './testify.ts';

export interface EyeParts {
  readonly nodes: readonly NemNode[];
  readonly network: NemNetwork;
  /** Which of them push, by their URLs, and where: ws://…/w/messages/websocket. */
  readonly pushes: readonly { readonly node: string; readonly at: string }[];
  /** Looking starts after this height: where the wallets were made. */
  readonly watchFrom: number;
  readonly pollMs: number;
  readonly patience: Patience;
  readonly now: () => number;
  readonly listener: Listener<SeenTransaction>;
}

/** A wallet's account by our own nodes, at one moment of our own clock. */
export type Sight = Account & { readonly at: number };

export interface Eye extends Disposable {
  readonly nodes: readonly NemNode[];
  readonly followed: () => readonly Followed<SeenTransaction>[];
  readonly see: () => View;
  /** What the wallet's account is now; a text says why nothing can be told. */
  readonly witness: (wallet: NemWallet) => Promise<Sight | string>;
  /** By which block a plan of the wallet is dead; undefined while it may still confirm, or we cannot see. */
  readonly deadBy: (wallet: NemWallet, plan: string) => Dead['proof'] | undefined;
  /** Undefined where the bytes are no plan of the wallet. */
  readonly fate: (wallet: NemWallet, plan: string) => Fate | undefined;
  /** Of each node that should push, how that goes. */
  readonly pushed: () => readonly (PushState & { readonly node: string })[];
  /** When each node's newest finished round began (this machine's clock, ms), as the nodes are ordered. */
  readonly roundsBegan: () => readonly number[];
  readonly status: () => Pick<WatchtowerStatus, 'blind' | 'nodes' | 'rounds' | 'roundBegan'>;
  /** Looks until it is disposed of; settles then. */
  readonly watch: () => Promise<unknown>;
}

export function openEye({
  nodes,
  network,
  watchFrom,
  pollMs,
  patience,
  now,
  listener,
  ...parts
}: EyeParts): Eye {
  let stopped = false;
  const looked = nodes.map(() => ({ rounds: 0, began: 0 }));
  /** What a push rings: the next look at that node begins, and sees by itself what there is. */
  const bells = nodes.map(openBell);
  const followers = nodes.map((node) => follow(node, watchFrom, listener));
  // Of canaries none: they are not looked at in every round.
  const pushes = parts.pushes.map(({ node, at }) => {
    const bell = bells[nodes.findIndex(({ url }) => url === node)];
    if (!bell) throw new Error(`pushes: ${node} is none of the nodes`);
    return { node, listening: listenForPushes(at, listener.addresses, bell.ring) };
  });
  const followed = () => followers.map((follower) => follower.state());
  const see = (): View => view(followed(), now(), patience);
  const trace = (wallet: NemWallet, plan: string) => traceOf(wallet, plan, network);

  /** Who asks while the nodes are asked shares the next look: none is older than the question. */
  const accountOf = together(async (addresses: readonly string[]) => {
    const looks = new Map<string, Promise<Account | string>>();
    return Promise.all(
      addresses.map((address) => {
        const asked = looks.get(address) ?? accountAt(nodes, address);
        looks.set(address, asked);
        return asked;
      }),
    );
  }, 1_000);

  /** Each node at its own pace: one that is silent must not slow the look at the other. */
  async function watchOne(follower: Follower<SeenTransaction>, index: number): Promise<void> {
    while (!stopped) {
      const began = Date.now();
      await follower.round();
      looked[index] = { rounds: (looked[index]?.rounds ?? 0) + 1, began };
      await bells[index]?.wait(Math.max(0, pollMs - (Date.now() - began)));
    }
  }

  return {
    nodes,
    followed,
    see,
    async witness({ address }) {
      const seen = see();
      if (seen.kind === 'blind') return seen.why;
      const account = await accountOf(address);
      return typeof account === 'string' ? account : { at: now(), ...account };
    },
    deadBy(wallet, plan) {
      const found = trace(wallet, plan);
      return found && see().kind === 'clear' ? deadBy(followed(), found, patience) : undefined;
    },
    fate(wallet, plan) {
      const found = trace(wallet, plan);
      return found && fate(followed(), found, patience);
    },
    pushed: () => pushes.map(({ node, listening }) => ({ node, ...listening.state() })),
    roundsBegan: () => looked.map(({ began }) => began),
    status() {
      const seen = see();
      return {
        blind: seen.kind === 'blind' ? seen.why : null,
        nodes: followed().map(({ url, height, error }) => ({ url, height, error })),
        rounds: Math.min(...looked.map(({ rounds }) => rounds)),
        roundBegan: Math.min(...looked.map(({ began }) => began)),
      };
    },
    watch: () => Promise.all(followers.map(watchOne)),
    [Symbol.dispose]() {
      stopped = true;
      for (const { listening } of pushes) listening[Symbol.dispose]();
      for (const bell of bells) bell.stop();
    },
  };
}
