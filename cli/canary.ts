/** `kuramori canary`: a key of an account that nobody uses, put where only a thief looks. */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addressOf, formatPrivateKey, privateKeyOf, publicKeyOf } from '@kuramori/chains/nem/codec';
import { jsonText, Misconfigured, writeNew } from '@kuramori/program';
import { print, refuse, say, text, type Command } from './command.ts';

const networks = ['mainnet', 'testnet'] as const;

export const canaryCommand: Command = {
  usage: `kuramori canary plant FOLDER --where TEXT [--network mainnet|testnet] [--name FILE]
  Makes a key of a NEM account that nobody uses, writes it into FOLDER (a room's data folder, a backup) as if it were one
  of ours, and prints what belongs into every watchtower's configuration, under chains.nem.canaries. --where is what whoever is woken
  reads. Send the account a little XEM: a thief takes what he finds, and whoever uses the key stops the house.`,
  options: { where: { type: 'string' }, network: { type: 'string' }, name: { type: 'string' } },
  run: (options, [verb, folder, ...more]) => {
    const where = text(options['where']);
    const named = text(options['network']) ?? 'mainnet';
    const network = networks.find((one) => one === named);
    if (verb !== 'plant' || folder === undefined || more.length > 0)
      return Promise.resolve(refuse(`canary: 'plant', and one folder\n\n${canaryCommand.usage}`));
    if (where === null || where.trim() === '' || where.length > 256)
      return Promise.resolve(refuse('--where: says in 1 to 256 characters where this key lies'));
    if (!network) return Promise.resolve(refuse(`--network: '${named}' is neither mainnet nor testnet`));
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new Misconfigured(`${folder}: is no folder: make it first, or name another`);
    const file = join(resolve(folder), text(options['name']) ?? 'wallet-recovery.json');
    const { address, publicKey, body } = makeCanary(network);
    writeNew(file, body);
    say(`${file} is written. Send a little XEM to ${address}`);
    print(jsonText({ where, publicKey }));
    return Promise.resolve(0);
  },
};

/** The file looks like what a wallet writes when it saves a key. */
function makeCanary(network: (typeof networks)[number]) {
  const privateKey = privateKeyOf(randomBytes(32));
  const publicKey = publicKeyOf(privateKey);
  const address = addressOf(publicKey, network);
  const body = `${JSON.stringify({ network, account: address, privateKey: formatPrivateKey(privateKey) }, null, 2)}\n`;
  return { address, publicKey, body };
}
