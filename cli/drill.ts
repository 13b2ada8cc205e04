import { join } from 'node:path';
import { drillCoincheck } from '@kuramori/sandbox';
import { print, refuse, root, say, text, type Command } from './command.ts';

export const drillCommand: Command = {
  usage: `kuramori drill coincheck [--json] [--only NAME]
  Replays the theft of January 2018 against running processes, one row an attack and a set of defences.
  --only takes an attack (one-key) or a row (one-key/multisig+watchtower); --json prints one line of JSON.`,
  options: { json: { type: 'boolean' }, only: { type: 'string' } },
  run: async (options, [name, ...more]) => {
    if (name !== 'coincheck' || more.length > 0)
      return refuse(`drill: there is one drill, coincheck, and not '${[name, ...more].join(' ')}'`);
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
};
