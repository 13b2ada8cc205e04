/** TLS between the rooms of a house, as if each were on a host of its own: a port and a certificate each, made with openssl. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, openHosts } from '@kuramori/program';
import type { Where } from '@kuramori/chains/http';
import { freePort } from '../postgres/server.ts';

/** Who has a certificate; the operator is also who the sandbox itself is when it asks. */
const askers = ['custody', 'custody-2', 'operator'];

export interface Tls {
  /** Who a room is, as its configuration says it. */
  readonly identity: (name: string) => { readonly certificate: string; readonly key: string };
  readonly listen: (name: string) => object;
  readonly at: (name: string) => Endpoint;
  /** The same as the operator calls it. */
  readonly where: (name: string) => Where;
  /** The certificates, which every room may read. */
  readonly folder: string;
}

interface Endpoint {
  readonly tls: { readonly host: string; readonly port: number; readonly certificates: string[] };
}

const host = '127.0.0.1';
const pager = 'pager';

export async function prepareTls(
  house: string,
  signers: readonly string[],
  towers: readonly string[],
): Promise<Tls> {
  const callers = [...towers, ...askers];
  const names = [...signers, ...callers, pager];
  const folder = join(house, 'certificates');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const identity = (name: string) => ({
    certificate: join(folder, `${name}.pem`),
    // In the folder of whose it is.
    key: join(house, name === 'operator' ? 'people' : name, 'tls.key'),
  });
  const ports = new Map<string, number>();
  for (const name of names) {
    ports.set(name, await freePort());
    if (!existsSync(identity(name).certificate)) make(name, identity(name));
  }
  const certificates = (...of: readonly string[]) => of.map((name) => identity(name).certificate);
  const port = (name: string) => ports.get(name) ?? 0;
  const whoAsks = (name: string) => {
    if (name === pager) return [...towers, 'operator'];
    // The pager asks watchtowers how they are, and nobody else.
    return towers.includes(name) ? [...callers, pager] : callers;
  };
  const at = (name: string) => ({ tls: { host, port: port(name), certificates: certificates(name) } });
  const hosts = openHosts(join(house, 'house.json'), identity('operator'));
  const wheres = new Map(
    names.filter((name) => name !== 'operator').map((name) => [name, hosts.at(at(name), name)]),
  );
  return {
    identity,
    listen: (name) => ({ tls: { host, port: port(name), callers: certificates(...whoAsks(name)) } }),
    at,
    where: (name) => {
      const where = wheres.get(name);
      if (!where) throw new Error(`${name} has no certificate`);
      return where;
    },
    folder,
  };
}

function make(name: string, { certificate, key }: { certificate: string; key: string }): void {
  mkdirSync(join(key, '..'), { recursive: true, mode: 0o700 });
  const args =
    'req -x509 -newkey ed25519 -noenc -days 397 -addext basicConstraints=critical,CA:FALSE -subj'.split(' ');
  const made = spawnSync('openssl', [...args, `/CN=${name}`, '-keyout', key, '-out', certificate], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Misconfigured(`openssl: ${made.error?.message ?? made.stderr}`);
  chmodSync(key, 0o600);
  chmodSync(certificate, 0o644);
}
