/** Links: each is one person's for one page, and nobody makes another's. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Misconfigured } from '@kuramori/program';

export interface Links {
  readonly of: (page: string, person: string) => string;
  /** Whose link it is; undefined where it is nobody's. */
  readonly whose: (page: string, token: string) => string | undefined;
}

/** `base`: what they begin with. Throws a Misconfigured that names the field. */
export function openLinks(secret: string, base: string, people: readonly string[]): Links {
  if (secret.length < 32)
    throw new Misconfigured('linkSecretFile: must hold at least 32 letters: openssl rand -hex 32');
  const tokenOf = (page: string, person: string) =>
    createHmac('sha256', secret).update(`kuramori page ${page} ${person}`).digest('base64url');
  return {
    of: (page, person) => `${base.replace(/\/$/, '')}/a/${page}/${tokenOf(page, person)}`,
    whose: (page, token) => people.find((person) => same(tokenOf(page, person), token)),
  };
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
