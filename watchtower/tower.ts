/** A watchtower's life: it looks, and on the first spend that no record covers it freezes, tells, and sends home. */
import {
  bytesDigest,
  signerRoutes,
  signStatement,
  standing,
  XEM,
  type Dead,
  type Evidence,
  type Fate,
  type PlaceOf,
  type Policy,
  type PolicyChain,
  type Refusal,
  type SignedEntry,
  type SignedFact,
  type SigningKey,
  type Wallet,
  type WatchtowerStatus,
} from '@kuramori/core';
import type { Clock } from '@kuramori/chains/clock';
import { call } from '@kuramori/chains/http';
import { actsOnAccount, evidenceSigned, traceOf, type NemNetwork } from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import { log, together } from '@kuramori/program';
import type { Archive } from './archive.ts';
import { openBooks, type Books, type BooksPatience } from './books.ts';
import { countersign, countersignAll, type Countersigned } from './countersign.ts';
import { uncovered, type SignedPart } from './cover.ts';
import { evacuate, stateUncovered, type Evacuator } from './evacuate.ts';
import { follow, type Follower, type Sight } from './follow.ts';
import type { Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import { tell, type Teller } from './tell.ts';
import { deadBy, fate, leastBalance, view, type Patience, type View } from './testify.ts';
import { openWitness } from './witness.ts';
import { vouch, type VouchedFor } from './vouch.ts';

export interface TowerParts {
  /** The newest version, and all. */
  readonly policy: Policy;
  readonly digest: string;
  readonly chain: PolicyChain;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly nodes: readonly NemNode[];
  /** Signer id → its socket. */
  readonly sockets: ReadonlyMap<string, string>;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly patience: Patience;
  readonly books: BooksPatience;
  /** Looking starts after this height: where the wallets were made. */
  readonly watchFrom: number;
  readonly pollMs: number;
  /** Off only in a drill that shows what evacuation buys. */
  readonly evacuates: boolean;
}

export interface Tower extends AsyncDisposable {
  readonly status: () => WatchtowerStatus;
  readonly fact: (asked: {
    wallet: string;
    nonces: readonly string[];
    plans: readonly string[];
  }) => Promise<{ kind: 'fact'; fact: SignedFact } | Refusal>;
  readonly countersign: (record: SignedEntry) => Promise<Countersigned>;
  readonly fate: (asked: { wallet: string; plan: string }) => Fate | Refusal;
  readonly vouch: (asked: PlaceOf) => VouchedFor;
  readonly totals: Books['hear'];
}

/** How often what is not urgent is looked after: telling signers, trying an evacuation again. */
const tendMs = 250;
/** The longest pause between attempts to send home. */
const mostPauseMs = 5_000;

export function startTower(parts: TowerParts): Tower {
  const { policy, key, clock, nodes, archive, freezer, incident, sockets } = parts;
  const network: NemNetwork = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  /** A version that drops a wallet must not blind us to it: whatever was ever ours is watched. */
  const everOurs = parts.chain.flatMap((version) => version.policy.wallets);
  const walletOf = new Map(everOurs.map((wallet) => [wallet.address, wallet]));
  const inForce = () => standing(parts.chain, archive.versions(), clock.now())[0];
  /** As the version in force has it; a waiting version may drop it, and its coins must still go home. */
  const walletCalled = (name: string) =>
    [...inForce().wallets, ...everOurs.toReversed()].find(({ id }) => id === name);
  /** Customers are sent where the version in force says: a waiting one may be a thief's. */
  const placing = () => {
    const current = inForce();
    return parts.chain.find((version) => version.policy === current) ?? parts.chain[0];
  };
  const ourKeys = new Set(
    everOurs.flatMap((wallet) => [wallet.publicKey, ...wallet.cosigners.map(({ publicKey }) => publicKey)]),
  );
  /** Signers that are known to have frozen. */
  const told = new Set<string>();
  /** Signatures (bytes and signer) that were alarmed about, so that one spend seen twice is one alarm. */
  const alarmed = new Set<string>();
  let stopped = false;
  const underWay = new Set<Promise<void>>();
  let evacuating = false;
  let attempts = 0;
  /** Attempts to send home that failed since one did not, and when the next may be (monotonic ms). */
  let failures = 0;
  let waitUntil = 0;
  const explained = new WeakSet<object>();
  const looked = nodes.map(() => ({ rounds: 0, began: 0 }));

  const followers = nodes.map((node) =>
    follow(node, parts.watchFrom, {
      addresses: [...walletOf.keys()],
      concerns: ({ transaction }) =>
        walletOf.has(actsOnAccount(transaction, network)) || ourKeys.has(transaction.signer),
      onSight: look,
      onUnread: ({ hash, signer, why }, url) => {
        if (signer === null || !ourKeys.has(signer.toLowerCase())) return;
        alarm(
          `a transaction signed by a key of ours that cannot be read: ${why}`,
          { hash, signer, node: url },
          null,
          `${hash} ${signer}`,
        );
      },
    }),
  );
  const states = () => followers.map((follower) => follower.state());
  const see = (): View => view(states(), clock.now(), parts.patience);

  const books = openBooks({
    policy,
    nodes,
    incident,
    followed: states,
    see,
    now: clock.now,
    patience: parts.books,
  });

  function look({ transaction: seen, node, height }: Sight): void {
    const { transaction } = seen;
    const wallet = walletOf.get(actsOnAccount(transaction, network));
    if (!wallet && !ourKeys.has(transaction.signer)) return;
    if (wallet && height !== null) books.saw(seen, wallet, node, height);
    if (explained.has(transaction)) return;
    const bare = uncovered(archive, seen);
    // What is covered stays covered, and the same bytes are shown again at every look.
    if (bare.length === 0) explained.add(transaction);
    for (const part of bare) {
      const what = `${describe(transaction)} ${height === null ? 'unconfirmed' : `in block ${height}`}: no record covers it`;
      const found = { transaction: seen.hash, signer: part.signer, node, height, wallet: wallet?.id };
      alarm(what, found, wallet ? { wallet, part } : null, `${part.signer} ${part.bytes}`);
    }
  }

  function alarm(
    why: string,
    found: object,
    evidence: { wallet: Wallet; part: SignedPart } | null,
    once: string,
  ): void {
    // Whoever doubts freezes; but what no signer would believe is no evidence, and must not stand in for what is.
    // By the keys of whichever version: signers of the one in force must believe it, so that one is asked first.
    const versions = evidence
      ? [...inForce().wallets, ...everOurs].filter(({ address }) => address === evidence.wallet.address)
      : [];
    const signedBy = evidence && versions.find((wallet) => evidenceSigned(wallet, evidence.part, network));
    const believable = evidence && signedBy ? { wallet: signedBy, part: evidence.part } : null;
    const sight = `${once} ${believable !== null}`;
    if (alarmed.has(sight)) return;
    alarmed.add(sight);
    const at = clock.now();
    const first = freezer.freeze(
      at,
      why,
      believable && {
        wallet: believable.wallet.id,
        evidence: evidenceOf(believable.wallet, believable.part, at),
      },
    );
    const proof = evidence === null ? {} : { signatureVerifies: believable !== null };
    incident.note(first ? 'alarm: frozen' : 'alarm', { why, ...found, ...proof });
    // In this order: signers let coins go home only once they are frozen.
    waitUntil = 0;
    const telling = tellSigners(sendHome).finally(() => underWay.delete(telling));
    underWay.add(telling);
  }

  function evidenceOf(wallet: Wallet, { bytes, signer, signature }: SignedPart, at: number): Evidence {
    return {
      bytes,
      signer,
      signature,
      statements: [stateUncovered(inForce(), archive, key, wallet.id, bytes, at)],
    };
  }

  const teller: Teller = {
    chain: parts.chain,
    key,
    archive,
    freezer,
    incident,
    witness: openWitness(parts.chain, key, archive, incident, clock.now),
    told,
    passOn(signer, { freeze }) {
      freezer.freeze(clock.now(), `passed on by ${signer}: ${freeze.why}`, null);
      incident.note('alarm: frozen', { why: freeze.why, by: freeze.by, passedOnBy: signer });
    },
  };

  /** Every signer at once; where one answers late, the others send home before. */
  async function tellSigners(then: () => Promise<void>): Promise<void> {
    await Promise.all([...sockets].map(([id, socket]) => tell(teller, id, socket).then(then)));
  }

  const evacuator: Evacuator = {
    policy,
    chain: parts.chain,
    inForce,
    network,
    key,
    archive,
    incident,
    sockets,
    told,
    reluctant: new Map(),
    nodes,
    followed: states,
    now: clock.now,
    frozen: () => freezer.state() !== null,
    witness,
    deadBy: provenDead,
    testify,
    fetching: new Map(),
    fetchEntries: async (signer, from) => {
      const answer = await call(sockets.get(signer) ?? '', signerRoutes.journal, { from });
      return answer.kind === 'entries' ? answer.entries : [];
    },
  };

  const countersigning = together(
    (records: readonly SignedEntry[]) => countersignAll(evacuator, records),
    128,
    // While one look at the chain is under way, others need not wait for it.
    3,
  );

  /** One evacuation at a time, again and again, until nothing is left in any wallet there is evidence for. */
  async function sendHome(): Promise<void> {
    const frozen = freezer.state();
    if (!frozen || evacuating || !parts.evacuates || stopped || performance.now() < waitUntil) return;
    evacuating = true;
    try {
      let failed = false;
      for (const wallet of inForce().wallets) {
        const all = frozen.evidence[wallet.id] ?? [];
        const evidence = all[failures % all.length];
        if (!evidence || wallet.role !== 'hot') continue;
        const outcome = await evacuate(evacuator, wallet, evidence);
        if (outcome.kind === 'sent') incident.note('evacuation sent', { wallet: wallet.id });
        if (outcome.kind !== 'failed') continue;
        failed = true;
        log('evacuation failed, will be tried again', { wallet: wallet.id, why: outcome.why });
      }
      failures = failed ? failures + 1 : 0;
      attempts += 1;
      // Each attempt is an entry in the signers' journals, so those that fail come ever more slowly.
      if (failed) waitUntil = performance.now() + Math.min(tendMs * failures, mostPauseMs);
    } finally {
      evacuating = false;
    }
  }

  /** Who asks while the nodes are asked shares the next look: none is older than the question. */
  const leastOf = together(async (addresses: readonly string[]) => {
    const looks = new Map<string, Promise<bigint | string>>();
    return Promise.all(
      addresses.map((address) => {
        const asked = looks.get(address) ?? leastBalance(nodes, address);
        looks.set(address, asked);
        return asked;
      }),
    );
  }, 1_000);

  async function witness(wallet: string): Promise<{ at: number; balance: bigint } | string> {
    const seen = see();
    if (seen.kind === 'blind') return seen.why;
    const found = walletCalled(wallet);
    if (!found) return `no wallet is called ${wallet}`;
    const balance = await leastOf(found.address);
    return typeof balance === 'string' ? balance : { at: clock.now(), balance };
  }

  /** By which block a plan of the wallet is dead; undefined while it may still confirm, or we cannot see. */
  function provenDead(wallet: string, plan: string): Dead['proof'] | undefined {
    const found = walletCalled(wallet);
    const trace = found && traceOf(found, plan, network);
    return trace && see().kind === 'clear' ? deadBy(states(), trace, parts.patience) : undefined;
  }

  async function testify(
    wallet: string,
    nonces: readonly string[],
    plans: readonly string[] = [],
  ): Promise<SignedFact | string> {
    const witnessed = await witness(wallet);
    if (typeof witnessed === 'string') return witnessed;
    // Looked at once more after the wait for the balance: tip and what is dead are of the same moment.
    const seen = see();
    if (seen.kind === 'blind') return seen.why;
    const dead = [...new Set(plans)].flatMap((plan) => {
      const proof = provenDead(wallet, plan);
      return proof ? [{ plan: bytesDigest(plan), proof }] : [];
    });
    const fact = {
      network: policy.network,
      at: witnessed.at,
      tip: seen.tip,
      wallet,
      balance: { asset: XEM, units: witnessed.balance },
      nonces: [...nonces],
      dead,
    };
    return { fact, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', fact) };
  }

  /** Each node at its own pace: one that is silent must not slow the eye on the other. */
  async function watch(follower: Follower, index: number): Promise<void> {
    while (!stopped) {
      const began = Date.now();
      await follower.round();
      looked[index] = { rounds: (looked[index]?.rounds ?? 0) + 1, began };
      await pause(Math.max(0, parts.pollMs - (Date.now() - began)));
    }
  }

  async function repeat(what: () => Promise<void>, pauseMs = tendMs): Promise<void> {
    while (!stopped) {
      await what();
      await pause(pauseMs);
    }
  }

  const lives = Promise.all([
    ...followers.map(watch),
    repeat(() => tellSigners(() => Promise.resolve())),
    // In its own time: looking at the books must not slow the eye on spends.
    repeat(books.round, parts.pollMs),
    repeat(async () => {
      freezer.settle();
      incident.settle();
      await sendHome();
    }),
  ]);

  return {
    status() {
      const seen = see();
      return {
        kind: 'status',
        watchtower: key.publicKey,
        policy: parts.digest,
        at: clock.now(),
        frozen: freezer.state()?.freeze ?? null,
        blind: seen.kind === 'blind' ? seen.why : null,
        nodes: states().map(({ url, height, error }) => ({ url, height, error })),
        signers: policy.signers.map(({ id }) => ({
          signer: id,
          seq: archive.history(id).seq,
          head: archive.history(id).head,
        })),
        rounds: Math.min(...looked.map(({ rounds }) => rounds)),
        roundBegan: Math.min(...looked.map(({ began }) => began)),
        evacuation: parts.evacuates ? { underWay: evacuating, attempts, failures } : null,
        books: books.status(),
      };
    },
    async fact({ wallet, nonces, plans }) {
      if (freezer.state())
        return {
          kind: 'refused',
          why: 'frozen',
          detail: 'this watchtower has frozen: it states nothing that pays',
        };
      const fact = await testify(wallet, nonces, plans);
      return typeof fact === 'string'
        ? { kind: 'refused', why: 'blind', detail: fact }
        : { kind: 'fact', fact };
    },
    countersign: (record) => countersign(evacuator, record, countersigning),
    totals: books.hear,
    fate({ wallet, plan }) {
      const seen = see();
      if (seen.kind === 'blind') return { kind: 'refused', why: 'blind', detail: seen.why };
      const found = walletCalled(wallet);
      const trace = found && traceOf(found, plan, network);
      if (!trace)
        return { kind: 'refused', why: 'unknown-plan', detail: `these bytes are no payment of ${wallet}` };
      return fate(states(), trace, parts.patience);
    },
    vouch: (asked) =>
      vouch({ ...placing(), key, frozen: () => freezer.state() !== null, now: clock.now }, asked),
    async [Symbol.asyncDispose]() {
      stopped = true;
      await lives;
      // An alarm's own telling and sending home may still write into the archive.
      await Promise.allSettled(underWay);
      archive[Symbol.dispose]();
    },
  };
}

function describe(transaction: SeenTransaction['transaction']): string {
  return transaction.kind === 'multisig' ? `a proposed ${transaction.inner.kind}` : `a ${transaction.kind}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
