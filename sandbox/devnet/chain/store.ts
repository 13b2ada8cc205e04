import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { blockBytes, readBlock, type Block } from './block.ts';
import type { Network } from '../wire/transaction.ts';

const Line = z.union([
  z.strictObject({ genesis: z.string() }),
  z.strictObject({ height: z.int().min(2), hash: z.string(), block: z.string() }),
  z.strictObject({ rewind: z.int().min(1) }),
]);
type Line = z.infer<typeof Line>;

/** What makes a data folder unusable; the message says what to do. */
export class DataError extends Error {}

/** The confirmed blocks on disk: a line a block, appended and synced; the pool is never written. */
export interface Store extends Disposable {
  readonly append: (blocks: readonly Block[]) => void;
  /** Notes that the blocks above this height are gone. */
  readonly rewind: (height: number) => void;
}

export interface OpenedStore {
  readonly store: Store;
  /** The blocks above the first, lowest first. */
  readonly blocks: readonly Block[];
  /** What was dropped at the end of the file, if its last line was torn by a crash. */
  readonly torn: string | undefined;
}

/** Opens the folder, or makes it. Throws DataError where it is damaged or of another chain. */
export function openStore(folder: string, genesis: Block, network: Network): OpenedStore {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'blocks.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  const blocks = readLines(lines, genesis, network, file);
  // O_SYNC instead of fsync, which Node's permission model denies.
  const descriptor = openSync(file, 'as');
  if (whole.length < text.length) ftruncateSync(descriptor, Buffer.byteLength(whole));
  const write = (added: readonly Line[]) => {
    if (added.length === 0) return;
    writeSync(descriptor, added.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  if (lines.length === 0) write([{ genesis: genesis.hash }]);
  const store: Store = {
    append: (added) => write(added.map((block) => lineOf(block))),
    rewind: (height) => write([{ rewind: height }]),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
  const torn =
    whole.length < text.length ? `${file}: the last line was cut off and has been dropped` : undefined;
  return { store, blocks, torn };
}

function lineOf(block: Block): Line {
  return { height: block.height, hash: block.hash, block: blockBytes(block, block.signature).toHex() };
}

function readLines(
  lines: readonly string[],
  genesis: Block,
  network: Network,
  file: string,
): readonly Block[] {
  const blocks: Block[] = [];
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
    } else {
      const block = parseBlock(line.block, network);
      const parent = blocks.at(-1) ?? genesis;
      const fits =
        block?.hash === line.hash && block.height === line.height && block.prevHash === parent.hash;
      if (block === undefined || !fits || block.height !== parent.height + 1) throw damaged('is damaged');
      blocks.push(block);
    }
  }
  return blocks;
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
