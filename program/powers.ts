/** Powers: what a process may touch, and Node's permission flags that hold it to that. */

/** Code folders are read-only; `write` are its own. */
export interface Powers {
  /** Rooms whose code it reads. */
  readonly rooms: readonly string[];
  readonly net: boolean;
  /** Whether it closes its memory against everybody when it starts. */
  readonly holdsKey?: boolean;
  readonly childProcess?: boolean;
  readonly worker?: boolean;
  /** Files and folders beside its own folder that it reads. */
  readonly read?: readonly string[];
  /** Files and folders beside its own folder that it writes. */
  readonly write?: readonly string[];
}

/** What a process reads of this project that holds a signer's key. */
export const signerRooms = ['core', 'program', 'chains', 'signers'] as const;

/** Rooms whose code a process reads, by what it is: what it is started with, and what is measured (code/files.ts). */
export const codeOf = {
  cosigner: signerRooms,
  watchtower: ['core', 'program', 'chains', 'watchtower'],
  // Its own code and no more of its room: what the watchtower does with its key is not for it.
  pager: ['core', 'program', 'chains', 'watchtower/pager'],
  custody: ['core', 'program', 'chains', 'ledger', 'custody'],
} as const satisfies { readonly [kind: string]: readonly string[] };
export type CodeKind = keyof typeof codeOf;

/** For a process of the project at `root` with a folder of its own, which must be there: else Node takes it for a file. */
export function permissionFlags(root: string, folder: string, powers: Powers): readonly string[] {
  const code = ['package.json', 'node_modules', ...powers.rooms].map((path) => `${root}/${path}`);
  return [
    '--permission',
    // Opens files by itself, past the flags for files.
    '--no-experimental-sqlite',
    // Node itself, since it is measured with the rest.
    ...[...code, process.execPath, folder, ...(powers.read ?? [])].map((path) => `--allow-fs-read=${path}`),
    ...[folder, ...(powers.write ?? [])].map((path) => `--allow-fs-write=${path}`),
    ...(powers.net ? ['--allow-net'] : []),
    // Given up again by the process itself, before anything else is loaded: program/closed/memory.ts.
    ...(powers.holdsKey === true ? ['--allow-ffi', '--disable-sigusr1'] : []),
    ...(powers.childProcess === true ? ['--allow-child-process'] : []),
    ...(powers.worker === true ? ['--allow-worker'] : []),
  ];
}
