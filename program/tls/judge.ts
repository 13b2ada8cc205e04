/**
 * Who is at the other end: whoever presents one of the pinned certificates, byte for byte, and has proven its key in the
 * handshake. Names, issuers and what a certificate says about itself count for nothing: `openssl req -x509` makes
 * authorities by default, and one that is pinned must vouch for nobody else.
 */
import type { X509Certificate } from 'node:crypto';
import { lapse, type Certificate } from './certificate.ts';

export type Judged =
  | { readonly kind: 'known'; readonly certificate: Certificate }
  | { readonly kind: 'unknown'; readonly presented: string }
  | { readonly kind: 'lapsed'; readonly presented: string; readonly why: string };

export function judge(
  pinned: readonly Certificate[],
  presented: X509Certificate | undefined,
  now: number,
): Judged {
  if (!presented) return { kind: 'unknown', presented: 'none' };
  const { fingerprint256: fingerprint } = presented;
  const certificate = pinned.find((one) => one.fingerprint === fingerprint);
  if (!certificate) return { kind: 'unknown', presented: fingerprint };
  const why = lapse(certificate, now);
  return why === null ? { kind: 'known', certificate } : { kind: 'lapsed', presented: fingerprint, why };
}
