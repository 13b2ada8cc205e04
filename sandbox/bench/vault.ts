/**
 * `kuramori bench vault`: what a vault does with a request's bytes, by the codec that it asks: what they mean, the lines that people
 * are shown, the signature, and that signature computed a second way before it leaves. A Bitcoin plan of 200 inputs, and a
 * NEM modification; beside each the bare signatures and nothing else, in turns, by the thread's own processor time. What the policy,
 * the keepers and the watchtowers say of a request is verified besides, and not counted here.
 */
import { randomBytes } from 'node:crypto';
import {
  coinOn,
  formatAmount,
  type BitcoinWallet,
  type ChainKey,
  type Explained,
  type Network,
  type NemWallet,
  type Wallet,
} from '@kuramori/core';
import {
  addressAt,
  descriptorKeyOf,
  descriptorOf,
  descriptorOfKeys,
  idOf,
  placeAt,
  planConsolidation,
  writeDescriptor,
  writePlan,
  writeTransaction,
  type Coin,
  type Descriptor,
} from '@kuramori/chains/bitcoin/codec';
import { codecOf } from '@kuramori/chains/codecs';
import {
  addressOf,
  nemTimeOf,
  planRotation,
  privateKeyOf,
  publicKeyOf,
  sign as signNem,
} from '@kuramori/chains/nem/codec';
import { signParts } from '@kuramori/chains/secp256k1';
import { alone, beside, machine, type Bench } from './figures.ts';

export interface VaultBenchOptions {
  readonly rounds: number;
  readonly inputs?: number;
  /** A round: one alone takes a millisecond. */
  readonly modifications?: number;
  readonly say: (line: string) => void;
}

/** A request as a vault has it: whose wallet, which bytes, its own key. */
interface Request {
  readonly wallet: Wallet;
  readonly network: Network;
  readonly plan: string;
  readonly previous: readonly string[];
  readonly key: ChainKey;
}

const stages = ['explained', 'shown', 'signed', 'checked'] as const;
type Taken = Record<(typeof stages)[number] | 'bare', number>;

export function benchVault({ rounds, inputs = 200, modifications = 100, say }: VaultBenchOptions): Bench {
  const bitcoin: Taken[] = [];
  const nem: Taken[] = [];
  // One more, to warm up.
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? 'to warm up' : `round ${round} of ${rounds}`);
    // Keys of its own each time: a vault has seen no place of a wallet before.
    bitcoin.push({ ...taken(bitcoinRequest(inputs)), bare: bareEcdsa(inputs) });
    const many = Array.from({ length: modifications }, () => taken(nemRequest()));
    const stage = (of: (typeof stages)[number]) => many.reduce((sum, one) => sum + one[of], 0);
    nem.push({
      ...(Object.fromEntries(stages.map((name) => [name, stage(name)])) as Omit<Taken, 'bare'>),
      bare: bareNem(modifications),
    });
  }
  const { plan } = bitcoinRequest(inputs);
  return {
    bench: 'vault',
    machine: machine(),
    figures: [
      ...figuresOf(`a PSBT of ${inputs} inputs`, bitcoin.slice(1), inputs, 'bare ECDSA signatures'),
      alone('its plan', plan.length / 2, 'bytes'),
      alone('the longest plan that a journal takes', mostInputs(), 'inputs'),
      ...figuresOf('a NEM modification', nem.slice(1), modifications, 'bare Ed25519 signatures'),
    ],
  };
}

function figuresOf(what: string, runs: readonly Taken[], each: number, baseline: string): Bench['figures'] {
  const sum = (of: keyof Taken) => runs.reduce((total, run) => total + run[of], 0);
  const whole = stages.reduce((total, stage) => total + sum(stage), 0);
  const count = each * runs.length;
  return [
    beside(
      `${what}: signatures a second`,
      (count * 1000) / whole,
      '/s',
      baseline,
      (count * 1000) / sum('bare'),
      null,
    ),
    ...stages.map((stage) => alone(`${what}: ${stage}, a signature`, sum(stage) / count, 'ms')),
    alone(`${baseline}, each`, sum('bare') / count, 'ms'),
  ];
}

function taken({ wallet, network, plan, previous, key }: Request): Omit<Taken, 'bare'> {
  const codec = codecOf(wallet.chain);
  let share = '';
  let signature = '';
  let explained: Explained = { kind: 'refused', why: 'nobody has looked' };
  const explaining = timed(() => {
    share = codec.shareOf(wallet, plan, key.publicKey, network) ?? '';
    explained = codec.explainShare(wallet, plan, share, network, previous);
  });
  let lines: readonly string[] = [];
  const showing = timed(() => (lines = linesOf(explained)));
  const signing = timed(() => (signature = key.sign(plan, share)));
  let derived = false;
  const checking = timed(() => (derived = key.isDerived(plan, share, signature)));
  if (lines.length === 0 || !derived || !codec.verifyShare(key.publicKey, plan, share, signature))
    throw new Error(`bench vault: not signed: ${JSON.stringify(lines)}`);
  return { explained: explaining, shown: showing, signed: signing, checked: checking };
}

/** As a vault shows it; nothing where nothing would be signed. */
function linesOf(explained: Explained): readonly string[] {
  if (explained.kind === 'spend') {
    const { from, outputs, fees, feeAsset, transactionId } = explained.spend;
    return [
      `from ${from}`,
      ...outputs.map(
        ({ address, asset, units }) => `${formatAmount(units, asset)} of ${asset} to ${address}`,
      ),
      `fees ${formatAmount(fees, feeAsset)} of ${feeAsset}`,
      `id ${transactionId}`,
    ];
  }
  if (explained.kind === 'refused') return [];
  const { account, remove, add, fees, validUntil } = explained.change;
  return [account, remove, add, formatAmount(fees, coinOn('nem')), String(validUntil)];
}

/** Milliseconds of processor time, of this thread alone: compiling and collecting goes on beside both. */
function timed(what: () => unknown): number {
  const before = process.threadCpuUsage();
  what();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function bareEcdsa(count: number): number {
  const secret = randomBytes(32);
  const digests = Array.from({ length: count }, () => randomBytes(32));
  return timed(() => digests.map((digest) => signParts(secret, digest)));
}

function bareNem(count: number): number {
  const secret = privateKeyOf(randomBytes(32));
  // As long as a modification’s cosignature.
  const shares = Array.from({ length: count }, () => randomBytes(116));
  return timed(() => shares.map((share) => signNem(secret, share)));
}

function bitcoinWallet(): { readonly wallet: BitcoinWallet; readonly key: ChainKey } {
  const secrets = [randomBytes(32), randomBytes(32), randomBytes(32)] as const;
  const keys = secrets.map((secret) => codecOf('bitcoin').keyOf(secret, 'bitcoin', 'devnet'));
  const descriptor = writeDescriptor(
    2,
    secrets.map((secret) => descriptorKeyOf(secret, 'bitcoin', 'devnet')),
  );
  const [key] = keys;
  if (!key) throw new Error('bitcoinWallet: no key');
  const wallet: BitcoinWallet = {
    id: 'cold',
    role: 'cold',
    chain: 'bitcoin',
    descriptor,
    threshold: 2,
    address: addressAt({ chain: 'bitcoin', descriptor }, 'devnet', 0, 0),
    cosigners: keys.map(({ publicKey }) => ({ publicKey, signer: null })),
    evacuateTo: null,
  };
  return { wallet, key };
}

const perCoin = 5_000_000n;

/** The wallet again by another text, so that what is derived here is not found by whoever reads it by the wallet's own. */
function elsewhere({ descriptor }: BitcoinWallet): Descriptor {
  const { threshold, keys } = descriptorOf({ descriptor });
  const described = keys.map(
    ({ fingerprint, extended }) =>
      `[${fingerprint.toString(16).padStart(8, '0')}/48'/1'/0'/2']${extended}/<0;1>/*`,
  );
  const read = descriptorOfKeys(threshold, described);
  if (read.kind === 'refused') throw new Error(`elsewhere: ${read.why}`);
  return read.descriptor;
}

/** Coins of a transaction each, which is what proves most. */
function coinsOf(
  descriptor: Descriptor,
  count: number,
): { readonly coins: readonly Coin[]; readonly previous: readonly string[] } {
  const each = Array.from({ length: count }, (_, index) => {
    const spends = { txid: randomBytes(32).toHex(), vout: 0, sequence: 0xfffffffd };
    const transaction = {
      version: 2,
      inputs: [{ ...spends, scriptSig: new Uint8Array(0), witness: [] }],
      outputs: [{ units: perCoin, script: placeAt(descriptor, 0, index).script }],
      lockTime: 0,
    };
    const coin: Coin = { txid: idOf(transaction), vout: 0, units: perCoin, branch: 0, index };
    return { coin, hex: writeTransaction(transaction).toHex() };
  });
  return { coins: each.map(({ coin }) => coin), previous: each.map(({ hex }) => hex) };
}

/** Everything to one address of somebody else's, written beside the planner, whose plans are not as long. */
function bitcoinRequest(inputs: number): Request {
  const { wallet, key } = bitcoinWallet();
  const descriptor = elsewhere(wallet);
  const { coins, previous } = coinsOf(descriptor, inputs);
  const { script } = placeAt(descriptorOf(bitcoinWallet().wallet), 0, 0);
  const outputs = [{ units: (perCoin - 2_000n) * BigInt(inputs), script, change: null }];
  const plan = writePlan(descriptor, { lockTime: 0, inputs: coins, outputs, final: false });
  return { wallet, network: 'devnet', plan, previous, key };
}

function mostInputs(): number {
  const { wallet } = bitcoinWallet();
  const { coins } = coinsOf(elsewhere(wallet), 252);
  const rates = { feeRate: 1_000n, usualRate: 1_000n };
  const when = { change: 0, lockTime: 0, seed: 'most' };
  const planned = planConsolidation({ wallet, network: 'devnet', coins, ...rates, ...when });
  return planned.kind === 'planned' ? planned.planned.inputs.length : 0;
}

/** A cosigner for another; the key in the vault cosigns what an online one has proposed. */
function nemRequest(): Request {
  const secrets = [
    randomBytes(32),
    randomBytes(32),
    randomBytes(32),
    randomBytes(32),
    randomBytes(32),
  ] as const;
  const [account, first, vault, stolen, spare] = secrets.map((secret) => publicKeyOf(privateKeyOf(secret)));
  if (!account || !first || !vault || !stolen || !spare) throw new Error('nemRequest: no keys');
  const wallet: NemWallet = {
    id: 'hot',
    role: 'hot',
    chain: 'nem',
    address: addressOf(account, 'testnet'),
    publicKey: account,
    threshold: 2,
    cosigners: [first, stolen, vault].map((publicKey, at) => ({
      publicKey,
      signer: at < 2 ? `signer-${at + 1}` : null,
    })),
    evacuateTo: 'cold',
  };
  const timeStamp = nemTimeOf(Date.now());
  const { plan } = planRotation({
    wallet,
    network: 'testnet',
    remove: stolen,
    add: spare,
    timeStamp,
    deadline: timeStamp + 3600,
    keys: [first, vault],
  });
  const key = codecOf('nem').keyOf(secrets[2], 'nem', 'devnet');
  return { wallet, network: 'devnet', plan, previous: [], key };
}
