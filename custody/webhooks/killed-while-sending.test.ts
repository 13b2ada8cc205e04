/** Custody is killed while a receiver has an event and has not answered: the event comes again, as the same one, and in order. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateSigningKey, signStatement } from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHouse, type TestHouse } from '../testing/house.ts';
import { until } from '../testing/neighbourhood.ts';
import { seedOf } from '../testing/process.ts';
import { change, heightOf, openReceiver, secretOf, type Receiver } from '../testing/receiver.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let t: TestHouse;
let receiver: Receiver;
/** How the receiver treats the next event: answers, or keeps it and is silent. */
let silent = false;

beforeAll(async () => {
  t = await testHouse();
  receiver = await openReceiver(() => (silent ? null : 200), Date.now);
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await t[Symbol.asyncDispose]();
});

async function start(): Promise<ChildProcess> {
  const file = (name: string, text: string) => {
    writeFileSync(join(t.folder, name), text, { mode: 0o600 });
    return join(t.folder, name);
  };
  const keeper = generateSigningKey();
  const { policy } = t.house;
  const signature = signStatement(keeper, 'policy', policy);
  const config = {
    network: 'devnet',
    exchange: 'exchange-1',
    listen: { host: '127.0.0.1', port: 0 },
    databaseUrlFile: file('url', t.database.custodyUrl),
    policy: file('policy.json', jsonText({ policy, signatures: [{ keeper: keeper.publicKey, signature }] })),
    keepers: { keys: [keeper.publicKey], quorum: 1 },
    booksKeyFile: file('books-key', seedOf(t.books)),
    chains: {
      nem: { nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'], confirmations: 2, scanFrom: 1 },
    },
    signers: [...t.house.signers].map(([id, at]) => ({ id, at })),
    watchtowers: t.house.watchtowers,
    pollMs: 20,
    clock: { kind: 'system' },
    webhooks: [{ id: 'hook', url: receiver.url, secretFiles: [file('secret', secretOf(1))] }],
  };
  const read = ['package.json', 'node_modules', 'core', 'program', 'chains', 'ledger', 'custody'];
  const child = spawn(
    process.execPath,
    [
      '--permission',
      '--allow-net',
      '--allow-ffi',
      ...[...read.map((name) => join(root, name)), t.folder].map((path) => `--allow-fs-read=${path}`),
      join(root, 'custody/main.ts'),
      file('config.json', JSON.stringify(config)),
    ],
    { cwd: t.folder, env: { NODE_NO_WARNINGS: '1' } },
  );
  child.stderr.resume();
  await once(child.stdout, 'data');
  return child;
}

// Custody tells of itself, too: who logged in at its database.
const changes = <E>(events: readonly E[], of: (event: E) => Parameters<typeof heightOf>[0]) =>
  events.filter((event) => typeof heightOf(of(event)) === 'number');
const accepted = () => changes(receiver.accepted(), (event) => event).map(heightOf);
const came = () => changes(receiver.came, ({ event }) => event);

test('killed between the receiver’s taking and its answer', async () => {
  const first = await start();
  await change(t.house, 'a', 1);
  await until('the first event', () => Promise.resolve(accepted().length === 1), 20_000);
  silent = true;
  await change(t.house, 'a', 2);
  await change(t.house, 'a', 3);
  await until('the second event to be there', () => Promise.resolve(came().length === 2), 20_000);
  first.kill('SIGKILL');
  await once(first, 'exit');
  silent = false;
  // The lease of the attempt that was cut off is over sooner here than in half a minute.
  await t.database.admin.query("update custody.delivery set next_at = 0 where state = 'due'");
  const second = await start();
  await until('the others', () => Promise.resolve(accepted().length === 3), 20_000);
  expect(accepted()).toEqual([1, 2, 3]);
  const twice = came().filter(({ event }) => heightOf(event) === 2);
  expect(twice.map(({ id }) => id)).toEqual([twice[0]?.id, twice[0]?.id]);
  const ended = once(second, 'exit');
  second.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 90_000);
