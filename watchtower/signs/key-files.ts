/**
 * What a co-signer says of its own key files: that somebody else has read one, or that nobody can tell (signers/read-elsewhere.ts).
 * It may have been taken, and say anything: of each signer one thing is told, as often as signs are.
 */
import type { SignerStatus } from '@kuramori/core';
import type { Sighting } from './sighting.ts';

export interface KeyFiles {
  /** What a signer says of itself. */
  readonly heard: (signer: string, status: Pick<SignerStatus, 'session' | 'reads' | 'unwatched'>) => void;
  readonly read: () => readonly Sighting[];
  readonly unwatched: () => readonly Sighting[];
}

export function openKeyFiles(): KeyFiles {
  const said = new Map<string, Pick<SignerStatus, 'session' | 'reads' | 'unwatched'>>();
  return {
    heard: (signer, { session, reads, unwatched }) => void said.set(signer, { session, reads, unwatched }),
    read: () =>
      [...said].flatMap(([signer, { session, reads }]) => {
        const newest = reads.at(-1);
        if (!newest) return [];
        const files = [...new Set(reads.map(({ file }) => file))];
        // Milliseconds as they come: a time that no calendar has must not stop us.
        const fields = { signer, files, noticedMs: newest.at };
        return [{ key: signer, once: `${session} ${newest.at} ${reads.length}`, fields }];
      }),
    unwatched: () =>
      [...said].flatMap(([signer, { unwatched }]) =>
        unwatched.length === 0 ? [] : [{ key: signer, once: '', fields: { signer, files: unwatched } }],
      ),
  };
}
