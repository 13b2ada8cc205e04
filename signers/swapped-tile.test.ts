/** The journal's tiles: what of them or of the journal was torn, cut short, edited or swapped is found at the start, and told. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert, integer, asyncProperty } from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  canonicalText,
  chainOf,
  cosignersOf,
  growTree,
  leafHash,
  logKey,
  originOf,
  readBundle,
  readSignedCheckpoint,
  signedBy,
  signedCheckpoint,
  tileBytes,
  tilePath,
  tilesOf,
  type SignedEntry,
} from '@kuramori/core';
import { records, thief, tower, towers, why } from '../core/testing/house.ts';
import { openJournal } from './journal.ts';
import { openKeystore } from './keystore.ts';
import { desk, policy, show, type Desk } from './testing/desk.ts';
import { program, start as startProcess } from './testing/program.ts';
import { openTiles } from './tiles.ts';
import { cosignatureOver, entriesOf, filesIn, grow } from './testing/log.ts';

let d: Desk;
let folder: string;
let journalFile: string;
beforeEach(() => {
  d = desk();
  folder = join(d.folder, 'signer-1.tiles');
  journalFile = join(d.folder, 'signer-1.jsonl');
});
afterEach(() => d[Symbol.dispose]());

const at = (path: string) => join(folder, path);

/** A journal of so many entries, cosigned at these sizes; closed again. */
async function written(to: number, cosignedAt: readonly number[] = [to]): Promise<readonly SignedEntry[]> {
  using open = d.start();
  for (const size of cosignedAt) {
    grow(open.journal, size);
    expect(open.signer.witness(cosignatureOver(entriesOf(open.journal)))).toEqual({ kind: 'done' });
    await open.tiles.settled();
  }
  grow(open.journal, to);
  return entriesOf(open.journal);
}

const sizeOf = (text: string | null) => (text === null ? null : readSignedCheckpoint(text)?.checkpoint.size);

describe('the folder', () => {
  it.each([1, 255, 256, 257, 600])('of %i entries is what tlog-tiles says, to the byte', async (size) => {
    const entries = await written(size);
    const names = tilesOf(size);
    expect(filesIn(folder)).toEqual(['checkpoint', ...names.map(tilePath)].sort());
    const tree = growTree();
    const leaves = entries.map((entry) => Buffer.from(canonicalText(entry)));
    for (const leaf of leaves) tree.append(leafHash(leaf));
    for (const name of names) {
      const bytes = readFileSync(at(tilePath(name)));
      const { level, index, width } = name;
      if (level === 'entries')
        expect(readBundle(bytes)).toEqual(leaves.slice(index * 256, index * 256 + width));
      else expect(bytes.equals(tileBytes(tree, { ...name, level }))).toBe(true);
    }
    const signed = readSignedCheckpoint(readFileSync(at('checkpoint')));
    expect(signed?.checkpoint).toEqual({
      origin: originOf('devnet', 'signer-1', records[0].publicKey),
      size,
      root: tree.root(),
    });
    expect(signed && signedBy(signed.note, logKey('devnet', 'signer-1', records[0].publicKey))).toBe(
      'signed',
    );
    expect(signed && cosignersOf('devnet', [tower.publicKey], signed).cosigned).toEqual([tower.publicKey]);
  });

  it('grows from checkpoint to checkpoint; of bundles that are not full the two newest widths stay', async () => {
    await written(300, [3, 5, 9, 255, 256, 258, 300]);
    expect(filesIn(folder)).toEqual([
      'checkpoint',
      'tile/0/000',
      // Hashes are short: every width that a checkpoint speaks of stays until the tile is full.
      'tile/0/001.p/2',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/2',
      'tile/entries/001.p/44',
    ]);
  });

  it('that is lost in part or whole is made again from the journal', async () => {
    await written(520, [200, 300, 520]);
    const whole = filesIn(folder);
    const copy = join(d.folder, 'copy');
    cpSync(folder, copy, { recursive: true });
    await assert(
      asyncProperty(integer({ min: 0, max: 2 ** whole.length - 1 }), async (lost) => {
        for (const [bit, name] of whole.entries())
          if (((lost >> bit) & 1) === 1 && name !== 'checkpoint') rmSync(at(name), { force: true });
        using again = d.start();
        await again.tiles.settled();
        for (const name of ['checkpoint', ...tilesOf(520).map(tilePath)])
          expect(readFileSync(at(name)).equals(readFileSync(join(copy, name))), name).toBe(true);
      }),
      { numRuns: 20 },
    );
    rmSync(folder, { recursive: true });
    using anew = d.start();
    expect(anew.signer.status().checkpoint).toBe(null);
    expect(anew.signer.witness(cosignatureOver(entriesOf(anew.journal)))).toEqual({ kind: 'done' });
    await anew.tiles.settled();
    expect(filesIn(folder)).toEqual(['checkpoint', ...tilesOf(520).map(tilePath)].sort());
  });

  it('that a crash left half written does not keep it from starting', async () => {
    await written(300, [290]);
    writeFileSync(at('checkpoint.next'), 'half');
    writeFileSync(at('tile/0/001.next'), 'half');
    writeFileSync(at('tile/0/001.p/44.next'), 'half');
    using again = d.start();
    expect(again.signer.witness(cosignatureOver(entriesOf(again.journal)))).toEqual({ kind: 'done' });
    await again.tiles.settled();
    expect(sizeOf(again.signer.status().checkpoint)).toBe(300);
  });

  it('that cannot be written stops nothing, and is made as soon as it can', async () => {
    mkdirSync(folder);
    writeFileSync(at('tile'), 'a file where the folder should be');
    using entries = d.start();
    grow(entries.journal, 5);
    expect(entries.signer.witness(cosignatureOver(entriesOf(entries.journal)))).toEqual({ kind: 'done' });
    await entries.tiles.settled();
    expect(entries.signer.status()).toMatchObject({ open: true, seq: 5 });
    expect(filesIn(folder)).toEqual(['tile']);
    rmSync(at('tile'));
    grow(entries.journal, 6);
    expect(entries.signer.witness(cosignatureOver(entriesOf(entries.journal)))).toEqual({ kind: 'done' });
    await entries.tiles.settled();
    expect(filesIn(folder)).toEqual(['checkpoint', 'tile/0/000.p/6', 'tile/entries/000.p/6']);
  });
});

describe('a folder that was altered does not start', () => {
  const flip = (path: string, offset: number) => {
    const bytes = readFileSync(at(path));
    const place = offset < 0 ? bytes.length + offset : offset;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(at(path), bytes);
  };
  const swap = (one: string, other: string) => {
    renameSync(at(one), at('away'));
    renameSync(at(other), at(one));
    renameSync(at('away'), at(other));
  };
  const damage: readonly (readonly [what: string, where: string, change: () => void])[] = [
    ['a hash edited', 'tile/0/000', () => flip('tile/0/000', 40)],
    ['a hash edited in a tile that is not full', 'tile/0/002.p/88', () => flip('tile/0/002.p/88', -1)],
    ['a hash of a higher level edited', 'tile/1/000.p/2', () => flip('tile/1/000.p/2', 0)],
    ['an entry edited', 'tile/entries/001', () => flip('tile/entries/001', 5_000)],
    [
      'an entry edited in a bundle that is not full',
      'tile/entries/002.p/88',
      () => flip('tile/entries/002.p/88', -3),
    ],
    ['a tile cut short', 'tile/0/001', () => truncateSync(at('tile/0/001'), 8_160)],
    ['a tile emptied', 'tile/0/001', () => truncateSync(at('tile/0/001'), 0)],
    ['a bundle cut short', 'tile/entries/000', () => truncateSync(at('tile/entries/000'), 9_000)],
    [
      'an entry left out',
      'tile/entries/000',
      () => {
        const bytes = readFileSync(at('tile/entries/000'));
        writeFileSync(at('tile/entries/000'), bytes.subarray(2 + bytes.readUInt16BE()));
      },
    ],
    ['two tiles swapped', 'tile/0/000', () => swap('tile/0/000', 'tile/0/001')],
    ['two bundles swapped', 'tile/entries/000', () => swap('tile/entries/000', 'tile/entries/001')],
    [
      'something behind a tile',
      'tile/0/000',
      () => writeFileSync(at('tile/0/000'), Buffer.alloc(32), { flag: 'a' }),
    ],
    ['a checkpoint that is none', 'checkpoint', () => writeFileSync(at('checkpoint'), '')],
    ['a checkpoint of another size', 'checkpoint', () => replace('\n600\n', '\n599\n')],
    ['a checkpoint without our signature', 'checkpoint', () => replace(/— \S+journal.*\n/, '')],
    [
      'a checkpoint with a watchtower’s signature spoilt',
      'checkpoint',
      () => {
        const signed = readSignedCheckpoint(readFileSync(at('checkpoint')));
        const line = signed?.note.lines[1];
        if (!signed || !line) throw new Error('a cosignature');
        const bytes = Buffer.concat([Buffer.from(line.id, 'hex'), line.signature]);
        bytes[30] = (bytes[30] ?? 0) ^ 1;
        replace(/(— \S+watchtower\S+) .*\n/, `$1 ${bytes.toString('base64')}\n`);
      },
    ],
    [
      'a checkpoint signed by a stranger',
      'checkpoint',
      () => {
        const checkpoint = readSignedCheckpoint(readFileSync(at('checkpoint')))?.checkpoint;
        if (checkpoint) writeFileSync(at('checkpoint'), signedCheckpoint('devnet', thief, checkpoint, []));
      },
    ],
    [
      'another root, signed by our own key',
      'checkpoint',
      () => {
        const checkpoint = readSignedCheckpoint(readFileSync(at('checkpoint')))?.checkpoint;
        const root = Buffer.alloc(32, 7);
        if (checkpoint)
          writeFileSync(
            at('checkpoint'),
            signedCheckpoint('devnet', records[0], { ...checkpoint, root }, []),
          );
      },
    ],
  ];
  const replace = (what: string | RegExp, by: string) =>
    writeFileSync(at('checkpoint'), readFileSync(at('checkpoint'), 'utf8').replace(what, by));

  /** Made once, and spoilt as a copy. */
  let template: Desk;
  beforeAll(async () => {
    template = desk();
    using made = template.start();
    grow(made.journal, 600);
    made.signer.witness(cosignatureOver(entriesOf(made.journal)));
    await made.tiles.settled();
  });
  afterAll(() => template[Symbol.dispose]());

  it('this one does', () => {
    cpSync(template.folder, d.folder, { recursive: true });
    d.start()[Symbol.dispose]();
  });

  it.each(damage)('%s', (_what, where, change) => {
    cpSync(template.folder, d.folder, { recursive: true });
    change();
    expect(() => d.start()).toThrow(
      new RegExp(
        `^${at(where)}: .*: this file or the journal was altered or swapped\\. Move ${folder} away as evidence and restart`,
      ),
    );
    // What the line says to do helps.
    renameSync(folder, join(d.folder, 'evidence'));
    using again = d.start();
    expect(again.signer.status()).toMatchObject({ seq: 600, open: true });
  });

  it('the folder of another signer', async () => {
    await written(3);
    {
      using other = d.start(2);
      grow(other.journal, 3, { signer: 'signer-2' });
      const origin = originOf('devnet', 'signer-2', records[1].publicKey);
      other.signer.witness(cosignatureOver(entriesOf(other.journal), tower, 1, origin));
      await other.tiles.settled();
    }
    rmSync(folder, { recursive: true });
    renameSync(join(d.folder, 'signer-2.tiles'), folder);
    expect(() => d.start()).toThrow(/checkpoint: is of kuramori\.devnet\/journal\/signer-2/);
  });

  it('the same folder beside another journal that the same key signed', async () => {
    await written(20);
    renameSync(journalFile, `${journalFile}.true`);
    renameSync(folder, join(d.folder, 'true'));
    {
      using forged = d.start();
      grow(forged.journal, 25, { what: ', never recorded' });
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(d.folder, 'true'), folder);
    expect(() => d.start()).toThrow(/checkpoint: has another root than the journal's first 20 entries/);
  });
});

describe('the process', () => {
  it('does not start, with one line that says which file, and starts once that is moved away', async () => {
    using one = program();
    const { record } = openKeystore(one.at('keystore.json'), Buffer.from('correct horse'));
    {
      using journal = openJournal(one.at('journal.jsonl'), 'signer-1', record);
      const tiles = openTiles(one.at('tiles'), 'signer-1', record, chainOf(one.policy), journal);
      grow(journal, 4, { under: one.policy });
      const origin = originOf('devnet', 'signer-1', record.publicKey);
      expect(tiles.witness(cosignatureOver(entriesOf(journal), tower, 1, origin))).toEqual({ kind: 'done' });
      await tiles.settled();
    }
    truncateSync(one.at('tiles/tile/0/000.p/4'), 96);
    await expect(startProcess(one)).rejects.toThrow(
      /^co-signer: .*tiles\/tile\/0\/000\.p\/4: is not what the journal says: this file or the journal was altered or swapped\. Move .*tiles away as evidence and restart: it is made again from the journal$/m,
    );
    renameSync(one.at('tiles'), one.at('evidence'));
    const started = await startProcess(one);
    started.child.kill();
    expect((await started.ended).code).toBe(0);
  });
});

describe('several watchtowers', () => {
  const three = { ...policy, watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) } };

  it('stand below one checkpoint together, also after a restart; a newer one begins with one again', async () => {
    using d3 = desk(three);
    const who = (text: string | null) => {
      const signed = text === null ? undefined : readSignedCheckpoint(text);
      return signed && cosignersOf('devnet', three.watchtowers.keys, signed).cosigned.length;
    };
    {
      using open = d3.start(1, false);
      grow(open.journal, 9);
      for (const [index, key] of towers.slice(0, 2).entries()) {
        expect(open.signer.witness(cosignatureOver(entriesOf(open.journal), key))).toEqual({ kind: 'done' });
        expect(who(open.signer.status().checkpoint)).toBe(index + 1);
      }
      await open.tiles.settled();
    }
    using again = d3.start(1, false);
    again.signer.witness(cosignatureOver(entriesOf(again.journal), towers[2]));
    expect(who(again.signer.status().checkpoint)).toBe(3);
    grow(again.journal, 10);
    again.signer.witness(cosignatureOver(entriesOf(again.journal), towers[1]));
    expect([who(again.signer.status().checkpoint), sizeOf(again.signer.status().checkpoint)]).toEqual([
      1, 10,
    ]);
    await again.tiles.settled();
  });
});

describe('a journal that is shorter than its own checkpoint', () => {
  const shorten = (to: number) => {
    const lines = readFileSync(journalFile, 'utf8').split('\n');
    writeFileSync(
      journalFile,
      lines
        .slice(0, to)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };

  it.each([
    ['cut short by whole lines', 19, () => shorten(19)],
    ['emptied', 0, () => shorten(0)],
    ['gone', 0, () => rmSync(journalFile)],
    ['torn in its last line', 19, () => truncateSync(journalFile, readFileSync(journalFile).length - 7)],
  ])('%s says so, and stays closed until the rest is shown', async (_what, left, spoil) => {
    const entries = await written(20);
    spoil();
    using open = d.start(1, false);
    expect(open.signer.status()).toMatchObject({ seq: left, missing: 20 - left, open: false });
    // A watchtower that holds no more than this copy opens nothing: that is how a limit would be forgotten.
    expect(show(open.signer, entries.slice(0, left))).toEqual({ kind: 'done' });
    expect(open.signer.status().open).toBe(false);
    expect(why(open.signer.witness(cosignatureOver(entries)))).toBe('entries-missing');
    expect(show(open.signer, entries)).toEqual({ kind: 'done' });
    expect(open.signer.status()).toMatchObject({ seq: 20, missing: 0, open: true });
  });

  it('takes no other entries than those that it once had', async () => {
    await written(20);
    renameSync(journalFile, `${journalFile}.true`);
    renameSync(folder, join(d.folder, 'true'));
    let forged: readonly SignedEntry[] = [];
    {
      using other = d.start();
      grow(other.journal, 20, { what: ', never recorded' });
      forged = entriesOf(other.journal);
    }
    rmSync(journalFile);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(d.folder, 'true'), folder);
    using open = d.start(1, false);
    expect(why(show(open.signer, forged))).toBe('another-checkpoint');
    expect(open.signer.status()).toMatchObject({ open: false, missing: 1 });
  });

  it('holds what came back against the tiles that were written of it', async () => {
    const entries = await written(300);
    shorten(10);
    const bytes = readFileSync(at('tile/entries/001.p/44'));
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    writeFileSync(at('tile/entries/001.p/44'), bytes);
    using open = d.start(1, false);
    expect(show(open.signer, entries)).toEqual({ kind: 'done' });
    open.signer.witness(cosignatureOver(entries, tower, 1_769_385_999));
    await expect(open.tiles.settled()).rejects.toThrow(/001\.p\/44: is not what the journal says/);
  });

  it('by less than the checkpoint: an older checkpoint put back is no harm, and moves on', async () => {
    await written(30, [10]);
    copyFileSync(at('checkpoint'), join(d.folder, 'old'));
    {
      using open = d.start();
      open.signer.witness(cosignatureOver(entriesOf(open.journal)));
      await open.tiles.settled();
    }
    copyFileSync(join(d.folder, 'old'), at('checkpoint'));
    using again = d.start();
    expect(again.signer.status()).toMatchObject({ missing: 0, open: true });
    expect(again.signer.witness(cosignatureOver(entriesOf(again.journal)))).toEqual({ kind: 'done' });
    expect(sizeOf(again.signer.status().checkpoint)).toBe(30);
  });
});

describe('a cosignature that the signer does not take', () => {
  it('of a stranger, of a fork, of more than it has, of less than before, of another log', async () => {
    const entries = await written(20);
    using open = d.start();
    const { signer: one } = open;
    const before = one.status().checkpoint;
    const told = (...given: Parameters<typeof cosignatureOver>) =>
      why(one.witness(cosignatureOver(...given)));
    expect(told(entries, thief)).toBe('cosignature');
    expect(why(one.witness({ ...cosignatureOver(entries), time: 7 }))).toBe('cosignature');
    const [first] = entries;
    if (!first) throw new Error('twenty entries');
    expect(told(entries.with(7, first))).toBe('fork');
    expect(told([...entries, first])).toBe('entries-missing');
    expect(told(entries.slice(0, 12))).toBe('older');
    expect(told([])).toBe('empty');
    expect(told(entries, tower, 7, originOf('devnet', 'signer-2', records[1].publicKey))).toBe('another-log');
    expect(one.status().checkpoint).toBe(before);
  });

  it('said again by whoever heard it, it is not written again; a newer one is', async () => {
    const entries = await written(20);
    using open = d.start();
    const before = open.signer.status().checkpoint;
    expect(open.signer.witness(cosignatureOver(entries))).toEqual({ kind: 'done' });
    expect(open.signer.witness(cosignatureOver(entries, tower, 3))).toEqual({ kind: 'done' });
    expect(open.signer.status().checkpoint).toBe(before);
    expect(open.signer.witness(cosignatureOver(entries, tower, 1_769_385_721))).toEqual({ kind: 'done' });
    expect(open.signer.status().checkpoint).not.toBe(before);
    await open.tiles.settled();
  });
});
