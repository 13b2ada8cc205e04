/** The freeze, as a file: sticky across restarts, written before anybody is told. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Evidence, SignedFreeze, signStatement, type SigningKey } from '@kuramori/core';
import { jsonText, log, Misconfigured, replaceFile, reasonOf } from '@kuramori/program';

const Frozen = z.strictObject({
  freeze: SignedFreeze,
  /** What lets the coins of each wallet go home; absent where nothing signed was seen. */
  evidence: z.record(z.string(), z.array(Evidence)),
});
export type Frozen = z.infer<typeof Frozen>;

export interface Freezer {
  readonly state: () => Frozen | null;
  /** Freezes, or adds evidence to the freeze there is. True where it was not frozen before. Never throws. */
  readonly freeze: (
    at: number,
    why: string,
    evidence: { readonly wallet: string; readonly evidence: Evidence } | null,
  ) => boolean;
  /** Writes what a full disk did not take before. */
  readonly settle: () => void;
}

/** How many pieces of evidence a wallet keeps: a signer can refuse one, and a thief can see to that. */
const mostEvidence = 16;

export function openFreezer(file: string, key: SigningKey): Freezer {
  let frozen = read(file);
  let written = true;

  function settle(): void {
    if (written || frozen === null) return;
    try {
      replaceFile(file, jsonText(frozen));
      written = true;
    } catch (cause) {
      // A disk that is full must not keep the signers from being told: their journals keep the freeze as well.
      log('the freeze is not on the disk, and holds as long as this process', { file, why: reasonOf(cause) });
    }
  }

  return {
    state: () => frozen,
    freeze(at, why, evidence) {
      const first = frozen === null;
      const statement = { by: key.publicKey, at, why: why.slice(0, 500).toWellFormed() };
      frozen ??= {
        freeze: { freeze: statement, signature: signStatement(key, 'freeze', statement) },
        evidence: {},
      };
      const kept = evidence ? (frozen.evidence[evidence.wallet] ?? []) : [];
      if (evidence && kept.length < mostEvidence) {
        const all = { ...frozen.evidence, [evidence.wallet]: [...kept, evidence.evidence] };
        frozen = { ...frozen, evidence: all };
      } else if (!first) return false;
      written = false;
      settle();
      return first;
    },
    settle,
  };
}

function read(file: string): Frozen | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    // A file that may not be read is no proof that nobody froze.
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
  try {
    return Frozen.parse(JSON.parse(text));
  } catch (cause) {
    throw new Misconfigured(
      `${file}: is damaged: somebody froze, and this file says why. Restore it; do not delete it`,
      { cause },
    );
  }
}
