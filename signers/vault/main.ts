/**
 * The vault: an offline keystore. It never has a socket (Node's permission flags deny it); what it takes and gives
 * goes through files and its two lines of JSON. Its keys are made and its policy is pinned by `kuramori signer`.
 *   node signers/vault/main.ts convert <folder> <request.json> [confirm]
 *   node signers/vault/main.ts rotate <folder> <request.json> [confirm]
 *   node signers/vault/main.ts sign <folder> <order.json> [confirm]
 *   node signers/vault/main.ts journal <folder> <policy.json>
 * Given by `kuramori vault`. `confirm`: what somebody would type, for scripts.
 */
import '@kuramori/program/closed';
import { join } from 'node:path';
import {
  Misconfigured,
  openClock,
  readConfig,
  readJson,
  readSecretBytes,
  run,
  typed,
  visible,
} from '@kuramori/program';
import { openKeystore } from '../keystore.ts';
import { readPins } from '../pins.ts';
import { mustBeOf, mustLive } from '../transcript.ts';
import { convert, type People } from './convert.ts';
import { ends } from './ends.ts';
import { OrderRequest } from './order.ts';
import { cosign, judgedRotation, RotationRequest } from './rotation.ts';
import { signOrder, tellJournal, type Vault } from './sign-order.ts';

const [command, folder, request, confirm] = process.argv.slice(2);
const say = (line: string) => void process.stderr.write(`${visible(line)}\n`);
const people: People = { say, ask: async (question) => confirm ?? (await typed(say, question)) };

const does = {
  convert: (at: string, file: string) => convert(at, file, people),
  rotate,
  sign,
  journal,
} as const;
if (folder === undefined || request === undefined || !isCommand(command)) {
  process.stderr.write(
    `usage: node signers/vault/main.ts ${Object.keys(does).join(' | ')} <folder> <file.json>\n`,
  );
  process.exit(2);
}

await run(
  `vault ${command}`,
  async () => {
    const ready = await does[command](folder, request);
    // Nobody is asked any more, and an open one would keep the process.
    process.stdin.destroy();
    return { ready, stop: () => {} };
  },
  { withParent: false },
);

function isCommand(name: string | undefined): name is keyof typeof does {
  return name !== undefined && Object.hasOwn(does, name);
}

async function rotate(at: string, file: string) {
  const transcript = mustLive(at);
  const given = readConfig(file, RotationRequest);
  const keys = openKeystore(join(at, 'keystore.json'), readSecretBytes(join(at, 'passphrase')));
  try {
    mustBeOf(at, transcript, keys.record.publicKey);
    const judged = judgedRotation(keys, readPins(at, keys.record.publicKey), given);
    for (const [what, value] of judged.shown) say(`${what.padEnd(14)}${value}`);
    const answer = await people.ask(
      'If all of this is so, type the last 6 characters of the key that comes:',
    );
    if (!ends(answer, judged.change.add))
      throw new Misconfigured(
        `${file}: what was typed does not end the key that comes: nothing is signed. Look at it once more, and give the command again`,
      );
    return cosign(keys, judged);
  } finally {
    keys.lock();
  }
}

async function sign(at: string, file: string) {
  const given = readConfig(file, OrderRequest);
  return open(at, (vault) => signOrder(vault, file, given, people));
}

function journal(at: string, file: string) {
  const policy = readJson(file);
  return open(at, (vault) => Promise.resolve(tellJournal(vault, policy)));
}

async function open<T>(at: string, work: (vault: Vault) => Promise<T>): Promise<T> {
  const transcript = mustLive(at);
  const keys = openKeystore(join(at, 'keystore.json'), readSecretBytes(join(at, 'passphrase')));
  try {
    mustBeOf(at, transcript, keys.record.publicKey);
    const pins = readPins(at, keys.record.publicKey);
    const clock = openClock({ kind: 'system' }, keys.on.network);
    return await work({ keys, pins, journalFile: join(at, 'journal.jsonl'), now: clock.now });
  } finally {
    keys.lock();
  }
}
