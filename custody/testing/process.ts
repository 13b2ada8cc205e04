/** Custody as a process of its own, with its permission flags, on a test's database and neighbours. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  generateSigningKey,
  requestHeaders,
  signStatement,
  type SignedRequest,
  type SigningKey,
} from '@kuramori/core';
import { jsonText, replaceFile } from '@kuramori/program';
import type { TestHouse } from './house.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const keeper = generateSigningKey();

/** The clock of a test and of its processes: it runs, and can be put forward; never back. */
export function runningClock(from: number): { ms: number; readonly offset: () => number } {
  let offset = from - Date.now();
  let tell = (_offset: number) => {};
  return {
    get ms() {
      return Date.now() + offset;
    },
    set ms(ms) {
      offset = Math.max(offset, ms - Date.now());
      tell(offset);
    },
    offset: () => offset,
    set told(listener: (offset: number) => void) {
      tell = listener;
    },
  } as { ms: number; readonly offset: () => number };
}

export interface CustodyProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly said: () => string;
  readonly send: (request: SignedRequest) => Promise<{ status: number; body: Record<string, unknown> }>;
  /** As a crash does it. */
  readonly kill: () => Promise<void>;
}

/** RFC 8410: the last 32 bytes of the PKCS #8 form. */
export function seedOf({ secret }: SigningKey): string {
  return secret.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('hex');
}

let count = 0;

export async function startCustody(
  t: TestHouse,
  clock: { readonly offset: () => number },
  more: { readonly flags?: readonly string[]; readonly config?: object } = {},
): Promise<CustodyProcess> {
  const { policy } = t.house;
  const write = (name: string, text: string) => {
    writeFileSync(join(t.folder, name), text, { mode: 0o600 });
    return join(t.folder, name);
  };
  count += 1;
  const clockFile = write('clock.json', jsonText({ offsetMs: clock.offset() }));
  Object.assign(clock, { told: (offset: number) => replaceFile(clockFile, jsonText({ offsetMs: offset })) });
  const signature = signStatement(keeper, 'policy', policy);
  const config = write(
    `custody-${count}.json`,
    jsonText({
      network: 'devnet',
      exchange: 'exchange-1',
      listen: { host: '127.0.0.1', port: 0 },
      databaseUrlFile: write('url', t.database.custodyUrl),
      policy: write(
        'policy.json',
        jsonText({ policy, signatures: [{ keeper: keeper.publicKey, signature }] }),
      ),
      keepers: { keys: [keeper.publicKey], quorum: 1 },
      booksKeyFile: write('books-key', seedOf(t.books)),
      chains: {
        nem: {
          nodes: t.nodes.map(({ url }) => url),
          confirmations: t.house.confirmations,
          scanFrom: t.house.scanFrom,
        },
      },
      signers: [...t.house.signers].map(([id, at]) => ({ id, at })),
      watchtowers: t.house.watchtowers,
      pollMs: 20,
      clock: { kind: 'driven', file: clockFile },
      ...more.config,
    }),
  );
  const code = ['package.json', 'node_modules', 'core', 'program', 'chains', 'ledger', 'custody'].map(
    (name) => join(root, name),
  );
  const child = spawn(
    process.execPath,
    [
      '--permission',
      '--allow-net',
      '--allow-ffi',
      ...[...code, t.folder].map((path) => `--allow-fs-read=${path}`),
      join(root, 'custody/main.ts'),
      config,
      ...(more.flags ?? []),
    ],
    { cwd: t.folder, env: { NODE_NO_WARNINGS: '1' } },
  );
  let [said, out] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  if (!out.includes('"ready"')) throw new Error(`custody did not start: ${said}`);
  const { url } = JSON.parse(out) as { url: string };
  return {
    child,
    url,
    said: () => said,
    async send(request) {
      const { method, path, body } = request;
      const response = await fetch(url + path, {
        method,
        headers: {
          ...requestHeaders(request),
          ...(body === '' ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === '' ? {} : { body }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async kill() {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
