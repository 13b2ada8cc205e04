/**
 * Where people's keys were used, by the journals that the archive holds: approvals, objections, rotations; and new versions of
 * the policy. Freezes and thaws page at any hour, and so does every spend of a cold wallet: no record covers one.
 */
import {
  bytesDigest,
  canonicalText,
  everySigner,
  keepersOf,
  verifyObjection,
  verifyApproval,
  verifyStatement,
  type Entry,
  type PolicyChain,
} from '@kuramori/core';
import type { Archive } from '../archive.ts';

export interface KeyUse {
  /** The key; where a quorum used theirs, what they signed. */
  readonly key: string;
  readonly of: 'approver' | 'keeper' | 'keepers';
  /** What it signed. */
  readonly did: string;
  /**
   * Milliseconds of Unix time, of no date that the person wrote: an entry's is the watchtowers' median, which its signer can
   * date back by its newest entry's age and no more; a version's is our own clock's when we took it up. So what a watchtower
   * learns late, because it was down, has the hour at which it happened.
   */
  readonly at: number;
  /** Signatures are verified only where somebody would be told. */
  readonly verified: () => boolean;
}

export interface KeyUses {
  /** Those that have come to the archive since the last call, the oldest first. */
  readonly fresh: () => readonly KeyUse[];
}

/** How far apart honest signers record one plan, at most, in milliseconds: of what they date further apart the latest counts. */
const recordedTogether = 60_000;
/** How long an intent may be planned anew, and some: afterwards its approvals are forgotten. Milliseconds. */
const intentsLive = 4 * 86_400_000;

export function openKeyUses(
  chain: PolicyChain,
  archive: Pick<Archive, 'entries' | 'history' | 'versions'>,
): KeyUses {
  const policies = chain.map(({ policy }) => policy);
  const approvers = new Set(
    policies.flatMap(({ rules, groups }) => [
      ...rules.flatMap(({ approvals }) => approvals?.people ?? []),
      ...groups.flatMap(({ people }) => people),
    ]),
  );
  const keepers = new Set(policies.flatMap((policy) => keepersOf(policy).keys));
  /** Signer → how many of its entries were read. */
  const read = new Map<string, number>();
  let versions = 0;
  /** Approval → the plan that first carried the approval, and when. Not by person: a forgery must not stand in for the real one. */
  const approved = new Map<string, { readonly plan: string; readonly at: number }>();
  const said = new Set<string>();

  function unread(): readonly Entry[] {
    return everySigner(chain).flatMap((signer) => {
      const before = read.get(signer) ?? 0;
      const { seq } = archive.history(signer);
      read.set(signer, seq);
      return archive.entries(signer, before + 1, seq - before).map(({ entry }) => entry);
    });
  }

  function usesIn({ at, body }: Entry): readonly KeyUse[] {
    if (body.kind === 'payment')
      return body.intents.flatMap(({ intent, approvals }) =>
        approvals.flatMap((approval) => {
          const { person } = approval;
          if (!approvers.has(person)) return [];
          const given = canonicalText(approval);
          const first = approved.get(given);
          const plan = bytesDigest(body.plan);
          // Planned anew it is the same approval. One plan has one time; a taken signer dates it back, all of them cannot.
          if (first && (first.plan !== plan || at <= first.at + recordedTogether)) return [];
          approved.set(given, { plan, at });
          const verified = () => policies.some((policy) => verifyApproval(policy, intent, approval));
          return [
            { key: person, of: 'approver', did: `approved intent ${intent.id}`, at, verified } as const,
          ];
        }),
      );
    if (body.kind === 'objection') {
      const { keeper, policy } = body.objection.objection;
      const verified = () => verifyObjection(policies, body.objection);
      return once({ key: keeper, of: 'keeper', did: `objected to version ${policy}`, at, verified });
    }
    if (body.kind === 'rotation') {
      const { rotation, signatures } = body.rotation;
      return signatures.flatMap(({ keeper, signature }) => {
        if (!keepers.has(keeper)) return [];
        const did = `rotated ${rotation.remove} out of ${rotation.wallet} for ${rotation.add}`;
        const verified = () => verifyStatement(keeper, 'rotation', rotation, signature);
        return once({ key: keeper, of: 'keeper', did, at, verified });
      });
    }
    return [];
  }

  /** Each signer writes it down when it hears of it; the first to hear was told by the person. */
  function once(use: KeyUse): readonly KeyUse[] {
    const name = `${use.key} ${use.did}`;
    if (said.has(name) || !use.verified()) return [];
    said.add(name);
    return [use];
  }

  function newVersions(): readonly KeyUse[] {
    const all = archive.versions();
    const came = all.slice(versions).filter(({ at }) => at > 0);
    versions = all.length;
    return came.map(({ digest, at }) => {
      const version = chain.find((one) => one.digest === digest)?.policy.version;
      const key = `version ${version} of the policy`;
      return { key, of: 'keepers', did: `signed ${key}, ${digest}`, at, verified: () => true };
    });
  }

  return {
    fresh() {
      const entries = unread().toSorted((a, b) => a.at - b.at);
      const newest = entries.at(-1)?.at;
      const uses = [...entries.flatMap(usesIn), ...newVersions()].toSorted((a, b) => a.at - b.at);
      if (newest !== undefined)
        for (const [signature, { at }] of approved) if (at < newest - intentsLive) approved.delete(signature);
      return uses;
    },
  };
}
