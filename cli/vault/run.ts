/** Run: a vault's program, and the self-test, each in a process of its own without network, under Node's permission flags. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured, permissionFlags, signerRooms } from '@kuramori/program';
import { listing, print, root } from '../command.ts';

/** What a vault signs. */
export const vaultVerbs = ['convert', 'rotate', 'sign'] as const;
export type VaultVerb = (typeof vaultVerbs)[number];

export function isVaultVerb(verb: string): verb is VaultVerb {
  return (vaultVerbs as readonly string[]).includes(verb);
}

/** `kuramori vault VERB FOLDER FILE`. Its answer is one line of JSON, for who carries it back. */
export async function runVault(verb: VaultVerb, folder: string, request: string): Promise<number> {
  const [own, file] = [resolve(folder), resolve(request)];
  const { code, out } = await offline(own, [file], 'signers/vault/main.ts', [verb, own, file]);
  if (code === 0) print(out.trimEnd());
  return code;
}

const Tried = z.object({
  ways: z.array(
    z.object({ what: z.string(), outcome: z.enum(['refused', 'absent', 'open']), why: z.string() }),
  ),
});

/** Tries every way out of a process that holds a key. Exit code 1 where one is open. */
export async function selfTest(): Promise<number> {
  const own = mkdtempSync(join(tmpdir(), 'kuramori-selftest-'));
  const elsewhere = mkdtempSync(join(tmpdir(), 'kuramori-elsewhere-'));
  try {
    const asked = [join('/etc', 'passwd'), elsewhere];
    const { code, out } = await offline(own, [], 'signers/offline/main.ts', asked);
    if (code !== 0) return code;
    const { ways } = Tried.parse(JSON.parse(out));
    const words = { refused: 'refused', absent: 'not in this Node', open: 'OPEN' } as const;
    print(
      listing(
        ways.map(({ what, outcome, why }) => [what, `${words[outcome]}${why === '' ? '' : `: ${why}`}`]),
      ),
    );
    const open = ways.filter(({ outcome }) => outcome === 'open').length;
    print(
      open === 0
        ? `${ways.length} ways out, none is open: a program that holds a key reaches nothing but its own folder and what it is given`
        : `${open} of ${ways.length} ways out are OPEN: use this folder for no key, and find out why`,
    );
    return open === 0 ? 0 : 1;
  } finally {
    for (const folder of [own, elsewhere]) rmSync(folder, { recursive: true, force: true });
  }
}

/** What it says goes straight to the people there, and its answer comes back. */
async function offline(
  folder: string,
  read: readonly string[],
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Misconfigured(`${folder}: is no folder: name the one that the keys are in`);
  const powers = { rooms: signerRooms, net: false, holdsKey: true, read };
  const flags = permissionFlags(root, folder, powers);
  const child = spawn(process.execPath, [...flags, join(root, program), ...args], {
    cwd: folder,
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { NODE_NO_WARNINGS: '1' },
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const code = await new Promise<number | null>((ended, failed) => {
    child.on('close', ended);
    child.on('error', failed);
  });
  return { code: code ?? 1, out };
}
