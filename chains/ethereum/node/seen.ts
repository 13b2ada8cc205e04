/**
 * Seen: what a transaction does with our wallets: which executions of our Safes are in it, by whose signatures, what moves in
 * and out, what changes, and which of our keys acted as an account, which they never do.
 */
import { createHash } from 'node:crypto';
import { ETH, type Asset } from '@kuramori/core';
import { bareOf, checksummed, meaningOf, type Address } from '../codec/index.ts';
import type { SignedPart } from '../../watched.ts';
import type { Mined } from './block.ts';
import { failureOf, movesIn, type CoinMove } from './coins.ts';
import { accountOf, delegationsOf, rawOf, signedOf, type AccountSigned } from './envelope.ts';
import { readTransfer, type Change } from './events.ts';
import { announcedIn, attempted, eventsOf, partsOf, type SeenExecution } from './executed.ts';
import type { Ours, OurPlace } from './ours.ts';
import type { Frame, Transaction } from './reply.ts';
import { unexplainedIn } from './unexplained.ts';

export interface Move extends OurPlace {
  readonly way: 'in' | 'out';
  readonly asset: Asset;
  readonly units: bigint;
  /** The other side. */
  readonly other: Address;
}

export interface SeenChange extends Change {
  /** The wallet's id. */
  readonly wallet: string;
}

export interface SeenTransaction {
  /** Hex. */
  readonly hash: string;
  /** Who pays its gas, recovered from the signature; null where that is nobody's. */
  readonly from: Address | null;
  /** The account's own number of it. */
  readonly nonce: bigint;
  readonly waits: boolean;
  /** Whether it succeeded; false while it waits. */
  readonly ok: boolean;
  /** Why it failed, in the contract's words: `GS026`. Null where it did not, or nobody says. */
  readonly failure: string | null;
  readonly executions: readonly SeenExecution[];
  /** Units that strangers claim to move are none (zero), and are not here. */
  readonly moves: readonly Move[];
  readonly changes: readonly SeenChange[];
  /** What no execution explains, in sentences. */
  readonly unexplained: readonly string[];
  readonly parts: readonly SignedPart[];
  /** The ids of the wallets that it acts on or pays to. */
  readonly wallets: readonly string[];
  readonly identity: object;
}

/** What is known beside a transaction. */
export interface Beside {
  /** Where it is in a block, and the node has traces. */
  readonly frame?: Frame | undefined;
  /** The numbers that an execution by a Safe may have where no event tells: the likeliest first. */
  readonly nonces: (wallet: string) => readonly bigint[];
}

/** What a transaction does with our wallets; undefined where nothing. One that waits has become of nothing yet. */
export function see(
  transaction: Transaction,
  mined: Pick<Mined, 'ok' | 'logs'> | null,
  ours: Ours,
  { frame, nonces }: Beside,
): SeenTransaction | undefined {
  const ok = mined?.ok ?? false;
  const told = eventsOf(mined?.logs ?? [], ours);
  const called = ok ? undefined : ours.placeOf(transaction.to ?? '');
  const executions =
    called?.salt === null
      ? attempted(
          transaction.input,
          ours.wallet(called.wallet),
          ours,
          mined ? 'reverted' : 'waits',
          nonces(called.wallet),
        )
      : announcedIn(told, ours);
  const moves = mined?.ok ? movesOf(transaction, mined, ours, frame, executions) : [];
  const changes = told.flatMap(({ wallet, event }) =>
    event.kind === 'change' ? [{ wallet: wallet.id, ...event.change }] : [],
  );
  const acting = accountsOf(transaction, ours);
  if (executions.length + moves.length + changes.length + acting.length === 0) return undefined;
  const unexplained = unexplainedIn(executions, moves, changes, told, ours);
  const raw = Buffer.from(rawOf(transaction)).toString('hex');
  const parts = [
    ...executions.flatMap((one) => partsOf(one, ours, raw)),
    ...acting.map(({ account, signed }) => accountPart(account, signed)),
    ...(unexplained.length > 0 ? [{ bytes: raw, signer: '', signature: '' }] : []),
  ];
  const signed = signedOf(transaction);
  const wallets = [
    ...[...executions, ...moves, ...changes].map(({ wallet }) => wallet),
    ...acting.flatMap(({ account }) => ours.keyOf(bareOf(account)).map(({ id }) => id)),
  ];
  return {
    hash: transaction.hash,
    from: (signed && accountOf(signed)) ?? null,
    nonce: transaction.nonce,
    waits: mined === null,
    ok,
    failure: mined?.ok === false ? failureOf(frame) : null,
    executions,
    moves,
    changes,
    unexplained,
    parts,
    wallets: [...new Set(wallets)],
    identity: identityOf(transaction.hash, parts),
  };
}

/** Coins by the trace, or by what transaction and executions themselves pay; listed tokens by their events. */
function movesOf(
  transaction: Transaction,
  { logs }: Pick<Mined, 'logs'>,
  ours: Ours,
  frame: Frame | undefined,
  executions: readonly SeenExecution[],
): readonly Move[] {
  const coins = (
    frame ? movesIn(frame) : [...paidBy(transaction), ...executions.flatMap(executedPayment)]
  ).map((move) => ({ ...move, asset: ETH }));
  const tokens = logs.flatMap((log) => {
    const token = ours.tokenOf(log.address);
    const transfer = token && readTransfer(log);
    return transfer ? [{ ...transfer, asset: token.asset }] : [];
  });
  return [...coins, ...tokens]
    .filter(({ units }) => units > 0n)
    .flatMap(({ from: payer, to: payee, units, asset }) => {
      if (payer === payee) return [];
      const [out, into] = [ours.placeOf(payer), ours.placeOf(payee)];
      return [
        ...(out ? [{ ...out, way: 'out' as const, asset, units, other: checksummed(payee) }] : []),
        ...(into ? [{ ...into, way: 'in' as const, asset, units, other: checksummed(payer) }] : []),
      ];
    });
}

function paidBy({ from, to, value }: Transaction): readonly CoinMove[] {
  return to === null ? [] : [{ from, to, units: value }];
}

function executedPayment({ bound, outcome }: SeenExecution): readonly CoinMove[] {
  const meaning = meaningOf(bound);
  if (outcome !== 'done' || meaning.kind !== 'coins') return [];
  return [{ from: bareOf(bound.safe), to: bareOf(meaning.to), units: meaning.units }];
}

interface Acting {
  readonly account: Address;
  readonly signed: AccountSigned;
}

/**
 * Keys of ours that signed as accounts. Who a node says has sent it is looked at first: of a whole block's transactions most are
 * strangers', and to recover each one's key takes longer than all the rest. What goes to a Safe of ours is recovered always: an
 * owner who approves a hash there, or executes, signs no share.
 */
function accountsOf(transaction: Transaction, ours: Ours): readonly Acting[] {
  const toSafe = ours.placeOf(transaction.to ?? '')?.salt === null;
  const said = ours.keyOf(transaction.from).length > 0;
  const sender = said || toSafe ? signedOf(transaction) : undefined;
  return [...(sender ? [sender] : []), ...delegationsOf(transaction)].flatMap((signed) => {
    const account = accountOf(signed);
    return account && ours.keyOf(bareOf(account)).length > 0 ? [{ account, signed }] : [];
  });
}

/** As the codec has evidence: r ‖ s ‖ v, with v 27 or 28 whatever the transaction has. */
function accountPart(account: Address, { bytes, signature }: AccountSigned): SignedPart {
  return { bytes, signer: account, signature: signature.rs + (27 + signature.recovery).toString(16) };
}

/** What was seen lately. The same transaction with other parts is another one. */
const identities = new Map<string, object>();
const mostIdentities = 4_096;

function identityOf(hash: string, parts: readonly SignedPart[]): object {
  const key = createHash('sha256')
    .update(JSON.stringify([hash, parts]))
    .digest('hex');
  const before = identities.get(key);
  if (before) return before;
  const [oldest] = identities.keys();
  if (identities.size >= mostIdentities && oldest !== undefined) identities.delete(oldest);
  const identity = {};
  identities.set(key, identity);
  return identity;
}
