/** Certificates as operators make them, with openssl (Debian: openssl), in a folder of the test's. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Throws where it must be there and is not: KURAMORI_REQUIRE_OPENSSL. */
export const hasOpenssl = (): boolean => {
  const there = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;
  if (!there && process.env['KURAMORI_REQUIRE_OPENSSL'] === '1')
    throw new Error('openssl is required and not here: apt-get install openssl');
  return there;
};

export interface Files {
  readonly certificate: string;
  readonly key: string;
}

export interface Certificates extends Disposable {
  readonly folder: string;
  /** Self-signed, as docs/hosts.md makes it. `more`: further arguments, or others. */
  readonly make: (name: string, more?: Readonly<Record<string, string>>) => Files;
  /** Signed by another one's key. */
  readonly issue: (name: string, by: Files) => Files;
  /** Self-signed, and good only for that time. Unix ms. */
  readonly during: (name: string, from: number, to: number) => Files;
}

const usual = { '-newkey': 'ed25519', '-days': '397', '-addext': 'basicConstraints=critical,CA:FALSE' };

export function certificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-tls-'));
  const at = (name: string) => join(folder, name);
  const filesOf = (name: string): Files => ({ certificate: at(`${name}.pem`), key: at(`${name}.key`) });

  function openssl(...args: readonly string[]): void {
    const done = spawnSync('openssl', args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`openssl: ${done.stderr}`);
  }

  function make(name: string, more: Readonly<Record<string, string>>): Files {
    const files = filesOf(name);
    const args = Object.entries({ ...usual, '-subj': `/CN=${name}`, ...more }).flat();
    openssl('req', '-x509', '-noenc', ...args, '-keyout', files.key, '-out', files.certificate);
    chmodSync(files.key, 0o600);
    return files;
  }

  return {
    folder,
    make: (name, more = {}) => make(name, more),
    issue: (name, by) => make(name, { '-CA': by.certificate, '-CAkey': by.key }),
    during(name, from, to) {
      const files = filesOf(name);
      const [request, config] = [at(`${name}.csr`), at('ca.cnf')];
      const subject = ['-subj', `/CN=${name}`];
      openssl(
        'req',
        '-new',
        '-newkey',
        'ed25519',
        '-noenc',
        ...subject,
        '-keyout',
        files.key,
        '-out',
        request,
      );
      chmodSync(files.key, 0o600);
      writeFileSync(at('index'), '');
      writeFileSync(
        config,
        `[ca]\ndefault_ca=own\n[own]\ndatabase=${at('index')}\nnew_certs_dir=${folder}\nrand_serial=yes\ndefault_md=default\npolicy=any\n[any]\ncommonName=supplied\n`,
      );
      const times = ['-startdate', zulu(from), '-enddate', zulu(to)];
      const own = ['-selfsign', '-keyfile', files.key, '-in', request, '-out', files.certificate];
      openssl('ca', '-config', config, '-batch', '-notext', ...own, ...times);
      return files;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** As openssl takes a time: to the second. */
function zulu(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
}
