/** `kuramori`: the one entry. Results go to standard output, progress to standard error; exit code 0 means success. */
import { parseArgs } from 'node:util';
import { benchCommand } from './bench.ts';
import { canaryCommand } from './canary.ts';
import { chaosCommand } from './chaos.ts';
import { codesCommand } from './codes.ts';
import { print, refuse, say, type Command } from './command.ts';
import { drillCommand } from './drill.ts';
import { freezeCommand } from './freeze.ts';
import { incidentCommand } from './incident.ts';
import { keyCommand } from './key.ts';
import { journalCommand } from './journal.ts';
import { ledgerCommand } from './ledger.ts';
import { pageCommand } from './page.ts';
import { policyCommand } from './policy.ts';
import { releaseCommand } from './release.ts';
import { refillCommand } from './refill.ts';
import { rotateCommand } from './rotate.ts';
import { servicesCommand } from './services.ts';
import { signerCommand } from './signer.ts';
import { thawCommand } from './thaw.ts';
import { traceCommand } from './trace.ts';
import { upCommand } from './up.ts';
import { vaultCommand } from './vault.ts';

const commands: Readonly<Record<string, Command>> = {
  up: upCommand,
  drill: drillCommand,
  bench: benchCommand,
  chaos: chaosCommand,
  ledger: ledgerCommand,
  policy: policyCommand,
  freeze: freezeCommand,
  thaw: thawCommand,
  services: servicesCommand,
  incident: incidentCommand,
  refill: refillCommand,
  rotate: rotateCommand,
  page: pageCommand,
  signer: signerCommand,
  vault: vaultCommand,
  codes: codesCommand,
  key: keyCommand,
  canary: canaryCommand,
  release: releaseCommand,
  journal: journalCommand,
  trace: traceCommand,
};

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
  return command.run(parsed.values as Parameters<Command['run']>[0], parsed.positionals);
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
// A pipe takes 64 KiB at once: what it has not taken yet would be lost.
process.stdout.on('error', () => process.exit());
await new Promise((written) => process.stdout.write('', written));
// A drill or the sandbox may have left sockets open; all that mattered has been awaited.
process.exit();
