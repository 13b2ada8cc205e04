import { join, resolve } from 'node:path';
import { up } from '@kuramori/sandbox';
import { print, refuse, root, say, text, type Command } from './command.ts';

export const upCommand: Command = {
  usage: `kuramori up [--fresh] [--data FOLDER]
  Starts the sandbox: Postgres, two devnet nodes, two co-signers, a watchtower, a pager and custody; books a deposit,
  pays a withdrawal, and serves until Ctrl-C. --fresh begins anew; --data names its folder (.kuramori/sandbox).
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
};
