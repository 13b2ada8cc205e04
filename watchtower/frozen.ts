/** The freeze, as a file: sticky across restarts, written before anybody is told. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { Evidence, SignedFreeze, signStatement, type SigningKey } from '@kuramori/core';
import { jsonText, Misconfigured, replaceFile } from '@kuramori/program';

const Frozen = z.strictObject({
  freeze: SignedFreeze,
  /** What lets the coins of each wallet go home; absent where nothing signed was seen. */
  evidence: z.record(z.string(), Evidence),
});
export type Frozen = z.infer<typeof Frozen>;

export interface Freezer {
  readonly state: () => Frozen | null;
  /** Freezes, or adds evidence to the freeze there is. True where it was not frozen before. */
  readonly freeze: (
    at: number,
    why: string,
    evidence: { readonly wallet: string; readonly evidence: Evidence } | null,
  ) => boolean;
}

export function openFreezer(file: string, key: SigningKey): Freezer {
  let frozen = existsSync(file) ? read(file) : null;
  return {
    state: () => frozen,
    freeze(at, why, evidence) {
      const first = frozen === null;
      const statement = { by: key.publicKey, at, why: why.slice(0, 500) };
      frozen ??= {
        freeze: { freeze: statement, signature: signStatement(key, 'freeze', statement) },
        evidence: {},
      };
      if (evidence && !(evidence.wallet in frozen.evidence)) {
        frozen = { ...frozen, evidence: { ...frozen.evidence, [evidence.wallet]: evidence.evidence } };
      } else if (!first) return false;
      replaceFile(file, jsonText(frozen));
      return first;
    },
  };
}

function read(file: string): Frozen {
  try {
    return Frozen.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Misconfigured(
      `${file}: is damaged: somebody froze, and this file says why. Restore it; do not delete it`,
      { cause },
    );
  }
}
