/**
 * What processes say of their own code: that it is of no release, or was changed under them (program/code). One that was taken
 * may say anything: of each process, or kind, one thing is told, as often as signs are.
 */
import { z } from 'zod';
import { Hash, type Code } from '@kuramori/core';
import type { CodeKind } from '@kuramori/program';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

/** Several while one release follows another, and for machines of different kinds. Empty: nothing is pinned. */
const digests = z.array(Hash).max(32).default([]);

export const Release = z
  .strictObject({ cosigner: digests, watchtower: digests, pager: digests, custody: digests } satisfies Record<
    CodeKind,
    z.ZodType
  >)
  .prefault({});
export type Release = z.output<typeof Release>;

export interface Codes {
  /** Null for a process that says nothing of its code, as all do while they start. */
  readonly heard: (kind: CodeKind, process: string, code: Code | null) => void;
  readonly other: (of: Signs['otherCode']) => readonly Sighting[];
  readonly changed: () => readonly Sighting[];
}

interface Said {
  readonly kind: CodeKind;
  readonly process: string;
  readonly code: Code | null;
  readonly at: number;
  /** Since when it says nothing of its code. */
  readonly silentSince: number;
}

/** Others are known by our configuration; custodies by a name of theirs, new at each start. */
const mostCustodies = 8;
/** Whoever was not heard for so long is compared with nobody, and a custody is over. Milliseconds. */
const freshMs = 60_000;

/** By this machine's monotonic clock, which nobody sets. */
export function openCodes(release: Release, now = () => performance.now()): Codes {
  const said = new Map<string, Said>();
  const all = () => [...said.values()];
  const isFresh = ({ at }: Said) => now() - at < freshMs;

  function forgetCustodies(): void {
    const oldestFirst = all()
      .filter(({ kind }) => kind === 'custody')
      .toSorted((one, other) => one.at - other.at);
    for (const [index, one] of oldestFirst.entries())
      if (!isFresh(one) || oldestFirst.length - index > mostCustodies) said.delete(nameOf(one));
  }

  function strays(of: Signs['otherCode']): readonly Sighting[] {
    return all().flatMap((one): readonly Sighting[] => {
      const { kind, process, code } = one;
      const pinned = release[kind];
      if (pinned.length === 0 || (code !== null && pinned.includes(code.digest))) return [];
      if (code !== null)
        return [{ key: keyOf(one), once: code.digest, fields: { process, digest: code.digest, pinned } }];
      // Two of one kind under one name: a custody's statement of the books, and its word for its code.
      const speaks = kind === 'custody' && all().some((other) => other.kind === kind && other.code !== null);
      const seconds = Math.round((now() - one.silentSince) / 1000);
      if (speaks || seconds <= of.seconds) return [];
      return [{ key: keyOf(one), once: '', fields: { process, digest: null, seconds, pinned } }];
    });
  }

  /** Of one kind, which nobody pinned. */
  function apart(kind: CodeKind): readonly Sighting[] {
    const digestsOf = all().flatMap((one) =>
      one.kind === kind && one.code !== null && isFresh(one) ? [[one.process, one.code.digest] as const] : [],
    );
    const differing = [...new Set(digestsOf.map(([, digest]) => digest))].toSorted();
    if (release[kind].length > 0 || differing.length < 2) return [];
    return [
      { key: kind, once: differing.join(' '), fields: { kind, digests: Object.fromEntries(digestsOf) } },
    ];
  }

  return {
    heard(kind, process, code) {
      const before = said.get(nameOf({ kind, process }));
      const at = now();
      const silentSince = before?.code === null ? before.silentSince : at;
      said.set(nameOf({ kind, process }), { kind, process, code, at, silentSince });
      if (kind === 'custody') forgetCustodies();
    },
    other(of) {
      forgetCustodies();
      return onePerKey([...strays(of), ...kinds.flatMap(apart)]);
    },
    changed() {
      forgetCustodies();
      return onePerKey(
        all().flatMap((one) => {
          const newest = one.code?.changed.at(-1);
          if (!one.code || !newest) return [];
          const files = one.code.changed.map(({ file }) => file);
          // Milliseconds as they come: a time that no calendar has must not stop us.
          const fields = { process: one.process, files, noticedMs: newest.at };
          return [{ key: keyOf(one), once: `${one.code.measuredAt} ${newest.at} ${files.length}`, fields }];
        }),
      );
    },
  };
}

const kinds = ['cosigner', 'watchtower', 'pager', 'custody'] as const satisfies readonly CodeKind[];
const nameOf = ({ kind, process }: Pick<Said, 'kind' | 'process'>) => `${kind} ${process}`;
/** However many custodies a taken one says that it is, they are one. */
const keyOf = ({ kind, process }: Said) => (kind === 'custody' ? kind : `${kind} ${process}`);

function onePerKey(found: readonly Sighting[]): readonly Sighting[] {
  return [...new Map(found.map((one) => [one.key, one])).values()];
}
