/** Source: a policy as people write it, or signed as signers read it, with everything that is wrong with it. */
import { Policy, policyDigest, soundness } from '@kuramori/core';
import { wrongAddresses } from '@kuramori/chains/codecs';
import type { z } from 'zod';
import { readDocument, type Document, type Flaw, type Path } from './document.ts';

export type ReadSource =
  | {
      readonly kind: 'policy';
      readonly policy: Policy;
      readonly digest: string;
      /** What signers take, and is hardly meant so. */
      readonly doubts: readonly Flaw[];
    }
  | { readonly kind: 'refused'; readonly flaws: readonly Flaw[] };

export function readSource(text: string): ReadSource {
  const read = readDocument(text);
  if (read.kind === 'refused') return read;
  const { document } = read;
  const { value, where } = newestOf(document.value);
  const at = (path: Path, why: string) => document.flawAt([...where, ...path], why);
  const parsed = Policy.safeParse(value);
  if (!parsed.success)
    return {
      kind: 'refused',
      flaws: parsed.error.issues.map((issue) => at(pathOf(issue), messageOf(issue))),
    };
  const policy = parsed.data;
  const flaws = [...wrongAddresses(policy)].map(({ path, why }) => at(path, why));
  const unsound = soundness(policy);
  if (unsound) flaws.push(at(unsound.field === 'policy' ? [] : partsOf(unsound.field), unsound.why));
  if (flaws.length > 0) return { kind: 'refused', flaws };
  return { kind: 'policy', policy, digest: policyDigest(policy), doubts: doubtsOf(policy, at) };
}

/** Of a source itself; of a signed version; of the newest of several. Their signatures are for readers to verify. */
function newestOf(value: unknown): { readonly value: unknown; readonly where: Path } {
  if (typeof value !== 'object' || value === null) return { value, where: [] };
  if ('bundles' in value && Array.isArray(value.bundles)) {
    const last = value.bundles.length - 1;
    const inner = newestOf(value.bundles[last]);
    return { value: inner.value, where: ['bundles', last, ...inner.where] };
  }
  return 'policy' in value && 'signatures' in value
    ? { value: value.policy, where: ['policy'] }
    : { value, where: [] };
}

type At = Document['flawAt'];

function pathOf(issue: z.core.$ZodIssue): Path {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is no field of a policy: see kuramori policy schema';
  // YAML reads 5000 as a number, and neither amounts nor keys are any.
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    issue.message.includes('received number')
  )
    return 'must be a text, and YAML reads a number: an amount has its unit, as 5_000 XEM; anything else, and an amount with commas, stands in quotes';
  return issue.message;
}

const partsOf = (field: string): Path =>
  field.split('.').map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));

function doubtsOf(policy: Policy, at: At): readonly Flaw[] {
  const { wallets, rules, denials, lists, groups } = policy;
  const doubts: Flaw[] = [];
  for (const [index, { id, role }] of wallets.entries())
    if (role === 'hot' && !rules.some(({ wallet }) => wallet === id))
      doubts.push(at(['wallets', index], `no rule allows anything from ${id}, not even to go home`));
  for (const [index, { id }] of lists.entries()) {
    const used = denials.some(({ when: { destination: to } }) =>
      [...(to?.in ?? []), ...(to?.notIn ?? [])].includes(id),
    );
    if (!used) doubts.push(at(['lists', index], `no denial names the list ${id}`));
  }
  for (const [index, { id }] of groups.entries())
    if (!denials.some(({ unless }) => unless?.approvals?.some(({ group }) => group === id)))
      doubts.push(at(['groups', index], `no denial names the group ${id}`));
  for (const [index, { when }] of denials.entries()) {
    const most = rules
      .filter(({ wallet, asset }) => (when.wallets?.includes(wallet) ?? true) && when.assets?.includes(asset))
      .reduce((one, { perPayment }) => (perPayment > one ? perPayment : one), -1n);
    if (when.amount?.above !== undefined && most >= 0n && when.amount.above >= most)
      doubts.push(
        at(['denials', index, 'when', 'amount', 'above'], `never holds: no rule allows more than ${most}`),
      );
  }
  return doubts;
}
