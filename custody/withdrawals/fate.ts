/** Fate: what became of a transaction, as a quorum of watchtowers sees it. Only their word returns money or ends a wait. */
import { watchtowerRoutes, type Fate } from '@kuramori/core';
import type { Branch } from '../branch.ts';

export type Fated =
  | { readonly kind: 'confirmed'; readonly height: number }
  /** Nobody sees it, and it can still come. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'pending' }
  /** It can never confirm any more. */
  | { readonly kind: 'dead' }
  | { readonly kind: 'untold'; readonly why: string };

/** `plan`: the unsigned bytes. In whatever wrapping its payment is there. */
export async function fateOf(house: Branch, plan: string): Promise<Fated> {
  const asked = { wallet: house.hot.id, plan };
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => house.lines.ask(at, watchtowerRoutes.fate, asked)),
  );
  const { quorum } = house.policy.watchtowers;
  const fates = answers.flatMap((answer) => (answer.kind === 'fate' ? answer : []));
  const many = (matches: (fate: Fate) => boolean) => fates.filter(matches).length >= quorum;
  const height = fates.find((one) => one.fate === 'confirmed')?.height ?? null;
  if (height !== null && many((one) => one.fate === 'confirmed' && one.height === height))
    return { kind: 'confirmed', height };
  if (many(({ fate }) => fate === 'dead')) return { kind: 'dead' };
  if (many(({ fate }) => fate === 'unseen')) return { kind: 'unseen' };
  if (many(({ fate }) => fate === 'pending' || fate === 'confirmed')) return { kind: 'pending' };
  const silent = answers.flatMap((answer) => {
    if (answer.kind === 'fate') return [];
    return answer.kind === 'refused' ? `${answer.why}: ${answer.detail}` : answer.detail;
  });
  return { kind: 'untold', why: silent.join('; ') || 'the watchtowers disagree' };
}
