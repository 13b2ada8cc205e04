/** What code a house pins at its start: that of the tree it is started from. */
import { codeOf, inSlices, measuring, type CodeKind } from '@kuramori/program';
import { root } from '../process.ts';
import type { HousePlan } from './plan.ts';

/** Kind of process → the digests that it may show. */
export type PinnedCode = { readonly [Kind in CodeKind]: readonly string[] };

/** Mark of a file → its hash: what did not change is not hashed again for the next house. */
const known = new Map<string, string>();

/** Begun at once, and in the way of nobody. Where nobody pays or pages, nobody's silence about it is a sign. */
export async function pinnedCode({ custody, pager }: Partial<Pick<HousePlan, 'custody' | 'pager'>>) {
  const pinned: Record<CodeKind, string[]> = { cosigner: [], watchtower: [], pager: [], custody: [] };
  for (const kind of Object.keys(codeOf) as CodeKind[]) {
    if ((kind === 'custody' && custody !== true) || (kind === 'pager' && pager !== true)) continue;
    const measured = await inSlices(measuring({ root, kind, node: process.execPath }, known), 0);
    if (measured) pinned[kind].push(measured.digest);
  }
  return pinned;
}
