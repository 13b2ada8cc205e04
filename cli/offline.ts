/** `./kuramori-vault`: the one entry on a computer without network. It says what it is before it does anything. */
import { parseArgs } from 'node:util';
import { codesCommand } from './codes.ts';
import { print, refuse, root, say, type Command } from './command.ts';
import { signerCommand } from './signer.ts';
import { measured } from './vault/measured.ts';
import { isVaultVerb, selfTest, signing } from './vault/run.ts';

const usage = `./kuramori-vault selftest               tries every way out of a process that holds a key; all must be refused
./kuramori-vault signer …               keys, from their making to their destruction:

${signerCommand.usage.replaceAll('kuramori signer', './kuramori-vault signer')}

./kuramori-vault convert FOLDER FILE    makes a NEM account a multisig of the cosigners in FILE; FOLDER: the account's keys
./kuramori-vault rotate FOLDER FILE     a vault's signature of a rotation, from what kuramori rotate record wrote
./kuramori-vault sign FOLDER FILE       a vault's signature of a refill or a move, from what kuramori refill order wrote
./kuramori-vault journal FOLDER POLICY  what it has recorded, where an answer was lost
./kuramori-vault registration FOLDER POLICY   what another wallet is told once of the wallets of which it has this vault's key
  sign and rotate: --present NAME --present NAME, two at least; the transcript of the keys says what they did. Where the chain key is
  in another wallet, sign writes a PSBT, and is given what comes back with --signed PSBT …
  FILE: as it was carried, or pictures of its codes, as many as it takes; --page OUT.html: the answer as a moving code, too.
./kuramori-vault codes show | read …    a file as a moving code, and back`;

async function main([verb = '', ...args]: readonly string[]): Promise<number> {
  // Whoever changed a file can change this one too: the digest is compared with the one on paper, from another machine.
  say(`kuramori-vault ${measured(root)}`);
  if (verb === '--help' || verb === 'help' || args.includes('--help')) {
    print(usage);
    return 0;
  }
  if (verb === 'signer') return given(signerCommand, args);
  if (verb === 'codes') return given(codesCommand, args);
  if (verb === 'selftest' && args.length === 0) return selfTest();
  if (isVaultVerb(verb)) return given(signing(verb), args);
  return refuse(
    `${verb === '' ? 'which command?' : `'${[verb, ...args].join(' ')}' is none.`} There are:\n\n${usage}`,
  );
}

async function given(command: Command, args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options: command.options, allowPositionals: true });
  } catch (cause) {
    return refuse(`${(cause as Error).message}\n\n${usage}`);
  }
  if (parsed.values['hsm'] !== undefined)
    return refuse(
      '--hsm: there is no HSM’s process on a machine without network: its keys are made where it is',
    );
  return command.run(parsed.values as Parameters<Command['run']>[0], parsed.positionals);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  say(`kuramori-vault: ${(cause as Error).message}`);
  process.exitCode = 1;
}
