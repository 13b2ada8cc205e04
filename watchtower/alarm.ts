/** Alarm: a spend of ours that no record covers, by our own archive or by a quorum's, freezes at first sight. */
import { createHash } from 'node:crypto';
import {
  chainKeys,
  whoMayAct,
  signStatement,
  bytesDigest,
  freezeDigest,
  type Evidence,
  type SigningKey,
  type Uncovered,
  type Wallet,
} from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import type { Reading, SignedPart, Unread } from '@kuramori/chains/watched';
import type { Archive } from './archive.ts';
import { isCovered, uncovered } from './cover.ts';
import type { Described } from './described.ts';
import type { Gone, Left } from './eye.ts';
import type { Sight } from './follow.ts';
import type { Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import type { Ours } from './ours.ts';

/** A key of ours that nobody uses. */
export interface Canary {
  /** Where it lies. */
  readonly where: string;
  readonly publicKey: string;
}

/** How a chain's transactions are read here, and told to people. */
export interface Telling<T> extends Reading<T> {
  readonly describe: (seen: T) => Described;
  /** What it takes from a wallet, all that goes to others and every fee. */
  readonly left: (seen: T, wallet: Wallet) => readonly Gone[];
  /** Canaries whose keys signed something of it; none where the chain has none. */
  readonly touchedBy: (seen: T) => readonly Canary[];
  readonly canary: (key: string) => Canary | undefined;
}

interface Parts {
  readonly ours: Ours;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly key: SigningKey;
  readonly now: () => number;
  /** Whether the other watchtowers have countersigned a record of it; null where there is nobody to ask. */
  readonly askOthers: ((part: SignedPart) => Promise<boolean>) | null;
  /** A spend of a wallet of ours in a block of a node. */
  readonly left: (left: Left) => void;
  /** Signed bytes of the wallet's chain, told to people. */
  readonly describeBytes: (wallet: Wallet, bytes: string) => Described;
  /** Somebody must be told now. */
  readonly raised: () => void;
}

/** The same eyes for every chain: what is seen there is looked at by its own reading. */
export interface Look<T> {
  readonly look: (sight: Sight<T>) => void;
  /** A transaction of a key of ours that cannot be read. */
  readonly unread: (found: Unread, node: string) => void;
}

export interface Alarm {
  readonly through: <T>(telling: Telling<T>) => Look<T>;
  /** Bytes that somebody shows, signed by a key of the wallet, and no record covers: seen is seen. */
  readonly shown: (wallet: Wallet, part: SignedPart, by: string) => void;
  /** A sign by which people want to freeze, though each payment is covered. Once for each `once`. */
  readonly sign: (why: string, found: object, once: string) => void;
  /** Our word for it. */
  readonly testify: (wallet: string, bytes: string) => Evidence['statements'][number];
  /** Settles once the others have answered about all that was seen. */
  readonly settled: () => Promise<unknown>;
}

export function openAlarm(parts: Parts): Alarm {
  const { ours, archive, freezer, incident, key, now } = parts;
  const { network } = ours.inForce().policy;
  const explained = new WeakSet<object>();
  /** What the others are asked about now, and what they knew nothing of. */
  const asking = new Map<string, Promise<void>>();
  const unknown = new Set<string>();

  function lookAt<T>(reading: Telling<T>, { transaction: seen, node, height }: Sight<T>): void {
    const hash = reading.hash(seen);
    for (const canary of reading.touchedBy(seen)) touched(canary, { transaction: hash, node, height });
    const wallet = ours.at(reading.account(seen));
    // Of an account of nobody's: a key that acts no more would else stop the house for ever, with a transfer of its own.
    if (!wallet && !ours.acts(reading.signer(seen))) return;
    if (wallet && height !== null)
      for (const gone of reading.left(seen, wallet))
        parts.left({ ...gone, chain: wallet.chain, node, wallet: wallet.id, height });
    const identity = reading.identity(seen);
    if (explained.has(identity)) return;
    const bare = uncovered(archive, ours, reading.parts(seen));
    // What is covered stays covered, and the same bytes are shown again at every look.
    if (bare.length === 0) {
      explained.add(identity);
      return;
    }
    const place = height === null ? 'unconfirmed' : `in block ${height}`;
    const what = `${reading.named(seen)} ${place}: no record covers it`;
    const told = {
      transaction: hash,
      transactions: reading.ids(seen),
      node,
      height,
      wallet: wallet?.id,
      does: reading.describe(seen),
      // Others are asked first: until they have answered, this is no alarm yet.
      seenAt: Date.now(),
    };
    const tell = (part: SignedPart) => {
      const found = { ...told, signer: part.signer, evidence: shownBy(part) };
      const from = wallet && whose(wallet, part);
      raise(what, found, from ? { wallet: from, part } : null, `${part.signer} ${part.bytes}`);
      if (height !== null) confirmed(told);
    };
    if (parts.askOthers === null) for (const part of bare) tell(part);
    else askFirst(hash, bare, tell, parts.askOthers);
  }

  /** One transaction may take from several wallets, where its chain has inputs: each key's part is evidence for its own. */
  function whose(wallet: Wallet, part: SignedPart): Wallet {
    const holding = [wallet, ...ours.wallets].filter(
      (one) => one.chain === wallet.chain && chainKeys(one).includes(part.signer),
    );
    // One key may be of a wallet and of its successor: it signed for whichever its signature is good for.
    const signed = holding.find((one) =>
      codecOf(one.chain).evidenceSigned(whoMayAct(one, null), part, network),
    );
    return signed ?? holding[0] ?? wallet;
  }

  /** Whoever has its key has read what none but us can read; what else he has read nobody knows yet. */
  function touched({ where, publicKey }: Canary, found: object): void {
    raise(
      `canary: the key that lies in ${where} was used`,
      { canary: where, ...found },
      null,
      `canary ${publicKey}`,
    );
  }

  /** One watchtower may have missed what a quorum of the others countersigned: its fright must not stop the house. */
  function askFirst(
    transaction: string,
    bare: readonly SignedPart[],
    tell: (part: SignedPart) => void,
    askOthers: NonNullable<Parts['askOthers']>,
  ): void {
    const idOf = ({ signer, bytes }: SignedPart) => `${signer} ${bytesDigest(bytes)}`;
    for (const part of bare) if (unknown.has(idOf(part))) tell(part);
    const open = bare.filter((part) => !unknown.has(idOf(part)));
    if (open.length === 0 || asking.has(transaction)) return;
    // One after the other: what is learned of a rotation's proposal covers the vault's cosignature, too.
    const askAll = async () => {
      for (const part of open) {
        if (isCovered(archive, ours, part) || (await askOthers(part))) continue;
        unknown.add(idOf(part));
        tell(part);
      }
    };
    asking.set(
      transaction,
      askAll().finally(() => asking.delete(transaction)),
    );
  }

  /** What was only announced has happened: once for each node, and no second alarm. */
  function confirmed(told: {
    readonly transaction: string;
    readonly node: string;
    readonly height: number | null;
  }): void {
    const { transaction, node, height } = told;
    if (freezer.remember(`in a block ${transaction} ${node} ${height}`))
      incident.note('unexplained, and in a block', told);
  }

  function raise(
    why: string,
    found: object,
    evidence: { readonly wallet: Wallet; readonly part: SignedPart } | null,
    once: string,
  ): void {
    // Whoever doubts freezes; but what no signer would believe is no evidence, and must not stand in for what is.
    // By the keys of whichever version: signers of the one in force must believe it, so that one is asked first.
    const versions = evidence
      ? [...ours.inForce().policy.wallets, ...ours.wallets].filter(
          ({ address }) => address === evidence.wallet.address,
        )
      : [];
    const signedBy =
      evidence &&
      versions.find((wallet) =>
        codecOf(wallet.chain).evidenceSigned(whoMayAct(wallet, null), evidence.part, network),
      );
    const believable = evidence && signedBy ? { wallet: signedBy, part: evidence.part } : null;
    // One spend seen twice is one alarm, also after a restart, and after people have looked and lifted it.
    const sight = createHash('sha256')
      .update(`${once} ${believable !== null}`)
      .digest('hex');
    if (freezer.knows(sight)) return;
    const at = now();
    const first = freezer.alarm({
      at,
      why,
      sight,
      evidence: believable && {
        wallet: believable.wallet.id,
        evidence: evidenceOf(believable.wallet, believable.part),
      },
    });
    const proof = evidence === null ? {} : { signatureVerifies: believable !== null };
    const own = freezer.state()?.freezes.find(({ freeze }) => freeze.by === key.publicKey);
    const freeze = own ? freezeDigest(own) : null;
    incident.note(first ? 'alarm: frozen' : 'alarm', { why, ...found, ...proof, freeze });
    parts.raised();
  }

  function evidenceOf(wallet: Wallet, { bytes, signer, signature }: SignedPart): Evidence {
    return { bytes, signer, signature, statements: [testify(wallet.id, bytes)] };
  }

  /** That no record covers these bytes, up to the heads it names. */
  function testify(wallet: string, bytes: string): Evidence['statements'][number] {
    const statement: Uncovered = {
      wallet,
      bytes: bytesDigest(bytes),
      at: now(),
      heads: ours.inForce().policy.signers.map(({ id }) => {
        const { seq, head } = archive.history(id);
        return { signer: id, seq, hash: head };
      }),
    };
    return { statement, watchtower: key.publicKey, signature: signStatement(key, 'uncovered', statement) };
  }

  function unread({ hash, signer, why }: Unread, node: string, canary: Telling<unknown>['canary']): void {
    const used = signer === null ? undefined : canary(signer);
    if (used) touched(used, { transaction: hash, node, height: null });
    // NEM's nodes may write keys in capitals; other chains' keys have both.
    if (signer === null || !(ours.acts(signer) || ours.acts(signer.toLowerCase()))) return;
    const what = `a transaction signed by a key of ours that cannot be read: ${why}`;
    const does: Described = { kind: 'unread', why };
    raise(
      what,
      { hash, transactions: hash === null ? [] : [hash], signer, node, does },
      null,
      `${hash} ${signer}`,
    );
  }

  return {
    through: (telling) => ({
      look: (sight) => lookAt(telling, sight),
      unread: (found, node) => unread(found, node, telling.canary),
    }),
    shown: (wallet, part, by) =>
      raise(
        `signed bytes that ${by} shows: no record covers them`,
        {
          signer: part.signer,
          wallet: wallet.id,
          does: parts.describeBytes(wallet, part.bytes),
          evidence: shownBy(part),
        },
        { wallet, part },
        `${part.signer} ${part.bytes}`,
      ),
    sign: (why, found, once) => raise(why, found, null, once),
    testify,
    settled: () => Promise.allSettled(asking.values()),
  };
}

/** What anybody can check for himself: who signed what. */
function shownBy({ bytes, signature }: SignedPart) {
  return { bytes, signature };
}
