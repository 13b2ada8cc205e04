/** Searches the whole memory of another process, as a thief with root's rights would. Linux only. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

export interface Found {
  readonly what: string;
  /** The mapping's name as proc(5) gives it; empty for anonymous memory. */
  readonly where: string;
  readonly at: string;
}

/** Every place at which one of the needles stands. Throws where this user may not read that process. */
export function searchMemory(
  pid: number,
  needles: ReadonlyMap<string, Uint8Array>,
): { readonly found: readonly Found[]; readonly bytes: number } {
  const longest = Math.max(...[...needles.values()].map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const [chunk, zeros] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
  const found: Found[] = [];
  let bytes = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n')) {
      const [, from, to, rights, where] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
      if (from === undefined || to === undefined || !rights?.startsWith('r')) continue;
      // Neither is memory of the process, and the kernel does not give them.
      if (where === '[vvar]' || where === '[vsyscall]' || where === '[vvar_vclock]') continue;
      const end = BigInt(`0x${to}`);
      for (let at = BigInt(`0x${from}`); at < end;) {
        const length = read(memory, chunk, at, end);
        // A page that was given back since, or that nobody ever touched beyond its file.
        if (length === 0) {
          at += 4096n;
          continue;
        }
        bytes += length;
        // Most of what V8 reserves nobody ever touched.
        const touched = !chunk.subarray(0, length).equals(zeros.subarray(0, length));
        for (const [what, needle] of touched ? needles : [])
          for (let index = 0; (index = chunk.subarray(0, length).indexOf(needle, index)) !== -1; index += 1)
            found.push({ what, where: where ?? '', at: (at + BigInt(index)).toString(16) });
        // What lies across two reads is seen by the second.
        const step = length > longest && at + BigInt(length) < end ? length - longest + 1 : length;
        at += BigInt(step);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { found, bytes };
}

function read(memory: number, into: Buffer, at: bigint, end: bigint): number {
  const wanted = end - at < BigInt(into.length) ? Number(end - at) : into.length;
  try {
    return readSync(memory, into, 0, wanted, at);
  } catch {
    return 0;
  }
}
