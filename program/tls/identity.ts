/** Identity: the certificate and key by which a process shows other hosts who it is, whether it calls or is called. */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { Misconfigured, readOwn, reasonOf } from '../config.ts';
import { lapse, readCertificate, type Certificate } from './certificate.ts';

const file = z.string().min(1);

export const IdentityFiles = z.strictObject({ certificate: file, key: file });
export type IdentityFiles = z.infer<typeof IdentityFiles>;

export interface Identity {
  readonly certificate: Certificate;
  /** PEM. */
  readonly key: string;
}

/** Throws a Misconfigured that names the file. */
export function readIdentity(files: IdentityFiles): Identity {
  const certificate = readCertificate(files.certificate);
  const lapsed = lapse(certificate, Date.now());
  if (lapsed !== null) throw new Misconfigured(lapsed);
  const key = readOwn(files.key).toString('utf8');
  if (!matches(certificate, files.key, key))
    throw new Misconfigured(`${files.key}: is not the key of ${files.certificate}`);
  return { certificate, key };
}

function matches({ x509 }: Certificate, keyFile: string, key: string): boolean {
  try {
    return x509.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new Misconfigured(
      `${keyFile}: must hold one private key in PEM, without a passphrase (${reasonOf(cause)})`,
      { cause },
    );
  }
}
