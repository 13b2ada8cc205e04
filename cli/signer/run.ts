/** Run: a ceremony's program, in the signer's own folder, without network, under Node's permission flags. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { permissionFlags, signerRooms } from '@kuramori/program';
import { root } from '../command.ts';

export interface Asked {
  readonly step: string;
  readonly folder: string;
  readonly hsm?: object | undefined;
  readonly [field: string]: unknown;
}

/** What else the program may touch, and which folders it needs made. */
export interface Reach {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly makes: readonly string[];
}

/** What the program's one line of JSON says: signers/step/step.ts. */
export const Ended = z.looseObject({
  step: z.string(),
  recordKey: z.string(),
  chainKey: z.string().nullable(),
  what: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  remember: z.array(z.string()),
  last: z.string(),
  program: z.strictObject({ code: z.string(), node: z.string() }),
});
export type Ended = z.infer<typeof Ended>;

/** Null where it came to nothing: the program has said why on standard error. */
export async function runCeremony(asked: Asked, { read, write, makes }: Reach): Promise<Ended | null> {
  const made = makes.flatMap((folder) => mkdirSync(folder, { recursive: true, mode: 0o700 }) ?? []);
  mustBeOwner(asked.folder);
  const powers = { rooms: signerRooms, net: asked.hsm !== undefined, holdsKey: true, read, write };
  const child = spawn(
    process.execPath,
    [
      ...permissionFlags(root, asked.folder, powers),
      join(root, 'signers', 'ceremony', 'main.ts'),
      JSON.stringify(asked),
    ],
    // What people are asked and type goes straight to the program; nothing of our environment does.
    { cwd: asked.folder, stdio: ['inherit', 'pipe', 'inherit'], env: { NODE_NO_WARNINGS: '1' } },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  if (code === 0) return Ended.parse(JSON.parse(out));
  for (const folder of made) removeIfEmpty(folder);
  return null;
}

/** Another user's files would be unreadable for the signer itself. */
function mustBeOwner(folder: string): void {
  const owner = statSync(folder).uid;
  if (owner !== process.getuid?.())
    throw new Error(
      `${folder}: belongs to the user ${owner}: give this command as that user, whose the signer is (sudo -u '#${owner}' …)`,
    );
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // something is in it, and stays
  }
}
