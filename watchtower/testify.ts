/** Testifies: a chain fact, signed, by our own view of the wallet's chain at one moment. */
import {
  bytesDigest,
  coinOn,
  signStatement,
  type Dead,
  type Network,
  type SignedFact,
  type SigningKey,
} from '@kuramori/core';
import type { Eye, Sight } from './eye.ts';
import type { Ours } from './ours.ts';

export interface Testifier {
  readonly key: SigningKey;
  readonly network: Network;
  readonly ours: Pick<Ours, 'called'>;
  readonly eyes: readonly Eye[];
}

/** Our own clock, the wallet's balance and keys; a text says why we have no view. */
export async function witness({ ours, eyes }: Testifier, name: string): Promise<Sight | string> {
  const wallet = ours.called(name);
  if (!wallet) return `no wallet is called ${name}`;
  const eye = eyes.find(({ chain }) => chain === wallet.chain);
  return eye ? eye.witness(wallet) : `nobody here watches ${wallet.chain}, where ${name} is`;
}

/** The block by which a plan of a wallet is dead, in our own view; undefined while it may still confirm. */
export function provenDead({ ours, eyes }: Testifier, name: string, plan: string): Dead['proof'] | undefined {
  const wallet = ours.called(name);
  return wallet && eyes.find(({ chain }) => chain === wallet.chain)?.deadBy(wallet, plan);
}

/** A text says why we have no view. */
export async function testify(
  by: Testifier,
  name: string,
  nonces: readonly string[],
  plans: readonly string[],
  purpose: SignedFact['fact']['purpose'],
): Promise<SignedFact | string> {
  const witnessed = await witness(by, name);
  if (typeof witnessed === 'string') return witnessed;
  const { chain } = by.ours.called(name) ?? { chain: 'nem' };
  // Looked at once more after the wait for the balance: tip and what is dead are of the same moment.
  const seen = by.eyes.find((eye) => eye.chain === chain)?.see();
  if (seen?.kind !== 'clear') return seen?.why ?? `nobody here watches ${chain}`;
  const dead = [...new Set(plans)].flatMap((plan) => {
    const proof = provenDead(by, name, plan);
    return proof ? [{ plan: bytesDigest(plan), proof }] : [];
  });
  const fact = {
    network: by.network,
    purpose,
    at: witnessed.at,
    tip: { ...seen.tip },
    wallet: name,
    balance: { asset: coinOn(chain), units: witnessed.balance },
    control: witnessed.control,
    nonces: [...nonces],
    dead,
  };
  return { fact, watchtower: by.key.publicKey, signature: signStatement(by.key, 'chain-fact', fact) };
}
