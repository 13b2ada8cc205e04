/** `kuramori up` as a user runs it: from nothing, again, and broken in every way that a night brings. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './process.ts';

let folder: string;
beforeAll(() => {
  const above = mkdtempSync(join(tmpdir(), 'kuramori-up-'));
  // As a clone usually lies: others may pass, so that Postgres keeps its data inside even where root runs it.
  chmodSync(above, 0o711);
  folder = join(above, 'sandbox');
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const patience = 180_000;

/** Runs the command until it ends; `onReady` acts once it says that it serves. */
function up(onReady: (pid: number) => void): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), 'up', '--data', folder], {
      env: { ...process.env, NODE_NO_WARNINGS: '1', DATABASE_URL: undefined },
    });
    let [out, err, told] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (told || !err.includes('ready: serving')) return;
      told = true;
      onReady(child.pid ?? 0);
    });
    child.on('exit', (code) => resolve({ code, out, err }));
  });
}

/** Processes that still have this sandbox's folder in their command line. */
function leftRunning(): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^[0-9]+$/.test(pid) && pid !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it ended while we looked
      }
    })
    .filter((command) => command.includes(folder));
}

function pidOf(name: string): number {
  const pid = readdirSync('/proc').find((one) => {
    try {
      return (
        /^[0-9]+$/.test(one) &&
        readFileSync(`/proc/${one}/cmdline`, 'utf8').includes(join(folder, name, 'config.json'))
      );
    } catch {
      return false;
    }
  });
  return Number(pid);
}

const archives = () =>
  ['watchtower', 'watchtower-2', 'watchtower-3'].map((name) => join(folder, name, 'archive.jsonl'));

describe('kuramori up', () => {
  it(
    'goes from nothing to a paid withdrawal; Ctrl-C stops every child',
    async () => {
      const { code, out, err } = await up((pid) => process.kill(pid, 'SIGINT'));
      expect(err).toContain('all stopped');
      expect(code).toBe(0);
      expect(out).toMatch(/deposit +[0-9a-f]{16}….*1000/);
      expect(out).toMatch(/withdrawal +[0-9a-f]{16}….*250/);
      expect(out).toContain('customer-1 has 749.6 XEM');
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it('keeps passphrases and keys to their own signer: mode 0600 in folders of mode 0700', () => {
    for (const name of ['signer-1', 'signer-2', 'vault', 'cold-1', 'cold-2', 'cold-3']) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o700);
      for (const file of ['passphrase', 'keystore.json'])
        expect(statSync(join(folder, name, file)).mode & 0o777, `${name}/${file}`).toBe(0o600);
    }
  });

  it(
    'leaves journals that anybody verifies offline: tiles, cosigned, against the signers’ own files',
    () => {
      for (const name of ['signer-1', 'signer-2']) {
        const files = ['tiles', 'journal.jsonl', 'pins.json'].map((file) => join(folder, name, file));
        const [tiles = '', journal = '', keepers = ''] = files;
        const policy = join(folder, 'policy', 'policy.json');
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          `cli/main.ts journal verify ${tiles} ${journal} --keepers ${keepers} --policy ${policy}`.split(' '),
          { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
        );
        expect(stderr).toBe('');
        expect(status).toBe(0);
        expect(stdout).toMatch(new RegExp(`^holds: kuramori\\.devnet/journal/${name}/[0-9a-f]{16}: [1-9]`));
        expect(stdout).toContain('cosigned by kuramori.devnet/watchtower/');
      }
    },
    patience,
  );

  it(
    'goes on from the same data; a child that is killed ends it with one clear line',
    async () => {
      const { code, out, err } = await up(() => process.kill(pidOf('signer-1'), 'SIGKILL'));
      expect(err).toContain('the chain of last time');
      expect(out).toContain('customer-1 has 1499.2 XEM');
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toMatch(/^kuramori: signer-1 ended by itself \(SIGKILL\)/);
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it(
    'says which port is in use',
    async () => {
      const { ports } = JSON.parse(readFileSync(join(folder, 'deed.json'), 'utf8')) as {
        ports: { custody: number };
      };
      const squatter = createServer().listen(ports.custody, '127.0.0.1');
      const { code, err } = await up(() => {});
      squatter.close();
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toMatch(
        new RegExp(`^kuramori: custody: .*${ports.custody}.*in use`),
      );
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it.each([
    'deed.json',
    'policy/policy.json',
    'signer-1/keystore.json',
    'signer-2/pins.json',
    'vault/ceremony.jsonl',
    'cold-2/keystore.json',
    'watchtower/seed',
    'custody/books.seed',
    'people/exchange.seed',
    'node1/chain/blocks.jsonl',
    'postgres/password',
  ])(
    'misses %s, and makes no new one in its place',
    async (name) => {
      const file = join(folder, name);
      renameSync(file, `${file}.away`);
      const { code, err } = await up(() => {});
      expect(existsSync(file)).toBe(false);
      renameSync(`${file}.away`, file);
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toContain(`kuramori: ${file}: is gone`);
      expect(err).toContain('restore it, or begin anew with --fresh');
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it(
    'misses the archives of all three watchtowers',
    async () => {
      const files = archives();
      for (const file of files) renameSync(file, `${file}.away`);
      const { code, err } = await up(() => {});
      for (const file of files) renameSync(`${file}.away`, file);
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toContain(`kuramori: ${files.join(', ')}: is gone or empty`);
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it.each([
    ['deed.json', /"address": "T.../, '"address": "TAAA', 'hot.address'],
    ['people/keeper.seed', /^.*/s, 'zz', '32 bytes'],
    ['people/customer.nem', /^.*/s, 'zz', 'no private key'],
    ['postgres/password', /^.*/s, 'zz', 'not the password'],
  ] as const)(
    'names %s where it is damaged',
    async (name, from, to, why) => {
      const file = join(folder, name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(from, to));
      const { code, err } = await up(() => {});
      writeFileSync(file, text);
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toMatch(new RegExp(`^kuramori: ${file}: .*${why}`));
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it(
    'killed itself, it leaves nothing running; the next start goes on, and has one watchtower’s archive from the others',
    async () => {
      const killed = await up((pid) => process.kill(pid, 'SIGKILL'));
      expect(killed.code).toBe(null);
      for (let waited = 0; leftRunning().length > 0 && waited < 10_000; waited += 100)
        await new Promise((resolve) => setTimeout(resolve, 100));
      expect(leftRunning()).toEqual([]);
      const [one = ''] = archives();
      rmSync(one);
      const { code } = await up((pid) => process.kill(pid, 'SIGINT'));
      expect(code).toBe(0);
      expect(existsSync(one)).toBe(true);
      expect(leftRunning()).toEqual([]);
    },
    2 * patience,
  );

  it(
    'says which file is damaged: an edited journal does not sign',
    async () => {
      const file = join(folder, 'signer-2', 'journal.jsonl');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace('"amount":"250000000"', '"amount":"250000001"'));
      const { code, err } = await up(() => {});
      writeFileSync(file, text);
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toMatch(
        /^kuramori: signer-2: .*journal\.jsonl: line \d+: .*signature is wrong/,
      );
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );

  it(
    'says which file is damaged: nor does one beside a swapped tile',
    async () => {
      const tiles = join(folder, 'signer-1', 'tiles', 'tile', '0', '000.p');
      const file = join(tiles, readdirSync(tiles)[0] ?? '');
      const bytes = readFileSync(file);
      writeFileSync(file, Buffer.alloc(bytes.length));
      const { code, err } = await up(() => {});
      writeFileSync(file, bytes);
      expect(code).toBe(1);
      expect(err.trim().split('\n').at(-1)).toMatch(
        /^kuramori: signer-1: .*tiles\/tile\/0\/000\.p\/[0-9]+: is not what the journal says/,
      );
      expect(leftRunning()).toEqual([]);
    },
    patience,
  );
});
