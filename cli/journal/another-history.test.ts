/** An auditor with a copy of the tiles and nobody to ask: whatever was altered in it, or is another history, is told in one line. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bundleBytes,
  canonicalText,
  chainOf,
  cosign,
  growTree,
  leafHash,
  leafOf,
  originOf,
  readBundle,
  readCheckpoint,
  signedCheckpoint,
  signEntry,
  tileBytes,
  tilePath,
  tilesOf,
  verifierKey,
  logKey,
  witnessKey,
  type Entry,
  type SignedEntry,
} from '@kuramori/core';
import { keepers, now, records, thief, tower, towers, xem } from '../../core/testing/house.ts';
import { desk, payment, policy, recorded, type Desk } from '../../signers/testing/desk.ts';
import { policyFile } from '../../signers/testing/program.ts';
import { cosignatureOver, entriesOf, grow } from '../../signers/testing/log.ts';
import type { Damage } from './entries.ts';
import { readFolder } from './folder.ts';
import { verifyFile, verifyJournal, type Given } from './verify.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const origin = originOf('devnet', 'signer-1', records[0].publicKey);
const total = 300;

let d: Desk;
let entries: readonly SignedEntry[];
/** A copy for each test to spoil. */
let copy: string;
const tiles = (name = '') => join(copy, 'signer-1.tiles', name);
const file = () => join(copy, 'signer-1.jsonl');
const aside = (name: string) => join(copy, name);

beforeAll(async () => {
  d = desk();
  using open = d.start();
  for (let paid = 0; paid < 3; paid += 1)
    recorded(open.signer.propose(payment(open.signer, { units: xem('10') })));
  grow(open.journal, 40);
  open.signer.witness(cosignatureOver(entriesOf(open.journal)));
  await open.tiles.settled();
  writeFileSync(join(d.folder, 'kept-checkpoint'), open.signer.status().checkpoint ?? '');
  grow(open.journal, total);
  open.signer.witness(cosignatureOver(entriesOf(open.journal)));
  await open.tiles.settled();
  entries = entriesOf(open.journal);
  writeFileSync(join(d.folder, 'policy.json'), policyFile(policy));
  const pinned = { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 };
  writeFileSync(join(d.folder, 'keepers.json'), JSON.stringify(pinned));
});
afterAll(() => d[Symbol.dispose]());
beforeEach((test) => {
  copy = mkdtempSync(join(tmpdir(), 'kuramori-auditor-'));
  cpSync(d.folder, copy, { recursive: true });
  test.onTestFinished(() => rmSync(copy, { recursive: true }));
});

function run(...args: readonly string[]) {
  const ran = spawnSync(process.execPath, [join(root, 'cli/main.ts'), 'journal', ...args], {
    encoding: 'utf8',
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
const believing = () => ['--policy', aside('policy.json'), '--keepers', aside('keepers.json')];

function damageOf(given: Partial<Given> = {}): readonly string[] {
  const all = { folder: tiles(), file: null, chain: chainOf(policy), since: null, ...given };
  const { holds, damage } = verifyJournal(all);
  expect(holds).toBe(damage.length === 0);
  return damage.map(({ where, what }) => `${where.slice(copy.length + 1)}: ${what}`);
}

/** The whole folder as somebody with these keys would write it. */
function forge(of: readonly SignedEntry[], by = records[0], cosigners: readonly (typeof tower)[] = []): void {
  rmSync(tiles(), { recursive: true });
  const tree = growTree();
  const leaves = of.map(leafOf);
  for (const leaf of leaves) tree.append(leafHash(leaf));
  for (const name of tilesOf(of.length)) {
    const path = tiles(tilePath(name));
    mkdirSync(dirname(path), { recursive: true });
    const { level, index, width } = name;
    writeFileSync(
      path,
      level === 'entries'
        ? bundleBytes(leaves.slice(index * 256, index * 256 + width))
        : tileBytes(tree, { ...name, level }),
    );
  }
  const checkpoint = { origin, size: of.length, root: tree.root() };
  const cosignatures = cosigners.map((key) => cosign(key, checkpoint, 1));
  writeFileSync(tiles('checkpoint'), signedCheckpoint('devnet', by, checkpoint, cosignatures));
}

/** The journal signed anew from an entry on, as whoever has the record key could. */
function rewritten(from: number, change: (entry: Entry) => Entry, by = records[0]): readonly SignedEntry[] {
  const all = [...entries];
  using scratch = desk();
  using open = scratch.start();
  for (const { entry } of all.slice(0, from - 1)) open.journal.append(entry);
  for (let at = from - 1; at < all.length; at += 1) {
    const { seq, head } = open.journal.history();
    const entry = (all[at] as SignedEntry).entry;
    const next = { ...(at === from - 1 ? change(entry) : entry), seq: seq + 1, prev: head };
    open.journal.append(next);
  }
  const written = entriesOf(open.journal);
  return by === records[0] ? written : written.map(({ entry }) => signEntry(by, entry));
}

describe('a journal in order', () => {
  it('holds, and it is said who signed it, and what nobody could check', () => {
    const { code, out, err } = run(
      'verify',
      tiles(),
      file(),
      ...believing(),
      '--since',
      aside('kept-checkpoint'),
    );
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain(`holds: ${origin}: 300 entries, ${new Date(now).toISOString()} to `);
    expect(out).toContain(`signed by ${verifierKey(logKey('devnet', 'signer-1', records[0].publicKey))}`);
    expect(out).toContain(`cosigned by ${verifierKey(witnessKey('devnet', tower.publicKey))}`);
    expect(out).toContain('not checked: whether each decision was right');
    expect(out).not.toContain('not checked: who signed');
  });

  it('without a policy says that nobody’s signature was checked', () => {
    const { code, out } = run('verify', tiles(), '--json');
    expect(code).toBe(0);
    const verified = JSON.parse(out) as {
      holds: boolean;
      notChecked: string[];
      cosignedBy: string[];
      signedBy: null;
    };
    expect(verified).toMatchObject({ holds: true, entries: 300, signedBy: null, cosignedBy: [], origin });
    expect(verified.notChecked.some((what) => what.startsWith('who signed'))).toBe(true);
  });

  it('its own file alone holds too, and is not said to be the only one', () => {
    const { code, out } = run('verify', file(), ...believing());
    expect(code).toBe(0);
    expect(out).toContain('holds: a journal: 300 entries');
    expect(out).toContain('not checked: whether it is whole and the only one');
  });

  it('that has gone on is not at odds with its last checkpoint, nor are tiles that are full by now', () => {
    using scratch = desk();
    using open = scratch.start();
    for (const { entry } of entries) open.journal.append(entry);
    grow(open.journal, 520);
    writeFileSync(file(), readFileSync(join(scratch.folder, 'signer-1.jsonl')));
    expect(damageOf({ file: file() })).toEqual([]);
    const checkpoint = readFileSync(tiles('checkpoint'));
    forge(entriesOf(open.journal));
    writeFileSync(tiles('checkpoint'), checkpoint);
    expect(existsSync(tiles('tile/0/001.p'))).toBe(false);
    // tlog-tiles, "Partial Tiles": the full one may be read instead. What level 1 had then is not there any more.
    expect(damageOf()).toEqual([expect.stringMatching(/tile\/1\/000\.p\/1: is not there/)]);
  });

  it('is shown, from any entry on', () => {
    const all = run('show', tiles());
    expect(all.code).toBe(0);
    expect(all.out.split('\n').length).toBe(total + 1);
    expect(all.out).toMatch(/^ +1 {2}2026-01-26T00:02:00\.000Z {2}withdrawal of 10 nem:xem from hot to /);
    expect(all.out).toContain('  by rule ');
    const some = run('show', file(), '--from', '299', '--json');
    const shown = JSON.parse(some.out) as { entries: { entry: { seq: number } }[] };
    expect(shown.entries.map(({ entry }) => entry.seq)).toEqual([299, 300]);
  });
});

describe('a copy that was altered', () => {
  const flip = (name: string, offset: number) => {
    const bytes = readFileSync(tiles(name));
    const place = offset < 0 ? bytes.length + offset : offset;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(tiles(name), bytes);
  };
  const swap = (one: string, other: string) => {
    renameSync(tiles(one), aside('away'));
    renameSync(tiles(other), tiles(one));
    renameSync(aside('away'), tiles(other));
  };
  const edit = (name: string, place: number, change: (text: string) => string) => {
    const leaves = [...(readBundle(readFileSync(tiles(name))) ?? [])];
    leaves[place] = Buffer.from(change(leaves[place]?.toString() ?? ''));
    writeFileSync(tiles(name), bundleBytes(leaves));
  };

  const damage: readonly (readonly [what: string, change: () => void, told: RegExp])[] = [
    [
      'a hash in a tile',
      () => flip('tile/0/000', 77),
      /tile\/entries\/000: entry 3 is not the one that tile\/0\/000 has the hash of$/,
    ],
    [
      'a hash of a higher tile',
      () => flip('tile/1/000.p/1', 3),
      /tile\/1\/000\.p\/1: is not what the tiles below it come to$/,
    ],
    [
      'a tile cut short',
      () => truncateSync(tiles('tile/0/000'), 32 * 255),
      /tile\/0\/000: holds 255 and not 256$/,
    ],
    [
      'a tile cut in a hash',
      () => truncateSync(tiles('tile/0/000'), 100),
      /tile\/0\/000: ends in the middle$/,
    ],
    [
      'a tile with more in it',
      () => appendFileSync(tiles('tile/0/001.p/44'), Buffer.alloc(32)),
      /tile\/0\/001\.p\/44: holds 45 and not 44$/,
    ],
    [
      'a bundle cut in an entry',
      () => truncateSync(tiles('tile/entries/001.p/44'), 3_000),
      /tile\/entries\/001\.p\/44: ends in the middle$/,
    ],
    ['a tile that is gone', () => rmSync(tiles('tile/0/000')), /tile\/0\/000: is not there$/],
    [
      'a bundle that is gone',
      () => rmSync(tiles('tile/entries/001.p/44')),
      /tile\/entries\/001\.p\/44: is not there$/,
    ],
    ['the checkpoint gone', () => rmSync(tiles('checkpoint')), /checkpoint: is not there$/],
    [
      'the checkpoint emptied',
      () => writeFileSync(tiles('checkpoint'), ''),
      /checkpoint: is no signed checkpoint$/,
    ],
    [
      'two full tiles of another level swapped',
      () => swap('tile/0/001.p/44', 'tile/1/000.p/1'),
      /tile\/0\/001\.p\/44: holds 1 and not 44$/,
    ],
    ['an entry that is no entry', () => edit('tile/entries/000', 4, () => '{}'), /entry 5: is no entry/],
    [
      'an entry with one letter changed',
      () => edit('tile/entries/000', 20, (text) => text.replace('drill 21', 'drill 12')),
      /entry 21: has no signature of the record key/,
    ],
    [
      'an entry written otherwise',
      () => edit('tile/entries/000', 0, (text) => text.replace(':', ': ')),
      /entry 1: is not written in its canonical form$/,
    ],
  ];

  it.each(damage)('%s', (_what, change, expected) => {
    change();
    const lines = damageOf();
    expect(
      lines.some((line) => expected.test(line)),
      lines.join('\n'),
    ).toBe(true);
    // Also without a policy, where it does not take a key to see it.
    if (!String(expected).includes('signature')) expect(damageOf({ chain: null }).length).toBeGreaterThan(0);
    const { code, err } = run('verify', tiles(), ...believing());
    expect(code).toBe(1);
    expect(
      err.split('\n').some((line) => expected.test(line)),
      err,
    ).toBe(true);
  });

  it('every flipped bit of a tile is seen', () => {
    const name = 'tile/0/001.p/44';
    const whole = readFileSync(tiles(name));
    for (let bit = 0; bit < whole.length * 8; bit += 97) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(tiles(name), flipped);
      const seen: Damage[] = [];
      readFolder(tiles(), seen);
      expect(seen.length, `bit ${bit}`).toBeGreaterThan(0);
    }
  });

  it('one damage is one line: an entry edited together with its hash is told by the root', () => {
    const forged = entries.with(
      20,
      signEntry(records[0], { ...(entries[20] as SignedEntry).entry, at: now + 999_999 }),
    );
    edit('tile/entries/000', 20, () => leafOf(forged[20] as SignedEntry).toString());
    expect(damageOf({ chain: null })[0]).toMatch(/entry 21 is not the one that tile\/0\/000 has the hash of/);
    const bytes = readFileSync(tiles('tile/0/000'));
    leafHash(leafOf(forged[20] as SignedEntry)).copy(bytes, 20 * 32);
    writeFileSync(tiles('tile/0/000'), bytes);
    const lines = damageOf({ chain: null });
    expect(lines).toContainEqual(
      expect.stringMatching(/tile\/1\/000\.p\/1: is not what the tiles below it come to/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/checkpoint: its root is not that of the 300 entries here/),
    );
  });
});

describe('the journal’s own file beside its tiles', () => {
  it.each([
    [
      'cut short',
      () => truncateLines(120),
      /signer-1\.jsonl: has 120 entries, and the checkpoint beside it speaks of 300$/,
    ],
    [
      'torn',
      () => truncateSync(file(), readFileSync(file()).length - 5),
      /signer-1\.jsonl: ends in the middle of line 300/,
    ],
    [
      'edited',
      () => writeFileSync(file(), readFileSync(file(), 'utf8').replace('drill 9', 'drill 8')),
      /signer-1\.jsonl: line 9: is another entry than entry 9/,
    ],
    ['gone', () => rmSync(file()), /signer-1\.jsonl: is not there$/],
  ] as const)('%s', (_what, spoil, expected) => {
    spoil();
    const lines = damageOf({ file: file() });
    expect(
      lines.some((line) => expected.test(line)),
      lines.join('\n'),
    ).toBe(true);
  });

  it.each([
    [
      'a line left out',
      (lines: string[]) => lines.toSpliced(7, 1),
      /line 8: has the number 9, and 8 comes next/,
    ],
    [
      'two lines exchanged',
      (lines: string[]) => [...lines.slice(0, 6), lines[7] ?? '', lines[6] ?? '', ...lines.slice(8)],
      /line 7: has the number 8, and 7 comes next/,
    ],
    ['a line that is no JSON', (lines: string[]) => lines.with(5, '{'), /line 6: is no entry/],
  ])('alone, with %s', (_what, change, expected) => {
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    writeFileSync(file(), `${change(lines).join('\n')}\n`);
    const told = damageOf({ folder: null, file: file() });
    expect(
      told.some((line) => expected.test(line)),
      told.join('\n'),
    ).toBe(true);
  });

  function truncateLines(to: number): void {
    const lines = readFileSync(file(), 'utf8').split('\n').slice(0, to);
    writeFileSync(file(), `${lines.join('\n')}\n`);
  }
});

describe('a signer that shows the auditor another history', () => {
  it('which its own key signed whole: no watchtower has cosigned it, and the kept checkpoint says otherwise', () => {
    const forged = rewritten(20, (entry) => ({ ...entry, at: entry.at, grounds: ['another past'] }));
    forge(forged);
    expect(damageOf()).toEqual([
      expect.stringMatching(/0 of the 1 watchtowers that it takes have cosigned it/),
    ]);
    expect(damageOf({ since: aside('kept-checkpoint') })).toContainEqual(
      expect.stringMatching(
        /kept-checkpoint: had another root of the first 40 entries: this journal was rewritten/,
      ),
    );
    // Nobody who has no key to go by, and nothing kept, can tell; and it is said that none was gone by.
    expect(damageOf({ chain: null })).toEqual([]);
  });

  it('with the end left out: shorter than what was kept, or not cosigned', () => {
    forge(entries.slice(0, 30));
    expect(damageOf()).toEqual([expect.stringMatching(/0 of the 1 watchtowers/)]);
    expect(damageOf({ since: aside('kept-checkpoint') })).toContainEqual(
      expect.stringMatching(/kept-checkpoint: spoke of 40 entries, and now there are 30/),
    );
  });

  it('with an old checkpoint over all its tiles: it speaks of less, and of nothing else', () => {
    cpSync(aside('kept-checkpoint'), tiles('checkpoint'));
    rmSync(tiles('tile/0/000'));
    expect(damageOf({ since: null })).toContainEqual(
      expect.stringMatching(/tile\/0\/000\.p\/40: is not there/),
    );
    const later = aside('later');
    cpSync(join(d.folder, 'signer-1.tiles', 'checkpoint'), later);
    expect(damageOf({ since: later })).toContainEqual(
      expect.stringMatching(/later: spoke of 300 entries, and now there are 40/),
    );
  });

  it('with an entry left out, its hash and the root put right', () => {
    forge(entries.toSpliced(10, 1), records[0], [tower]);
    expect(damageOf()).toEqual([expect.stringMatching(/entry 11: has the number 12, and 11 comes next/)]);
  });

  it('cosigned by a watchtower that lies: the quorum of a policy with three is not one', () => {
    const three = { ...policy, watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) } };
    const under = entries.map(({ entry }) => entry);
    using scratch = desk(three);
    using open = scratch.start();
    for (const entry of under)
      open.journal.append({ ...entry, policy: chainOf(three)[0].digest, prev: open.journal.history().head });
    const forged = entriesOf(open.journal);
    forge(forged, records[0], [tower]);
    expect(damageOf({ chain: chainOf(three) })).toEqual([
      expect.stringMatching(/1 of the 2 watchtowers that it takes have cosigned it/),
    ]);
    forge(forged, records[0], [tower, towers[1]]);
    expect(damageOf({ chain: chainOf(three) })).toEqual([]);
  });

  it('signed by a stranger, or cosigned by one', () => {
    forge(entries, thief, [tower]);
    expect(damageOf()).toEqual([expect.stringMatching(/checkpoint: is not signed by its signer/)]);
    forge(entries, records[0], [thief]);
    expect(damageOf()).toEqual([expect.stringMatching(/0 of the 1 watchtowers/)]);
  });

  it('of another house: its policy names no such signer', () => {
    const other = {
      ...policy,
      signers: policy.signers.map((one) => ({ ...one, recordKey: thief.publicKey })),
    };
    expect(damageOf({ chain: chainOf(other) })).toContainEqual(
      expect.stringMatching(/checkpoint: is of kuramori.*, and the policy names no such signer/),
    );
  });

  it('of payments without grounds', () => {
    const bare = rewritten(1, (entry) => ({ ...entry, grounds: [] }));
    forge(bare, records[0], [tower]);
    expect(damageOf()).toEqual([expect.stringMatching(/entry 1: names no grounds$/)]);
  });

  it('and a checkpoint of more than there can be costs nobody a loop', () => {
    const checkpoint = { origin, size: 999_999_999_999_999, root: Buffer.alloc(32) };
    writeFileSync(tiles('checkpoint'), signedCheckpoint('devnet', thief, checkpoint, []));
    expect(damageOf({ chain: null })).toEqual([expect.stringMatching(/speaks of 999999999999999 entries/)]);
  });
});

describe('a proof', () => {
  const holds = (path: string, since: string | null = null) => verifyFile(path, chainOf(policy), since);

  it('of each entry verifies alone, with nothing else at hand', () => {
    for (const seq of ['1', '256', '300']) {
      const proved = run('prove', tiles(), seq);
      expect(proved.code).toBe(0);
      writeFileSync(aside('entry.tlog-proof'), proved.out);
      expect(holds(aside('entry.tlog-proof'))).toMatchObject({ holds: true, damage: [], entries: 300 });
      expect(canonicalText(holds(aside('entry.tlog-proof')).entry)).toBe(
        leafOf(entries[Number(seq) - 1] as SignedEntry).toString(),
      );
    }
    const { code, out } = run('verify', '--proof', aside('entry.tlog-proof'), ...believing());
    expect(code).toBe(0);
    expect(out).toContain('cosigned by ');
  });

  it('that it grew verifies against the checkpoint that was kept, and against no other', () => {
    const proved = run('prove', tiles(), '--since', aside('kept-checkpoint'));
    expect(proved.out.startsWith('old 40\n')).toBe(true);
    writeFileSync(aside('growth'), proved.out);
    expect(holds(aside('growth'), aside('kept-checkpoint'))).toMatchObject({ holds: true, damage: [] });
    expect(
      run('verify', '--proof', aside('growth'), '--since', aside('kept-checkpoint'), ...believing()).code,
    ).toBe(0);
    const kept = readCheckpoint(
      cosignatureOver(rewritten(5, (entry) => ({ ...entry, grounds: ['x'] })).slice(0, 40)).checkpoint,
    );
    if (!kept) throw new Error('a checkpoint');
    writeFileSync(aside('other'), signedCheckpoint('devnet', records[0], kept, []));
    expect(holds(aside('growth'), aside('other')).damage[0]?.what).toMatch(/does not lead from/);
    expect(holds(aside('growth')).damage[0]?.what).toMatch(/--since names the checkpoint/);
    expect(run('prove', tiles(), '--since', aside('other')).code).toBe(1);
  });

  it('of another entry, of a journal nobody cosigned, or spoilt, is refused', () => {
    const proof = run('prove', tiles(), '7').out;
    const spoil = (change: (text: string) => string) => {
      writeFileSync(aside('spoilt'), change(proof));
      return verifyFile(aside('spoilt'), chainOf(policy), null).damage.map(({ what }) => what);
    };
    expect(spoil((text) => text)).toEqual([]);
    expect(spoil((text) => text.replace('index 6', 'index 7'))).toContainEqual(
      expect.stringMatching(/holds entry 7, and proves the place of entry 8/),
    );
    const eighth = leafOf(entries[7] as SignedEntry).toString('base64');
    expect(spoil((text) => text.replace(/extra .*\n/, `extra ${eighth}\n`))).toContainEqual(
      expect.stringMatching(/not below the root/),
    );
    expect(spoil((text) => text.replace(/— \S+watchtower.*\n/, ''))).toEqual([
      expect.stringMatching(/0 of the 1 watchtowers/),
    ]);
    expect(spoil((text) => text.slice(9))).toContainEqual('is no proof');
  });

  it.each([['0'], ['301'], ['1.5']])('of entry %s there is none', (seq) => {
    expect(run('prove', tiles(), seq).code).toBe(2);
  });

  it('is made of no folder that is damaged', () => {
    rmSync(tiles('tile/0/000'));
    const { code, out, err } = run('prove', tiles(), '7');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('tile/0/000: is not there');
  });
});

describe('a call that is wrong', () => {
  it.each([
    [['verify']],
    [['prove', 'x']],
    [['verify', 'a', 'b', 'c']],
    [['nothing', 'x']],
    [['verify', 'x', '--policy', 'y']],
  ])('%j says how it goes', (args) => {
    const { code, err } = run(...args);
    expect(code).toBe(2);
    expect(err).toContain('kuramori journal verify');
  });

  it('names the file that is not there, or whose keepers have not signed', () => {
    expect(run('verify', aside('nowhere'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere: is not there') as string,
    });
    writeFileSync(aside('keepers.json'), JSON.stringify({ keys: [thief.publicKey], quorum: 1 }));
    const { code, err } = run('verify', tiles(), ...believing());
    expect(code).toBe(1);
    expect(err).toMatch(/policy\.json: signatures: 0 of the 1/);
  });
});
