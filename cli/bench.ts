import { benchLedger, figuresTable } from '@kuramori/sandbox';
import { print, refuse, say, wholeNumber, type Command } from './command.ts';

export const benchCommand: Command = {
  usage: `kuramori bench ledger [--json] [--seconds N] [--rounds N] [--clients N]
  Transfers a second through the ledger's batching writer, beside one plpgsql call a transfer and pgbench's
  simple-update script, on one Postgres with fsync, in turns (4 s each, 3 rounds, 64 clients).`,
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    clients: { type: 'string' },
  },
  run: async (options, [name, ...more]) => {
    if (name !== 'ledger' || more.length > 0)
      return refuse(`bench: there is one benchmark, ledger, and not '${[name, ...more].join(' ')}'`);
    const seconds = wholeNumber('seconds', options['seconds'], 4, 1, 600);
    const rounds = wholeNumber('rounds', options['rounds'], 3, 1, 100);
    const clients = wholeNumber('clients', options['clients'], 64, 1, 70);
    if (typeof seconds === 'string') return refuse(seconds);
    if (typeof rounds === 'string') return refuse(rounds);
    if (typeof clients === 'string') return refuse(clients);
    const bench = await benchLedger({ seconds, rounds, clients, say });
    print(options['json'] === true ? JSON.stringify(bench) : figuresTable(bench));
    return 0;
  },
};
