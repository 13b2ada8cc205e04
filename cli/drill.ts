import { join } from 'node:path';
import {
  ablationTable,
  addressAttacks,
  addressJson,
  addressTable,
  drillDepositAddress,
  drillRows,
  drillThefts,
  machine,
  theftNames,
  theftsDocument,
  theftsJson,
  theftsTable,
} from '@kuramori/sandbox';
import { replaceFile } from '@kuramori/program';
import { print, refuse, root, say, text, type Command } from './command.ts';

const folder = join(root, '.kuramori', 'drill');

export const drillCommand: Command = {
  usage: `kuramori drill all | THEFT [--json] [--ablate] [--write FILE]
kuramori drill coincheck | burn | deposit-address [--json] [--only NAME]
  all: the great thefts, each against a whole house of processes; THEFT is one of them (R04, or zaif). --ablate repeats each
  without each of its defences; cut off, it goes on where it was. --write makes docs/drills.md of it. Without it:
  coincheck: replays the theft of January 2018 against running processes, one row an attack and a set of defences.
  --only takes an attack (one-key) or a row (one-key/multisig+watchtower); --json prints one line of JSON.
  burn: one stolen cosigner's key, used to have the wallet burn what it has: a wrapper and a cosignature with giant fees, and
  a payment made once more after the chain has forgotten it. --only as above.
  deposit-address: a thief between custody and the exchange hands out other addresses and messages; each attack with and
  without the client's check. --only takes an attack (accomplice).`,
  options: {
    json: { type: 'boolean' },
    only: { type: 'string' },
    ablate: { type: 'boolean' },
    write: { type: 'string' },
  },
  run: async (options, [name, ...more]) => {
    const json = options['json'] === true;
    const only = text(options['only']);
    if (more.length === 0 && (name === 'coincheck' || name === 'burn')) return rowsOf(name, json, only);
    if (more.length === 0 && name === 'deposit-address') return depositAddress(json, only);
    if (more.length === 0 && name !== undefined && (name === 'all' || theftNames().includes(name)))
      return thefts(name, options['ablate'] === true, json, text(options['write']));
    return refuse(
      `drill: there are all, coincheck, burn, deposit-address, ${theftNames().join(', ')}, and not '${[name, ...more].join(' ')}'`,
    );
  },
};

async function thefts(name: string, ablate: boolean, json: boolean, file: string | null): Promise<number> {
  const results = await drillThefts({ name, ablate, folder: join(folder, 'thefts'), say });
  if (file !== null) replaceFile(file, theftsDocument(results, `${machine()}, shared.`));
  const ablated = ablationTable(results);
  print(json ? theftsJson(results) : `${theftsTable(results)}${ablated === '' ? '' : `\n${ablated}`}`);
  return 0;
}

async function rowsOf(drill: 'coincheck' | 'burn', json: boolean, only: string | null): Promise<number> {
  const done = await drillRows({ drill, folder, json, only, say });
  if (done.kind === 'refused') return refuse(done.why);
  print(done.text);
  return 0;
}

async function depositAddress(json: boolean, only: string | null): Promise<number> {
  if (only !== null && !(addressAttacks as readonly string[]).includes(only))
    return refuse(`--only ${only}: there is no such attack. There are: ${addressAttacks.join(', ')}`);
  const rows = await drillDepositAddress({ folder, say, only });
  print(json ? addressJson(rows) : addressTable(rows));
  return 0;
}
