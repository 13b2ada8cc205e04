/** A watchtower's life: it looks, and on the first spend that no record covers it freezes, tells, and sends home. */
import {
  coinOn,
  everyKey,
  freezeOf,
  signerRoutes,
  thawDigest,
  verifyCode,
  type Asset,
  type Control,
  type Fate,
  type PlaceOf,
  type Policy,
  type PolicyChain,
  type Refusal,
  type SignedCode,
  type SignedEntry,
  type SignedFact,
  type SignedFreeze,
  type SignedThaw,
  type SigningKey,
  type Wallet,
  type WatchtowerStatus,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { jsonText, together, type Clock, type CodeWatch } from '@kuramori/program';
import { openAlarm } from './alarm.ts';
import type { Archive } from './archive.ts';
import { openBell } from './bell.ts';
import { openBooks, type Books } from './books.ts';
import type { BooksPatience } from './books-on-chain.ts';
import { countersign, countersignAll, takeOver, type Countersigned } from './countersign.ts';
import { isCovered } from './cover.ts';
import type { Evacuator } from './evacuate.ts';
import type { Eye, OpenEye } from './eye.ts';
import type { Freezer } from './frozen.ts';
import { openHeld, type Held } from './held.ts';
import { openHome, openHomes } from './home.ts';
import type { Incident } from './incident.ts';
import { mindPager, type PagerToMind } from './mind-pager.ts';
import { openOurs } from './ours.ts';
import { openPeers, type Peer } from './peers.ts';
import { openRounds } from './rounds.ts';
import { testifyUncovered, type Shown, type Uncovered } from './shown.ts';
import type { Release } from './signs/code.ts';
import type { Signs } from './signs/thresholds.ts';
import { openSigns } from './signs/watch.ts';
import { stopping } from './stopping.ts';
import { tell, type Teller } from './tell.ts';
import { provenDead, testify, witness, type Testifier } from './testify.ts';
import { openWitness } from './witness.ts';
import { vouch, type VouchedFor } from './vouch.ts';

export interface TowerParts {
  /** The newest version, and all. */
  readonly policy: Policy;
  readonly digest: string;
  readonly chain: PolicyChain;
  readonly key: SigningKey;
  readonly clock: Clock;
  /** One on each chain that any version has wallets of. */
  readonly eyes: readonly OpenEye[];
  /** The other watchtowers; none where this is the only one. */
  readonly peers: readonly Peer[];
  /** Signer id → where it listens. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  readonly books: BooksPatience;
  readonly signs: Signs;
  /** What code is ours, by what people pinned. */
  readonly release: Release;
  /** This watchtower's own code. */
  readonly code?: Pick<CodeWatch, 'state'>;
  /** Where this watchtower writes. */
  readonly folder: string;
  /** Off only in a drill that shows what evacuation buys. */
  readonly evacuates: boolean;
  /** Who pages people; null where nobody does. */
  readonly pager: PagerToMind | null;
}

export interface Tower extends Held, AsyncDisposable {
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
  readonly uncovered: (asked: Shown) => Promise<Uncovered>;
}

/** Signs: what was seen is looked at, and others are asked. */
const [signsMs, askMs] = [1_000, 10_000];
/** How far custody's word for its own code may be from our time. Milliseconds. */
const freshMs = 60_000;

export function startTower(parts: TowerParts): Tower {
  const { policy, key, clock, archive, freezer, incident, signers } = parts;
  const ours = openOurs(parts.chain, archive, freezer.suspended, clock.now);
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
  const underWay = new Set<Promise<void>>();
  const booksBell = openBell();
  const { repeat, every, stop: stopRounds } = openRounds();

  const alarm = openAlarm({
    ours,
    archive,
    freezer,
    incident,
    key,
    now: clock.now,
    askOthers: parts.peers.length === 0 ? null : peers.covers,
    left: (left) => books.saw(left),
    describeBytes: ({ chain }, bytes) =>
      eyeOn(chain)?.describeBytes(bytes) ?? { kind: 'unread', why: `nobody here watches ${chain}` },
    raised() {
      // In this order: signers let coins go home only once they are frozen.
      home.hurry();
      tellNow();
    },
  });

  const eyes: readonly Eye[] = parts.eyes.map((open) =>
    open({
      ours,
      alarm,
      archive,
      isCovered: (part) => isCovered(archive, ours, part),
      now: clock.now,
      silenceMs: parts.silenceMs,
      signs: parts.signs,
      left: (left) => books.saw(left),
    }),
  );
  const eyeOn = (chain: Wallet['chain']) => eyes.find((eye) => eye.chain === chain);
  const testifier: Testifier = { key, network: policy.network, ours, eyes };

  const books = openBooks({
    policy,
    ours,
    eyes,
    incident,
    now: clock.now,
    patience: parts.books,
    sampled: (chain, sample) => signs.sampled(chain, sample),
  });

  const signs = openSigns({
    signs: parts.signs,
    release: parts.release,
    code: () => parts.code?.state() ?? null,
    ours,
    archive,
    incident,
    eyes,
    now: clock.now,
    signers,
    peers: new Map(parts.peers.map((peer) => [peer.key, peer.at])),
    folder: parts.folder,
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
    paidBy: (signer) =>
      ours.wallets.flatMap((wallet) =>
        everyKey(wallet).some((one) => one.signer === signer) ? coinOn(wallet.chain) : [],
      ),
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
    key,
    archive,
    incident,
    signers,
    peers,
    told,
    reluctant: new Map(),
    now: clock.now,
    frozen,
    isOpen: peers.isOpen,
    suspended: freezer.suspended,
    witness: (wallet) => witness(testifier, wallet),
    deadBy: (wallet, plan) => provenDead(testifier, wallet, plan),
    previous(name, plan) {
      const wallet = ours.called(name);
      return (wallet && eyeOn(wallet.chain)?.previous(wallet, plan)) ?? [];
    },
    testify: (wallet, nonces) => testify(testifier, wallet, nonces, [], 'evacuation'),
    fetching: new Map(),
    fetchEntries: async (signer, from) => {
      const answer = await call(signers.get(signer), signerRoutes.journal, { from });
      return answer.kind === 'entries' ? answer.entries : [];
    },
  };
  const rank = Math.max(0, ours.inForce().policy.watchtowers.keys.indexOf(key.publicKey));
  const home = openHomes(
    eyes.map((eye) => openHome(evacuator, eye, freezer, rank)),
    parts.evacuates,
  );

  const countersigning = together(
    (records: readonly SignedEntry[]) => countersignAll(evacuator, records),
    128,
    // While one look at the chain is under way, others need not wait for it.
    3,
  );

  /** While somebody's key is known to be stolen, whether the chain still lets it act: a thaw waits for that. */
  async function lookAfterKeys(): Promise<void> {
    for (const name of Object.keys(freezer.state()?.evidence ?? {})) {
      const address = ours.called(name)?.address;
      if (address === undefined) continue;
      const sight = await witness(testifier, name);
      // What was true once says nothing of now: then any pinned key may act.
      if (typeof sight === 'string' || !sight.control) controls.delete(address);
      else controls.set(address, sight.control);
    }
  }

  const lives = Promise.all([
    ...eyes.map((eye) => eye.watch()),
    repeat(() => tellSigners(() => Promise.resolve())),
    // In its own time: looking at the books must not slow the eyes on spends.
    repeat(books.round, () => booksBell.wait(Math.min(...eyes.map(({ pollMs }) => pollMs)))),
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
    ...openHeld(parts.chain, key, archive),
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
        chains: eyes.map((eye) => eye.status()),
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
      const coins = ours.called(wallet)?.chain;
      if (purpose === 'payment' && coins !== undefined && frozen([coinOn(coins)]))
        return {
          kind: 'refused',
          why: 'frozen',
          detail: 'this watchtower has frozen: it states nothing that pays',
        };
      const fact = await testify(testifier, wallet, nonces, plans, purpose);
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
    fate({ wallet: name, plan }) {
      const wallet = ours.called(name);
      const eye = wallet && eyeOn(wallet.chain);
      const seen = eye?.see();
      if (seen?.kind === 'blind') return { kind: 'refused', why: 'blind', detail: seen.why };
      const became = wallet && eye?.fate(wallet, plan);
      return (
        became ?? { kind: 'refused', why: 'unknown-plan', detail: `these bytes are no payment of ${name}` }
      );
    },
    uncovered: (asked) => testifyUncovered({ ...evacuator, ours, alarm }, asked),
    vouch: (asked) => vouch({ ...ours.inForce(), key, frozen, now: clock.now }, asked),
    async [Symbol.asyncDispose]() {
      stopRounds();
      home.stop();
      for (const eye of eyes) eye[Symbol.dispose]();
      booksBell.stop();
      await lives;
      await alarm.settled();
      // An alarm's own telling and sending home may still write into the archive.
      await Promise.allSettled(underWay);
      archive[Symbol.dispose]();
    },
  };
}
