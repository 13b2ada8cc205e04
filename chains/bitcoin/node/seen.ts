/** Seen: what a transaction does with our wallets: what it takes from each, by whose signatures, and what it pays to them. */
import { createHash } from 'node:crypto';
import {
  outpointText,
  readTransaction,
  signaturesOf,
  type Coin,
  type Outpoint,
  type Signed,
  type Transaction,
} from '../codec/index.ts';
import type { Ours, OurCoin } from './ours.ts';
import type { Skimmed } from './wire.ts';

/** What a transaction takes from one wallet. */
export interface Taken {
  /** The wallet's id. */
  readonly wallet: string;
  /** The numbers of the inputs that spend outputs of the wallet. */
  readonly inputs: readonly number[];
  /** The wallet's coins that they spend, as far as they are known. */
  readonly spent: readonly Coin[];
  /** What the wallet's keys signed of it. */
  readonly signed: readonly Signed[];
  /** Those inputs that too few of our keys can be shown to have signed: the coin is unknown, or somebody lies. */
  readonly unsigned: readonly number[];
}

/** From when on what it pays may be spent: at once, or only so deep in the chain (Core: COINBASE_MATURITY; LIP 3: PEGOUT_MATURITY). */
export type Origin = 'payment' | 'coinbase' | 'hogex';

export interface SeenTransaction {
  readonly id: string;
  readonly transaction: Transaction;
  /** Hex, with its witnesses, without an MWEB part. */
  readonly hex: string;
  readonly takes: readonly Taken[];
  readonly pays: readonly OurCoin[];
  /** The ids of the wallets that it takes from or pays to. */
  readonly wallets: readonly string[];
  readonly origin: Origin;
  /** Whether something stands beside it that nobody here reads. It can move no coin but those that the inputs name. */
  readonly mweb: boolean;
  readonly identity: object;
}

/**
 * What a transaction does with our wallets; undefined where nothing. Its outputs are known from then on. A spend is recognised by
 * the coin that it names, and by the script that it opens, so that one is seen whose coin nobody has heard of.
 */
export function see(skimmed: Skimmed, ours: Ours, waits: boolean): SeenTransaction | string | undefined {
  const inputs = inputsOfOurs(skimmed, ours);
  const paysUs = skimmed.outputs.some(({ script }) => ours.placeOf(script) !== undefined);
  if (inputs.size === 0 && !paysUs) return undefined;
  const hex = skimmed.hex();
  const transaction = readTransaction(hex);
  if (!transaction) return 'acts on a wallet of ours, and its bytes cannot be read';
  const takes = [...inputs].map(([wallet, numbers]) => takenFrom(wallet, numbers, skimmed, hex, ours));
  // What our own keys made is no stranger's, who could push it out.
  const strange = takes.length === 0 || takes.some(({ unsigned }) => unsigned.length > 0);
  const pays = paysUs ? ours.learn(skimmed.stripped(), waits && strange) : [];
  return {
    id: skimmed.id,
    transaction,
    hex,
    takes,
    pays,
    wallets: [...new Set([...takes, ...pays].map(({ wallet }) => wallet))],
    origin: skimmed.coinbase ? 'coinbase' : skimmed.form === 'hogex' ? 'hogex' : 'payment',
    mweb: skimmed.form === 'mweb',
    identity: identityOf(hex, takes),
  };
}

/** By the wallet, the numbers of the inputs that spend from it. */
function inputsOfOurs({ inputs }: Skimmed, ours: Ours): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [number, { outpoint, opens }] of inputs.entries()) {
    const place = ours.coin(outpoint) ?? (opens === null ? undefined : ours.placeOf(opens));
    if (!place) continue;
    const numbers = found.get(place.wallet);
    if (numbers) numbers.push(number);
    else found.set(place.wallet, [number]);
  }
  return found;
}

/** Of what cannot be read and takes from a wallet of ours: some key of it, so that whoever asks whether a key is ours is told so. */
export function handIn(skimmed: Skimmed, ours: Ours): string | null {
  const [wallet] = inputsOfOurs(skimmed, ours).keys();
  return wallet === undefined ? null : (ours.wallet(wallet).cosigners[0]?.publicKey ?? null);
}

function takenFrom(id: string, inputs: readonly number[], skimmed: Skimmed, hex: string, ours: Ours): Taken {
  const wallet = ours.wallet(id);
  const coins = inputs.flatMap((number) => ours.coin(skimmed.inputs[number]?.outpoint ?? '') ?? []);
  const found = signaturesOf(wallet, hex, coins);
  const spent = found?.spent ?? [];
  const signed = found?.signed ?? [];
  const unsigned = inputs.filter((number) => {
    const signers = new Set(signed.filter((one) => one.inputs.includes(number)).map(({ signer }) => signer));
    return signers.size < wallet.threshold;
  });
  return { wallet: id, inputs, spent, signed, unsigned };
}

/** What it spends of ours, and nobody here has seen: without the amounts nobody can say who signed (BIP 143). */
export function unknownCoins({ takes, transaction }: SeenTransaction, ours: Ours): readonly Outpoint[] {
  return takes
    .flatMap(({ unsigned }) => unsigned)
    .flatMap((number) => transaction.inputs[number] ?? [])
    .filter((input) => !ours.coin(outpointText(input)));
}

/** What was seen lately. The same transaction whose signatures could not all be told before is another one. */
const identities = new Map<string, object>();
const mostIdentities = 4_096;

function identityOf(hex: string, takes: readonly Taken[]): object {
  const told = takes.map(({ wallet, signed, unsigned }) => [
    wallet,
    signed.map(({ bytes }) => bytes),
    unsigned,
  ]);
  const key = createHash('sha256').update(hex).update(JSON.stringify(told)).digest('hex');
  const before = identities.get(key);
  if (before) return before;
  const [oldest] = identities.keys();
  if (identities.size >= mostIdentities && oldest !== undefined) identities.delete(oldest);
  const identity = {};
  identities.set(key, identity);
  return identity;
}
