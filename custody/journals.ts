/**
 * Journals: what the signers themselves remember of an intent. Our own database can be yesterday's; before money is
 * given back that was never signed, by what is written there, they are asked.
 */
import { call } from '@kuramori/chains/http';
import { bytesDigest, signerRoutes } from '@kuramori/core';

interface Remembered {
  /** The digest of the plan that a signer recorded for the intent, one a signer that did. */
  readonly plans: readonly string[];
  /** Signers that could not be asked; each may have recorded something. */
  readonly silent: readonly string[];
}

export interface Journals {
  readonly of: (intent: string) => Promise<Remembered>;
}

interface Copy {
  /** The newest entry that was read. */
  seq: number;
  /** Intent → digest of its plan. */
  readonly plans: Map<string, string>;
}

/** Reads each journal once, and from then on what is new. Signer id → its socket. */
export function openJournals(signers: ReadonlyMap<string, string>): Journals {
  const copies = new Map([...signers.keys()].map((id): [string, Copy] => [id, { seq: 0, plans: new Map() }]));
  return {
    async of(intent) {
      const silent: string[] = [];
      const plans: string[] = [];
      for (const [id, copy] of copies) {
        if (!(await catchUp(signers.get(id) ?? '', copy))) silent.push(id);
        const plan = copy.plans.get(intent);
        if (plan !== undefined) plans.push(plan);
      }
      return { plans, silent };
    },
  };
}

/** False where the signer is silent. What was read before is kept: a journal only grows. */
async function catchUp(socket: string, copy: Copy): Promise<boolean> {
  for (;;) {
    const answer = await call(socket, signerRoutes.journal, { from: copy.seq + 1 });
    if (answer.kind !== 'entries') return false;
    if (answer.entries.length === 0) return true;
    for (const { entry } of answer.entries) {
      // Two readers at once may overtake each other; what is known already is skipped.
      copy.seq = Math.max(copy.seq, entry.seq);
      if (entry.body.kind !== 'payment') continue;
      for (const { intent } of entry.body.intents) copy.plans.set(intent.id, bytesDigest(entry.body.plan));
    }
  }
}
