/** Policy: a versioned bundle of rules and pinned things. Every signer and watchtower holds and verifies its own copy. */
import { z } from 'zod';
import { AssetName, Units } from './amount.ts';
import { digest, type Kind, type Plain } from './canonical.ts';
import { AddressList, Denial, Group, Value } from './denial.ts';
import { Hash, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import { Passkeys, Person } from './passkey.ts';
import { soundness } from './soundness.ts';
import { Name, text } from './text.ts';

export const Network = z.enum(['mainnet', 'testnet', 'devnet']);
/** A devnet uses testnet's address bytes and another first block; only there may a clock be driven. */
export type Network = z.infer<typeof Network>;

const Cosigner = z.strictObject({
  /** The key on the chain. */
  publicKey: text(1, 128),
  /** The online signer that holds it; null where the key is in a vault. */
  signer: Name.nullable(),
  /** The vault that holds it. Absent: nobody that this policy lets sign moves (coldRules). */
  vault: Name.optional(),
});

/** What every wallet has, whatever its chain. */
const common = {
  id: Name,
  role: z.enum(['hot', 'cold']),
  /** Where coins go that come home to it. Bitcoin: the first address of its descriptor. Ethereum: the Safe. */
  address: text(1, 128),
  /** Signatures that the chain asks for; 1 with one cosigner is a single-key wallet. */
  threshold: z.int().positive(),
  cosigners: z.array(Cosigner).min(1).max(32),
  /** Keys that may take the place of a cosigner's, by the keepers' word and at once. They have no part in it until then. */
  spares: z.array(Cosigner).max(8).optional(),
  /** The cold wallet that an evacuation goes to; null for a cold wallet. */
  evacuateTo: Name.nullable(),
  /**
   * What it held at the end of the block after which its chain is read. No block that is read brought it, so it stands
   * here, and custody books it as the house's own. Absent: nothing.
   */
  opening: z
    .array(z.strictObject({ asset: AssetName, units: Units }))
    .max(64)
    .optional(),
} as const;

/** An account; a multisig where its cosigners are others than itself. */
const NemWallet = z.strictObject({ ...common, chain: z.literal('nem'), publicKey: text(1, 128) });
export type NemWallet = z.infer<typeof NemWallet>;

/** Many addresses of one output descriptor, whose keys are the cosigners' extended ones. */
const BitcoinWallet = z.strictObject({
  ...common,
  chain: z.enum(['bitcoin', 'litecoin']),
  /** wsh(sortedmulti(…)) with its checksum (BIP 380), each key with its origin and /<0;1>/* (BIP 389). */
  descriptor: text(1, 2048),
  /** The hot wallet that took its place (succession.ts): customers are sent there, and what still comes here follows. */
  successor: Name.optional(),
});
export type BitcoinWallet = z.infer<typeof BitcoinWallet>;

/** A Safe, whose owners are the cosigners. */
const EthereumWallet = z.strictObject({ ...common, chain: z.literal('ethereum') });
export type EthereumWallet = z.infer<typeof EthereumWallet>;

export const Wallet = z.discriminatedUnion('chain', [NemWallet, BitcoinWallet, EthereumWallet]);
export type Wallet = z.infer<typeof Wallet>;

/** The wallet, where whoever asks was written for NEM; throws where it is of another chain. */
export function asNem(wallet: Wallet): NemWallet {
  if (wallet.chain !== 'nem') throw new Error(`${wallet.id} is a wallet of ${wallet.chain}, and not of nem`);
  return wallet;
}

/** Sweeps need nobody's word, since they end in our own cold wallets: what a taken custody can do is bounded here. */
const Sweep = z.strictObject({
  /** Cold wallets of this policy, and hot ones that may take this one's place (succession.ts). */
  to: z.array(Name).min(1).max(32),
  /** How many there may be within 24 hours, and what their fee caps may add up to. */
  perDay: z.strictObject({ count: z.int().positive(), fees: Units }),
  /** What a sweep must leave in the wallet, or no customer could be paid. */
  leave: Units,
});

/** Above this amount each person's approval counts only by a passkey and by their key, which another device holds. */
const SecondDevice = z.strictObject({ above: Units });

export const Rule = z.strictObject({
  wallet: Name,
  asset: AssetName,
  /** The most that one payment may be. */
  perPayment: Units,
  /** The most that may leave within a rolling number of hours, fees included. */
  rolling: z.strictObject({ hours: z.int().positive(), units: Units }),
  /** The share of the wallet, in hundredths of a percent, that one destination may get within its first hours. */
  firstSeen: z.strictObject({ hours: z.int().positive(), shareBps: z.int().min(0).max(10_000) }),
  /** The most that the network fees of one transaction may be, whatever its intents allow. */
  feeCap: Units,
  /**
   * On Bitcoin's family: of coins that a whole signed transaction of a thief takes, the share that may be paid, in hundredths of a
   * percent, so that miners take what sends them home instead. He bids too, with our coins. Absent: no more than `feeCap`.
   */
  outbid: z.strictObject({ shareBps: z.int().min(1).max(9_900) }).optional(),
  /** Where what is too much for a hot wallet may be swept to, and how often. Absent: nothing is swept. */
  sweep: Sweep.optional(),
  /**
   * From which amount on people must approve a payment, and how many of whom. Absent: nobody is asked. Whoever asks for
   * a payment signs with an exchange's key, which no approver may hold, so nobody approves what they asked for.
   */
  approvals: z
    .strictObject({
      from: Units,
      quorum: z.int().positive(),
      people: z.array(Person).min(1).max(32),
      secondDevice: SecondDevice.optional(),
    })
    .optional(),
});
export type Rule = z.infer<typeof Rule>;

/** What may leave a cold wallet: refills of hot wallets, and moves to other cold ones. Nothing else ever does. */
export const ColdRule = z.strictObject({
  wallet: Name,
  asset: AssetName,
  /** Wallets of this policy: to a hot one it is a refill, to a cold one a move. */
  to: z.array(Name).min(1).max(32),
  /** The most that one may be. */
  perMove: Units,
  /** How many there may be within 24 hours, and how much of the asset, fee caps included. */
  perDay: z.strictObject({ count: z.int().positive(), units: Units }),
  /** The most that the network fees of one may be. */
  feeCap: Units,
  /** Whose approvals it takes beside the vaults' own people: each signs the intent's digest. */
  approvals: z.strictObject({
    quorum: z.int().positive(),
    people: z.array(Person).min(1).max(32),
    secondDevice: SecondDevice.optional(),
  }),
});
export type ColdRule = z.infer<typeof ColdRule>;

/** Unix seconds, of at most 12 digits, as in a signed request. */
const Seconds = z.int().min(0).max(999_999_999_999);

/** What a key of the exchange may ask for. Each route says which one it takes; nothing takes none. */
export const Role = z.enum([
  // Everything that only looks.
  'read',
  // Customers, where their coins shall go, and whose a deposit is.
  'deposit',
  // Payments to customers.
  'withdraw',
  // What the matching engine books: trades, transfers and holds within the house.
  'trade',
  // The house's own coins, and what an operator decides.
  'treasury',
  // Having events sent again.
  'webhooks',
  // Telling what assets cost. Lower than all others: it moves nothing.
  'prices',
]);
export type Role = z.infer<typeof Role>;

/** One of the exchange's keys. A key that stands in no policy any more is refused at once, by everybody. */
export const ExchangeKey = z.strictObject({
  keyId: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
  publicKey: PublicKeyHex,
  roles: z.array(Role).min(1),
  /** From where it may be used; 0.0.0.0/0 and ::/0 say «from anywhere», since nothing else does. */
  addresses: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .min(1)
    .max(64),
  /** Unix seconds. What the key signs counts only from then on. */
  notBefore: Seconds,
});
export type ExchangeKey = z.infer<typeof ExchangeKey>;

export const Policy = z.strictObject({
  v: z.literal(1),
  version: z.int().positive(),
  /** The digest of the version before; null for the first. */
  prev: Hash.nullable(),
  /** Who signs the next version. The first one is signed by those whom each reader pinned at its own ceremony. */
  keepers: z.strictObject({
    quorum: z.int().positive(),
    people: z
      .array(z.strictObject({ name: Name, key: PublicKeyHex }))
      .min(1)
      .max(32),
  }),
  /**
   * How long a later version must wait before what it allows counts, in seconds, and how much longer for each keeper who
   * objects. What it forbids counts at once.
   */
  loosening: z.strictObject({
    delay: z.int().min(0).max(31_536_000),
    objection: z.int().min(0).max(31_536_000),
  }),
  /** Who may freeze beside watchtowers and signers, alone and at once; and no more than that. */
  operators: z.array(z.strictObject({ name: Name, key: PublicKeyHex })).max(64),
  /** How long the keepers' thaw must wait at each signer and watchtower, in seconds: time for anybody to freeze again. */
  thaw: z.strictObject({ delay: z.int().min(0).max(31_536_000) }),
  /** Unix seconds at which the keepers made this version. */
  issued: Seconds,
  network: Network,
  exchanges: z.array(z.strictObject({ id: Name, keys: z.array(ExchangeKey).min(1) })).min(1),
  /** Seconds between the version that adds an exchange's key and the moment from which the key counts. */
  keyDelay: z.int().min(0).max(31_536_000),
  watchtowers: z.strictObject({ quorum: z.int().positive(), keys: z.array(PublicKeyHex).min(1) }),
  /** Signs the ledger's totals, and moves no coin: see totals.ts. */
  books: z.strictObject({ key: PublicKeyHex }),
  signers: z.array(z.strictObject({ id: Name, recordKey: PublicKeyHex })).min(1),
  /** Offline signers, each with the key of its journal. Absent: no vault signs moves. */
  vaults: z
    .array(z.strictObject({ id: Name, recordKey: PublicKeyHex }))
    .max(64)
    .optional(),
  wallets: z.array(Wallet).min(1),
  /** What may be, wallet by wallet and asset by asset; nothing is allowed that no rule allows. */
  rules: z.array(Rule).max(256),
  /** What may leave cold wallets. Absent: nothing. */
  coldRules: z.array(ColdRule).max(256).optional(),
  /** The passkeys by which people approve, beside their keys or instead of one. Absent: nobody does. */
  passkeys: Passkeys.optional(),
  /** What may not be all the same. One that holds is enough. */
  denials: z.array(Denial).max(256),
  /** The words of denials: addresses of a kind, people who approve, and what an asset counts for in yen. */
  lists: z.array(AddressList).max(64),
  groups: z.array(Group).max(64),
  values: z.array(Value).max(64),
  /** The most that may be hot of what customers are owed, by value, in hundredths of a percent. Japan: 500 (art. 27). */
  hotShareBps: z.int().min(0).max(10_000),
});
export type Policy = z.infer<typeof Policy>;

/** The file: the bundle with the keepers' signatures over its digest. */
export const SignedPolicy = z.strictObject({
  policy: Policy,
  signatures: z.array(z.strictObject({ keeper: PublicKeyHex, signature: SignatureHex })),
});
export type SignedPolicy = z.infer<typeof SignedPolicy>;

export function policyDigest(policy: Policy): string {
  return digest('policy', policy);
}

export interface Keepers {
  readonly keys: readonly string[];
  readonly quorum: number;
}

/** A version as it was signed. */
export interface Version {
  readonly policy: Policy;
  readonly digest: string;
}

/** Every version since the one that the reader's own keepers signed, the newest last. */
export type PolicyChain = readonly [Version, ...Version[]];

export type ReadPolicy =
  | (Version & { readonly kind: 'policy'; readonly chain: PolicyChain })
  | { readonly kind: 'refused'; readonly field: string; readonly why: string };

/** A file of several versions; one alone is a `SignedPolicy`. */
const Bundles = z.strictObject({ bundles: z.array(SignedPolicy).min(1).max(1000) });

/**
 * Reads and verifies a policy file: the first version against the keepers pinned at the reader's own ceremony, each later
 * one against those of the version before. Nothing unverified is used. Answers with the newest, and all of them.
 */
export function readPolicy(file: unknown, keepers: Keepers): ReadPolicy {
  const several = typeof file === 'object' && file !== null && 'bundles' in file;
  const read = several ? Bundles.safeParse(file) : SignedPolicy.safeParse(file);
  if (!read.success) {
    const issue = read.error.issues[0];
    return { kind: 'refused', field: issue?.path.join('.') || 'file', why: issue?.message ?? 'is malformed' };
  }
  const bundles = 'bundles' in read.data ? read.data.bundles : [read.data];
  const chain: Version[] = [];
  for (const [index, bundle] of bundles.entries()) {
    const flaw = flawOf(bundle, chain, keepers);
    if (flaw) return { ...flaw, field: several ? `bundles.${index}.${flaw.field}` : flaw.field };
    chain.push({ policy: bundle.policy, digest: policyDigest(bundle.policy) });
  }
  const [first, ...later] = chain;
  if (!first) return { kind: 'refused', field: 'bundles', why: 'are none' };
  const line = [first, ...later] as const;
  return { kind: 'policy', ...newestOf(line), chain: line };
}

export function keepersOf({ keepers }: Policy): Keepers {
  return { keys: keepers.people.map(({ key }) => key), quorum: keepers.quorum };
}

/** How many keepers have signed a statement, each once. */
export function agreed(
  { keys }: Keepers,
  kind: Kind,
  statement: Plain,
  signatures: SignedPolicy['signatures'],
): number {
  const agreeing = signatures.filter(
    ({ keeper, signature }) => keys.includes(keeper) && verifyStatement(keeper, kind, statement, signature),
  );
  return new Set(agreeing.map(({ keeper }) => keeper)).size;
}

/** `pinned`: who signs the first version. */
function flawOf(
  { policy, signatures }: SignedPolicy,
  earlier: readonly Version[],
  pinned: Keepers,
): Extract<ReadPolicy, { kind: 'refused' }> | undefined {
  const refused = (field: string, why: string) => ({ kind: 'refused', field, why }) as const;
  const before = earlier.at(-1);
  const keepers = before ? keepersOf(before.policy) : pinned;
  const agreeing = agreed(keepers, 'policy', policy, signatures);
  const whose = before ? `the keepers of version ${before.policy.version}` : 'the pinned keepers';
  if (keepers.quorum < 1 || agreeing < keepers.quorum)
    return refused(
      'signatures',
      `${agreeing} of the ${keepers.quorum} that it takes of ${whose} verify over these bytes: sign this file again, or put the signed one back`,
    );
  if (before && policy.version !== before.policy.version + 1)
    return refused('version', `is ${policy.version}, and follows version ${before.policy.version}`);
  if (before && policy.prev !== before.digest)
    return refused('prev', `is not the digest of version ${before.policy.version}, ${before.digest}`);
  if (before && policy.network !== before.policy.network)
    return refused('network', 'is another than before: that is another house');
  const renewed = renewedIn(policy, earlier);
  if (renewed) return refused('signers', renewed);
  return soundness(policy);
}

/**
 * A name is its record key's for good, also after versions that do not know it: journals are kept by name, and watchtowers hold
 * the old key's, which another key cannot take up. It would stay closed, and nobody would see why.
 */
function renewedIn(policy: Policy, earlier: readonly Version[]): string | undefined {
  const keys = new Map(writersOf(policy).map(({ id, recordKey }) => [id, recordKey]));
  for (const { policy: before } of earlier)
    for (const { id, recordKey } of writersOf(before))
      if ((keys.get(id) ?? recordKey) !== recordKey)
        return `${id} has another record key than in version ${before.version}: its journal is of that one, and another key cannot go on with it. A name is its first record key’s for good, a mistyped one’s too: give this key a name that no version has had`;
  return undefined;
}

export function newestOf(chain: PolicyChain): Version {
  return chain.at(-1) ?? chain[0];
}

/** All who keep a journal: the signers that are online, and the vaults. */
export function writersOf({ signers, vaults = [] }: Pick<Policy, 'signers' | 'vaults'>): Policy['signers'] {
  return [...signers, ...vaults];
}

/** Every signer of any version, the vaults among them: what one recorded that a later version drops may still be paid. */
export function everySigner(chain: PolicyChain): readonly string[] {
  return [...new Set(chain.flatMap(({ policy }) => writersOf(policy).map(({ id }) => id)))];
}

/** A chain of one version, which needs nobody's signature: for whoever has read it, or made it. */
export function chainOf(policy: Policy): PolicyChain {
  return [{ policy, digest: policyDigest(policy) }];
}

/** A keeper's word that a version should wait longer. */
export const Objection = z.strictObject({ policy: Hash, keeper: PublicKeyHex });
export type Objection = z.infer<typeof Objection>;

export const SignedObjection = z.strictObject({ objection: Objection, signature: SignatureHex });
export type SignedObjection = z.infer<typeof SignedObjection>;
