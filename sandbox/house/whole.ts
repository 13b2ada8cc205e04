/** Whether a house that was built is still whole: what a process would make anew, or die of, is missed before it starts. */
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { addressOf, parsePublicKey } from '@kuramori/chains/nem/codec';
import { Misconfigured } from '@kuramori/program';
import { ethereumKeyHolders, relayerKeyFile } from '../ethereum/wallets.ts';
import { litecoinKeyHolders } from '../litecoin/wallets.ts';
import { everySigner, movingVaults, rotatingVaults, type Deed } from './deed.ts';
import { towerNames } from './plan.ts';

const whatToDo = 'restore it, or begin anew with --fresh';

/** Throws Misconfigured with one line that names the first file that is gone, or the field of the deed that is wrong. */
export function mustBeWhole(folder: string, deed: Deed): void {
  const keyHolders = [
    ...deed.signers.map(({ id }) => id),
    ...(deed.vaultKey === null ? [] : ['vault']),
    'cold-1',
    'cold-2',
    'cold-3',
    ...(deed.litecoin ? litecoinKeyHolders : []),
    ...(deed.ethereum ? ethereumKeyHolders : []),
  ];
  const pinned = [
    ...[...everySigner(deed), ...movingVaults(deed)].map(({ id }) => id),
    ...rotatingVaults(deed),
  ];
  const files = [
    join(folder, 'policy', 'policy.json'),
    ...keyHolders.flatMap((name) =>
      ['keystore.json', 'passphrase', 'ceremony.jsonl'].map((file) => join(folder, name, file)),
    ),
    ...pinned.map((name) => join(folder, name, 'pins.json')),
    ...towerNames(deed.watchtowerKeys.length).map((name) => join(folder, name, 'seed')),
    join(folder, 'custody', 'books.seed'),
    ...(deed.ethereum ? [relayerKeyFile({ folder }), join(folder, 'anvil', 'state.json')] : []),
    ...['node1', 'node2'].map((name) => join(folder, name, 'chain', 'blocks.jsonl')),
  ];
  const gone = files.find((file) => !existsSync(file));
  if (gone !== undefined) throw new Misconfigured(`${gone}: is gone: ${whatToDo}`);
  for (const name of ['hot', 'cold'] as const) {
    const { address, publicKey } = deed[name];
    const read = parsePublicKey(publicKey);
    if (read.kind === 'refused' || addressOf(read.publicKey, 'testnet') !== address)
      throw new Misconfigured(
        `${join(folder, 'deed.json')}: ${name}.address: is not that of ${name}.publicKey: ${whatToDo}`,
      );
  }
  // Without it no payment that was ever made is explained, and a watchtower alone would freeze for good.
  const archives = towerNames(deed.watchtowerKeys.length).map((name) => join(folder, name, 'archive.jsonl'));
  const signed = deed.signers.some(({ id }) => sizeOf(join(folder, id, 'journal.jsonl')) > 0);
  if (signed && archives.every((archive) => sizeOf(archive) === 0))
    throw new Misconfigured(`${archives.join(', ')}: is gone or empty, and signers have signed: ${whatToDo}`);
}

/** Before a minute's start: throws Misconfigured where somebody else listens on a port of the deed's. */
export async function mustBeFree({ ports }: Pick<Deed, 'ports'>, names: readonly PortName[]): Promise<void> {
  for (const name of names) {
    const server = createServer();
    const code = await new Promise<string | null>((resolve) => {
      server.on('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message));
      server.listen(ports[name], '127.0.0.1', () => server.close(() => resolve(null)));
    });
    if (code === 'EADDRINUSE')
      throw new Misconfigured(
        `${name}: port ${ports[name]} is in use: stop what listens there, then start again`,
      );
  }
}

type PortName = keyof Deed['ports'];

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
