import { join } from 'node:path';
import {
  benchCosigner,
  benchCodes,
  benchedChains,
  benchLedger,
  benchTracer,
  benchTracerSpeed,
  benchVault,
  benchWatchtower,
  benchWithdrawals,
  figuresTable,
  type Bench,
} from '@kuramori/sandbox';
import { print, refuse, root, say, text, wholeNumber, type Command } from './command.ts';

type Options = Parameters<Command['run']>[0];

export const benchCommand: Command = {
  usage: `kuramori bench ledger [--json] [--seconds N] [--rounds N] [--clients N]
  Transfers a second through the ledger's batching writer, beside one plpgsql call a transfer and pgbench's
  simple-update script, on one Postgres with fsync, in turns (4 s each, 3 rounds, 64 clients).
kuramori bench withdrawals [--json] [--seconds N] [--clients N]
  Withdrawals a second from the moment they are accepted until they are announced: a node has taken the wrapper and
  every cosignature. A whole house of real processes, 64 withdrawals open at a time, 60 s measured after 12 s to warm
  up; beside the ceiling that the bare signatures, verifications and self-checks of the same run set on the same cores. Custody
  paces nothing, the watchtower looks at each node twice a second, and a block holds 3,000 transactions: a public
  network's 120 would be the limit, 40 payments a block.
kuramori bench cosigner [--json] [--payments N]
  Payments that one real co-signer judges and signs a second, 64 in flight over its socket, each with a fresh fact and
  the countersignatures of two of three watchtowers; beside the bare cryptography of the same run, by the clock and by
  the co-signer's own processor time (3,200 payments after 640 to warm up).
kuramori bench watchtower [--json] [--trials N] [--towers 1|3] [--chain nem|litecoin|ethereum]
  A stolen key proposes a theft to a node of a real house, again and again (200 times, one watchtower): from the node's
  answer until the alarm, until every co-signer refuses, until what is left is sent home. On NEM, and then a day of full
  blocks (172,800 transactions) read by a watchtower that was off; where there is a litecoind on Litecoin as often: its
  two online keys take one coin of two; and on Ethereum: they take half of a Safe's coins, beside a loop that looks as
  often and judges nothing. With --json, \`chains\` has the three times of each chain.
kuramori bench vault [--json] [--rounds N]
  A Bitcoin plan of 200 inputs, and a NEM modification, as a vault treats their bytes: explained, shown, signed, and each
  signature computed a second way; beside the bare signatures of the same run, in turns, by its own processor time (5 rounds).
kuramori bench codes [--json] [--rounds N]
  Frames of a moving QR code that are shown until 20 kB are read, a fifth of them lost, beside the frames that hold it (100
  rounds of seeded losses). It counts, and times nothing.
kuramori bench tracer [--json] [--data FOLDER]
  Traces of the theft cases beside their labels, under each rule alone and as an investigator runs it, and beside what other
  tracers reach: nodes, recall and precision of heists; of launderings the share of the flow and of what terminals got.
  FOLDER has heist/ and launder/, with a folder for each case (../shared/data/tracing). It scores, and times nothing.
kuramori bench tracer-speed [--json] [--transfers N] [--seed N]
  Synthetic transfers (1,000,000 of seed 1), loaded and traced under each rule on one core, beside a plain Map of big numbers
  that must find the same; by the thread's own processor time, and with the memory that a transfer takes.`,
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    clients: { type: 'string' },
    payments: { type: 'string' },
    trials: { type: 'string' },
    towers: { type: 'string' },
    chain: { type: 'string' },
    data: { type: 'string' },
    transfers: { type: 'string' },
    seed: { type: 'string' },
  },
  run: async (options, [name, ...more]) => {
    const run = more.length === 0 ? benches[name ?? ''] : undefined;
    if (!run)
      return refuse(
        `bench: there are eight benchmarks, ledger, withdrawals, cosigner, vault, watchtower, codes, tracer and tracer-speed, and not '${[name, ...more].join(' ')}'`,
      );
    const bench = await run(options);
    if (typeof bench === 'string') return refuse(bench);
    print(options['json'] === true ? JSON.stringify(bench) : figuresTable(bench));
    return 0;
  },
};

async function tracer(options: Options): Promise<Bench | string> {
  return benchTracer({ data: text(options['data']) ?? join(root, '../shared/data/tracing') });
}

async function tracerSpeed(options: Options): Promise<Bench | string> {
  const transfers = wholeNumber('transfers', options['transfers'], 1_000_000, 1_000, 40_000_000);
  const seed = wholeNumber('seed', options['seed'], 1, 0, 4_000_000_000);
  if (typeof transfers === 'string') return transfers;
  if (typeof seed === 'string') return seed;
  return benchTracerSpeed({ transfers, seed, say });
}

async function codes(options: Options): Promise<Bench | string> {
  const rounds = wholeNumber('rounds', options['rounds'], 100, 1, 10_000);
  return typeof rounds === 'string' ? rounds : benchCodes({ rounds });
}

async function vault(options: Options): Promise<Bench | string> {
  const rounds = wholeNumber('rounds', options['rounds'], 5, 1, 1_000);
  return typeof rounds === 'string' ? rounds : benchVault({ rounds, say });
}

async function ledger(options: Options): Promise<Bench | string> {
  const seconds = wholeNumber('seconds', options['seconds'], 4, 1, 600);
  const rounds = wholeNumber('rounds', options['rounds'], 3, 1, 100);
  const clients = wholeNumber('clients', options['clients'], 64, 1, 70);
  if (typeof seconds === 'string') return seconds;
  if (typeof rounds === 'string') return rounds;
  if (typeof clients === 'string') return clients;
  return benchLedger({ seconds, rounds, clients, say });
}

async function withdrawals(options: Options): Promise<Bench | string> {
  if (options['rounds'] !== undefined) return '--rounds: is for bench ledger; withdrawals run once';
  const seconds = wholeNumber('seconds', options['seconds'], 60, 1, 3_600);
  const open = wholeNumber('clients', options['clients'], 64, 1, 1_000);
  if (typeof seconds === 'string') return seconds;
  if (typeof open === 'string') return open;
  return benchWithdrawals({ seconds, open, say });
}

async function cosigner(options: Options): Promise<Bench | string> {
  const payments = wholeNumber('payments', options['payments'], 3_200, 64, 100_000);
  if (typeof payments === 'string') return payments;
  return benchCosigner({ payments, say });
}

async function watchtower(options: Options): Promise<Bench | string> {
  const trials = wholeNumber('trials', options['trials'], 200, 1, 10_000);
  const towers = wholeNumber('towers', options['towers'], 1, 1, 3);
  if (typeof trials === 'string') return trials;
  if (typeof towers === 'string') return towers;
  if (towers === 2) return '--towers: 1 or 3, of which two must agree';
  const chain = benchedChains.find((one) => one === options['chain']) ?? null;
  if (options['chain'] !== undefined && chain === null) return `--chain: ${benchedChains.join(', ')}`;
  return benchWatchtower({ trials, towers: towers === 1 ? 1 : 3, chain, say });
}

const benches: Readonly<Record<string, (options: Options) => Promise<Bench | string>>> = {
  ledger,
  withdrawals,
  cosigner,
  vault,
  watchtower,
  codes,
  tracer,
  'tracer-speed': tracerSpeed,
};
