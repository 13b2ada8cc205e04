/**
 * A co-signer's life: it decodes, judges, writes, and only then signs. It opens no connection: custody asks, the
 * watchtowers tell. Steps 2 and 4 of "How a signature leaves" are `propose` and `release`.
 */
import { randomBytes } from 'node:crypto';
import {
  everyKey,
  statedAsset,
  whoMayAct,
  assetsOf,
  beforeFirst,
  bytesDigest,
  clear,
  digest,
  dueTimes,
  entryHash,
  evidenceIn,
  factLifetime,
  freezeOf,
  heard,
  intentDigest,
  isAsk,
  isTooLong,
  judging,
  newestOf,
  judgeUnder,
  mostLeafBytes,
  notAdopted,
  policiesAfter,
  readFactsUnder,
  recordOf,
  standing,
  strayed,
  verifyObjection,
  verifyStatement,
  type Ask,
  type Case,
  type Cleared,
  type Cosignature,
  type Countersignature,
  type Entry,
  type Policy,
  type Proposal,
  type PolicyChain,
  type Refusal,
  type SignedEntry,
  type SignedFact,
  type SignedFreeze,
  type SignedHead,
  type SignedMoment,
  type SignedObjection,
  type SignedThaw,
  type SignerStatus,
} from '@kuramori/core';
import { codecOf, conflictsWith } from '@kuramori/chains/codecs';
import { log, type Clock, type CodeWatch } from '@kuramori/program';
import type { Journal } from '../journal.ts';
import type { Keys } from '../keystore.ts';
import type { Watched } from '../read-elsewhere.ts';
import { sign } from '../sign.ts';
import type { Tiles } from '../tiles.ts';
import { stopping } from './stopping.ts';

export interface Signer {
  readonly status: () => SignerStatus;
  readonly nonce: () => { kind: 'nonce'; nonce: string };
  readonly propose: (asked: Proposal) => { kind: 'recorded'; record: SignedEntry } | Refusal;
  readonly release: (asked: {
    entry: string;
    countersignatures: readonly Countersignature[];
  }) => Released | Refusal;
  readonly adopt: (asked: { head: SignedHead; entries: readonly SignedEntry[] }) => Done | Refusal;
  readonly witness: (cosignature: Cosignature) => Done | Refusal;
  readonly freeze: (freeze: SignedFreeze) => Done | Refusal;
  readonly thaw: (asked: { thaw: SignedThaw; moment: SignedMoment }) => Done | Refusal;
  readonly object: (objection: SignedObjection) => Done | Refusal;
  readonly covering: (asked: {
    key: string;
    bytes: string;
  }) => { kind: 'covering'; record: SignedEntry; countersignatures: Countersignature[] } | Refusal;
  readonly journal: (asked: { from: number }) => { kind: 'entries'; entries: SignedEntry[] };
}

type Done = { kind: 'done' };
type Released = { kind: 'signed'; signer: string; share: string; signature: string };

/** Whether two asks are for the same bytes and the same intents; their facts and approvals may differ. */
function sameAsked(one: Ask, other: Ask): boolean {
  const intents = (ask: Ask) => {
    if (ask.kind === 'payment') return ask.intents.map(({ intent }) => intentDigest(intent)).join();
    return ask.kind === 'evacuation' ? intentDigest(ask.intent) : digest('rotation', ask.rotation.rotation);
  };
  return one.kind === other.kind && one.plan === other.plan && intents(one) === intents(other);
}

/** How far the watchtowers' time and a signer's own clock may be apart, in milliseconds. */
const mostAstray = 300_000;

/** Nonces that one signer may have out at a time; the oldest goes first. */
const maxNonces = 4096;

export interface SignerParts {
  readonly id: string;
  /** The newest version of the policy, and those that count beside it until its wait is over: see core/standing.ts. */
  readonly chain: PolicyChain;
  readonly keys: Keys;
  readonly journal: Journal;
  readonly tiles: Tiles;
  /** Tells no time, but whether what is told can be: turned ahead, the watchtowers' time would empty every rolling limit. */
  readonly clock: Clock;
  /** Its key files, which only it should read. */
  readonly watched?: Watched;
  /** Its own code. */
  readonly code?: Pick<CodeWatch, 'state'>;
}

const nothingWatched: Watched = { look: () => [], unwatched: [] };
const notMeasured = { state: () => null };

export function signer({
  id,
  chain,
  keys,
  journal,
  tiles,
  clock,
  watched = nothingWatched,
  code = notMeasured,
}: SignerParts): Signer {
  const { digest: newest } = newestOf(chain);
  const session = randomBytes(16).toString('hex');
  const nonces = new Map<string, number>();
  const acknowledged = new Set<string>();
  /** Entries recorded since the start whose signature has not left. Of all others it may have. */
  const unreleased = new Set<string>();
  let refusals = 0;

  /** By the journal's time, which is never later than the watchtowers': so no version stops counting too early. */
  function standingNow(at = journal.history().at): readonly [Policy, ...Policy[]] {
    const { policies, suspended } = journal.history();
    return heard(standing(chain, policies, at), suspended);
  }
  /** The version in force, as it was signed. */
  function inForce(at: number) {
    const [{ version }] = standingNow(at);
    return chain.find((one) => one.policy.version === version) ?? chain[0];
  }
  // Until n − k + 1 watchtowers have shown their copy, a restored backup could start with forgotten limits.
  const isOpen = () =>
    !keys.isLocked() &&
    tiles.missing() === 0 &&
    standingNow().every(({ version, watchtowers: { keys: left, quorum } }) => {
      const agreeing = left.filter((one) => acknowledged.has(one)).length;
      // Of all that it pins: one that was suspended since may have countersigned what the others never held.
      const pinned = chain.find((one) => one.policy.version === version)?.policy.watchtowers.keys.length ?? 0;
      return agreeing >= pinned - quorum + 1;
    });
  const whyClosed = () =>
    keys.isLocked()
      ? 'its keys were locked: whoever may read its passphrase starts it again'
      : 'waits for the watchtowers to show the newest journal that they hold';

  function refuse(why: string, detail: string, grounds: readonly string[] = []): Refusal {
    refusals += 1;
    log('refused', { why, detail, grounds: grounds.join(', ') || undefined });
    return { kind: 'refused', why, detail };
  }

  /**
   * Facts count only with a nonce that we gave out less than a minute ago, and each ask uses one up: a fact over three of
   * our nonces speaks for three asks of one moment, and for no fourth.
   */
  function freshFacts(ask: Ask) {
    const isLive = (nonce: string) => performance.now() - (nonces.get(nonce) ?? -Infinity) < factLifetime;
    const fresh = ask.facts.filter(({ fact }) => fact.nonces.some(isLive));
    return {
      fresh,
      spend() {
        const used = new Set<string>();
        for (const { fact } of fresh) {
          // Several watchtowers' facts over the same nonces are of one asking.
          if (fact.nonces.some((nonce) => used.has(nonce))) continue;
          const mine = fact.nonces.find(isLive);
          if (mine !== undefined) used.add(mine);
        }
        for (const nonce of used) nonces.delete(nonce);
      },
    };
  }

  /** Whoever is wrong, nothing is signed until somebody has looked. */
  function clockStrays(told: number): Refusal | null {
    const apart = Math.round((told - clock.now()) / 1000);
    return Math.abs(told - clock.now()) <= mostAstray
      ? null
      : refuse(
          'clock-strays',
          `the watchtowers' time is ${Math.abs(apart)} s ${apart > 0 ? 'ahead of' : 'behind'} this machine's clock: set right whichever is wrong`,
        );
  }

  /** A record alone covers nothing: with the stolen key it can be signed elsewhere, and that must let the coins go home. */
  function mayHaveLeft(bytes: string): boolean {
    const entry = journal.history().records.get(bytesDigest(bytes));
    if (entry === undefined) return false;
    return !unreleased.has(entry);
  }

  /** What no ask leads to. Its time is the journal's own, unless facts tell it: a freeze must not push that clock ahead. */
  function write(body: Entry['body'], under: string, at = 0): void {
    journal.append(nextEntry(body, under, at));
  }

  function nextEntry(body: Entry['body'], under: string, at: number): Entry {
    const { seq, head, at: last } = journal.history();
    const common = { v: 1, signer: id, seq: seq + 1, prev: head, at: Math.max(at, last) } as const;
    return { ...common, policy: under, grounds: [], body };
  }

  /** The version that the journal goes by. */
  const adopted = () => journal.history().policies.at(-1)?.digest ?? chain[0].digest;

  const stop = stopping({
    id,
    session,
    journal,
    isOpen,
    standing: standingNow,
    inForce,
    clockStrays,
    write: (body, at) => write(body, adopted(), at),
    refuse,
  });

  /**
   * Takes up the versions that came since, at a time that the watchtowers tell: from then on their wait counts. False where
   * the facts are too long to be written down.
   */
  function adoptVersions(facts: readonly SignedFact[], at: number): boolean {
    for (const version of notAdopted(chain, journal.history().policies)) {
      const body: Entry['body'] = { kind: 'policy', prev: adopted(), facts: [...facts] };
      if (isTooLong(nextEntry(body, version.digest, at))) return false;
      write(body, version.digest, at);
      log('policy taken up', { version: version.policy.version, digest: version.digest });
    }
    return true;
  }

  const tooLong = () =>
    refuse('entry-too-long', `its record would be longer than ${mostLeafBytes} bytes: ask for less at once`);

  return {
    status: () => ({
      kind: 'status',
      signer: id,
      recordKey: keys.record.publicKey,
      chainKey: keys.chainKey,
      policy: newest,
      session,
      seq: journal.history().seq,
      head: journal.history().head,
      open: isOpen(),
      checkpoint: tiles.checkpoint(),
      missing: tiles.missing(),
      frozen: stop.freezes()[0] ?? null,
      freezes: [...stop.freezes()],
      thaws: [...journal.history().thaws.values()],
      refused: refusals,
      reads: [...watched.look()],
      unwatched: [...watched.unwatched],
      code: code.state(),
    }),

    nonce() {
      const nonce = randomBytes(16).toString('hex');
      nonces.set(nonce, performance.now());
      if (nonces.size > maxNonces) nonces.delete(nonces.keys().next().value ?? '');
      return { kind: 'nonce', nonce };
    },

    propose({ previous = [], ...asked }) {
      // What proves the inputs is looked at now, and written nowhere.
      const ask: Ask = asked;
      if (!isOpen()) return refuse('closed', whyClosed());
      const history = journal.history();
      // Asked again for the same bytes: the identical record, whatever else has changed. Nothing is decided twice.
      const known = journal.byHash(history.records.get(bytesDigest(ask.share)) ?? '');
      if (known && isAsk(known.entry.body) && sameAsked(known.entry.body, ask))
        return { kind: 'recorded', record: known };
      const facts = freshFacts(ask);
      const versions = judging(standingNow(), ask.kind);
      const stated = statedAsset(versions[0], ask);
      if (stated === undefined) return refuse('unknown-wallet', `no wallet is called ${ask.wallet}`);
      const read = readFactsUnder(versions, ask.wallet, stated, facts.fresh, ask.kind);
      if (read.kind === 'refused')
        return refuse(
          read.why,
          'facts must be signed by a quorum of watchtowers over a nonce of this signer, not older than 60 s',
        );
      const { witnessed } = read;
      const strays = clockStrays(witnessed.at);
      if (strays) return strays;
      // Two asks may overtake each other by the life of a fact, no more.
      if (witnessed.at < history.at - factLifetime)
        return refuse('time-goes-back', 'the watchtowers state an earlier time than the journal holds');
      if (!adoptVersions(facts.fresh, witnessed.at)) return tooLong();
      const at = Math.max(witnessed.at, journal.history().at);
      const cases: Case[] = [];
      const shown = evidenceIn(ask);
      for (const one of judging(standingNow(at), ask.kind)) {
        const wallet = one.wallets.find(({ id: name }) => name === ask.wallet);
        if (!wallet) return refuse('unknown-wallet', `no wallet is called ${ask.wallet}`);
        // No other chain's code reads what this signer is asked.
        if (wallet.chain !== keys.on.chain)
          return refuse(
            'not-a-cosigner',
            `${ask.wallet} is on ${wallet.chain}, and ${id} signs for ${keys.on.chain}`,
          );
        // Recorded, it could never be signed: this signer holds another key than the policy thinks.
        const mine = everyKey(wallet).find((held) => held.signer === id);
        if (mine && mine.publicKey !== keys.chainKey)
          return refuse(
            'not-a-cosigner',
            `the policy gives ${id} the key ${mine.publicKey} of ${ask.wallet}, and it holds ${keys.chainKey}`,
          );
        const codec = codecOf(wallet.chain);
        cases.push({
          policy: one,
          signer: id,
          ask,
          explained: codec.explainShare(wallet, ask.plan, ask.share, one.network, previous),
          conflicts: conflictsWith(wallet, ask.plan),
          // By a key that acts: whoever holds one that was replaced could send everything home again and again.
          evidenceSigned:
            shown.length > 0 &&
            shown.every((each) =>
              codec.evidenceSigned(whoMayAct(wallet, witnessed.control), each, one.network),
            ),
          evidenceCovered: shown.some(({ bytes }) => mayHaveLeft(bytes)),
          races: codec.races(wallet, ask.plan, shown),
          witnessed: { ...witnessed, at },
          history: journal.history(),
        });
      }
      const judgement = judgeUnder(cases as [Case, ...Case[]]);
      if (judgement.kind === 'refused') return refuse(judgement.why, judgement.detail, judgement.grounds);
      const { entry, hash } = recordOf(judgement.approved, id, newest, journal.history());
      if (isTooLong(entry)) return tooLong();
      facts.spend();
      const record = journal.append(entry);
      unreleased.add(hash);
      log('recorded', { seq: entry.seq, entry: hash, wallet: ask.wallet, kind: ask.kind });
      return { kind: 'recorded', record };
    },

    release({ entry: hash, countersignatures }) {
      // An old copy of this journal may lack the freeze that forbids it.
      if (!isOpen()) return refuse('closed', whyClosed());
      const record = journal.byHash(hash);
      if (!record) return refuse('no-such-entry', `${hash} is not in this journal`);
      // Its signature was not let go while it could pay; now another transaction stands for an intent of it.
      if (record.entry.body.kind === 'payment') {
        const { intents, plan } = record.entry.body;
        const { plans } = journal.history();
        if (intents.some(({ intent }) => plans.get(intent.id)?.at(-1) !== plan))
          return refuse('superseded', 'another transaction is recorded since for an intent of this one');
      }
      const { body } = record.entry;
      const freeze = freezeOf(stop.freezes(), ...assetsOf(body));
      if (body.kind === 'payment' && freeze) return refuse('frozen', freeze.freeze.why);
      // Asked for while it was frozen: now it is a payment like any other, which nobody approved.
      if (body.kind === 'evacuation' && !freeze) return refuse('not-frozen', 'a thaw came in between');
      if (!isAsk(body)) return refuse('not-an-ask', `${hash} records nothing that could be signed`);
      let cleared: Cleared | undefined;
      for (const one of judging(standingNow(), body.kind)) {
        const clearance = clear(one, record.entry, countersignatures);
        if (clearance.kind === 'refused')
          return refuse(
            clearance.why,
            "the watchtowers' countersignatures are too few, or not over this entry",
          );
        ({ cleared } = clearance);
      }
      if (!cleared) throw new Error('an entry was cleared under no policy');
      unreleased.delete(hash);
      journal.words.keep(hash, countersignatures);
      const signed = sign(keys, cleared);
      log('signed', { entry: hash });
      return { kind: 'signed', signer: id, ...signed };
    },

    adopt({ head: { head, watchtower, signature }, entries }) {
      if (
        !standingNow().some(({ watchtowers }) => watchtowers.keys.includes(watchtower)) ||
        !verifyStatement(watchtower, 'journal-head', head, signature)
      ) {
        return refuse('head-signature', 'not signed by a pinned watchtower');
      }
      if (head.signer !== id || head.session !== session)
        return refuse('head-session', 'made for another signer or an earlier start');
      for (const signed of entries) {
        if (signed.entry.seq <= journal.history().seq) continue;
        const versions = policiesAfter(journal.history(), signed.entry);
        const astray = versions ? strayed(chain, versions) : 'is another line';
        // Nothing of it is written down: what this file does not know, this process cannot judge by.
        if (astray !== null)
          return refuse(
            'another-policy',
            `the watchtowers hold a journal that went further: this signer's policy ${astray}`,
          );
        if (tiles.contradicts(signed))
          return refuse(
            'another-checkpoint',
            `entry ${signed.entry.seq} leads to another journal than the one that this signer's own checkpoint speaks for`,
          );
        if (journal.adopt(signed) === 'refused')
          return refuse('entry-refused', `entry ${signed.entry.seq} does not extend this journal`);
        log('adopted', { seq: signed.entry.seq, entry: entryHash(signed.entry) });
      }
      if (head.seq > journal.history().seq)
        return refuse('entries-missing', `holds ${journal.history().seq} of ${head.seq}`);
      const [mine] = head.seq === 0 ? [] : journal.from(head.seq, 1);
      if ((mine ? entryHash(mine.entry) : beforeFirst) !== head.hash) {
        return refuse(
          'fork',
          `entry ${head.seq} differs from the watchtower's: this journal or that copy was altered`,
        );
      }
      if (!acknowledged.has(watchtower)) log('watchtower agrees', { watchtower, seq: head.seq });
      acknowledged.add(watchtower);
      if (isOpen()) stop.opened();
      return { kind: 'done' };
    },

    witness: (cosignature) => tiles.witness(cosignature),
    freeze: stop.freeze,
    thaw: stop.thaw,

    object(signed) {
      const { objection } = signed;
      if (!verifyObjection(standingNow(), signed))
        return refuse('objection-signature', 'not signed by a keeper of a version that counts');
      if (!isOpen()) return refuse('closed', 'tell it again once its journal is the newest');
      const waiting = journal
        .history()
        .policies.find((one, index) => index > 0 && one.digest === objection.policy);
      // Not taken up yet: it will be with the next payment, and an objection is no reason to begin its wait.
      if (!waiting)
        return refuse('no-such-version', `${objection.policy} is no version that this journal has taken up`);
      const version = chain.findIndex(({ digest: one }) => one === objection.policy);
      if ((dueTimes(chain, journal.history().policies)[version] ?? 0) <= journal.history().at)
        return refuse('too-late', `version ${chain[version]?.policy.version} counts already`);
      if (!waiting.objectors.includes(objection.keeper)) {
        write({ kind: 'objection', objection: signed }, adopted());
        log('objection', { keeper: objection.keeper, policy: objection.policy });
      }
      return { kind: 'done' };
    },

    covering({ key, bytes }) {
      const record = journal.byHash(journal.history().records.get(bytes) ?? '');
      return record && key === keys.chainKey
        ? { kind: 'covering', record, countersignatures: [...journal.words.of(entryHash(record.entry))] }
        : { kind: 'refused', why: 'not-covered', detail: 'this signer recorded no such bytes' };
    },

    journal: ({ from }) => ({ kind: 'entries', entries: [...journal.from(from, 500)] }),
  };
}
