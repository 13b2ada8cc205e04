/**
 * The vault: an offline keystore. It has no socket (Node's permission flags deny it), but where an HSM has the chain key, which it then
 * asks; what else it takes and gives goes through files and its two lines of JSON. Its keys are made and its policy is pinned by `kuramori signer`.
 *   node signers/vault/main.ts convert <folder> <request.json> [options]
 *   node signers/vault/main.ts rotate <folder> <request.json> <options>
 *   node signers/vault/main.ts sign <folder> <order.json> <options>
 *   node signers/vault/main.ts journal | registration <folder> <policy.json>
 * Given by `kuramori vault`. Options, as JSON: `present`, the people who are there; `confirm`, what somebody would type, for
 * scripts. Where another has the chain key: `hsm`, the socket of the HSM's process; `signed`, a PSBT that came back.
 */
import '@kuramori/program/closed';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Present } from '@kuramori/core';
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
import { openAny, type Entrusted, type Keys } from '../keystore.ts';
import type { Around } from '../held/holder.ts';
import { readPins } from '../pins.ts';
import { serviceOf } from '../step/hsm.ts';
import { rolesOf } from '../step/roles.ts';
import { perform, type Ceremony } from '../step/step.ts';
import { mustBeOf, mustLive } from '../transcript.ts';
import { convert, type People } from './convert.ts';
import { OrderRequest } from './order.ts';
import { RotationRequest } from './rotation.ts';
import { registration } from '../held/registration.ts';
import { signOrder, tellJournal, type Vault } from './sign-order.ts';
import { signRotation } from './sign-rotation.ts';

const Options = z.strictObject({
  present: z.array(z.string()).default([]),
  confirm: z.array(z.string().max(200)).max(4).optional(),
  hsm: z.string().optional(),
  signed: z.string().optional(),
});

const [command, own, carried, given = '{}'] = process.argv.slice(2);
const does = {
  convert: (at: string, file: string) => convert(at, file, people),
  rotate: (at: string, file: string) =>
    held('rotate', at, async (keys, { noted }) => {
      const [pins, request] = [readPins(at, keys.record.publicKey), readConfig(file, RotationRequest)];
      return signRotation(keys, pins, file, request, { ...people, noted, roles }, await around(at));
    }),
  sign: (at: string, file: string) =>
    held('sign', at, async (keys, { noted }) => {
      const request = readConfig(file, OrderRequest);
      return signOrder(vaultOf(at, keys), file, request, { ...people, noted, roles }, await around(at));
    }),
  journal: (at: string, file: string) => look(at, (keys) => tellJournal(vaultOf(at, keys), readJson(file))),
  registration: (at: string, file: string) =>
    look(at, (keys) => registration(keys, readPins(at, keys.record.publicKey), readJson(file), say)),
} as const;
if (own === undefined || carried === undefined || !isCommand(command)) {
  process.stderr.write(
    `usage: node signers/vault/main.ts ${Object.keys(does).join(' | ')} <folder> <file.json> [options]\n`,
  );
  process.exit(2);
}

const { present, confirm, hsm, signed } = Options.parse(JSON.parse(given));
const say = (line: string) => void process.stderr.write(`${visible(line)}\n`);
const roles = rolesOf(present);
const people: People = { say, ask: async (question) => confirm?.shift() ?? (await typed(say, question)) };

await run(
  `vault ${command}`,
  async () => {
    const ready = await does[command](own, carried);
    // Nobody is asked any more, and an open one would keep the process.
    process.stdin.destroy();
    return { ready, stop: () => {} };
  },
  { withParent: false },
);

function isCommand(name: string | undefined): name is keyof typeof does {
  return name !== undefined && Object.hasOwn(does, name);
}

/** Before named people; whatever becomes of it stands in the transcript of the keys. */
async function held<T>(
  step: 'rotate' | 'sign',
  at: string,
  work: (keys: Keys | Entrusted, ceremony: Ceremony) => Promise<T>,
): Promise<T> {
  const there = Present.safeParse(present);
  if (!there.success)
    throw new Misconfigured(`--present: ${there.error.issues[0]?.message ?? 'at least two people'}`);
  return perform({ folder: at, step, present: there.data }, say, async (ceremony) =>
    work(await ceremony.open(), ceremony),
  );
}

/** Whoever may have the chain key in this vault's place. */
async function around(folder: string): Promise<Around> {
  return {
    folder,
    service: await serviceOf(hsm === undefined ? undefined : { socket: hsm }),
    signed: signed === undefined ? null : { file: signed, bytes: readFileSync(signed) },
  };
}

function vaultOf(at: string, keys: Keys | Entrusted): Vault {
  const pins = readPins(at, keys.record.publicKey);
  const { now } = openClock({ kind: 'system' }, keys.on.network);
  return { keys, pins, journalFile: join(at, 'journal.jsonl'), now };
}

/** Signs nothing, so nobody has to be there. */
function look<T>(at: string, work: (keys: Keys | Entrusted) => T): Promise<T> {
  const transcript = mustLive(at);
  const keys = openAny(join(at, 'keystore.json'), readSecretBytes(join(at, 'passphrase')));
  try {
    mustBeOf(at, transcript, keys.record.publicKey);
    return Promise.resolve(work(keys));
  } finally {
    keys.lock();
  }
}
