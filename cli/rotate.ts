/** `kuramori rotate`: from an alarm to another key in its place, one command a step; each can be given again. */
import { refuse, text, wholeNumber, type Command } from './command.ts';
import { openHouse } from './house.ts';
import { announce } from './rotate/announce.ts';
import { draft, sign } from './rotate/draft.ts';
import { record } from './rotate/record.ts';

export const rotateCommand: Command = {
  usage: `kuramori rotate draft FILE --wallet W --remove KEY [--add KEY] [--hours N] [--version N] [--house FILE]
                                              writes down the rotation; --add: the policy's spare, where it has one alone;
                                              --version: the one in force, where a newer one still waits
kuramori rotate sign FILE --key FILE          a keeper's signature, added to it
kuramori rotate record FILE [--house FILE]    the online signers record and sign it, the watchtowers countersign it
                                              (FILE.signed); where a vault must sign too, FILE.vault is for it
kuramori rotate announce FILE [--vault FILE] [--house FILE]
                                              with the vault's answer: to every node, or to a relayer where the chain has
                                              one, and waits until it is confirmed; one --vault for each that signed
  Replaces a key of a wallet by a spare that the policy has pinned, in one transaction, frozen or not, after a theft or as
  planned. As soon as the chain has confirmed it the spare signs, by the same policy. On NEM and on EVM chains; on Bitcoin's
  family another wallet takes the place of the old one (docs/succession.md).`,
  options: {
    wallet: { type: 'string' },
    remove: { type: 'string' },
    add: { type: 'string' },
    hours: { type: 'string' },
    version: { type: 'string' },
    key: { type: 'string' },
    vault: { type: 'string', multiple: true },
    house: { type: 'string' },
  },
  run: async (options, [name = '', file, ...more]) => {
    const wrong = (what: string) => refuse(`rotate: ${what}\n\n${rotateCommand.usage}`);
    const given = (option: string) => text(options[option]);
    const house = () => openHouse(given('house'));
    if (file === undefined || more.length > 0) return wrong(`'${name}' takes one file`);
    if (name === 'draft') {
      const [wallet, remove] = [given('wallet'), given('remove')];
      const hours = wholeNumber('hours', options['hours'], 24, 1, 24 * 30);
      if (wallet === null || remove === null) return wrong('draft: --wallet and --remove are needed');
      if (typeof hours === 'string') return wrong(hours);
      const version =
        options['version'] === undefined ? null : wholeNumber('version', options['version'], 1, 1, 1e9);
      if (typeof version === 'string') return wrong(version);
      return draft(house(), file, { name: wallet, remove, named: given('add'), hours, version });
    }
    if (name === 'sign') {
      const key = given('key');
      return key === null ? wrong('sign: --key names the keeper’s') : sign(file, key);
    }
    if (name === 'record') return record(house(), file);
    return name === 'announce'
      ? announce(house(), file, [options['vault'] ?? []].flat().map(String))
      : wrong(`'${name}' is no call of it`);
  },
};
