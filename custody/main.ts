/**
 * Custody: asks, and holds no key. In come the exchange's signed requests, over HTTP on loopback, and blocks, from the
 * nodes. Out go intents and plans to the co-signers, their records to the watchtowers, signed bytes to the nodes, events
 * to the exchange's webhooks; and into Postgres what happened, money and state and next job in one transaction.
 */
import '@kuramori/program/closed';
import { readPolicy, signingKeyFromSeed, type Policy, type SigningKey } from '@kuramori/core';
import { expectMigrated, ledgerMigrations, LedgerError, openWriter } from '@kuramori/ledger';
import {
  log,
  Misconfigured,
  openClock,
  openHosts,
  readConfig,
  readJson,
  readSecret,
  reasonOf,
  run,
  watchOwnCode,
  type Hosts,
} from '@kuramori/program';
import { Pool } from 'pg';
import { api } from './api/answer.ts';
import { openRates } from './api/rate.ts';
import { openHouse } from './branch.ts';
import { openCounters } from './chains/open.ts';
import { bookOpenings } from './books/opening.ts';
import { startPublisher } from './books/publish.ts';
import { openStatements } from './books/statement.ts';
import { Config } from './config.ts';
import { keepPlaces } from './deposits/place.ts';
import { startExpiry } from './jobs/expiry.ts';
import { matchPolicy } from './house.ts';
import { startJobs } from './jobs/job.ts';
import { openConvoy } from './withdrawals/convoy.ts';
import { openLines } from './withdrawals/lines.ts';
import { openJournals } from './withdrawals/journals.ts';
import { close, listen } from './api/listen.ts';
import { custodyMigrations } from './migrate.ts';
import { openInstance, type Instance } from './jobs/instance.ts';
import { startScans } from './chain/scan.ts';
import { listScreen } from './withdrawals/screen.ts';
import { startLogins } from './logins.ts';
import { startTreasury } from './treasury.ts';
import { checkFeed } from './treasury/config.ts';
import { startServices } from './services.ts';
import { startTelling } from './told.ts';
import { openBoard } from './services/board.ts';
import { readRunbook } from './services/runbook.ts';
import { assetsOf } from './services/sight.ts';
import { startSender } from './webhooks/sender.ts';
import { openWebhooks } from './webhooks/webhook.ts';

const path = process.argv[2];
if (path === undefined) {
  process.stderr.write('usage: node custody/main.ts <config.json> [--with-parent]\n');
  process.exit(2);
}

await run(
  'custody',
  async () => {
    const config = readConfig(path, Config);
    return start(config, openHosts(path, config.identity));
  },
  {
    withParent: process.argv.includes('--with-parent'),
  },
);

async function start(config: Config, hosts: Hosts) {
  const read = readPolicy(readJson(config.policy), config.keepers);
  if (read.kind === 'refused') throw new Misconfigured(`${config.policy}: ${read.field}: ${read.why}`);
  const matched = matchPolicy(config, read.policy, hosts);
  const clock = openClock(config.clock, read.policy.network, path);
  const counters = await openCounters(config.chains, read.policy, matched, clock, hosts);
  const statements = openStatements(readBooksKey(config, read.policy), watchOwnCode('custody', clock.now));
  const webhooks = openWebhooks(config.webhooks, config.network === 'devnet');
  const runbook = readRunbook(config.runbook);
  checkFeed(config.treasury, config.network === 'devnet');
  const connectionString = readSecret(config.databaseUrlFile);
  const pool = openPool(connectionString);
  const instance = await connect(connectionString, pool);
  const house = openHouse(
    {
      ...matched,
      policy: read.policy,
      policyDigest: read.digest,
      pool,
      journals: openJournals(),
      writer: openWriter(pool),
      statements,
      convoy: openConvoy(pool),
      lines: openLines(),
      rules: config.rules,
      screen: listScreen(config.rules.screening),
      pollMs: config.pollMs,
      clock,
      callerAddress: config.callerAddress,
      rates: openRates(config.rate, () => performance.now()),
      webhooks,
      treasury: config.treasury,
      logins: config.logins,
      runbook,
      board: openBoard(assetsOf(read), () => performance.now()),
    },
    counters,
  );
  await keepPlaces(house);
  await bookOpenings(house);
  // Before the first question: a restored database first learns again what it has forgotten.
  await house.journals.read(house);
  // Before a block is booked, a payment signed or a request answered: what is frozen is stopped, and the exchange told.
  const sender = startSender(house);
  const services = startServices(house);
  await services.begun;
  const jobs = await startJobs(house, instance);
  const scans = startScans(house);
  const expiry = startExpiry(house);
  const treasury = startTreasury(house);
  const logins = startLogins(house);
  const telling = startTelling(house, scans);
  const publisher = startPublisher(house, scans);
  const { server, port } = await listen(config.listen, api(house, scans));
  return {
    ready: { exchange: config.exchange, url: `http://${config.listen.host}:${port}`, policy: read.digest },
    // No new questions; then what runs is finished; then the database is let go.
    stop: async () => {
      await close(server);
      await Promise.all(
        [jobs, publisher, scans, sender, services, expiry, treasury, logins, telling, house.writer].map(
          (one) => one[Symbol.asyncDispose](),
        ),
      );
      await pool.end();
      await instance[Symbol.asyncDispose]();
    },
  };
}

/** Whoever has it can lie about the books, and no more; without it they are silent, so custody does not start. */
function readBooksKey({ booksKeyFile }: Config, { books }: Policy): SigningKey {
  const seed = readSecret(booksKeyFile);
  if (!/^[0-9a-f]{64}$/.test(seed))
    throw new Misconfigured(`booksKeyFile: ${booksKeyFile}: must be 32 bytes as lower-case hex`);
  const key = signingKeyFromSeed(Buffer.from(seed, 'hex'));
  if (key.publicKey !== books.key)
    throw new Misconfigured(
      `booksKeyFile: ${booksKeyFile}: is the key ${key.publicKey}, and the policy pins ${books.key} for the books`,
    );
  return key;
}

/** A lost connection, idle or in use, ends what was done on it and not the process: jobs and scan try again. */
function openPool(connectionString: string): Pool {
  const lost = (cause: Error) => log('database connection lost', { why: cause.message });
  const pool = new Pool({ connectionString, max: 20 });
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

async function connect(connectionString: string, pool: Pool): Promise<Instance> {
  try {
    await expectMigrated(pool, ledgerMigrations);
    await expectMigrated(pool, custodyMigrations);
    return await openInstance(connectionString, pool);
  } catch (cause) {
    if (cause instanceof LedgerError) throw new Misconfigured(`databaseUrlFile: ${cause.message}`, { cause });
    if (cause instanceof Misconfigured) throw cause;
    throw new Misconfigured(`databaseUrlFile: the database does not answer: ${reasonOf(cause)}`, { cause });
  }
}
