/** Watches for signs: runs the table over what was seen, tells each finding once, and freezes by those that are configured so. */
import { statfs } from 'node:fs/promises';
import {
  chainKeys,
  everySigner,
  type Code,
  signerRoutes,
  watchtowerRoutes,
  type Policy,
  type SignerStatus,
  type Wallet,
} from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { addressOf, networkByte, type PublicKey } from '@kuramori/chains/nem/codec';
import type { NemNode, PushState, SeenBlock, Served } from '@kuramori/chains/nem/node';
import { jsonText } from '@kuramori/program';
import type { Archive } from '../archive.ts';
import { openFindings } from '../findings.ts';
import type { Followed } from '../follow.ts';
import type { Freezer } from '../frozen.ts';
import type { Finding } from '../hold-against.ts';
import type { Incident } from '../incident.ts';
import type { Ours } from '../ours.ts';
import type { Sample } from '../sample.ts';
import type { Patience, View } from '../testify.ts';
import type { CodeKind } from '@kuramori/program';
import { openFalls } from './balance-falls.ts';
import { openCodes, type Release } from './code.ts';
import { firstSeen, type Hours } from './first-seen.ts';
import { openFlows } from './flows.ts';
import { gas, gasWindow } from './gas.ts';
import { openHotShare } from './hot-share.ts';
import { openKeyUses } from './key-uses.ts';
import { limitUsed } from './limit-used.ts';
import { manyAssets } from './many-assets.ts';
import { apart, behind, openChains, openRewrites, silent } from './nodes.ts';
import { openNonces } from './nonces.ts';
import { blindness, clocks, nearlyFull, silentRooms, slow } from './own.ts';
import { oddHours, openDormant } from './odd-hours.ts';
import type { Wallets } from './payments.ts';
import { probeThenBurst } from './probe-then-burst.ts';
import { shareDrained } from './share-drained.ts';
import { openKeyFiles } from './key-files.ts';
import { openPushSilence } from './pushes.ts';
import { openRefusals } from './refusals.ts';
import type { Sighting } from './sighting.ts';
import { openSince } from './since.ts';
import { table, thresholdOf } from './table.ts';
import type { SignId, Signs } from './thresholds.ts';
import { unspendable, type Made } from './unspendable.ts';
import { openUnsent } from './unsent.ts';

export interface SignsParts {
  readonly signs: Signs;
  readonly release: Release;
  /** What this watchtower itself runs. */
  readonly code: () => Code | null;
  readonly ours: Ours;
  readonly archive: Pick<Archive, 'everyones' | 'released' | 'entries' | 'history' | 'versions'>;
  readonly incident: Incident;
  readonly nodes: readonly NemNode[];
  readonly followed: () => readonly Followed<unknown>[];
  readonly see: () => View;
  readonly now: () => number;
  readonly patience: Patience;
  /** Signers and watchtowers: what to call them → where they listen. */
  readonly signers: ReadonlyMap<string, Where>;
  readonly peers: ReadonlyMap<string, Where>;
  /** Where the archive is. */
  readonly folder: string;
  /** Of each node that should push, how that goes. */
  readonly pushed: () => readonly (PushState & { readonly node: string })[];
  /** When each node's newest finished round began (this machine's clock, ms), as the nodes are ordered. */
  readonly roundsBegan: () => readonly number[];
  /** Freezes by this. Once for each `once`, also after a restart. */
  readonly freeze: (why: string, found: object, once: string) => void;
  /** What was told before, also before a restart. */
  readonly told: Pick<Freezer, 'knows' | 'remember'>;
}

export interface SignsWatch {
  readonly saw: (block: SeenBlock, node: string) => void;
  readonly sampled: (sample: Sample) => void;
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
/** Of so many looks one asks the nodes which chain they serve. */
const chainEvery = 6;

export function openSigns(parts: SignsParts): SignsWatch {
  const { signs, ours, archive, incident, nodes, followed, see, now } = parts;
  const accounts = accountsOf(ours);
  const flows = openFlows(new Set([...accounts.wallets.keys(), ...accounts.cosigners]), ours.network);
  const byName = new Map(watchedWallets(ours).map(({ id, address }) => [id, address]));
  const falls = openFalls(flows, byName);
  const hotShare = openHotShare();
  const nonces = openNonces((key) => accounts.keys.has(key));
  const unsent = openUnsent(archive.released, ours.called, ours.network, parts.patience);
  const refusals = openRefusals();
  const keyFiles = openKeyFiles();
  const keyUses = openKeyUses(ours.chain, archive);
  const dormant = openDormant((key) => pinnedAt(ours, archive, key));
  const codes = openCodes(parts.release);
  const rewrites = openRewrites();
  const pushSilence = openPushSilence();
  const chains = openChains();
  const since = openSince();
  const findings = openFindings(incident, 'a sign is over');
  const hours: Hours = new Map();
  const made: Made = { upTo: 0, found: [] };
  const frozenBy = new Map<string, string>();
  let newest: Sample | null = null;
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
    const states = followed();
    const bases = new Map<string, bigint | null>();
    const base = (wallet: string, moment: number): bigint | null => {
      const address = ours.called(wallet)?.address;
      const holds = newest?.balances.get(wallet);
      if (address === undefined || holds === undefined) return null;
      const left = flows.shownByAny(states, { account: address, moment });
      return left.reduce((sum, one) => sum + one.left, holds);
    };
    const seen: Wallets = {
      outflows: archive.everyones(),
      wallets: [...new Set(ours.wallets.map(({ id }) => id))],
      now: now(),
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
    set('unspendable', unspendable(seen, signs.unspendable, made));
  }

  function chain(): void {
    const states = followed();
    set('balanceFalls', falls.found(signs.balanceFalls));
    set('hotShare', hotShare.found(signs.hotShare, now()));
    set('repeatedNonce', nonces.repeated());
    set('likeNonces', nonces.alike());
    set(
      'gas',
      gas(
        {
          flows: flows.shownByAll(states, { moment: gasWindow(now(), signs.gas) }),
          idle: new Set([...accounts.cosigners, ...retired(ours)]),
          cold: new Set(
            ours.inForce().policy.wallets.flatMap(({ role, address }) => (role === 'cold' ? address : [])),
          ),
          wallets: new Set(accounts.wallets.keys()),
          holds: (address) => {
            const name = [...byName].find(([, one]) => one === address)?.[0];
            return name === undefined ? undefined : newest?.balances.get(name);
          },
        },
        signs.gas,
      ),
    );
    if (see().kind === 'clear') set('unsent', unsent.look(states, now(), signs.unsent));
  }

  function watching(): void {
    const states = followed();
    const seen = see();
    set('keyFileRead', keyFiles.read());
    set('keyFilesUnwatched', keyFiles.unwatched());
    codes.heard('watchtower', 'this watchtower', parts.code());
    set('otherCode', codes.other(signs.otherCode));
    set('codeChanged', codes.changed());
    set('refusals', refusals.found(signs.refusals, performance.now()));
    set('nodeBehind', behind(states, signs.nodeBehind, since));
    set('nodeApart', apart(states, signs.nodeApart, since));
    set('nodeSilent', silent(states, signs.nodeSilent, since));
    set('pushSilent', pushSilence.look(states, parts.pushed(), signs.pushSilent, since));
    set('nodeRewrites', rewrites.look(states, signs.nodeRewrites));
    set('blind', blindness(seen.kind === 'blind' ? seen.why : null, signs.blind, since));
    const began = parts.roundsBegan();
    const ago = states.flatMap(({ url, error, caughtUp }, index) => {
      const at = began[index] ?? 0;
      return error === null && caughtUp && at > 0 ? [[url, Date.now() - at] as const] : [];
    });
    set('slowRounds', slow(new Map(ago), signs.slowRounds));
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

  async function askClocks(): Promise<void> {
    const apartMs = new Map<string, number>();
    await Promise.all(
      nodes.map(async ({ url, time }) => {
        const before = now();
        const said = await time();
        if (said.kind === 'read') apartMs.set(url, outside(said.value, before, now()));
      }),
    );
    set('clockApart', clocks(apartMs, signs.clockApart, since));
  }

  async function askChains(): Promise<void> {
    const served = new Map<string, Served>();
    await Promise.all(
      nodes.map(async (node) => {
        const said = await node.served();
        if (said.kind === 'read') served.set(node.url, said.value);
      }),
    );
    // NIS writes the network's byte as a signed one.
    const networkId = (networkByte[ours.network] << 24) >> 24;
    set('anotherChain', chains.look(served, networkId, signs.anotherChain));
  }

  return {
    saw(block, node) {
      flows.saw(block, node);
      for (const seen of block.transactions) nonces.saw(seen, signs);
    },
    heardOf(signer, status) {
      refusals.heard(signer, status, performance.now());
      keyFiles.heard(signer, status);
      codes.heard('cosigner', signer, status.code);
    },
    heardCode: codes.heard,
    sampled(sample) {
      newest = sample;
      falls.sampled(sample, followed());
      hotShare.sampled(ours.inForce().policy, sample, now());
    },
    round() {
      if (performance.now() >= paymentsDue) payments();
      chain();
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
      await Promise.all([askRooms(), askClocks(), ...(first ? [askChains()] : [])]);
    },
    all: findings.all,
  };
}

/** By how much a moment lies outside of two others: before the first it is positive, after the second negative. */
function outside(moment: number, first: number, second: number): number {
  if (moment < first) return first - moment;
  return moment > second ? second - moment : 0;
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

/** Each wallet that any version names, once, the newest version's by their names, and retired ones by their addresses. */
export function watchedWallets({ chain, wallets }: Ours): readonly Pick<Wallet, 'id' | 'address'>[] {
  const newest: Policy['wallets'] = (chain.at(-1) ?? chain[0]).policy.wallets;
  const gone = new Set(wallets.map(({ address }) => address)).difference(
    new Set(newest.map(({ address }) => address)),
  );
  return [
    ...newest.map(({ id, address }) => ({ id, address })),
    ...[...gone].map((address) => ({ id: address, address })),
  ];
}

/** Wallets of versions before that the one in force does not have. */
function retired({ wallets, inForce }: Ours): readonly string[] {
  const now = new Set(inForce().policy.wallets.map(({ address }) => address));
  return wallets.flatMap(({ address }) => (now.has(address) ? [] : address));
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

function accountsOf({ wallets, network }: Ours) {
  const keys = new Set(wallets.flatMap(chainKeys));
  const byAddress = new Map(wallets.map((wallet) => [wallet.address, wallet]));
  const cosigners = new Set(
    [...keys]
      .map((key) => addressOf(key as PublicKey, network) as string)
      .filter((one) => !byAddress.has(one)),
  );
  return { keys, wallets: byAddress, cosigners };
}
