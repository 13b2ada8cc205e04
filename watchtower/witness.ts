/**
 * Witness: this watchtower's cosignature below each signer's checkpoint (C2SP tlog-witness). It holds whole entries, so it
 * computes the tree by itself and is shown no proof; what it cosigned is on its disk, since the archive is. A
 * countersignature says that one record was checked; a cosignature, that all of them are held, and nothing else was there.
 */
import {
  checkpointText,
  cosign,
  cosignersOf,
  originOf,
  readSignedCheckpoint,
  type Checkpoint,
  type Cosignature,
  type IncidentEvent,
  type PolicyChain,
  type Refusal,
  type SigningKey,
} from '@kuramori/core';
import type { Archive } from './archive.ts';
import type { Incident } from './incident.ts';

export interface Witness {
  /** What to cosign of a signer that shows this as its newest checkpoint; null where nothing is due. */
  readonly due: (signer: string, shown: string | null) => Cosignature | null;
  /** What the signer said to it. */
  readonly answered: (signer: string, cosigned: Cosignature, refusal: Refusal) => void;
}

/** How long after one cosignature the next may follow, in milliseconds: it costs its signer a write of several files. */
const paceMs = 1_000;

interface Cosigned {
  /** Never a smaller one again. */
  size: number;
  /** This machine's monotonic clock. */
  at: number;
  /** What the signer showed last, and what it came to. */
  shown: string | null;
  read: { readonly size: number; readonly mine: boolean } | null;
}

/** `now`: our own clock, in milliseconds of Unix time. */
export function openWitness(
  chain: PolicyChain,
  key: SigningKey,
  archive: Archive,
  incident: Incident,
  now: () => number,
): Witness {
  const [{ policy: first }] = chain;
  const cosigned = new Map<string, Cosigned>();
  /** Signers whose journal is another one than this watchtower once cosigned, or than its signer says: told once. */
  const told = new Set<string>();

  /** Before a restart it may have cosigned all that it held then, and nothing beyond. */
  function stateOf(signer: string): Cosigned {
    const known = cosigned.get(signer);
    if (known) return known;
    const begun = { size: archive.tree(signer).size(), at: -Infinity, shown: null, read: null };
    cosigned.set(signer, begun);
    return begun;
  }

  function tell(signer: string, event: IncidentEvent, detail: object): void {
    const once = `${signer} ${event}`;
    if (told.has(once)) return;
    told.add(once);
    incident.note(event, { signer, ...detail });
  }

  function checkpointOf(signer: string, recordKey: string, size: number): Checkpoint {
    return {
      origin: originOf(first.network, signer, recordKey),
      size,
      root: archive.tree(signer).root(size),
    };
  }

  /** Our own line below it tells what we once held, also where our archive is an old copy by now. */
  function read(signer: string, recordKey: string, shown: string | null, state: Cosigned): Cosigned['read'] {
    const signed = shown === null ? undefined : readSignedCheckpoint(shown);
    if (!signed || signed.checkpoint.origin !== originOf(first.network, signer, recordKey)) return null;
    const { size } = signed.checkpoint;
    const mine = cosignersOf(first.network, [key.publicKey], signed).cosigned.length > 0;
    const held = archive.tree(signer).size();
    if (mine && size > held) {
      state.size = Math.max(state.size, size);
      tell(signer, 'this watchtower has lost entries that it cosigned', { size, held });
    }
    if (mine && size <= held && signed.note.text !== checkpointText(checkpointOf(signer, recordKey, size))) {
      state.size = Number.POSITIVE_INFINITY;
      tell(signer, 'this watchtower cosigned another journal than it holds', { size });
    }
    return { size, mine };
  }

  return {
    due(signer, shown) {
      const recordKey = archive.recordKey(signer);
      if (recordKey === undefined) return null;
      const state = stateOf(signer);
      if (shown !== state.shown) {
        state.read = read(signer, recordKey, shown, state);
        state.shown = shown;
      }
      if (performance.now() < state.at + paceMs) return null;
      const held = archive.tree(signer).size();
      const at = state.read;
      // The size that others have cosigned comes first: only so do several watchtowers meet at one.
      const size = at && !at.mine && at.size >= state.size && at.size <= held ? at.size : held;
      if (size < state.size || (at && (size < at.size || (size === at.size && at.mine)))) return null;
      state.size = size;
      state.at = performance.now();
      return cosign(key, checkpointOf(signer, recordKey, size), Math.floor(now() / 1000));
    },
    answered(signer, { checkpoint }, { why }) {
      if (why === 'fork') tell(signer, 'a signer has two journals', { checkpoint: checkpoint.split('\n') });
    },
  };
}
