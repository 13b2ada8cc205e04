/** Custody starts only as it is meant to: one clear line says which field is wrong, and nothing is left running. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatPrivateKey } from '@kuramori/chains/nem/codec';
import { generateSigningKey, signStatement } from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyDatabase } from '../ledger/testing/database.ts';
import { seedOf } from './testing/process.ts';
import { testHouse, type TestHouse } from './testing/house.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const keeper = generateSigningKey();
let t: TestHouse;
let good: Record<string, unknown>;

beforeAll(async () => {
  t = await testHouse();
  const { policy } = t.house;
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(join(t.folder, name), text, { mode });
    return join(t.folder, name);
  };
  const signature = signStatement(keeper, 'policy', policy);
  write('policy.json', jsonText({ policy, signatures: [{ keeper: keeper.publicKey, signature }] }));
  write(
    'altered.json',
    jsonText({ policy: { ...policy, version: 2 }, signatures: [{ keeper: keeper.publicKey, signature }] }),
  );
  write('url', t.database.custodyUrl);
  write('open-url', t.database.custodyUrl, 0o644);
  write('wrong-url', t.database.custodyUrl.replace('custody-for-tests', 'another-password'));
  write('books-key', seedOf(t.books));
  write('open-books-key', seedOf(t.books), 0o644);
  write('other-books-key', seedOf(generateSigningKey()));
  write('no-books-key', 'zz');
  write('message-key', formatPrivateKey(t.people.hot.privateKey));
  write('open-message-key', formatPrivateKey(t.people.hot.privateKey), 0o644);
  write('other-message-key', formatPrivateKey(t.people.cold.privateKey));
  write('away-url', 'postgres://kuramori_custody:x@127.0.0.1:1/kuramori');
  good = {
    network: 'devnet',
    exchange: 'exchange-1',
    listen: { host: '127.0.0.1', port: 0 },
    databaseUrlFile: join(t.folder, 'url'),
    policy: join(t.folder, 'policy.json'),
    keepers: { keys: [keeper.publicKey], quorum: 1 },
    booksKeyFile: join(t.folder, 'books-key'),
    chains: { nem },
    signers: [...t.house.signers].map(([id, at]) => ({ id, at })),
    watchtowers: t.house.watchtowers,
    pollMs: 50,
    clock: { kind: 'system' },
  };
});
afterAll(() => t[Symbol.asyncDispose]());

/** As it is told of NEM. */
const nem = { nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'], confirmations: 2, scanFrom: 1 };
let count = 0;
function start(
  config: unknown,
  ...flags: string[]
): { child: ChildProcess; said: () => string; out: () => string } {
  count += 1;
  const file = join(t.folder, `config-${count}.json`);
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  const code = ['package.json', 'node_modules', 'core', 'program', 'chains', 'ledger', 'custody'].map(
    (name) => join(root, name),
  );
  const permissions = [
    '--permission',
    '--allow-net',
    '--allow-ffi',
    ...[...code, t.folder].map((path) => `--allow-fs-read=${path}`),
  ];
  const child = spawn(process.execPath, [...permissions, join(root, 'custody/main.ts'), file, ...flags], {
    cwd: t.folder,
    env: { NODE_NO_WARNINGS: '1' },
  });
  let [said, out] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return { child, said: () => said, out: () => out };
}

async function refusal(config: unknown): Promise<string> {
  const { child, said } = start(config);
  const [code] = (await once(child, 'close')) as [number];
  expect(code, said()).toBe(1);
  return said();
}

const inFolder = (name: string) => join(t.folder, name);
const cases: readonly (readonly [name: string, config: () => unknown, line: RegExp])[] = [
  ['no JSON', () => '{', /is not JSON/],
  ['an unknown field', () => ({ ...good, presign: true }), /Unrecognized key.*presign/],
  [
    'a public address to listen on',
    () => ({ ...good, listen: { host: '0.0.0.0', port: 0 } }),
    /listen\.host/,
  ],
  [
    'one node',
    () => ({ ...good, chains: { nem: { ...nem, nodes: ['http://127.0.0.1:1'] } } }),
    /chains\.nem\.nodes/,
  ],
  [
    'no chain',
    () => ({ ...good, chains: {} }),
    /chains\.nem: is missing: the policy pays out of hot-xem, which is there/,
  ],
  [
    'one node twice',
    () => ({ ...good, chains: { nem: { ...nem, nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:1'] } } }),
    /chains\.nem\.nodes: names one node twice/,
  ],
  [
    'another network',
    () => ({ ...good, network: 'mainnet' }),
    /network: is mainnet, the policy is for devnet/,
  ],
  [
    'another exchange',
    () => ({ ...good, exchange: 'exchange-2' }),
    /exchange: the policy names no exchange exchange-2/,
  ],
  [
    'a signer of whom it does not know where it listens',
    () => ({ ...good, signers: [{ id: 'signer-1', at: { socket: '/x' } }] }),
    /signers: does not say where signer-2 listens/,
  ],
  [
    'a watchtower that nobody pinned',
    () => ({ ...good, watchtowers: [{ key: keeper.publicKey, at: { socket: '/x' } }] }),
    /watchtowers\.0\.key: is not pinned/,
  ],
  [
    'an altered policy',
    () => ({ ...good, policy: inFolder('altered.json') }),
    /altered\.json: signatures: 0 of the 1/,
  ],
  ['no policy', () => ({ ...good, policy: inFolder('none.json') }), /none\.json: is not there/],
  [
    'a password that others can read',
    () => ({ ...good, databaseUrlFile: inFolder('open-url') }),
    /open-url: others may read this secret/,
  ],
  [
    'a database that is away',
    () => ({ ...good, databaseUrlFile: inFolder('away-url') }),
    /databaseUrlFile: the database does not answer/,
  ],
  [
    'a wrong password',
    () => ({ ...good, databaseUrlFile: inFolder('wrong-url') }),
    /databaseUrlFile: the database does not answer/,
  ],
  [
    'a least deposit that is no amount',
    () => ({ ...good, chains: { nem: { ...nem, minimumDeposit: '0.1' } } }),
    /chains\.nem\.minimumDeposit: must be a whole number of smallest units/,
  ],
  [
    'no key for the books',
    () => Object.fromEntries(Object.entries(good).filter(([field]) => field !== 'booksKeyFile')),
    /booksKeyFile: Invalid input/,
  ],
  [
    'a key for the books that others can read',
    () => ({ ...good, booksKeyFile: inFolder('open-books-key') }),
    /open-books-key: others may read this secret/,
  ],
  [
    'a key for the books that is none',
    () => ({ ...good, booksKeyFile: inFolder('no-books-key') }),
    /booksKeyFile: .*no-books-key: must be 32 bytes/,
  ],
  [
    'a key for the books that nobody pinned',
    () => ({ ...good, booksKeyFile: inFolder('other-books-key') }),
    /booksKeyFile: .*other-books-key: is the key .*, and the policy pins/,
  ],
  [
    'a message key that others can read',
    () => ({ ...good, chains: { nem: { ...nem, messageKeyFile: inFolder('open-message-key') } } }),
    /open-message-key: others may read this secret/,
  ],
  [
    'a message key that is not the hot account’s',
    () => ({ ...good, chains: { nem: { ...nem, messageKeyFile: inFolder('other-message-key') } } }),
    /chains\.nem\.messageKeyFile: is not the key of hot-xem/,
  ],
];

test('a message key that moves coins: custody does not start, and says to delete it', async () => {
  const { address } = t.people.hot;
  const account = { address, balance: 1, publicKey: null, multisigInfo: {} };
  const node = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ meta: { cosignatories: [] }, account }));
  });
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  const { port } = node.address() as { port: number };
  const nodes = [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1'];
  const said = await refusal({
    ...good,
    chains: { nem: { ...nem, nodes, messageKeyFile: inFolder('message-key') } },
  });
  expect(said).toMatch(/messageKeyFile: the message key of hot-xem moves its coins.*delete the file/);
  expect(said).not.toContain(formatPrivateKey(t.people.hot.privateKey));
  node.close();
});

test.concurrent.each(cases)('%s', async (_name, config, line) => {
  const said = await refusal(config());
  expect(said).toMatch(line);
  expect(said).not.toContain('custody-for-tests');
  expect(said.trim().split('\n')).toHaveLength(1);
});

test('a database that nobody migrated', async () => {
  await using empty = await emptyDatabase();
  writeFileSync(inFolder('empty-url'), empty.adminUrl, { mode: 0o600 });
  expect(await refusal({ ...good, databaseUrlFile: inFolder('empty-url') })).toMatch(
    /no schema ledger: migrate it first/,
  );
});

test('a second custody on the same database serves beside the first; each stops cleanly, by signal and with the parent', async () => {
  const first = start(good, '--with-parent');
  await once(first.child.stdout ?? first.child, 'data');
  const ready = JSON.parse(first.out()) as { ready: boolean; url: string };
  expect(ready).toMatchObject({ ready: true, exchange: 'exchange-1' });
  expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
  const second = start(good);
  await once(second.child.stdout ?? second.child, 'data');
  const beside = JSON.parse(second.out()) as { url: string };
  expect((await fetch(`${beside.url}/healthz`)).status).toBe(200);
  const gone = once(first.child, 'close');
  first.child.stdin?.end();
  expect(await gone).toEqual([0, null]);
  const ended = once(second.child, 'close');
  second.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
