import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLines } from '@kuramori/program';
import { z } from 'zod';
import { blockBytes, readBlock, type Block } from './block.ts';
import type { Link, Saved } from './chain.ts';
import type { Numbers } from './history.ts';
import type { Network } from '../wire/transaction.ts';

const Next = z.strictObject({ row: z.int().min(1), definition: z.int().min(1) });
const Line = z.union([
  z.strictObject({ genesis: z.string() }),
  z.strictObject({
    height: z.int().min(2),
    hash: z.string(),
    block: z.string(),
    numbers: Next.optional(),
  }),
  z.strictObject({ rewind: z.int().min(1), next: Next.optional() }),
]);
type Line = z.infer<typeof Line>;

/** What makes a data folder unusable; the message says what to do. */
export class DataError extends Error {}

/**
 * The confirmed blocks on disk: a line a block, appended and synced; the pool is never written. A write that fails throws,
 * and is told to `broken`: the chain in memory is then ahead of the file, and nobody must be answered from it.
 */
export interface Store extends Disposable {
  readonly append: (links: readonly Link[]) => void;
  /** Notes that the blocks above this height are gone, but not their numbers. */
  readonly rewind: (height: number, next: Numbers) => void;
}

export interface OpenedStore {
  readonly store: Store;
  /** The blocks above the first, lowest first. */
  readonly blocks: readonly Saved[];
  /** What numbering goes on from, if anything was ever rewritten. */
  readonly next: Numbers | undefined;
  /** What was dropped at the end of the file, if its last line was torn by a crash. */
  readonly torn: string | undefined;
}

/** Opens the folder, or makes it. Throws DataError where it is damaged or of another chain. */
export function openStore(
  folder: string,
  genesis: Block,
  network: Network,
  broken: (cause: unknown) => void,
): OpenedStore {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'blocks.jsonl');
  const lines = openLines(file);
  const { blocks, next } = readLines(lines.lines, genesis, network, file);
  const write = (added: readonly Line[]) => {
    try {
      lines.append(...added);
    } catch (cause) {
      broken(cause);
      throw cause;
    }
  };
  if (lines.lines.length === 0) lines.append({ genesis: genesis.hash });
  const store: Store = {
    append: (added) => write(added.map(lineOf)),
    rewind: (height, numbers) => write([{ rewind: height, next: numbers }]),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
  const torn = lines.cut > 0 ? `${file}: the last line was cut off and has been dropped` : undefined;
  return { store, blocks, next, torn };
}

function lineOf({ block, numbers }: Link): Line {
  const { height, hash, signature } = block;
  return { height, hash, block: blockBytes(block, signature).toHex(), numbers };
}

function readLines(
  lines: readonly string[],
  genesis: Block,
  network: Network,
  file: string,
): Pick<OpenedStore, 'blocks' | 'next'> {
  const blocks: Saved[] = [];
  let next: Numbers | undefined;
  for (const [at, text] of lines.entries()) {
    const damaged = (why: string) =>
      new DataError(`${file}, line ${at + 1}: ${why}; restore the file, or remove the folder to begin anew`);
    const line = parseLine(text);
    if (line === undefined) throw damaged('is damaged');
    if ('genesis' in line !== (at === 0)) throw damaged('is damaged');
    if ('genesis' in line) {
      if (line.genesis !== genesis.hash) throw damaged('belongs to a chain with another genesis');
    } else if ('rewind' in line) {
      blocks.splice(Math.max(0, line.rewind - 1));
      next = line.next ?? next;
    } else {
      const block = parseBlock(line.block, network);
      const parent = blocks.at(-1)?.block ?? genesis;
      const fits =
        block?.hash === line.hash && block.height === line.height && block.prevHash === parent.hash;
      if (block === undefined || !fits || block.height !== parent.height + 1) throw damaged('is damaged');
      blocks.push(line.numbers === undefined ? { block } : { block, numbers: line.numbers });
    }
  }
  return { blocks, next };
}

function parseLine(text: string): Line | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function parseBlock(hex: string, network: Network): Block | undefined {
  try {
    return readBlock(Uint8Array.fromHex(hex), network);
  } catch {
    return undefined;
  }
}
