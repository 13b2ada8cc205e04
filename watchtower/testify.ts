/** Testimony: what this watchtower states of a wallet or a plan, by the eye on its chain at one moment; or why it has no view. */
import {
  bytesDigest,
  coinOf,
  coinOn,
  signStatement,
  type Asset,
  type Dead,
  type Fate,
  type Network,
  type Purpose,
  type Refusal,
  type SignedFact,
  type SigningKey,
  type Wallet,
} from '@kuramori/core';
import type { Eye, Sight } from './eye.ts';
import type { Ours } from './ours.ts';

interface Parts {
  readonly key: SigningKey;
  readonly network: Network;
  readonly ours: Pick<Ours, 'called'>;
  readonly eyes: readonly Eye[];
  /** Whether a freeze stops one of these assets. */
  readonly frozen: (assets: readonly Asset[]) => boolean;
}

export interface Asked {
  readonly wallet: string;
  readonly nonces: readonly string[];
  readonly plans: readonly string[];
  readonly purpose?: Purpose;
  /** Absent: the coin of the wallet's chain. */
  readonly asset?: Asset | undefined;
}

export interface Testimony {
  /** Our own clock, the wallet's balance of the asset and its keys; a text says why we have no view. */
  readonly witness: (wallet: string, asset?: Asset) => Promise<Sight | string>;
  /** The block by which a plan of a wallet is dead; undefined while it may still confirm, or we have no view. */
  readonly deadBy: (wallet: string, plan: string) => Dead['proof'] | undefined;
  /** What proves a plan's inputs, as seen here; a text names what was not. */
  readonly previous: (wallet: string, plan: string) => readonly string[] | string;
  /** A signed fact; a text says why there is none. */
  readonly testify: (asked: Asked & { readonly purpose: Purpose }) => Promise<SignedFact | string>;
  readonly fact: (asked: Asked) => Promise<{ kind: 'fact'; fact: SignedFact } | Refusal>;
  readonly fate: (asked: { wallet: string; plan: string }) => Fate | Refusal;
}

interface Found {
  readonly wallet: Wallet;
  readonly eye: Eye;
}

export function openTestimony({ key, network, ours, eyes, frozen }: Parts): Testimony {
  function find(name: string): Found | undefined {
    const wallet = ours.called(name);
    const eye = eyes.find(({ chain }) => chain === wallet?.chain);
    return wallet && eye && { wallet, eye };
  }

  async function sightOf({ wallet, eye }: Found, asset: Asset): Promise<Sight | string> {
    return coinOf(asset) === coinOn(wallet.chain)
      ? eye.witness(wallet, asset)
      : `${asset} is not on ${wallet.chain}, where ${wallet.id} is`;
  }

  function deadBy(name: string, plan: string): Dead['proof'] | undefined {
    const found = find(name);
    return found?.eye.deadBy(found.wallet, plan);
  }

  async function testify({
    wallet: name,
    nonces,
    plans,
    purpose,
    asset: asked,
  }: Asked & { readonly purpose: Purpose }): Promise<SignedFact | string> {
    const found = find(name);
    if (!found) return `no wallet is called ${name}`;
    const { wallet, eye } = found;
    const asset = asked ?? coinOn(wallet.chain);
    const witnessed = await sightOf(found, asset);
    if (typeof witnessed === 'string') return witnessed;
    // Looked at once more after the wait for the balance: tip and what is dead are of the same moment.
    const seen = eye.see();
    if (seen.kind === 'blind') return seen.why;
    const dead = [...new Set(plans)].flatMap((plan) => {
      const proof = deadBy(name, plan);
      return proof ? [{ plan: bytesDigest(plan), proof: { ...proof } }] : [];
    });
    const fact = {
      network,
      purpose,
      at: witnessed.at,
      tip: { ...seen.tip },
      wallet: name,
      balance: { asset, units: witnessed.balance },
      control: witnessed.control,
      nonces: [...nonces],
      dead,
    };
    return { fact, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', fact) };
  }

  return {
    async witness(name, asset) {
      const found = find(name);
      return found ? sightOf(found, asset ?? coinOn(found.wallet.chain)) : `no wallet is called ${name}`;
    },
    deadBy,
    previous(name, plan) {
      const found = find(name);
      return found ? found.eye.previous(found.wallet, plan) : `no wallet is called ${name}`;
    },
    testify,
    async fact({ purpose = 'payment', ...asked }) {
      const found = find(asked.wallet);
      const asset = asked.asset ?? (found && coinOn(found.wallet.chain));
      if (purpose === 'payment' && asset !== undefined && frozen([asset]))
        return {
          kind: 'refused',
          why: 'frozen',
          detail: 'this watchtower has frozen: it states nothing that pays',
        };
      const fact = await testify({ ...asked, purpose });
      return typeof fact === 'string'
        ? { kind: 'refused', why: 'blind', detail: fact }
        : { kind: 'fact', fact };
    },
    fate({ wallet: name, plan }) {
      const found = find(name);
      const seen = found?.eye.see();
      if (seen?.kind === 'blind') return { kind: 'refused', why: 'blind', detail: seen.why };
      return (
        found?.eye.fate(found.wallet, plan) ?? {
          kind: 'refused',
          why: 'unknown-plan',
          detail: `these bytes are no payment of ${name}`,
        }
      );
    },
  };
}
