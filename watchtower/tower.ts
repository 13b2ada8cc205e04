/** A watchtower's life: it looks, and on the first spend that no record covers it freezes, tells, and sends home. */
import {
  beforeFirst,
  signerRoutes,
  signStatement,
  XEM,
  type Evidence,
  type Fate,
  type Policy,
  type Refusal,
  type SignedEntry,
  type SignedFact,
  type SigningKey,
  type Wallet,
  type WatchtowerStatus,
} from '@kuramori/core';
import type { Clock } from '@kuramori/chains/clock';
import { call } from '@kuramori/chains/http';
import { actsOnAccount, type NemNetwork } from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import { log } from '@kuramori/program';
import type { Archive } from './archive.ts';
import { countersign, type Countersigned } from './countersign.ts';
import { uncovered, type SignedPart } from './cover.ts';
import { evacuate, stateUncovered, type Evacuator } from './evacuate.ts';
import { follow, type Sight } from './follow.ts';
import type { Freezer } from './frozen.ts';
import type { Incident } from './incident.ts';
import { fate, leastBalance, view, type Patience, type View } from './testify.ts';

export interface TowerParts {
  readonly policy: Policy;
  readonly digest: string;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly nodes: readonly NemNode[];
  /** Signer id → its socket. */
  readonly sockets: ReadonlyMap<string, string>;
  readonly archive: Archive;
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly patience: Patience;
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
  }) => Promise<{ kind: 'fact'; fact: SignedFact } | Refusal>;
  readonly countersign: (record: SignedEntry) => Promise<Countersigned>;
  readonly fate: (asked: { wallet: string; transaction: string; validUntil: number }) => Fate | Refusal;
}

/** How often what is not urgent is looked after: telling signers, trying an evacuation again. */
const tendMs = 250;

export function startTower(parts: TowerParts): Tower {
  const { policy, key, clock, nodes, archive, freezer, incident, sockets } = parts;
  const network: NemNetwork = policy.network === 'mainnet' ? 'mainnet' : 'testnet';
  const walletOf = new Map(policy.wallets.map((wallet) => [wallet.address, wallet]));
  const ourKeys = new Set(
    policy.wallets.flatMap((wallet) => [
      wallet.publicKey,
      ...wallet.cosigners.map(({ publicKey }) => publicKey),
    ]),
  );
  const told = new Set<string>();
  /** Signatures (bytes and signer) that were alarmed about, so that one spend seen twice is one alarm. */
  const alarmed = new Set<string>();
  let stopped = false;
  let rounds = 0;
  let roundBegan = 0;
  let evacuating = false;

  const followers = nodes.map((node) =>
    follow(node, parts.watchFrom, {
      addresses: [...walletOf.keys()],
      concerns: ({ transaction }) =>
        walletOf.has(actsOnAccount(transaction, network)) || ourKeys.has(transaction.signer),
      onSight: look,
      onUnread: ({ hash, signer, why }, url) => {
        if (signer === null || !ourKeys.has(signer)) return;
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

  function look({ transaction: seen, node, height }: Sight): void {
    const { transaction } = seen;
    const wallet = walletOf.get(actsOnAccount(transaction, network));
    if (!wallet && !ourKeys.has(transaction.signer)) return;
    for (const part of uncovered(archive, seen)) {
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
    if (alarmed.has(once)) return;
    alarmed.add(once);
    const at = clock.now();
    const first = freezer.freeze(
      at,
      why,
      evidence && { wallet: evidence.wallet.id, evidence: evidenceOf(evidence.wallet, evidence.part, at) },
    );
    incident.note(first ? 'alarm: frozen' : 'alarm', { why, ...found });
    // In this order: signers let coins go home only once they are frozen.
    void tellSigners().then(sendHome);
  }

  function evidenceOf(wallet: Wallet, { bytes, signer, signature }: SignedPart, at: number): Evidence {
    return {
      bytes,
      signer,
      signature,
      statements: [stateUncovered(policy, archive, key, wallet.id, bytes, at)],
    };
  }

  /** Passes the freeze on to every signer, and shows each the newest journal that we hold of it. */
  async function tellSigners(): Promise<void> {
    await Promise.all([...sockets].map(([id, socket]) => tell(id, socket)));
  }

  async function tell(id: string, socket: string): Promise<void> {
    const frozen = freezer.state();
    if (frozen && !told.has(id)) {
      const answer = await call(socket, signerRoutes.freeze, frozen.freeze);
      if (answer.kind === 'done') {
        told.add(id);
        incident.note('signer frozen', { signer: id });
      }
    }
    const status = await call(socket, signerRoutes.status, {});
    if (status.kind !== 'status') return;
    if (frozen && status.frozen === null) told.delete(id);
    if (status.open) return;
    const { seq, head } = archive.history(id);
    const statement = { signer: id, session: status.session, seq, hash: seq === 0 ? beforeFirst : head };
    const signed = {
      head: statement,
      watchtower: key.publicKey,
      signature: signStatement(key, 'journal-head', statement),
    };
    const entries = archive.entries(id, status.seq + 1, 1000);
    const adopted = await call(socket, signerRoutes.adopt, { head: signed, entries: [...entries] });
    if (adopted.kind === 'refused')
      log('journal refused by its signer', { signer: id, why: adopted.why, detail: adopted.detail });
  }

  const evacuator: Evacuator = {
    policy,
    digest: parts.digest,
    network,
    key,
    archive,
    incident,
    sockets,
    nodes,
    followed: states,
    now: clock.now,
    frozen: () => freezer.state() !== null,
    witness,
    testify,
    fetchEntries: async (signer, from) => {
      const answer = await call(sockets.get(signer) ?? '', signerRoutes.journal, { from });
      return answer.kind === 'entries' ? answer.entries : [];
    },
  };

  /** One evacuation at a time, again and again, until nothing is left in any wallet there is evidence for. */
  async function sendHome(): Promise<void> {
    const frozen = freezer.state();
    if (!frozen || evacuating || !parts.evacuates || stopped) return;
    evacuating = true;
    try {
      for (const wallet of policy.wallets) {
        const evidence = frozen.evidence[wallet.id];
        if (!evidence || wallet.role !== 'hot') continue;
        const outcome = await evacuate(evacuator, wallet, evidence);
        if (outcome.kind === 'sent') incident.note('evacuation sent', { wallet: wallet.id });
        else if (outcome.kind === 'failed')
          log('evacuation failed, will be tried again', { wallet: wallet.id, why: outcome.why });
      }
    } finally {
      evacuating = false;
    }
  }

  async function witness(wallet: string): Promise<{ at: number; balance: bigint } | string> {
    const seen = see();
    if (seen.kind === 'blind') return seen.why;
    const found = policy.wallets.find(({ id }) => id === wallet);
    if (!found) return `no wallet is called ${wallet}`;
    const balance = await leastBalance(nodes, found.address);
    return typeof balance === 'string' ? balance : { at: clock.now(), balance };
  }

  async function testify(wallet: string, nonces: readonly string[]): Promise<SignedFact | string> {
    const seen = see();
    if (seen.kind === 'blind') return seen.why;
    const witnessed = await witness(wallet);
    if (typeof witnessed === 'string') return witnessed;
    const fact = {
      network: policy.network,
      at: witnessed.at,
      tip: seen.tip,
      wallet,
      balance: { asset: XEM, units: witnessed.balance },
      nonces: [...nonces],
    };
    return { fact, watchtower: key.publicKey, signature: signStatement(key, 'chain-fact', fact) };
  }

  async function watch(): Promise<void> {
    while (!stopped) {
      const began = Date.now();
      await Promise.all(followers.map((follower) => follower.round()));
      rounds += 1;
      roundBegan = began;
      await pause(Math.max(0, parts.pollMs - (Date.now() - began)));
    }
  }

  async function tend(): Promise<void> {
    while (!stopped) {
      await tellSigners();
      await sendHome();
      await pause(tendMs);
    }
  }

  const lives = Promise.all([watch(), tend()]);

  return {
    status() {
      const seen = see();
      return {
        kind: 'status',
        watchtower: key.publicKey,
        policy: parts.digest,
        frozen: freezer.state()?.freeze ?? null,
        blind: seen.kind === 'blind' ? seen.why : null,
        nodes: states().map(({ url, height, error }) => ({ url, height, error })),
        signers: policy.signers.map(({ id }) => ({
          signer: id,
          seq: archive.history(id).seq,
          head: archive.history(id).head,
        })),
        rounds,
        roundBegan,
        evacuating,
      };
    },
    async fact({ wallet, nonces }) {
      if (freezer.state())
        return {
          kind: 'refused',
          why: 'frozen',
          detail: 'this watchtower has frozen: it states nothing that pays',
        };
      const fact = await testify(wallet, nonces);
      return typeof fact === 'string'
        ? { kind: 'refused', why: 'blind', detail: fact }
        : { kind: 'fact', fact };
    },
    countersign: (record) => countersign(evacuator, record),
    fate({ transaction, validUntil }) {
      const seen = see();
      if (seen.kind === 'blind') return { kind: 'refused', why: 'blind', detail: seen.why };
      return fate(states(), transaction, validUntil, parts.patience);
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      await lives;
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
