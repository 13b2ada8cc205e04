/**
 * Tiles: the journal once more, as a folder that anybody can check without us: C2SP tlog-tiles, with the newest checkpoint
 * that a watchtower has cosigned. All of it is made from the journal, beside whatever else goes on; what is on the disk
 * before anybody hears of it is the journal itself. A checkpoint is signed only once a watchtower has: so whatever was
 * ever signed somebody else holds too, and a journal that has lost it can get it back.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundleBytes,
  cosignaturesIn,
  cosignersOf,
  leafHash,
  leafOf,
  logKey,
  originOf,
  readCheckpoint,
  readSignedCheckpoint,
  signedBy,
  signedCheckpoint,
  tileBytes,
  tilePath,
  tilesOf,
  tileWidth,
  verifyCosigned,
  type Checkpoint,
  type Cosignature,
  type PolicyChain,
  type Refusal,
  type SignedEntry,
  type SigningKey,
  type TileName,
} from '@kuramori/core';
import { log, Misconfigured, reasonOf, replaceBeside } from '@kuramori/program';
import type { Journal } from './journal.ts';

export interface Tiles {
  /** The newest cosigned checkpoint, signed; null before the first. */
  readonly checkpoint: () => string | null;
  /** Entries that the checkpoint speaks for and the journal has lost. */
  readonly missing: () => number;
  /** Whether the next entry would lead to another journal than the one that the checkpoint speaks for. */
  readonly contradicts: (next: SignedEntry) => boolean;
  readonly witness: (cosignature: Cosignature) => { readonly kind: 'done' } | Refusal;
  /** Resolves once everything that was to be written is, or has failed. */
  readonly settled: () => Promise<void>;
}

/**
 * Opens or makes the folder and holds every file in it against the journal. Throws Misconfigured where one of the two was
 * edited or swapped; what is missing is made again, and a journal that is shorter than its own checkpoint is told.
 */
export function openTiles(
  folder: string,
  signer: string,
  key: SigningKey,
  chain: PolicyChain,
  journal: Journal,
): Tiles {
  const [{ policy: first }] = chain;
  const { network } = first;
  const origin = originOf(network, signer, key.publicKey);
  const watchtowers = [...new Set(chain.flatMap(({ policy }) => policy.watchtowers.keys))];
  const file = join(folder, 'checkpoint');
  const { tree } = journal;

  const altered = (where: string, what: string) =>
    new Misconfigured(
      `${where}: ${what}: this file or the journal was altered or swapped. Move ${folder} away as evidence and restart: it is made again from the journal`,
    );

  /** The newest checkpoint, signed by us, and who cosigned it. */
  let newest: { readonly checkpoint: Checkpoint; readonly cosignatures: readonly Cosignature[] } | null =
    null;
  let signedText: string | null = null;
  const missing = () => Math.max(0, (newest?.checkpoint.size ?? 0) - tree.size());
  /** Up to which size every tile of the folder was found to be the journal's. */
  let checkedTo = 0;

  function readOwnCheckpoint(): void {
    const bytes = readOr(file);
    if (!bytes) return;
    const signed = readSignedCheckpoint(bytes);
    if (!signed) throw altered(file, 'is no signed checkpoint');
    const { checkpoint } = signed;
    if (checkpoint.origin !== origin)
      throw altered(file, `is of ${checkpoint.origin}, and this signer's journal is ${origin}`);
    if (signedBy(signed.note, logKey(network, signer, key.publicKey)) !== 'signed')
      throw altered(file, "has no signature of this signer's record key that verifies");
    const [wrong] = cosignersOf(network, watchtowers, signed).wrong;
    if (wrong !== undefined) throw altered(file, `the cosignature of watchtower ${wrong} does not verify`);
    if (checkpoint.size <= tree.size() && !tree.root(checkpoint.size).equals(checkpoint.root))
      throw altered(file, `has another root than the journal's first ${checkpoint.size} entries`);
    newest = { checkpoint, cosignatures: cosignaturesIn(network, watchtowers, signed) };
    signedText = bytes.toString('utf8');
    if (missing() > 0)
      log('the journal is shorter than its own checkpoint', {
        file,
        entries: tree.size(),
        checkpoint: checkpoint.size,
        whatNow: 'closed until the watchtowers have shown the rest',
      });
  }

  function bytesOf(name: TileName): Buffer {
    const { level, index, width } = name;
    if (level !== 'entries') return tileBytes(tree, { ...name, level });
    return bundleBytes(journal.from(index * tileWidth + 1, width).map(leafOf));
  }

  /** The folder of a tile's partial widths: it stands beside the full one. */
  const partsOf = (name: TileName) => `${fullOf(name)}.p`;
  const fullOf = (name: TileName) => join(folder, tilePath({ ...name, width: tileWidth }));

  /** Every file that is there, as far as the journal goes. What is not there yet, or is behind, is written later. */
  function mustAgree(): void {
    for (const name of tilesOf(tree.size())) {
      const full = readOr(fullOf(name));
      if (full) mustBe(full, name, tileWidth, fullOf(name));
      if (full || !existsSync(partsOf(name))) continue;
      for (const part of readdirSync(partsOf(name)).filter((one) => /^[1-9][0-9]{0,2}$/.test(one))) {
        const where = join(partsOf(name), part);
        const bytes = readOr(where);
        if (bytes) mustBe(bytes, name, Number(part), where);
      }
    }
    checkedTo = tree.size();
  }

  /** `width`: of the file; where that is more than the journal has entries for, it begins with them. */
  function mustBe(found: Buffer, name: TileName, width: number, where: string): void {
    const expected = bytesOf({ ...name, width: Math.min(width, name.width) });
    const begins = width > name.width ? found.subarray(0, expected.length) : found;
    if (!begins.equals(expected)) throw altered(where, 'is not what the journal says');
  }

  let writing: Promise<void> | null = null;
  let again = false;
  let failing = false;
  /** Up to which size every tile is known to be on the disk, and the checkpoint that is there. */
  let fullTo = 0;
  let sizeBefore = 0;

  function write(): void {
    again = true;
    writing ??= (async () => {
      while (again) {
        again = false;
        await writeOut();
      }
      writing = null;
    })();
  }

  async function writeOut(): Promise<void> {
    if (!newest || signedText === null) return;
    const [{ size }, text] = [newest.checkpoint, signedText];
    // Entries that came back from the watchtowers are now held against the tiles that were written of them.
    if (checkedTo < Math.min(size, lostTo)) mustAgree();
    try {
      for (const name of tilesOf(size, fullTo)) {
        const path = join(folder, tilePath(name));
        if (!existsSync(path)) await replaceBeside(path, bytesOf(name));
        if (name.width === tileWidth) rmSync(partsOf(name), { recursive: true, force: true });
      }
      fullTo = size;
      await replaceBeside(file, text);
      dropOlder(size);
      if (failing) log('the tiles are written again', { folder, size });
      failing = false;
    } catch (cause) {
      // The journal is the record, and its own disk has its own word; the tiles are made again with the next cosignature.
      if (!failing) log('the tiles cannot be written', { folder, why: (cause as Error).message });
      failing = true;
    }
  }

  /** Whole entries are long, so of a bundle that is not full only the widths of the two newest checkpoints stay. */
  function dropOlder(size: number): void {
    const keep = new Set([size % tileWidth, sizeBefore % tileWidth].map(String));
    const parts = partsOf({ level: 'entries', index: Math.floor(size / tileWidth), width: tileWidth });
    if (existsSync(parts))
      for (const part of readdirSync(parts)) if (!keep.has(part)) rmSync(join(parts, part), { force: true });
    sizeBefore = size;
  }

  /** How far the journal went before it lost something; nothing is checked twice where it lost nothing. */
  let lostTo = 0;
  readOwnCheckpoint();
  if (missing() > 0) lostTo = tree.size() + missing();
  mustAgree();
  // Whatever is missing or behind.
  if (missing() === 0) write();

  const refused = (why: string, detail: string): Refusal => ({ kind: 'refused', why, detail });

  return {
    checkpoint: () => signedText,
    missing,
    contradicts(next) {
      if (!newest || next.entry.seq !== tree.size() + 1 || next.entry.seq !== newest.checkpoint.size)
        return false;
      return !tree.rootWith(leafHash(leafOf(next))).equals(newest.checkpoint.root);
    },
    witness(cosignature) {
      if (!watchtowers.includes(cosignature.watchtower) || !verifyCosigned(cosignature))
        return refused('cosignature', 'not signed by a pinned watchtower');
      const checkpoint = readCheckpoint(cosignature.checkpoint);
      if (!checkpoint || checkpoint.origin !== origin)
        return refused('another-log', `cosigns no checkpoint of ${origin}`);
      const { size } = checkpoint;
      if (size === 0) return refused('empty', 'nothing is recorded yet');
      if (size > tree.size()) return refused('entries-missing', `holds ${tree.size()} of ${size}`);
      if (!tree.root(size).equals(checkpoint.root)) {
        log('a watchtower cosigns another journal', { watchtower: cosignature.watchtower, size });
        return refused('fork', `another root than that of this journal's first ${size} entries`);
      }
      if (newest && size < newest.checkpoint.size)
        return refused('older', `the newest checkpoint has ${newest.checkpoint.size} entries`);
      const others = newest?.checkpoint.size === size ? newest.cosignatures : [];
      // Said once more, by whoever heard it: nothing new, and no reason to sign and write again.
      if (
        others.some(
          ({ watchtower, time }) => watchtower === cosignature.watchtower && time >= cosignature.time,
        )
      )
        return { kind: 'done' };
      const cosignatures = [
        ...others.filter(({ watchtower }) => watchtower !== cosignature.watchtower),
        cosignature,
      ];
      newest = { checkpoint, cosignatures };
      signedText = signedCheckpoint(network, key, checkpoint, cosignatures);
      write();
      return { kind: 'done' };
    },
    async settled() {
      while (writing) await writing;
    },
  };
}

function readOr(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}
