/** Signs that NEM alone can show: a node tells balances, which blocks must explain; signatures have nonces in sight; plans have deadlines. */
import { chainKeys, type NemWallet } from '@kuramori/core';
import { addressOf, networkByte, type NemNetwork, type PublicKey } from '@kuramori/chains/nem/codec';
import type { NemNode, PushState, SeenBlock, Served } from '@kuramori/chains/nem/node';
import type { Around } from '../eye.ts';
import type { Looks } from '../looks.ts';
import { watchedOn, type Named, type Ours } from '../ours.ts';
import type { Sample } from '../sample.ts';
import { openChains } from '../signs/another-chain.ts';
import { openFalls } from '../signs/balance-falls.ts';
import type { Flowed } from '../signs/flows.ts';
import { gas, gasWindow } from '../signs/gas.ts';
import { openNonces } from '../signs/nonces.ts';
import type { ChainSigns, Found } from '../signs/on-chain.ts';
import { clocks } from '../signs/own.ts';
import { openPushSilence } from '../signs/pushes.ts';
import type { Since } from '../signs/since.ts';
import { openUnsent } from '../signs/unsent.ts';
import type { Deadline } from './nem-fate.ts';

export interface NemSignsParts extends Pick<Around, 'ours' | 'archive' | 'now' | 'signs'> {
  readonly nodes: readonly NemNode[];
  readonly network: NemNetwork;
  readonly accounts: NemAccounts;
  readonly deadline: Deadline;
  readonly looks: () => Pick<Looks<unknown>, 'followed' | 'see'>;
  /** Of each node that should push, how that goes. */
  readonly pushed: () => readonly (PushState & { readonly node: string })[];
}

export function openNemSigns(parts: NemSignsParts) {
  const { nodes, network, accounts, signs, ours, looks, now } = parts;
  const nonces = openNonces((key) => accounts.keys.has(key));
  const unsent = openUnsent(parts.archive.released, ours.called, network, parts.deadline);
  const pushSilence = openPushSilence();
  const chains = openChains();

  function own(flows: Flowed, since: Since): Partial<ChainSigns> & Pick<ChainSigns, 'look'> {
    const byName = new Map(accounts.named.map(({ id, address }) => [id, address]));
    const falls = openFalls(flows, byName);
    let newest: Sample | null = null;
    let missing: NonNullable<Found['unsent']> = [];

    async function askClocks(): Promise<Found> {
      const apartMs = new Map<string, number>();
      await Promise.all(
        nodes.map(async ({ url, time }) => {
          const before = now();
          const said = await time();
          if (said.kind === 'read') apartMs.set(url, outside(said.value, before, now()));
        }),
      );
      return { clockApart: clocks(apartMs, signs.clockApart, since) };
    }

    async function askChains(): Promise<Found> {
      const served = new Map<string, Served>();
      await Promise.all(
        nodes.map(async (node) => {
          const said = await node.served();
          if (said.kind === 'read') served.set(node.url, said.value);
        }),
      );
      // NIS writes the network's byte as a signed one.
      const networkId = (networkByte[network] << 24) >> 24;
      return { anotherChain: chains.look(served, networkId, signs.anotherChain) };
    }

    return {
      sampled(sample) {
        newest = sample;
        falls.sampled(sample, looks().followed());
      },
      look() {
        const states = looks().followed();
        const idle = {
          flows: flows.shownByAll(states, { moment: gasWindow(now(), signs.gas) }),
          idle: new Set([...accounts.cosigners, ...retired(ours)]),
          cold: new Set(
            ours.inForce().policy.wallets.flatMap(({ role, address }) => (role === 'cold' ? address : [])),
          ),
          wallets: accounts.addresses,
          holds: (address: string) => {
            const name = [...byName].find(([, one]) => one === address)?.[0];
            return name === undefined ? undefined : newest?.balances.get(name);
          },
        };
        if (looks().see().kind === 'clear') missing = unsent.look(states, now(), signs.unsent);
        return {
          balanceFalls: falls.found(signs.balanceFalls),
          repeatedNonce: nonces.repeated(),
          likeNonces: nonces.alike(),
          gas: gas(idle, signs.gas),
          unsent: missing,
          pushSilent: pushSilence.look(states, parts.pushed(), signs.pushSilent, since),
        };
      },
      ask: async (seldom) => ({ ...(await askClocks()), ...(seldom ? await askChains() : {}) }),
    };
  }

  return {
    own,
    saw(block: SeenBlock) {
      for (const seen of block.transactions) nonces.saw(seen, signs);
    },
  };
}

export interface NemAccounts {
  /** Every key that any version lets act. */
  readonly keys: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  /** The cosigners' own accounts. */
  readonly cosigners: ReadonlySet<string>;
  /** Each wallet once, by the name under which it is sampled. */
  readonly named: readonly Named[];
}

export function nemAccountsOf(ours: Ours, network: NemNetwork): NemAccounts {
  const wallets = ours.wallets.filter((wallet): wallet is NemWallet => wallet.chain === 'nem');
  const keys = new Set(wallets.flatMap(chainKeys));
  const addresses = new Set(wallets.map(({ address }) => address));
  const cosigners = new Set(
    [...keys]
      .map((key) => addressOf(key as PublicKey, network) as string)
      .filter((one) => !addresses.has(one)),
  );
  return { keys, addresses, cosigners, named: watchedOn(ours, 'nem') };
}

/** Wallets of versions before that the one in force does not have. */
function retired({ wallets, inForce }: Ours): readonly string[] {
  const now = new Set(inForce().policy.wallets.map(({ address }) => address));
  return wallets.flatMap(({ address }) => (now.has(address) ? [] : address));
}

/** By how much a moment lies outside of two others: before the first it is positive, after the second negative. */
function outside(moment: number, first: number, second: number): number {
  if (moment < first) return first - moment;
  return moment > second ? second - moment : 0;
}
