/** Run: a vault's program, and the self-test, each in a process of its own without network, under Node's permission flags. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured, permissionFlags, signerRooms } from '@kuramori/program';
import { pageOf, showsCodes, wholeFrom } from '../codes.ts';
import { listing, print, refuse, root, text as textOf, type Command } from '../command.ts';

/** What a vault signs. */
export const vaultVerbs = ['convert', 'rotate', 'sign', 'journal'] as const;
export type VaultVerb = (typeof vaultVerbs)[number];

export function isVaultVerb(verb: string): verb is VaultVerb {
  return (vaultVerbs as readonly string[]).includes(verb);
}

export const vaultOptions = {
  page: { type: 'string' },
  present: { type: 'string', multiple: true },
} as const;

interface Carrying {
  readonly page: string | null;
  /** Who is there; `sign` and `rotate` are held before two. */
  readonly present: readonly string[];
}

/** `kuramori vault VERB FOLDER FILE …`, on whichever machine. */
export function signing(verb: VaultVerb): Command {
  const people = verb === 'sign' || verb === 'rotate' ? ' --present NAME --present NAME' : '';
  const usage = `${verb} FOLDER FILE …${people} [--page OUT.html]\n  FILE: as it was carried, or pictures of its codes, as many as it takes`;
  return {
    usage,
    options: vaultOptions,
    run: async (options, [folder, ...files]) =>
      folder === undefined || files.length === 0
        ? refuse(`vault ${verb}: takes a folder, and a file or pictures of its codes\n\n${usage}`)
        : runVault(verb, folder, files, {
            page: textOf(options['page']),
            present: [options['present'] ?? []].flat().map(String),
          }),
  };
}

/**
 * What was carried, as a file or as pictures or frames of its codes. The answer is one line of JSON,
 * for who carries it back; `page`: as a moving code, too.
 */
async function runVault(
  verb: VaultVerb,
  folder: string,
  files: readonly string[],
  { page, present }: Carrying,
): Promise<number> {
  const [first = '', ...more] = files.map((file) => resolve(file));
  // Before anybody types anything.
  if (page !== null && existsSync(page)) return refuse(`--page: ${page} is there already`);
  if (more.length === 0 && !showsCodes(first)) return given(verb, resolve(folder), first, { page, present });
  const whole = await wholeFrom([first, ...more]);
  if (whole === null) return 1;
  const own = mkdtempSync(join(tmpdir(), 'kuramori-carried-'));
  try {
    const file = join(own, 'carried.json');
    writeFileSync(file, whole.bytes, { mode: 0o600 });
    return await given(verb, resolve(folder), file, { page, present });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function given(
  verb: VaultVerb,
  own: string,
  file: string,
  { page, present }: Carrying,
): Promise<number> {
  const args = [verb, own, file, JSON.stringify({ present })];
  const { code, out } = await offline(own, [file], 'signers/vault/main.ts', args);
  if (code !== 0) return code;
  print(out.trimEnd());
  if (page !== null) writeFileSync(page, pageOf(Buffer.from(`${out.trimEnd()}\n`)), { flag: 'wx' });
  return 0;
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
