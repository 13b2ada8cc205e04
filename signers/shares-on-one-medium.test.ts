/** Whoever finds one medium must have one share: folders of one disk are refused, and media that are put in one after another are never the same. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { mountDisk } from '../sandbox/chaos/disk.ts';
import { present } from './testing/made.ts';
import { site, stepsIn, type Asked } from './testing/ceremonies.ts';

const one = site();
/** Another file system than that of temporary files, as a stick is; Linux has one in memory. */
const elsewhere = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/kuramori-') : null;
afterAll(() => {
  one[Symbol.dispose]();
  if (elsewhere !== null) rmSync(elsewhere, { recursive: true, force: true });
});

const names = ['m1', 'm2', 'm3'];
beforeEach(() => {
  one.anew();
  for (const name of names) mkdirSync(one.at(name));
});
const groups = [{ threshold: 2, count: 3 }];
const share = (to: readonly string[], more: object = {}): Asked => {
  return { step: 'share', groupThreshold: 1, groups, to, ...more };
};
const last = () => stepsIn(one.at('signer/ceremony.jsonl')).at(-1);

describe('folders for shares are refused', () => {
  it('on the disk of the keys', async () => {
    const media = names.map((name) => one.at(name));
    expect(await one.why(share(media))).toMatch(
      /m1, .*m2, .*m3: on the disk that the keys are on, and not on a medium of its own.*--although-together/,
    );
    expect(await one.why({ step: 'words', to: one.at('m1') })).toMatch(/on the disk that the keys are on/);
    for (const name of names) expect(one.files(name)).toEqual([]);
    expect(last()).toBe('words refused');
  });

  it.skipIf(elsewhere === null)('on one medium, by whatever names', async () => {
    const media = names.map((name) => join(elsewhere ?? '', name));
    for (const folder of media) mkdirSync(folder);
    symlinkSync(media[1] ?? '', one.at('link'));
    expect(await one.why(share(media.with(1, one.at('link'))))).toMatch(
      /m1, .*link, .*m3: are on one medium: .*Name one folder alone, and the media are asked for one after another/,
    );
    for (const folder of media) rmSync(folder, { recursive: true });
  });

  it.skipIf(elsewhere === null)('in memory, where no medium is mounted', async () => {
    const folder = join(elsewhere ?? '', 'm1');
    mkdirSync(folder);
    expect(await one.why({ step: 'words', to: folder })).toMatch(
      /m1: on no medium \(tmpfs: memory\): mount one/,
    );
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it.skipIf(elsewhere === null)('on the system’s disk, with the keys on another one', async () => {
    const folder = join(elsewhere ?? '', 'signer');
    cpSync(one.at('signer'), folder, { recursive: true });
    expect(await one.why({ step: 'words', folder, to: one.at('m1') })).toMatch(
      /m1: on the disk of this machine’s system, and not on a medium of its own|on no medium \(tmpfs/,
    );
    expect(one.files('m1')).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('below the signer’s own folder, through a link too, in a rehearsal too', async () => {
    mkdirSync(one.at('signer/paper'));
    symlinkSync(one.at('signer/paper'), one.at('link'));
    expect(await one.why({ step: 'words', to: one.at('link'), althoughTogether: true })).toMatch(
      /signer’s own folder/,
    );
  });

  it('and where it was meant, that stands in the transcript', async () => {
    const media = names.map((name) => one.at(name));
    expect(await one.why(share(media, { althoughTogether: true }))).toBe('done');
    expect(readFileSync(one.at('signer/ceremony.jsonl'), 'utf8')).toContain('"although together"');
  });
});

const small = mkdtempSync(join(tmpdir(), 'kuramori-stick-'));
const disk = mountDisk(small, 4096, 'kuramori-stick');
afterAll(() => {
  disk?.[Symbol.dispose]();
  rmSync(small, { recursive: true });
});

it.skipIf(disk === null)(
  'a medium that takes no more: what was written before is told, and nothing of it stays',
  async () => {
    disk?.fill();
    const media = [one.at('m1'), small, one.at('m3')];
    expect(await one.why(share(media, { althoughTogether: true }))).toMatch(
      /\/share-\d+-group-1-2\.txt: disk full.*; 1 of 3 shares was written before this one: destroy what is on their media and on this one, and share anew/,
    );
    expect(readdirSync(small)).toEqual(['.ballast']);
    expect(one.files('m1')).toHaveLength(1);
    expect(one.files('m3')).toEqual([]);
    expect(last()).toBe('share refused');
  },
);

interface Said {
  readonly code: number | null;
  readonly err: string;
}

/** The real program, and people who answer it: each time it asks, the next of them does something and types. */
async function inTurn(
  place: string,
  people: readonly (() => string | null)[],
  more: object = {},
): Promise<Said> {
  const command = { folder: one.at('signer'), present, ...share([place], more) };
  const main = join(import.meta.dirname, 'ceremony/main.ts');
  // What is put in is in memory, as no medium of people's is.
  const disks = ['--import', join(import.meta.dirname, 'testing/memory-as-disk.ts')];
  const child = spawn(process.execPath, [...disks, main, JSON.stringify(command)], {
    env: { NODE_NO_WARNINGS: '1' },
  });
  const waiting = [...people];
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const _ of text.matchAll(/\(or stop\):\n/g)) {
      const answer = waiting.shift()?.() ?? null;
      if (answer === null) child.stdin.end();
      else child.stdin.write(`${answer}\n`);
    }
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, err };
}

describe.skipIf(elsewhere === null)('media that are put in one after another', () => {
  const place = join(elsewhere ?? '', 'stick');
  beforeEach(() => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
  });
  /** Somebody takes the medium out, and puts an empty one in. */
  const exchange = () => {
    for (const name of readdirSync(place)) copyAway(name);
  };
  const copyAway = (name: string) => {
    const text = readFileSync(join(place, name), 'utf8');
    rmSync(join(place, name));
    taken.set(name, text);
  };
  const taken = new Map<string, string>();
  beforeEach(() => taken.clear());

  it('each has one share, and one that is still there is not taken for the next', async () => {
    const { code, err } = await inTurn(place, [
      () => '1',
      // Not exchanged; and not read.
      () => '2',
      () => '3',
      () => (exchange(), '2'),
      () => (exchange(), '3'),
    ]);
    exchange();
    expect(err).toMatch(
      /share-\d+-group-1-1\.txt: is there: two papers never lie together\. Put another medium in\n/,
    );
    expect(code).toBe(0);
    expect([...taken.keys()].map((name) => name.replace(/\d+/, '')).sort()).toEqual([
      'share--group-1-1.txt',
      'share--group-1-2.txt',
      'share--group-1-3.txt',
    ]);
    for (const text of taken.values()) expect(text).toMatch(/^(?:[a-z]+ ){32}[a-z]+\n$/);
    expect(last()).toBe('share done');
  });

  it('each has the pages of its own share alone, and the list of envelopes is on none', async () => {
    const safe = one.at('list');
    mkdirSync(safe);
    const leaves: (readonly string[])[] = [];
    const out = () => {
      leaves.push(
        readdirSync(place)
          .map((name) => name.replace(/\d+/, ''))
          .sort(),
      );
      exchange();
    };
    const { code } = await inTurn(place, [() => '1', () => (out(), '2'), () => (out(), '3')], {
      paper: 'a4',
      safe,
    });
    out();
    expect(code).toBe(0);
    expect(leaves).toEqual(
      [1, 2, 3].map((member) => ['html', 'pdf', 'txt'].map((kind) => `share--group-1-${member}.${kind}`)),
    );
    expect(
      readdirSync(safe)
        .map((name) => name.replace(/\d+/, ''))
        .sort(),
    ).toEqual(['envelopes-.html', 'envelopes-.pdf']);
  });

  it('the list of envelopes never lies where the shares go', async () => {
    const { code, err } = await inTurn(place, [], { paper: 'a4', safe: place });
    expect(code).toBe(1);
    expect(err).toMatch(/is on the medium of a share .*: the list of envelopes lies beside none/);
    expect(readdirSync(place)).toEqual([]);
  });

  it('a list that finds no room ends it before any share is out', async () => {
    if (disk === null) return;
    disk.fill();
    const { code, err } = await inTurn(place, [() => '1'], { paper: 'a4', safe: small });
    expect(code).toBe(1);
    expect(err).toMatch(/envelopes-\d+\.pdf: disk full/);
    expect(err).not.toContain('(or stop)');
    expect(readdirSync(place)).toEqual([]);
  });

  it.each([
    ['says stop', 'stop'],
    ['goes away', null],
  ])('somebody %s: what was written is told, and known to who destroys the keys', async (_, answer) => {
    const { code, err } = await inTurn(place, [() => '1', () => (exchange(), answer)]);
    expect(code).toBe(1);
    expect(err).toMatch(/stopped: 1 of 3 shares were written, .* destroy these, and share anew/);
    expect(readdirSync(place)).toEqual([]);
    expect([...taken.keys()]).toHaveLength(1);
    expect(stepsIn(one.at('signer/ceremony.jsonl')).slice(-2)).toEqual(['share begun', 'share refused']);
    const { what } = await one.hold({ step: 'retire' });
    expect(what.map(({ value }) => value)).toContain(join(place, [...taken.keys()][0] ?? ''));
  });

  it('in a rehearsal: one folder would be asked for without end, so it is refused before anybody is asked', async () => {
    const { code, err } = await inTurn(place, [() => '1', () => '2', () => '2', () => null], {
      althoughTogether: true,
    });
    expect(code).toBe(1);
    expect(err).not.toContain('(or stop)');
    expect(err).toMatch(/--although-together: is for a folder a share, .*name a folder for each share\n$/);
    expect(readdirSync(place)).toEqual([]);
  });

  it('nothing is mounted there: it is asked for again', async () => {
    const where = place;
    const { code, err } = await inTurn(where, [
      () => {
        rmSync(where, { recursive: true });
        symlinkSync(one.at('m1'), where);
        return '1';
      },
      () => 'stop',
    ]);
    rmSync(where);
    expect(code).toBe(1);
    expect(err).toMatch(/on the disk that the keys are on, and not on a medium of its own/);
    expect(err).toMatch(/stopped: no share was written/);
    expect(one.files('m1')).toEqual([]);
  });
});
