/** Mounts: which file system a path is on, as the kernel lists them for this process (proc(5), /proc/pid/mountinfo). */
import { readFileSync } from 'node:fs';
import { Misconfigured, reasonOf } from '@kuramori/program';

const list = '/proc/self/mountinfo';

export interface Mount {
  /** Without links. */
  readonly point: string;
  /** `major:minor`: the same for every mount of one file system, be it a folder of it (bind) or a subvolume of btrfs. */
  readonly device: string;
}

/** All that this process sees, what covers others after them. Throws Misconfigured where nobody tells: then nothing is known. */
export function mountsHere(): readonly Mount[] {
  try {
    return mountsIn(readFileSync(list, 'utf8'));
  } catch (cause) {
    throw new Misconfigured(
      `${list}: ${reasonOf(cause)}: without it media cannot be told apart. To rehearse, say --although-together`,
      { cause },
    );
  }
}

export function mountsIn(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, , device, , point] = line.split(' ');
    return device === undefined || point === undefined ? [] : [{ device, point: unescaped(point) }];
  });
}

/** The one that a path without links is on; throws Misconfigured where none is, as where this process is locked into a folder. */
export function mountOf(mounts: readonly Mount[], path: string): Mount {
  const above = mounts.filter(({ point }) => `${path}/`.startsWith(point === '/' ? '/' : `${point}/`));
  const deepest = Math.max(...above.map(({ point }) => point.length));
  const found = above.findLast(({ point }) => point.length === deepest);
  if (found) return found;
  throw new Misconfigured(`${path}: ${list} has no mount for it: media cannot be told apart here`);
}

/** Of what stat(2) gives (Linux: 12 bits of a major number, 20 of a minor), as the list writes it. */
export function deviceText(device: number): string {
  return `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xf_ff00)}`;
}

/** Spaces and the like are written in octal. */
function unescaped(point: string): string {
  return point.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
