/** Shares: a master secret into words on many papers, and back (SLIP-0039, GenerateShares and "Combining the shares"). */
import { decryptSecret, encryptSecret } from './cipher.ts';
import type { Refusal39 } from './flaw.ts';
import type { Layout } from './layout.ts';
import { recoverSecret, splitSecret, type Random } from './secret.ts';
import { readShare, type Share39 } from './share.ts';

/** 20,000 iterations in all: a passphrase of shares is no wall, only a hurdle. */
const usualExponent = 1;

/** Printable ASCII (SLIP-0039, "Passphrase"); none is an empty one. */
export function isPassphrase(passphrase: Uint8Array): boolean {
  return passphrase.every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** Every share of a new set, group by group. The secret stays; the caller wipes the shares' values. */
export function shareSecret(
  secret: Uint8Array,
  { groupThreshold, groups }: Layout,
  random: Random,
  passphrase: Uint8Array = new Uint8Array(),
  exponent = usualExponent,
): readonly Share39[] {
  if (!isPassphrase(passphrase)) throw new RangeError('shareSecret: a passphrase is printable ASCII');
  if (groups.some(({ threshold, count }) => threshold === 1 && count > 1))
    throw new RangeError('shareSecret: a group of several that needs one would be copies');
  const [high = 0, low = 0] = random(2);
  const set = { id: ((high & 0x7f) << 8) | low, extendable: true, exponent };
  const encrypted = encryptSecret(secret, passphrase, set);
  const spent: Uint8Array[] = [encrypted];
  const shares: Share39[] = [];
  try {
    const parts = splitSecret(groupThreshold, groups.length, encrypted, random);
    spent.push(...parts.map(({ y }) => y));
    for (const [at, { x: group, y }] of parts.entries()) {
      const { threshold, count } = groups[at] ?? { threshold: 0, count: 0 };
      for (const { x: member, y: value } of splitSecret(threshold, count, y, random))
        shares.push({ ...set, group, groupThreshold, groups: groups.length, member, threshold, value });
    }
    return shares;
  } catch (cause) {
    spent.push(...shares.map(({ value }) => value));
    throw cause;
  } finally {
    for (const one of spent) one.fill(0);
  }
}

/** Texts of shares in any order, just as many as it takes. Texts and passphrase stay, for the caller to wipe. */
export function recoverShared(
  texts: readonly Uint8Array[],
  passphrase: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> | Refusal39 {
  const shares: Share39[] = [];
  try {
    for (const [at, text] of texts.entries()) {
      const share = readShare(text);
      if ('why' in share) return { why: 'unread', share: at + 1, flaw: share };
      shares.push(share);
    }
    const [first] = shares;
    const refusal = unfit(shares);
    if (refusal !== null || first === undefined)
      return refusal ?? { why: 'too-few-groups', have: 0, need: 1 };
    const encrypted = joinGroups(shares, first.groupThreshold);
    if (!(encrypted instanceof Uint8Array)) return encrypted;
    try {
      return decryptSecret(encrypted, passphrase, first);
    } finally {
      encrypted.fill(0);
    }
  } finally {
    for (const { value } of shares) value.fill(0);
  }
}

/** Step 1 of "Combining the shares". */
function unfit(shares: readonly Share39[]): Refusal39 | null {
  const [first] = shares;
  for (const [at, share] of shares.entries()) {
    const before = shares.slice(0, at);
    if (setOf(share) !== setOf(first ?? share)) return { why: 'another-set', share: at + 1 };
    const mate = before.find(({ group }) => group === share.group);
    if (mate && mate.threshold !== share.threshold) return { why: 'another-threshold', share: at + 1 };
    const same = before.findIndex(({ group, member }) => group === share.group && member === share.member);
    if (same >= 0) return { why: 'twice', share: at + 1, other: same + 1 };
  }
  const groups = Map.groupBy(shares, ({ group }) => group);
  const need = first?.groupThreshold ?? 1;
  if (groups.size > need) return { why: 'too-many-groups', have: groups.size, need };
  for (const [group, members] of groups) {
    const [have, wanted] = [members.length, members[0]?.threshold ?? 0];
    if (have !== wanted)
      return {
        why: have < wanted ? 'too-few-shares' : 'too-many-shares',
        group: group + 1,
        have,
        need: wanted,
      };
  }
  return groups.size < need ? { why: 'too-few-groups', have: groups.size, need } : null;
}

function setOf({ id, extendable, exponent, groupThreshold, groups, value }: Share39): string {
  return [id, extendable, exponent, groupThreshold, groups, value.length].join(' ');
}

/** Steps 2 and 3. */
function joinGroups(shares: readonly Share39[], groupThreshold: number): Uint8Array | Refusal39 {
  const parts: { readonly x: number; readonly y: Uint8Array }[] = [];
  try {
    for (const [group, members] of Map.groupBy(shares, (share) => share.group)) {
      const points = members.map(({ member: x, value: y }) => ({ x, y }));
      const y = recoverSecret(members[0]?.threshold ?? 0, points);
      if (y === null) return { why: 'wrong-share', group: group + 1 };
      parts.push({ x: group, y });
    }
    return recoverSecret(groupThreshold, parts) ?? { why: 'wrong-share', group: null };
  } finally {
    for (const { y } of parts) y.fill(0);
  }
}
