/**
 * The watchtowers' words for what was let go, kept beside the journal. A watchtower that comes back while others are dead
 * asks for them, and takes no payment of ours for a theft. They prove themselves; whoever loses them risks a false alarm and
 * nothing else, so no disk is waited for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { Countersignature, Hash } from '@kuramori/core';
import { addText, log, reasonOf } from '@kuramori/program';

const Line = z.strictObject({ entry: Hash, countersignatures: z.array(Countersignature).min(1).max(32) });

export interface Words {
  /** Keeps those of one entry; the first that came are enough. */
  readonly keep: (entry: string, countersignatures: readonly Countersignature[]) => void;
  readonly of: (entry: string) => readonly Countersignature[];
}

export function openWords(file: string): Words {
  const kept = new Map<string, readonly Countersignature[]>();
  for (const text of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const line = Line.safeParse(parse(text));
    if (line.success) kept.set(line.data.entry, line.data.countersignatures);
  }
  let unwritten = '';
  function write(): void {
    const text = unwritten;
    unwritten = '';
    try {
      addText(file, text);
    } catch (cause) {
      log('countersignatures not kept', { file, why: reasonOf(cause) });
    }
  }
  return {
    keep(entry, countersignatures) {
      if (kept.has(entry)) return;
      kept.set(entry, [...countersignatures]);
      // Those of records that are let go together share a write.
      if (unwritten === '') queueMicrotask(write);
      unwritten += `${JSON.stringify({ entry, countersignatures })}\n`;
    },
    of: (entry) => kept.get(entry) ?? [],
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
