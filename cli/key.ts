/** `kuramori key`: an Ed25519 key of a person, a keeper's or an operator's, as a file. */
import { randomBytes } from 'node:crypto';
import { writeNew } from '@kuramori/program';
import { print, refuse, type Command } from './command.ts';
import { openKey } from './house.ts';

export const keyCommand: Command = {
  usage: `kuramori key create FILE      makes a keeper's or an operator's key; prints its public half, for the policy
kuramori key show FILE        prints the public half again
  The file is readable by its owner alone, and is never overwritten: keep it on a medium that is in no computer.`,
  options: {},
  run: (_options, [name = '', file, ...more]) => {
    if ((name !== 'create' && name !== 'show') || file === undefined || more.length > 0)
      return Promise.resolve(refuse(`key: 'create' or 'show', and one file\n\n${keyCommand.usage}`));
    if (name === 'create') writeNew(file, `${randomBytes(32).toString('hex')}\n`);
    print(openKey(file).publicKey);
    return Promise.resolve(0);
  },
};
