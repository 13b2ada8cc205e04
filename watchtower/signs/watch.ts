/** Watches for signs: runs the table over what was seen, tells each finding once, and freezes by those that are configured so. */
import { statfs } from 'node:fs/promises';
import {
  coinOn,
  everySigner,
  type Code,
  signerRoutes,
  watchtowerRoutes,
  type ChainName,
  type SignerStatus,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { jsonText, type CodeKind } from '@kuramori/program';
import type { Archive } from '../archive.ts';
import type { Eye } from '../eye.ts';
import { openFindings } from '../findings.ts';
import type { Freezer } from '../frozen.ts';
import type { Finding } from '../hold-against.ts';
import type { Incident } from '../incident.ts';
import type { Ours } from '../ours.ts';
import type { Sample } from '../sample.ts';
import { openCodes, type Release } from './code.ts';
import { firstSeen, type Hours } from './first-seen.ts';
import { openHotShare } from './hot-share.ts';
import { openKeyUses } from './key-uses.ts';
import { limitUsed } from './limit-used.ts';
import { manyAssets } from './many-assets.ts';
import type { Found } from './on-chain.ts';
import { nearlyFull, silentRooms } from './own.ts';
import { oddHours, openDormant } from './odd-hours.ts';
import type { Wallets } from './payments.ts';
import { probeThenBurst } from './probe-then-burst.ts';
import { shareDrained } from './share-drained.ts';
import { openKeyFiles } from './key-files.ts';
import { openRefusals } from './refusals.ts';
import type { Sighting } from './sighting.ts';
import { openSince } from './since.ts';
import { table, thresholdOf } from './table.ts';
import type { SignId, Signs } from './thresholds.ts';
import { unspendable, type Made } from './unspendable.ts';

export interface SignsParts {
  readonly signs: Signs;
  readonly release: Release;
  /** What this watchtower itself runs. */
  readonly code: () => Code | null;
  readonly ours: Ours;
  readonly archive: Pick<Archive, 'everyones' | 'released' | 'entries' | 'history' | 'versions'>;
  readonly incident: Incident;
  readonly eyes: readonly Pick<Eye, 'chain' | 'signs'>[];
  readonly now: () => number;
  /** Signers and watchtowers: what to call them → where they listen. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly peers: ReadonlyMap<string, Where>;
  /** Where the archive is. */
  readonly folder: string;
  /** Freezes by this. Once for each `once`, also after a restart. */
  readonly freeze: (why: string, found: object, once: string) => void;
  /** What was told before, also before a restart. */
  readonly told: Pick<Freezer, 'knows' | 'remember'>;
}

export interface SignsWatch {
  /** A new block's sample of a chain. */
  readonly sampled: (chain: ChainName, sample: Sample) => void;
  /** What a signer says of itself. */
  readonly heardOf: (signer: string, status: SignerStatus) => void;
  /** What a process of some kind says of its own code. */
  readonly heardCode: (kind: CodeKind, process: string, code: Code | null) => void;
  /** Looks at all that is known already; asks nobody. */
  readonly round: () => void;
  /** Asks nodes, signers, watchtowers and the disk, each once. */
  readonly ask: () => Promise<void>;
  /** What is so now, each in one line. */
  readonly all: () => readonly Finding[];
}

/** Asked of whoever may be silent: they have so long, in milliseconds. */
const bounds = { timeoutMs: 3_000, maxBytes: 4 * 1024 * 1024 };
/** Payments of a day are many: they are looked through this often, in milliseconds. */
const paymentsMs = 5_000;
/** Of so many looks one asks what is asked once a minute. */
const chainEvery = 6;

export function openSigns(parts: SignsParts): SignsWatch {
  const { signs, ours, archive, incident, eyes, now } = parts;
  const hotShare = openHotShare();
  const refusals = openRefusals();
  const keyFiles = openKeyFiles();
  const keyUses = openKeyUses(ours.chain, archive);
  const dormant = openDormant((key) => pinnedAt(ours, archive, key));
  const codes = openCodes(parts.release);
  const since = openSince();
  const findings = openFindings(incident, 'a sign is over');
  const hours: Hours = new Map();
  const made: Made = { upTo: 0, found: [] };
  const frozenBy = new Map<string, string>();
  const samples = new Map<ChainName, Sample>();
  /** What each chain's nodes and blocks have shown, by the chain. */
  const shown = new Map<ChainName, Found>();
  let asked = 0;
  let paymentsDue = 0;

  function set(id: SignId, found: readonly Sighting[]): void {
    const { event, reason } = table[id];
    const threshold = thresholdOf(id, signs);
    const { action } = signs[id];
    findings.set(
      id,
      found.map(({ key, once, fields }) => ({
        key: `${id} ${key}`,
        once,
        event,
        fields: { sign: id, action, reason, threshold, ...fields },
      })),
    );
  }

  /** What happened, and is over: told once, as long as our files live. Told first, so that a crash tells it twice and never not. */
  function tellOnce(id: SignId, found: readonly Sighting[]): void {
    for (const { once, fields } of found) {
      const name = `${id} ${once}`;
      if (parts.told.knows(name)) continue;
      const { event, reason } = table[id];
      const { action } = signs[id];
      const all = { sign: id, action, reason, threshold: thresholdOf(id, signs), ...fields };
      incident.note(event, all);
      parts.told.remember(name);
      if (action === 'freeze') parts.freeze(event, all, `sign ${name}`);
    }
  }

  function people(): void {
    const uses = keyUses.fresh();
    tellOnce('oddHours', oddHours(uses, signs.oddHours, now()));
    tellOnce('dormantKey', dormant.found(uses, signs.dormantKey, now()));
  }

  /** The day on which it was first so: who has thawed is not frozen by the same thing again, not even by a restart. */
  function freezeBy(found: readonly Finding[]): void {
    const day = new Date(now()).toISOString().slice(0, 10);
    const names = new Set(found.map(({ key, once }) => `${key} ${once}`));
    for (const name of frozenBy.keys()) if (!names.has(name)) frozenBy.delete(name);
    for (const { key, once, event, fields } of found) {
      if (fields['action'] !== 'freeze' || frozenBy.has(`${key} ${once}`)) continue;
      frozenBy.set(`${key} ${once}`, day);
      parts.freeze(event, fields, `sign ${key} ${once} ${day}`);
    }
  }

  function payments(): void {
    paymentsDue = performance.now() + paymentsMs;
    const bases = new Map<string, bigint | null>();
    const base = (id: string, moment: number): bigint | null => {
      const wallet = ours.called(id);
      const holds = wallet && samples.get(wallet.chain)?.balances.get(id);
      const eye = eyes.find(({ chain }) => chain === wallet?.chain);
      return wallet === undefined || holds === undefined || !eye
        ? null
        : holds + eye.signs.leftSince(wallet.address, moment);
    };
    const coin = (id: string) => coinOn(ours.called(id)?.chain ?? 'nem');
    const seen: Wallets = {
      outflows: archive.everyones(),
      wallets: [...new Set(ours.wallets.map(({ id }) => id))],
      now: now(),
      coin,
      base(wallet, moment) {
        const name = `${wallet} ${moment}`;
        const known = bases.get(name);
        const found = known === undefined ? base(wallet, moment) : known;
        bases.set(name, found);
        return found;
      },
    };
    set('probeThenBurst', probeThenBurst(seen, signs.probeThenBurst));
    set('manyAssets', manyAssets(seen, signs.manyAssets));
    set('shareDrained', shareDrained(seen, signs.shareDrained));
    set('limitUsed', limitUsed(seen, ours.inForce().policy.rules, signs.limitUsed));
    set('firstSeen', firstSeen(seen, signs.firstSeen, hours));
    // Its odds are those of NEM's addresses.
    const onNem = seen.wallets.filter((id) => ours.called(id)?.chain === 'nem');
    set('unspendable', unspendable({ ...seen, wallets: onNem }, signs.unspendable, made));
  }

  /** One sign, by all chains together: a chain that was not asked now says what it said before. */
  function show(found: ReadonlyMap<ChainName, Found>): void {
    for (const [chain, some] of found) shown.set(chain, { ...shown.get(chain), ...some });
    const ids = new Set(found.values().flatMap((some) => Object.keys(some) as SignId[]));
    for (const id of ids)
      set(
        id,
        [...shown.values()].flatMap((some) => some[id] ?? []),
      );
  }

  function watching(): void {
    show(new Map(eyes.map(({ chain, signs: of }) => [chain, of.look()])));
    set('hotShare', hotShare.found(signs.hotShare, now()));
    set('keyFileRead', keyFiles.read());
    set('keyFilesUnwatched', keyFiles.unwatched());
    codes.heard('watchtower', 'this watchtower', parts.code());
    set('otherCode', codes.other(signs.otherCode));
    set('codeChanged', codes.changed());
    set('refusals', refusals.found(signs.refusals, performance.now()));
  }

  async function askChains(seldom: boolean): Promise<void> {
    const found = await Promise.all(
      eyes.map(async ({ chain, signs: of }) => [chain, await of.ask(seldom)] as const),
    );
    show(new Map(found));
  }

  async function askRooms(): Promise<void> {
    const signerAnswers = [...parts.signers].map(async ([id, where]) => {
      const { kind } = await call(where, signerRoutes.status, {}, bounds);
      return [`signer ${id}`, kind === 'status'] as const;
    });
    const peerAnswers = [...parts.peers].map(async ([key, where]) => {
      const name = `watchtower ${key.slice(0, 16)}`;
      const status = await call(where, watchtowerRoutes.status, {}, bounds);
      if (status.kind === 'status') codes.heard('watchtower', name, status.code);
      return [name, status.kind === 'status'] as const;
    });
    const answered = new Map(await Promise.all([...signerAnswers, ...peerAnswers]));
    set('roomSilent', silentRooms(answered, signs.roomSilent, since));
  }

  return {
    heardOf(signer, status) {
      refusals.heard(signer, status, performance.now());
      keyFiles.heard(signer, status);
      codes.heard('cosigner', signer, status.code);
    },
    heardCode: codes.heard,
    sampled(chain, sample) {
      samples.set(chain, sample);
      eyes.find((eye) => eye.chain === chain)?.signs.sampled(sample);
      hotShare.sampled(ours.inForce().policy, samples, now());
    },
    round() {
      if (performance.now() >= paymentsDue) payments();
      watching();
      people();
      freezeBy(findings.all());
      findings.tell();
    },
    async ask() {
      const first = asked % chainEvery === 0;
      asked += 1;
      const free = await freeAt(parts.folder);
      set('diskNearlyFull', nearlyFull(parts.folder, free, signs.diskNearlyFull));
      await Promise.all([askRooms(), askChains(first)]);
    },
    all: findings.all,
  };
}

async function freeAt(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // A disk that does not answer is told by the writes that fail.
    return null;
  }
}

/** Since when a key could have been used, where the journals go back so far; null for one of no version that was taken up. */
function pinnedAt(
  { chain }: Ours,
  archive: Pick<Archive, 'entries' | 'versions'>,
  key: string,
): number | null {
  const naming = (digest: string) =>
    chain.some((one) => one.digest === digest && jsonText(one.policy).includes(`"${key}"`));
  const pinned = archive.versions().find(({ digest }) => naming(digest));
  const begun = everySigner(chain).flatMap((signer) =>
    archive.entries(signer, 1, 1).map(({ entry }) => entry.at),
  );
  return pinned && begun.length > 0 ? Math.max(pinned.at, Math.min(...begun)) : null;
}
