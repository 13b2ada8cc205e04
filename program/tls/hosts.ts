/** Hosts: turns the endpoints of a configuration into what can be called and listened on, and says when a certificate ends. */
import type { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { Misconfigured } from '../config.ts';
import { log } from '../log.ts';
import { endsSoon, lapse, readCertificate, timeText, type Certificate } from './certificate.ts';
import type { Endpoint, Listen } from './endpoint.ts';
import { readIdentity, type Identity, type IdentityFiles } from './identity.ts';
import { judge } from './judge.ts';
import type { TlsListening } from './server.ts';

/** A process on another host, as chains/distant.ts calls it. */
export interface Distant {
  readonly host: string;
  readonly port: number;
  readonly secureContext: SecureContext;
  /** What we present. */
  readonly fingerprint: string;
  /** Why what the other side presents is not what is pinned, or does not count now; null where all is well. */
  readonly mistrust: (presented: X509Certificate | undefined) => string | null;
  /** Why we are nobody ourselves any more; null where all is well. */
  readonly lapsed: () => string | null;
  /** When the next of the pinned certificates ends. Unix ms. */
  readonly nextEnd: () => number;
}

export interface Hosts {
  /** `field`: where the configuration says so. Throws a Misconfigured that names file and field. */
  readonly at: (endpoint: Endpoint, field: string) => { readonly socket: string } | Distant;
  readonly listening: (listen: Listen) => { readonly socket: string } | TlsListening;
}

/** Told of each certificate when it is read, and again daily in its last thirty days. */
export type Told = (certificate: Certificate, now: number) => void;

const day = 86_400_000;
/** The same for whoever is called and whoever calls. */
export const onlyTls13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;

/** `path`: the configuration file. `files`: its `identity`, without which only Unix sockets can be named. */
export function openHosts(path: string, files: IdentityFiles | undefined, told: Told = tell): Hosts {
  const read = new Map<string, Certificate>();
  const add = (certificate: Certificate) => {
    read.set(certificate.file, certificate);
    told(certificate, Date.now());
    return certificate;
  };
  const known = (file: string) => read.get(file) ?? add(readCertificate(file));
  const own = files && readIdentity(files);
  if (own) add(own.certificate);
  const identityFor = (field: string): Identity => {
    if (!own)
      throw new Misconfigured(
        `${path}: identity: is needed, since ${field} says tls: give this process's certificate and key`,
      );
    return own;
  };
  setTimeout(function again() {
    const now = Date.now();
    for (const certificate of read.values()) if (endsSoon(certificate, now)) told(certificate, now);
    setTimeout(again, day).unref();
  }, day).unref();
  return {
    at(endpoint, field) {
      if ('socket' in endpoint) return endpoint;
      const { host, port, certificates } = endpoint.tls;
      return distant({ host, port, own: identityFor(field), pinned: certificates.map(known) });
    },
    listening(listen) {
      if ('socket' in listen) return listen;
      const { host, port, callers } = listen.tls;
      return { host, port, identity: identityFor('listen'), callers: callers.map(known) };
    },
  };
}

interface Side {
  readonly host: string;
  readonly port: number;
  readonly own: Identity;
  readonly pinned: readonly Certificate[];
}

function distant({ host, port, own: { certificate, key }, pinned }: Side): Distant {
  const expected = pinned.map(({ fingerprint, file }) => `${fingerprint} (${file})`).join(' or ');
  return {
    host,
    port,
    // `ca`: no authority is believed, and without one OpenSSL would load the system's.
    secureContext: createSecureContext({ ...onlyTls13, key, cert: certificate.pem, ca: certificate.pem }),
    fingerprint: certificate.fingerprint,
    mistrust(presented) {
      const judged = judge(pinned, presented, Date.now());
      if (judged.kind === 'known') return null;
      if (judged.kind === 'lapsed') return `it presents what is pinned for it, but ${judged.why}`;
      return `it presents another certificate than is pinned for it: ${judged.presented}; expected: ${expected}. Nothing was asked of it. Unless it was given a new one (ask its keeper for the fingerprint by another way, then pin it), somebody is in between`;
    },
    lapsed: () => lapse(certificate, Date.now()),
    nextEnd: () => Math.min(...pinned.map(({ validTo }) => (validTo < Date.now() ? Infinity : validTo))),
  };
}

function tell(certificate: Certificate, now: number): void {
  const { file, fingerprint, validTo } = certificate;
  const lapsed = lapse(certificate, now);
  const fields = { file, sha256: fingerprint, until: timeText(validTo) };
  if (lapsed !== null) log('certificate does not count', { ...fields, why: lapsed });
  else if (endsSoon(certificate, now))
    log('certificate ends soon: make another and have it pinned (docs/hosts.md)', fields);
  else log('certificate', fields);
}
