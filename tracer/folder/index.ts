/** A case from a folder of files; which kind it is, the files say. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  readHeist,
  readLaunder,
  readSanctions,
  readTagPack,
  TracerError,
  type Case,
  type Labelled,
  type Tag,
} from '@kuramori/tracer';

const heistFiles = ['transfers.csv', 'addresses.csv'] as const;
const launderFiles = ['transfers.csv', 'sources.txt', 'terminals.txt'] as const;

export type CaseFolder =
  | {
      readonly kind: 'heist';
      readonly case: Case;
      readonly labels: readonly Labelled[];
      /** Whom the labels name as the thief's first addresses. */
      readonly firsts: readonly string[];
    }
  | { readonly kind: 'launder'; readonly case: Case };

const textOf = (file: string) => {
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new TracerError(`${file}: cannot be read: ${(cause as Error).message}`, { cause });
  }
};

export function readFolder(folder: string, tags: readonly Tag[] = []): CaseFolder {
  const has = (names: readonly string[]) => names.every((name) => existsSync(join(folder, name)));
  const file = (name: string) => textOf(join(folder, name));
  const name = basename(folder);
  if (has(launderFiles)) {
    const read = readLaunder(name, file('transfers.csv'), file('sources.txt'), file('terminals.txt'), tags);
    return { kind: 'launder', case: read };
  }
  if (has(heistFiles))
    return { kind: 'heist', ...readHeist(name, file('transfers.csv'), file('addresses.csv'), tags) };
  throw new TracerError(
    `${folder}: is no case: it needs ${heistFiles.join(' and ')}, or ${launderFiles.join(', ')}`,
  );
}

/** A file of tags: a TagPack (.yaml), or a list of sanctioned addresses (.json). */
export function readTags(file: string): readonly Tag[] {
  const { text } = textOf(file);
  const kind = extname(file);
  if (kind === '.yaml' || kind === '.yml') return readTagPack(file, text);
  if (kind === '.json') return readSanctions(file, text);
  throw new TracerError(
    `${file}: is no file of tags: it must be a TagPack (.yaml) or a list of addresses (.json)`,
  );
}

/** The folders in a folder, in their order. */
export function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
    .toSorted();
}
