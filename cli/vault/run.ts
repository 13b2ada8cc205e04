/** Run: a vault's program, and the self-test, each in a process of its own under Node's permission flags; without network, but where an HSM has the chain key. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { Misconfigured, permissionFlags, readJson, signerRooms } from '@kuramori/program';
import { pageOf, psbtPageOf, showsCodes, wholeFrom } from '../codes.ts';
import { listing, print, refuse, root, say, text as textOf, type Command } from '../command.ts';

/** What a vault signs. */
export const vaultVerbs = ['convert', 'rotate', 'sign', 'journal', 'registration'] as const;
export type VaultVerb = (typeof vaultVerbs)[number];

export function isVaultVerb(verb: string): verb is VaultVerb {
  return (vaultVerbs as readonly string[]).includes(verb);
}

export const vaultOptions = {
  page: { type: 'string' },
  present: { type: 'string', multiple: true },
  hsm: { type: 'string' },
  signed: { type: 'string', multiple: true },
} as const;

interface Carrying {
  readonly page: string | null;
  /** Who is there; `sign` and `rotate` are held before two. */
  readonly present: readonly string[];
  /** The socket of the HSM's process, where the chain key is in one. */
  readonly hsm: string | null;
  /** What another wallet or device gave back: a PSBT, or pictures or frames of its codes. */
  readonly signed: readonly string[];
}

/** `kuramori vault VERB FOLDER FILE …`, on whichever machine. */
export function signing(verb: VaultVerb): Command {
  const people = verb === 'sign' || verb === 'rotate' ? ' --present NAME --present NAME' : '';
  const elsewhere =
    verb === 'sign' ? ' [--signed PSBT …] [--hsm SOCKET]' : verb === 'rotate' ? ' [--hsm SOCKET]' : '';
  const usage = `${verb} FOLDER FILE …${people} [--page OUT.html]${elsewhere}\n  FILE: as it was carried, or pictures of its codes, as many as it takes`;
  return {
    usage,
    options: vaultOptions,
    run: async (options, [folder, ...files]) =>
      folder === undefined || files.length === 0
        ? refuse(`vault ${verb}: takes a folder, and a file or pictures of its codes\n\n${usage}`)
        : runVault(verb, folder, files, {
            page: textOf(options['page']),
            present: [options['present'] ?? []].flat().map(String),
            hsm: textOf(options['hsm']),
            signed: [options['signed'] ?? []].flat().map(String),
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
  carrying: Carrying,
): Promise<number> {
  const { page, present, hsm, signed } = carrying;
  const own = resolve(folder);
  // Whoever holds a chain key reaches nothing: only where the HSM has it, its process may be asked.
  if (hsm !== null && !((verb === 'sign' || verb === 'rotate') && isInHsm(own)))
    return refuse(`--hsm: is for sign and rotate, where the chain key of ${folder} is in an HSM`);
  // Before anybody types anything.
  if (page !== null && existsSync(page)) return refuse(`--page: ${page} is there already`);
  const carry = mkdtempSync(join(tmpdir(), 'kuramori-carried-'));
  try {
    const file = await carried(files, join(carry, 'carried.json'));
    const back = signed.length === 0 ? undefined : await carried(signed, join(carry, 'signed.psbt'));
    if (file === null || back === null) return 1;
    const socket = hsm === null ? undefined : resolve(hsm);
    const read = [file, ...(back === undefined ? [] : [back])];
    const asked = [verb, own, file, JSON.stringify({ present, hsm: socket, signed: back })];
    const { code, out } = await offline(own, read, 'signers/vault/main.ts', asked, socket !== undefined);
    return code === 0 ? carryBack(own, out.trimEnd(), page) : code;
  } finally {
    rmSync(carry, { recursive: true, force: true });
  }
}

/** The file that was carried, or what its codes hold, in `into`; null where they are not whole, which is told. */
async function carried(files: readonly string[], into: string): Promise<string | null> {
  const [first = '', ...more] = files.map((file) => resolve(file));
  if (more.length === 0 && !showsCodes(first)) return first;
  const whole = await wholeFrom([first, ...more]);
  if (whole === null) return null;
  writeFileSync(into, whole.bytes, { mode: 0o600 });
  return into;
}

const Waiting = z.object({ toSign: z.string() });

const Header = z.looseObject({ heldBy: z.looseObject({ by: z.string() }).optional() });

/** As the keystore says; only opening it proves it, and that is done without a network where it is not so. */
function isInHsm(folder: string): boolean {
  return Header.safeParse(readJson(join(folder, 'keystore.json'))).data?.heldBy?.by === 'hsm';
}

function carryBack(folder: string, out: string, page: string | null): number {
  const { data: waiting } = Waiting.safeParse(JSON.parse(out));
  if (waiting) {
    if (dirname(waiting.toSign) !== join(folder, 'to-sign'))
      throw new Misconfigured(`${waiting.toSign}: is not in ${folder}`);
    if (page !== null) writeFileSync(page, psbtPageOf(readFileSync(waiting.toSign)), { flag: 'wx' });
    say(
      `recorded, and not signed yet: have the wallet or device sign ${waiting.toSign}${page === null ? '' : ` (${page} shows it)`}, and give the same command again with --signed, and what came back / 記録しました。まだ署名されていません。このPSBTにウォレットで署名し、同じコマンドを、--signed と返ってきたファイルを付けて、もう一度実行してください`,
    );
    return 1;
  }
  print(out);
  if (page !== null) writeFileSync(page, pageOf(Buffer.from(`${out}\n`)), { flag: 'wx' });
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
  /** To an HSM's process alone, where there is one. */
  net = false,
): Promise<{ readonly code: number; readonly out: string }> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Misconfigured(`${folder}: is no folder: name the one that the keys are in`);
  const powers = { rooms: signerRooms, net, holdsKey: true, read };
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
