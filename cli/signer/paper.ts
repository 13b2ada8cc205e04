/** Paper: what `kuramori signer share`, `recover` and `rehearse` are asked, as the program takes it. */
import { resolve } from 'node:path';

interface Group {
  readonly threshold: number;
  readonly count: number;
}

/** What a call says, and the files that it names; or what is missing. */
export interface PaperCall {
  readonly asked: { readonly [field: string]: unknown };
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** `--groups 2 --shares 2of3 --shares 3of5 --shares 2of3`: of these three groups two are enough. */
export function shareCall(
  groupsGiven: string | null,
  sharesGiven: readonly string[],
  to: readonly string[],
  passphrase: string | null,
  pages: { readonly paper: string | null; readonly safe: string | null },
): PaperCall | string {
  const groups = sharesGiven.map(groupOf);
  const odd = groups.indexOf(null);
  if (odd >= 0) return `--shares: '${sharesGiven[odd]}' is not like 2of3`;
  if (groups.length === 0) return '--shares 2of3: how many there are, and how many it takes; once a group';
  const groupThreshold = Number(groupsGiven ?? '1');
  if (!Number.isInteger(groupThreshold) || groupThreshold < 1)
    return `--groups: '${groupsGiven}' is no number`;
  if (to.length === 0)
    return '--to FOLDER: where the media are put one after another; or once a share, each on its own medium';
  if (pages.paper !== null && !['a4', 'letter'].includes(pages.paper))
    return `--paper: '${pages.paper}' is none of a4, letter`;
  const [folders, secret, safe] = [
    to.map((folder) => resolve(folder)),
    fileOf(passphrase),
    fileOf(pages.safe),
  ];
  return {
    asked: {
      groupThreshold,
      groups,
      to: folders,
      sharePassphrase: secret[0],
      paper: pages.paper ?? undefined,
      safe: safe[0],
    },
    read: [...folders, ...secret, ...safe],
    write: [...folders, ...safe],
  };
}

/** Files of shares, or of 24 words. */
export function recoverCall(
  files: readonly string[],
  wordsGiven: string | null,
  passphrase: string | null,
): PaperCall | string {
  if ((files.length === 0) === (wordsGiven === null))
    return 'takes the files of the shares, or --words FILE: one of both';
  const [shares, words, secret] = [
    files.map((file) => resolve(file)),
    fileOf(wordsGiven),
    fileOf(passphrase),
  ];
  return {
    asked: { shares, words: words[0], sharePassphrase: secret[0] },
    read: [...shares, ...words, ...secret],
    write: [],
  };
}

/** What is tried, and who brings it; which of it go together the program says, which writes it down. */
export function rehearseCall(
  files: readonly string[],
  given: Readonly<
    Record<'from' | 'words' | 'backup' | 'passphrase' | 'sharePassphrase' | 'policy', string | null>
  > & { readonly holders: readonly string[] },
): PaperCall {
  const { holders, ...named } = given;
  const shares = files.map((file) => resolve(file));
  const paths = Object.entries(named).flatMap(([name, path]) =>
    path === null ? [] : [[name, resolve(path)] as const],
  );
  return {
    asked: { shares, holders, ...Object.fromEntries(paths) },
    read: [...shares, ...paths.map(([, path]) => path)],
    write: [],
  };
}

function groupOf(text: string): Group | null {
  const [, threshold, count] = /^(\d{1,2})of(\d{1,2})$/.exec(text) ?? [];
  return threshold === undefined ? null : { threshold: Number(threshold), count: Number(count) };
}

const fileOf = (given: string | null): readonly string[] => (given === null ? [] : [resolve(given)]);
