/** Getting an evacuation signed: which signers can, and each one's nonce, record, countersignature and release. */
import { entryHash, signerRoutes, type EvacuationAsk, type Wallet } from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { countersign, type Countersigner } from './countersign.ts';
import type { Peers } from './peers.ts';

export interface Obtainer extends Countersigner {
  readonly signers: ReadonlyMap<string, Where>;
  readonly peers: Peers;
  /** Signers that are known to have frozen what would be sent home: the others would refuse. */
  readonly told: ReadonlySet<string>;
  /** How often a signer failed us: it is asked after the others. */
  readonly reluctant: Map<string, number>;
}

export interface Ready {
  readonly signer: string;
  readonly publicKey: string;
  readonly nonce: string;
}

const bounds = { timeoutMs: 2_000, maxBytes: 32 * 1024 * 1024 };

/**
 * As many signers of a wallet as it takes, each with a nonce. Asked before anything is recorded, so that no journal
 * fills with evacuations that another signer's silence stops.
 */
export async function readySigners(tower: Obtainer, wallet: Wallet): Promise<readonly Ready[]> {
  const failures = (signer: string) => tower.reluctant.get(signer) ?? 0;
  const online = wallet.cosigners
    .flatMap(({ signer, publicKey }) =>
      signer !== null && tower.told.has(signer) ? [{ signer, publicKey }] : [],
    )
    .sort((a, b) => failures(a.signer) - failures(b.signer));
  const asked = await Promise.all(
    online.map(async (cosigner) => {
      const answer = await call(tower.signers.get(cosigner.signer), signerRoutes.nonce, {}, bounds);
      return answer.kind === 'nonce' ? [{ ...cosigner, nonce: answer.nonce }] : [];
    }),
  );
  return asked.flat().slice(0, wallet.threshold);
}

type Obtained =
  | { readonly kind: 'signed'; readonly signature: string }
  | { readonly kind: 'failed'; readonly detail: string };

/** One signer's signature: its record, our countersignature and the others', its release. */
export async function obtain(
  tower: Obtainer,
  signer: string,
  ask: Omit<EvacuationAsk, 'kind'>,
  /** What proves its inputs, where its chain has inputs. */
  previous: readonly string[],
): Promise<Obtained> {
  const where = tower.signers.get(signer);
  const failed = (answer: {
    readonly kind: string;
    readonly why?: string;
    readonly detail?: string;
  }): Obtained => ({
    kind: 'failed',
    detail: `${signer} ${answer.kind}: ${answer.why ?? ''} ${answer.detail ?? ''}`,
  });
  const shown = previous.length > 0 ? { previous: [...previous] } : {};
  const proposed = await call(where, signerRoutes.propose, { kind: 'evacuation', ...ask, ...shown }, bounds);
  if (proposed.kind !== 'recorded') return failed(proposed);
  const countersigned = await countersign(tower, proposed.record);
  if (countersigned.kind !== 'countersigned') return failed(countersigned);
  const others = await tower.peers.countersignatures(proposed.record);
  const released = await call(
    where,
    signerRoutes.release,
    {
      entry: entryHash(proposed.record.entry),
      countersignatures: [countersigned.countersignature, ...others],
    },
    bounds,
  );
  return released.kind === 'signed' ? { kind: 'signed', signature: released.signature } : failed(released);
}
