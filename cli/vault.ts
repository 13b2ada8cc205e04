/** `kuramori vault`: the folder for a computer that never touches a network, what it signs there, and the test of its walls. */
import { basename, resolve } from 'node:path';
import { listing, print, refuse, root, type Command } from './command.ts';
import { buildVault } from './vault/build.ts';
import { isVaultVerb, selfTest, signing, vaultOptions } from './vault/run.ts';

export const vaultCommand: Command = {
  usage: `kuramori vault build FOLDER           writes the folder for the offline machine, with its own Node, and FOLDER.tar, which is carried
                                      there; prints what people compare
kuramori vault selftest               tries every way out of a process that holds a key; all must be refused
kuramori vault convert FOLDER FILE    makes a NEM account a multisig of the cosigners in FILE; FOLDER: the account's keys
kuramori vault rotate FOLDER FILE     a vault's signature of a rotation, from what kuramori rotate record wrote
kuramori vault sign FOLDER FILE       a vault's signature of a refill or a move, from what kuramori refill order wrote
kuramori vault journal FOLDER POLICY  what it has recorded, where an answer was lost: for kuramori refill told
kuramori vault registration FOLDER POLICY
                                      what another wallet or device is told once of the wallets of which it has this vault's key
  sign and rotate: --present NAME --present NAME, two at least; the transcript of the keys says what they did.
  Where the chain key is elsewhere (kuramori signer create --key-in-wallet, --key-in-hsm): sign writes a PSBT, and is given what
  comes back with --signed PSBT …; an HSM is asked with --hsm SOCKET.
  FILE: as it was carried, or pictures of its codes, as many as it takes; --page OUT.html: the answer as a moving code, too.
  There it is ./kuramori-vault selftest | signer … | convert … | rotate … | sign …: it prints the folder's digest at each start, and does
  not start where a file of it is another than the one that was built.`,
  options: vaultOptions,
  run: async (options, [verb = '', ...paths]) => {
    const [first, second] = paths.map((path) => resolve(path));
    const wrong = (what: string) => refuse(`vault: ${what}\n\n${vaultCommand.usage}`);
    if (verb === 'build' && first !== undefined && second === undefined) {
      const { tar, digest, program, files, bytes } = buildVault(root, first);
      print(
        `${first}.tar: ${files} files, ${Math.round(bytes / 1_000_000)} MB; two builds of one version give the same\n${listing(
          [
            [
              'tar',
              `${tar}  on paper, and compared there before anything runs: sha256sum ${basename(first)}.tar`,
            ],
            ['folder', `${digest}  printed at each start`],
            ['program', `${program}  in each ceremony’s transcript there`],
          ],
        )}`,
      );
      return 0;
    }
    if (verb === 'selftest' && first === undefined) return selfTest();
    if (isVaultVerb(verb)) return signing(verb).run(options, paths);
    if (verb === 'build' || verb === 'selftest')
      return wrong(`${verb}: takes ${verb === 'build' ? 'one folder' : 'nothing'}`);
    return wrong(`'${verb}' is no call of it`);
  },
};
