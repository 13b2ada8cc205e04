/** `kuramori`: the one entry. Results go to standard output, progress to standard error; exit code 0 means success. */
import { join, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import {
  addressAttacks,
  addressJson,
  addressTable,
  drillCoincheck,
  drillDepositAddress,
  up,
} from '@kuramori/sandbox';

interface Command {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Returns the exit code. */
  readonly run: (
    options: { readonly [name: string]: string | boolean | undefined },
    rest: readonly string[],
  ) => Promise<number>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line: string) => void process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n`);
const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : null);

const commands: Readonly<Record<string, Command>> = {
  up: {
    usage: `kuramori up [--fresh] [--data FOLDER]
  Starts the sandbox: Postgres, two devnet nodes, two co-signers, a watchtower and custody; books a deposit, pays a
  withdrawal, and serves until Ctrl-C. --fresh begins anew; --data names its folder (.kuramori/sandbox).
  DATABASE_URL: an administrator's URL of a database to use instead of the Postgres that comes along.`,
    options: { fresh: { type: 'boolean' }, data: { type: 'string' } },
    run: async (options, rest) => {
      if (rest.length > 0) return refuse(`up: takes no '${rest.join(' ')}'`);
      await up({
        // Whole, since every process has a folder of its own to start in.
        folder: resolve(text(options['data']) ?? join(root, '.kuramori', 'sandbox')),
        fresh: options['fresh'] === true,
        // Set but empty, as a shell or a CI leaves it, is not given.
        databaseUrl: process.env['DATABASE_URL'] || null,
        say,
        print,
        enough: new Promise((settle) => {
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
            process.on(signal, () => settle(signal));
          // The launcher was killed: whoever started us is gone.
          process.on('disconnect', () => settle('the launcher is gone'));
        }),
      });
      return 0;
    },
  },
  drill: {
    usage: `kuramori drill coincheck | deposit-address [--json] [--only NAME]
  coincheck: replays the theft of January 2018 against running processes, one row an attack and a set of defences.
  --only takes an attack (one-key) or a row (one-key/multisig+watchtower); --json prints one line of JSON.
  deposit-address: a thief between custody and the exchange hands out other addresses and messages; each attack with and
  without the client's check.`,
    options: { json: { type: 'boolean' }, only: { type: 'string' } },
    run: async (options, [name, ...more]) => {
      if (name === 'deposit-address' && more.length === 0)
        return drillAddresses(options['json'] === true, text(options['only']));
      if (name !== 'coincheck' || more.length > 0)
        return refuse(
          `drill: there are the drills coincheck and deposit-address, and not '${[name, ...more].join(' ')}'`,
        );
      const done = await drillCoincheck({
        folder: join(root, '.kuramori', 'drill'),
        json: options['json'] === true,
        only: text(options['only']),
        say,
      });
      if (done.kind === 'refused') return refuse(done.why);
      print(done.text);
      return 0;
    },
  },
};

async function drillAddresses(json: boolean, only: string | null): Promise<number> {
  if (only !== null && !(addressAttacks as readonly string[]).includes(only))
    return refuse(`--only ${only}: there is no such attack. There are: ${addressAttacks.join(', ')}`);
  const rows = await drillDepositAddress({ folder: join(root, '.kuramori', 'drill'), say, only });
  print(json ? addressJson(rows) : addressTable(rows));
  return 0;
}

/** What a disk or a folder can have against us, and what helps. */
const whatToDo: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some and start again',
  // Postgres says it so.
  '53100': 'the disk is full: free some and start again',
  EDQUOT: 'the quota is used up: free some and start again',
  EROFS: 'this disk can only be read: give a folder on another with --data',
  EACCES: 'this user may not: give another folder with --data, or change its owner',
  EPERM: 'this user may not: give another folder with --data, or change its owner',
  ENOENT: 'it is not there and cannot be made: see to the disk, or give another folder with --data',
  ENOTDIR: 'a part of this path is no folder: give another with --data',
};

function refuse(why: string): number {
  say(`kuramori: ${why}`);
  return 2;
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const all = Object.values(commands)
    .map(({ usage }) => usage)
    .join('\n\n');
  if (name === '--help' || name === 'help') {
    print(all);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    return refuse(
      `${name === '' ? 'which command?' : `there is no command '${name}'.`} There are:\n\n${all}`,
    );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...command.options, help: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (cause) {
    return refuse(`${name}: ${(cause as Error).message}\n\n${command.usage}`);
  }
  if (parsed.values['help'] === true) {
    print(command.usage);
    return 0;
  }
  return command.run(parsed.values as { [option: string]: string | boolean | undefined }, parsed.positionals);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  // Every expected failure says in its message what and what to do; only a fault shows where.
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const toDo = whatToDo[(error as NodeJS.ErrnoException).code ?? ''];
  if (toDo !== undefined) say(`kuramori: ${error.message}: ${toDo}`);
  else
    say(
      `kuramori: ${error.name === 'TypeError' || error.name === 'RangeError' ? error.stack : error.message}`,
    );
  process.exitCode = 1;
}
// A drill or the sandbox may have left sockets open; all that mattered has been awaited.
process.exit();
