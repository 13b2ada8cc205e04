/** What this watchtower holds, told to the others: how far each journal goes, its entries, and what a record covers. */
import {
  entryHash,
  everySigner,
  signStatement,
  type Countersignature,
  type Entry,
  type PolicyChain,
  type Refusal,
  type SignedEntry,
  type SignedHeads,
  type SigningKey,
} from '@kuramori/core';
import type { Archive } from './archive.ts';

export interface Held {
  readonly heads: (asked: { nonce: string }) => { kind: 'heads'; heads: SignedHeads };
  readonly entries: (asked: { signer: string; from: number }) => { kind: 'entries'; entries: SignedEntry[] };
  readonly covering: (asked: {
    key: string;
    bytes: string;
  }) => { kind: 'covering'; record: SignedEntry | { ordered: Entry }; word: Countersignature } | Refusal;
}

export function openHeld(chain: PolicyChain, key: SigningKey, archive: Archive): Held {
  return {
    heads({ nonce }) {
      const heads = everySigner(chain).map((signer) => {
        const { seq, head } = archive.history(signer);
        return { signer, seq, hash: head };
      });
      const signature = signStatement(key, 'archive-heads', { nonce, heads });
      return { kind: 'heads', heads: { heads: { nonce, heads }, watchtower: key.publicKey, signature } };
    },
    entries: ({ signer, from }) => ({ kind: 'entries', entries: [...archive.entries(signer, from, 500)] }),
    covering({ key: chainKey, bytes }) {
      const record = archive.recordOf(chainKey, bytes);
      const ordered = archive.ordersOf(chainKey, bytes).at(-1);
      const entry = record?.entry ?? ordered;
      if (!entry)
        return {
          kind: 'refused',
          why: 'not-covered',
          detail: 'this watchtower countersigned no such record',
        };
      // No countersignature: a watchtower that has frozen since, or knows of a later plan, gives none for it any more.
      const signature = signStatement(key, 'covering', { entry: entryHash(entry) });
      const word = { watchtower: key.publicKey, signature };
      return { kind: 'covering', record: record ?? { ordered: entry }, word };
    },
  };
}
