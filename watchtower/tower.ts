/** A watchtower's life: it looks, and on the first spend that no record covers it freezes, tells, and sends home. */
import {
  bytesDigest,
  entryHash,
  everySigner,
  freezeOf,
  signerRoutes,
  signStatement,
  thawDigest,
  XEM,
  type Asset,
  type Control,
  type Countersignature,
  type Dead,
  type Fate,
  type PlaceOf,
  type Policy,
  type PolicyChain,
  type Refusal,
  type SignedCode,
  type SignedEntry,
  type SignedFact,
  type SignedFreeze,
  type SignedHeads,
  type SignedThaw,
  type SigningKey,
  verifyCode,
  type WatchtowerStatus,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { nemReading, type NemNode, type SeenTransaction } from '@kuramori/chains/nem/node';
import { jsonText, together, type Clock, type CodeWatch } from '@kuramori/program';
import { openAlarm } from './alarm.ts';
import type { Archive } from './archive.ts';
import { openBell } from './bell.ts';
import { openCanaries, type Canary } from './canary.ts';
import { describe, describeBytes } from './describe.ts';
import { openBooks, type Books, type BooksPatience } from './books.ts';
import { countersign, countersignAll, takeOver, type Countersigned } from './countersign.ts';
import type { Evacuator } from './evacuate.ts';
import { openEye, type Sight } from './eye.ts';
import type { Freezer } from './frozen.ts';
import { openHome } from './home.ts';
import type { Incident } from './incident.ts';
import { mindPager, type PagerToMind } from './mind-pager.ts';
import { openOurs } from './ours.ts';
import { openPeers, type Peer } from './peers.ts';
import { testifyUncovered, type Shown, type Uncovered } from './shown.ts';
import type { Release } from './signs/code.ts';
import type { Signs } from './signs/thresholds.ts';
import { openSigns, watchedWallets } from './signs/watch.ts';
import { stopping } from './stopping.ts';
import { tell, type Teller } from './tell.ts';
import { accountAt, type Patience } from './testify.ts';
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
  /** Which of them push, by their URLs, and where: ws://…/w/messages/websocket. None, unless it says so. */
  readonly pushes?: readonly PushedBy[];
  /** The other watchtowers; none where this is the only one. */
  readonly peers: readonly Peer[];
  /** Signer id → where it listens. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly patience: Patience;
  readonly books: BooksPatience;
  readonly signs: Signs;
  /** What code is ours, by what people pinned. */
  readonly release: Release;
  /** This watchtower's own code. */
  readonly code?: Pick<CodeWatch, 'state'>;
  /** Where this watchtower writes. */
  readonly folder: string;
  /** Looking starts after this height: where the wallets were made. */
  readonly watchFrom: number;
  readonly pollMs: number;
  /** Off only in a drill that shows what evacuation buys. */
  readonly evacuates: boolean;
  /** Accounts whose keys lie where only a thief looks. */
  readonly canaries: readonly Canary[];
  /** Who pages people; null where nobody does. */
  readonly pager: PagerToMind | null;
}

export interface PushedBy {
  readonly node: string;
  readonly at: string;
}

export interface Tower extends AsyncDisposable {
  readonly status: () => WatchtowerStatus;
  readonly fact: (asked: {
    wallet: string;
    nonces: readonly string[];
    plans: readonly string[];
    purpose?: SignedFact['fact']['purpose'];
  }) => Promise<{ kind: 'fact'; fact: SignedFact } | Refusal>;
  readonly countersign: (record: SignedEntry) => Promise<Countersigned>;
  readonly fate: (asked: { wallet: string; plan: string }) => Fate | Refusal;
  readonly vouch: (asked: PlaceOf) => VouchedFor;
  readonly freeze: (signed: SignedFreeze) => { kind: 'done' } | Refusal;
  readonly thaw: (signed: SignedThaw) => { kind: 'done' } | Refusal;
  readonly totals: Books['hear'];
  readonly code: (signed: SignedCode) => { kind: 'done' } | Refusal;
  readonly heads: (asked: { nonce: string }) => { kind: 'heads'; heads: SignedHeads };
  readonly entries: (asked: { signer: string; from: number }) => { kind: 'entries'; entries: SignedEntry[] };
  readonly covering: (asked: {
    key: string;
    bytes: string;
  }) => { kind: 'covering'; record: SignedEntry; word: Countersignature } | Refusal;
  readonly uncovered: (asked: Shown) => Promise<Uncovered>;
}

/** How often what is not urgent is looked after: telling signers, trying an evacuation again. */
const tendMs = 250;
/** And signs: what was seen is looked at, and others are asked. */
const [signsMs, askMs] = [1_000, 10_000];
/** How far custody's word for its own code may be from our time. Milliseconds. */
const freshMs = 60_000;

export function startTower(parts: TowerParts): Tower {
  const { policy, key, clock, nodes, archive, freezer, incident, signers } = parts;
  const ours = openOurs(parts.chain, archive, freezer.suspended, clock.now);
  const { network } = ours;
  const peers = openPeers({
    own: key.publicKey,
    peers: parts.peers,
    ours,
    archive,
    incident,
    suspended: freezer.suspended,
    signers: [...signers.values()],
    take: (record) => takeOver(evacuator, record),
  });
  /** Address → whose keys act for it, by the newest look that our nodes agreed on. */
  const controls = new Map<string, Control>();
  /** Signers that are known to have frozen what would be sent home. */
  const told = new Set<string>();
  let stopped = false;
  const underWay = new Set<Promise<void>>();
  const booksBell = openBell();

  const canaries = openCanaries(parts.canaries, network);
  const reading = {
    ...nemReading(network),
    describe: ({ transaction }: SeenTransaction) => describe(transaction, network),
    describeBytes: (bytes: string) => describeBytes(bytes, network),
  };
  const alarm = openAlarm({
    reading,
    ours,
    canaries,
    archive,
    freezer,
    incident,
    key,
    now: clock.now,
    askOthers: parts.peers.length === 0 ? null : peers.covers,
    saw: (seen, wallet, node, height) => books.saw(seen, wallet, node, height),
    raised() {
      // In this order: signers let coins go home only once they are frozen.
      home.hurry();
      tellNow();
    },
  });

  const eye = openEye({
    nodes,
    network,
    pushes: parts.pushes ?? [],
    watchFrom: parts.watchFrom,
    pollMs: parts.pollMs,
    patience: parts.patience,
    now: clock.now,
    listener: {
      reading,
      addresses: [...new Set(ours.wallets.map(({ address }) => address))],
      seldom: canaries.addresses,
      concerns: (seen) =>
        canaries.touchedBy(seen).length > 0 ||
        ours.at(reading.account(seen)) !== undefined ||
        ours.acts(reading.signer(seen)),
      onSight: alarm.look,
      onUnread: alarm.unread,
      onBlock: (block, url) => signs.saw(block, url),
    },
  });
  const { followed, see } = eye;

  const books = openBooks({
    policy,
    nodes,
    incident,
    followed,
    see,
    now: clock.now,
    patience: parts.books,
    watched: watchedWallets(ours),
    sampled: (sample) => signs.sampled(sample),
  });

  const signs = openSigns({
    signs: parts.signs,
    release: parts.release,
    code: () => parts.code?.state() ?? null,
    ours,
    archive,
    incident,
    nodes,
    followed,
    see,
    now: clock.now,
    patience: parts.patience,
    signers,
    peers: new Map(parts.peers.map((peer) => [peer.key, peer.at])),
    folder: parts.folder,
    pushed: eye.pushed,
    roundsBegan: eye.roundsBegan,
    freeze: alarm.sign,
    told: freezer,
  });

  function tellNow(): void {
    const telling = tellSigners(home.send).finally(() => underWay.delete(telling));
    underWay.add(telling);
  }

  const stop = stopping({
    freezer,
    incident,
    now: clock.now,
    standing: ours.standing,
    inForce: ours.inForce,
    controls,
    keysAt: ours.keysAt,
    tell: tellNow,
  });
  const teller: Teller = {
    key,
    archive,
    freezer,
    incident,
    now: clock.now,
    isOpen: peers.isOpen,
    witness: openWitness(parts.chain, key, archive, incident, clock.now),
    told,
    heardOf: (signer, status) => signs.heardOf(signer, status),
    passOn(signer, said) {
      if ('thaw' in said) {
        const known = freezer.thaws().some(({ thaw }) => thawDigest(thaw) === thawDigest(said.thaw));
        if (!known) stop.thaw(said.thaw, signer);
      } else stop.freeze(said.freeze, signer);
    },
  };

  const frozen = (assets: readonly Asset[]) =>
    freezeOf(freezer.state()?.freezes ?? [], ...assets) !== undefined;

  /** Every signer at once; where one answers late, the others send home before. */
  async function tellSigners(then: () => Promise<void>): Promise<void> {
    await Promise.all([...signers].map(([id, where]) => tell(teller, id, where).then(then)));
  }

  const evacuator: Evacuator = {
    policy,
    chain: parts.chain,
    inForce: () => ours.inForce().policy,
    network,
    key,
    archive,
    incident,
    signers,
    peers,
    told,
    reluctant: new Map(),
    nodes,
    followed,
    now: clock.now,
    frozen,
    isOpen: peers.isOpen,
    suspended: freezer.suspended,
    witness,
    deadBy: provenDead,
    testify: (wallet, nonces) => testify(wallet, nonces, [], 'evacuation'),
    fetching: new Map(),
    fetchEntries: async (signer, from) => {
      const answer = await call(signers.get(signer), signerRoutes.journal, { from });
      return answer.kind === 'entries' ? answer.entries : [];
    },
  };
  const rank = ours.inForce().policy.watchtowers.keys.indexOf(key.publicKey);
  const home = openHome(evacuator, freezer, Math.max(0, rank), parts.evacuates);

  const countersigning = together(
    (records: readonly SignedEntry[]) => countersignAll(evacuator, records),
    128,
    // While one look at the chain is under way, others need not wait for it.
    3,
  );

  async function witness(wallet: string): Promise<Sight | string> {
    const found = ours.called(wallet);
    return found ? eye.witness(found) : `no wallet is called ${wallet}`;
  }

  function provenDead(wallet: string, plan: string): Dead['proof'] | undefined {
    const found = ours.called(wallet);
    return found && eye.deadBy(found, plan);
  }

  async function testify(
    wallet: string,
    nonces: readonly string[],
    plans: readonly string[],
    purpose: SignedFact['fact']['purpose'],
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
      purpose,
      at: witnessed.at,
      tip: seen.tip,
      wallet,
      balance: { asset: XEM, units: witnessed.balance },
      control: witnessed.control,
      nonces: [...nonces],
      dead,
    };
    return { fact, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', fact) };
  }

  async function repeat(what: () => Promise<void>, wait = () => pause(tendMs)): Promise<void> {
    while (!stopped) {
      await what();
      await wait();
    }
  }

  /** Now and then, beside what is more urgent; looked at often, so that stopping waits for nothing. */
  function every(ms: number, what: () => Promise<void> | void): Promise<void> {
    let due = 0;
    return repeat(async () => {
      if (performance.now() < due) return;
      await what();
      due = performance.now() + ms;
    });
  }

  /** While somebody's key is known to be stolen, whether the chain still lets it act: a thaw waits for that. */
  async function lookAfterKeys(): Promise<void> {
    for (const wallet of Object.keys(freezer.state()?.evidence ?? {})) {
      const address = ours.called(wallet)?.address;
      if (address === undefined) continue;
      const account = await accountAt(nodes, address);
      // What was true once says nothing of now: then any pinned key may act.
      if (typeof account === 'string' || !account.control || see().kind === 'blind') controls.delete(address);
      else controls.set(address, account.control);
    }
  }

  const lives = Promise.all([
    eye.watch(),
    repeat(() => tellSigners(() => Promise.resolve())),
    // In its own time: looking at the books must not slow the eye on spends.
    repeat(books.round, () => booksBell.wait(parts.pollMs)),
    repeat(async () => {
      await lookAfterKeys();
      stop.tend();
      freezer.settle();
      incident.settle();
      await home.send();
    }),
    repeat(peers.join),
    ...(parts.pager
      ? [
          repeat(
            mindPager(parts.pager, incident, ({ code }) => signs.heardCode('pager', 'the pager', code)).round,
          ),
        ]
      : []),
    every(signsMs, signs.round),
    every(askMs, signs.ask),
  ]);

  return {
    status() {
      return {
        kind: 'status',
        watchtower: key.publicKey,
        policy: parts.digest,
        at: clock.now(),
        frozen: freezer.state()?.freezes[0] ?? null,
        freezes: [...(freezer.state()?.freezes ?? [])],
        thaws: freezer.thaws().flatMap(({ thaw, due, lifted }) => (lifted ? [] : { thaw, due })),
        open: peers.isOpen(),
        ...eye.status(),
        signers: policy.signers.map(({ id }) => ({
          signer: id,
          seq: archive.history(id).seq,
          head: archive.history(id).head,
        })),
        evacuation: parts.evacuates ? home.state() : null,
        books: books.status(),
        code: parts.code?.state() ?? null,
        signs: signs.all().map(({ event, fields }) => `${event}: ${jsonText(fields)}`),
      };
    },
    async fact({ wallet, nonces, plans, purpose = 'payment' }) {
      if (purpose === 'payment' && frozen([XEM]))
        return {
          kind: 'refused',
          why: 'frozen',
          detail: 'this watchtower has frozen: it states nothing that pays',
        };
      const fact = await testify(wallet, nonces, plans, purpose);
      return typeof fact === 'string'
        ? { kind: 'refused', why: 'blind', detail: fact }
        : { kind: 'fact', fact };
    },
    countersign: (record) => countersign(evacuator, record, countersigning),
    freeze: (signed) => stop.freeze(signed),
    thaw: (signed) => stop.thaw(signed),
    totals(signed) {
      const answer = books.hear(signed);
      // One that speaks of the books and not of its code is an older one.
      if (answer.kind === 'done') signs.heardCode('custody', 'custody', null);
      return answer;
    },
    code(signed) {
      const { session, at, code } = signed.statement;
      if (!verifyCode(policy, signed) || Math.abs(clock.now() - at) > freshMs)
        return {
          kind: 'refused',
          why: 'signature',
          detail: 'code: is not signed by the books’ key within the last minute',
        };
      signs.heardCode('custody', `custody ${session.slice(0, 8)}`, code);
      return { kind: 'done' };
    },
    fate({ wallet, plan }) {
      const seen = see();
      if (seen.kind === 'blind') return { kind: 'refused', why: 'blind', detail: seen.why };
      const found = ours.called(wallet);
      const became = found && eye.fate(found, plan);
      return (
        became ?? { kind: 'refused', why: 'unknown-plan', detail: `these bytes are no payment of ${wallet}` }
      );
    },
    heads({ nonce }) {
      const heads = everySigner(parts.chain).map((signer) => {
        const { seq, head } = archive.history(signer);
        return { signer, seq, hash: head };
      });
      const signature = signStatement(key, 'archive-heads', { nonce, heads });
      return { kind: 'heads', heads: { heads: { nonce, heads }, watchtower: key.publicKey, signature } };
    },
    entries: ({ signer, from }) => ({ kind: 'entries', entries: [...archive.entries(signer, from, 500)] }),
    covering({ key: chainKey, bytes }) {
      const record = archive.recordOf(chainKey, bytes);
      if (!record)
        return {
          kind: 'refused',
          why: 'not-covered',
          detail: 'this watchtower countersigned no such record',
        };
      // No countersignature: a watchtower that has frozen since, or knows of a later plan, gives none for it any more.
      const signature = signStatement(key, 'covering', { entry: entryHash(record.entry) });
      return { kind: 'covering', record, word: { watchtower: key.publicKey, signature } };
    },
    uncovered: (asked) => testifyUncovered({ ...evacuator, ours, alarm }, asked),
    vouch: (asked) => vouch({ ...ours.inForce(), key, frozen, now: clock.now }, asked),
    async [Symbol.asyncDispose]() {
      stopped = true;
      home.stop();
      eye[Symbol.dispose]();
      booksBell.stop();
      await lives;
      await alarm.settled();
      // An alarm's own telling and sending home may still write into the archive.
      await Promise.allSettled(underWay);
      archive[Symbol.dispose]();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
