/** A certificate, out of its file: one, self-signed, and pinned as a whole, since there is no authority to ask. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Misconfigured, reasonOf } from '../config.ts';

export interface Certificate {
  readonly file: string;
  readonly pem: string;
  /** SHA-256 of the whole certificate, written as `openssl x509 -fingerprint -sha256` writes it. */
  readonly fingerprint: string;
  /** Unix ms, both included. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly x509: X509Certificate;
}

/** Throws a Misconfigured that names the file. Whether it counts today is another question (`lapse`). */
export function readCertificate(file: string): Certificate {
  const pem = readText(file);
  // A file that is meant for others must not carry the key to them.
  if (pem.includes('PRIVATE KEY'))
    throw new Misconfigured(`${file}: holds a private key: keep that in a file of its own, mode 0600`);
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (count !== 1)
    throw new Misconfigured(`${file}: must hold one certificate in PEM, and holds ${count || 'none'}`);
  const x509 = parse(file, pem);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
  if (type !== 'ed25519' && details?.namedCurve !== 'prime256v1')
    throw new Misconfigured(`${file}: its key must be Ed25519 or P-256, and is ${type} (docs/hosts.md)`);
  return {
    file,
    pem,
    fingerprint: x509.fingerprint256,
    validFrom: x509.validFromDate.getTime(),
    validTo: x509.validToDate.getTime(),
    x509,
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

function parse(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Misconfigured(`${file}: is no certificate in PEM (${reasonOf(cause)})`, { cause });
  }
}

/** Why a certificate does not count at that time; null where it does. */
export function lapse({ file, validFrom, validTo }: Certificate, now: number): string | null {
  if (now > validTo)
    return `${file} expired at ${timeText(validTo)}: make another and have it pinned (docs/hosts.md)`;
  if (now < validFrom)
    return `${file} counts only from ${timeText(validFrom)}: wait, or set this machine's clock`;
  return null;
}

/** Whether it ends so soon that somebody must make another. */
export function endsSoon({ validTo }: Certificate, now: number): boolean {
  return validTo - now < 30 * 86_400_000;
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
