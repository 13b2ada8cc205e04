/** A watchtower's life: it looks, and on the first spend that no record covers it freezes, tells, and sends home. */
import {
  coinOn,
  everyKey,
  freezeOf,
  signerRoutes,
  thawDigest,
  writersOf,
  type Asset,
  type Order,
  type PlaceOf,
  type Refusal,
  type SignedCode,
  type SignedEntry,
  type SignedFreeze,
  type SignedThaw,
  type Wallet,
  type WatchtowerStatus,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { jsonText, together } from '@kuramori/program';
import { openActingKeys } from './acting-keys.ts';
import { openAlarm } from './alarm.ts';
import { openBell } from './bell.ts';
import { openBooks, type Books } from './books.ts';
import { countersign, countersignAll, takeOver, type Countersigned } from './countersign.ts';
import { isCovered } from './cover.ts';
import { hearCode } from './custody-code.ts';
import { rankOf, type Evacuator } from './evacuate.ts';
import type { Eye, Whose } from './eye.ts';
import type { Freezer } from './frozen.ts';
import { openHeld, type Held } from './held.ts';
import { allHomes, openHome } from './home.ts';
import { mindPager } from './mind-pager.ts';
import { openOurs } from './ours.ts';
import { order, take, type Ordered } from './order.ts';
import { openPeers } from './peers.ts';
import { openRounds } from './rounds.ts';
import { testifyUncovered, type Shown, type Uncovered } from './shown.ts';
import { openSigns } from './signs/watch.ts';
import { stopping } from './stopping.ts';
import { tell, type Teller } from './tell.ts';
import type { TowerParts } from './tower-parts.ts';
import { openTestimony, type Testimony } from './testify.ts';
import { openWitness } from './witness.ts';
import { vouch, type VouchedFor } from './vouch.ts';

export interface Tower extends Held, Pick<Testimony, 'fact' | 'fate'>, AsyncDisposable {
  readonly status: () => WatchtowerStatus;
  readonly countersign: (record: SignedEntry) => Promise<Countersigned>;
  readonly order: (asked: Order) => Promise<Ordered>;
  readonly told: (asked: Parameters<typeof take>[1]) => Promise<Countersigned>;
  readonly vouch: (asked: PlaceOf) => VouchedFor;
  readonly freeze: (signed: SignedFreeze) => { kind: 'done' } | Refusal;
  readonly thaw: (signed: SignedThaw) => { kind: 'done' } | Refusal;
  readonly totals: Books['hear'];
  readonly code: (signed: SignedCode) => { kind: 'done' } | Refusal;
  readonly uncovered: (asked: Shown) => Promise<Uncovered>;
}

/** Signs: what was seen is looked at, and others are asked. */
const [signsMs, askMs] = [1_000, 10_000];

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
      folder: parts.folder,
    }),
  );
  const eyeOn = (chain: Wallet['chain']) => eyes.find((eye) => eye.chain === chain);
  const lookAt = (wallet: Wallet, whose: Whose) => eyeOn(wallet.chain)?.lookAtPlace(wallet, whose) ?? null;
  const frozen = (assets: readonly Asset[]) =>
    freezeOf(freezer.state()?.freezes ?? [], ...assets) !== undefined;
  const testimony = openTestimony({ key, network: policy.network, ours, eyes, frozen });
  const { witness, deadBy, previous, testify, fact, fate } = testimony;
  const acting = openActingKeys(freezer, ours, testimony);

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
    controls: acting.controls,
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
    witness,
    deadBy,
    previous,
    testify: (wallet, asset, nonces) => testify({ wallet, asset, nonces, plans: [], purpose: 'evacuation' }),
    uncovered: (wallet, bytes) => alarm.testify(wallet, bytes),
    fetching: new Map(),
    fetchEntries: async (signer, from) => {
      const answer = await call(signers.get(signer), signerRoutes.journal, { from });
      return answer.kind === 'entries' ? answer.entries : [];
    },
  };
  const ordering = { ...evacuator, inForce: () => ours.inForce().digest };
  const rank = rankOf(ours.inForce().policy, key.publicKey);
  const homes = parts.evacuates ? eyes.map((eye) => openHome(evacuator, eye, freezer, rank)) : [];
  const home = allHomes(homes);

  const countersigning = together(
    (records: readonly SignedEntry[]) => countersignAll(evacuator, records),
    128,
    // While one look at the chain is under way, others need not wait for it.
    3,
  );

  const lives = Promise.all([
    ...eyes.map((eye) => eye.watch()),
    repeat(() => tellSigners(() => Promise.resolve())),
    // In its own time: looking at the books must not slow the eyes on spends.
    repeat(books.round, () => booksBell.wait(Math.min(...eyes.map(({ pollMs }) => pollMs)))),
    repeat(async () => {
      await acting.look();
      stop.tend();
      freezer.settle();
      incident.settle();
    }),
    // Each chain at its own pace.
    ...homes.map((one) => repeat(one.send)),
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
    status: () => ({
      kind: 'status',
      watchtower: key.publicKey,
      policy: parts.digest,
      at: clock.now(),
      ...frozenNow(freezer),
      open: peers.isOpen(),
      chains: eyes.map((eye) => eye.status()),
      signers: writersOf(policy).map(({ id }) => {
        const { seq, head } = archive.history(id);
        return { signer: id, seq, head };
      }),
      evacuation: parts.evacuates ? home.state() : null,
      books: books.status(),
      code: parts.code?.state() ?? null,
      signs: signs.all().map(({ event, fields }) => `${event}: ${jsonText(fields)}`),
    }),
    fact,
    fate,
    countersign: (record) => countersign(evacuator, record, countersigning),
    order: (asked) => order(ordering, asked),
    told: (asked) => take(ordering, asked),
    freeze: (signed) => stop.freeze(signed),
    thaw: (signed) => stop.thaw(signed),
    totals(signed) {
      const answer = books.hear(signed);
      // One that speaks of the books and not of its code is an older one.
      if (answer.kind === 'done') signs.heardCode('custody', 'custody', null);
      return answer;
    },
    code: (signed) => hearCode(policy, clock.now(), signs, signed),
    uncovered: (asked) => testifyUncovered({ ...evacuator, ours, alarm }, asked),
    vouch: (asked) =>
      vouch({ ...ours.inForce(), standing: ours.standing(), key, frozen, now: clock.now, lookAt }, asked),
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

function frozenNow(freezer: Freezer): Pick<WatchtowerStatus, 'frozen' | 'freezes' | 'thaws'> {
  const freezes = freezer.state()?.freezes ?? [];
  const thaws = freezer.thaws().flatMap(({ thaw, due, lifted }) => (lifted ? [] : { thaw, due }));
  return { frozen: freezes[0] ?? null, freezes: [...freezes], thaws };
}
