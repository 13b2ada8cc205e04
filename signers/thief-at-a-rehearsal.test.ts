/**
 * A rehearsal is the moment at which enough shares are in one room. Whoever is at it sees no word and finds none afterwards, on the
 * disk, on the screen or in memory; nobody brings two; and whoever stops it once they came leaves a trace.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { originOf } from './keystore.ts';
import { left, madeBy } from './testing/arrays.ts';
import { site, stepsIn, type Asked } from './testing/ceremonies.ts';
import { searchMemory } from './testing/memory.ts';

const one = site();
const kept = mkdtempSync(join(tmpdir(), 'kuramori-rehearsal-'));
/** Another file system than that of temporary files, as a stick is; Linux has one in memory. */
const elsewhere = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/kuramori-') : null;
afterAll(() => {
  one[Symbol.dispose]();
  for (const folder of [kept, elsewhere ?? kept]) rmSync(folder, { recursive: true, force: true });
});
one.anew();
const media = ['m1', 'm2', 'm3'];
for (const name of media) mkdirSync(one.at(name));
const to = media.map((name) => one.at(name));
const groups = [{ threshold: 2, count: 3 }];
await one.hold({ step: 'share', groupThreshold: 1, groups, to, althoughTogether: true });
cpSync(one.at('.'), kept, { recursive: true });
beforeEach(() => {
  rmSync(one.at('.'), { recursive: true });
  cpSync(kept, one.at('.'), { recursive: true });
});

const file = (medium: string) => one.at(join(medium, readdirSync(one.at(medium))[0] ?? ''));
const words = media.map((medium) => readFileSync(file(medium), 'utf8').trim().split(' '));
const line = (share: number, from = 0, until = 33) => words[share]?.slice(from, until).join(' ') ?? '';
const asked = (more: object): Asked => ({
  step: 'rehearse',
  present: ['Aoi', 'Ren', 'Mei'],
  holders: ['Aoi', 'Ren'],
  althoughTogether: true,
  ...more,
});
/** What stands there since the shares were made. */
const transcript = () => readFileSync(one.at('signer/ceremony.jsonl'), 'utf8');
const steps = () => stepsIn(one.at('signer/ceremony.jsonl')).slice(3);
const everyWord = () =>
  words.flatMap((share) => [share.slice(4, 7).join(' '), share.slice(20, 23).join(' ')]);

/** The real program, and people who answer each question, and then go. */
function answered(people: readonly ((pid: number) => string)[], more: object = {}): Promise<Said> {
  const command = JSON.stringify({ folder: one.at('signer'), ...asked(more) });
  return answeredBy([process.execPath, join(import.meta.dirname, 'ceremony/main.ts'), command], people, '\n');
}

interface Said {
  readonly code: number | null;
  readonly said: string;
}

async function answeredBy(
  [command = '', ...args]: readonly string[],
  people: readonly ((pid: number) => string)[],
  enter: string,
  letter = 0,
): Promise<Said> {
  const child = spawn(command, args, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
  const waiting = [...people];
  let said = '';
  const hear = (text: string) => {
    said += text;
    for (const _ of text.matchAll(/:\r?\n/g)) {
      const answer = waiting.shift();
      if (answer) void press(child.stdin, `${answer(child.pid ?? 0)}${enter}`, letter);
      else child.stdin.end();
    }
  };
  for (const from of [child.stdout, child.stderr]) from.setEncoding('utf8').on('data', hear);
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, said };
}

/** All at once, or a key after another with so many milliseconds between. */
async function press(into: Writable, keys: string, letter: number): Promise<void> {
  for (const some of letter === 0 ? [keys] : keys) {
    into.write(some);
    if (letter > 0) await setTimeout(letter);
  }
}

const hasTerminal = spawnSync('script', ['--version']).status === 0;

/** The same at a terminal, where people press keys; gives all that it shows. */
async function atTerminal(
  people: readonly ((pid: number) => string)[],
  more: object = {},
  letter = 0,
): Promise<string> {
  const command = JSON.stringify({ folder: one.at('signer'), ...asked(more) });
  const main = join(import.meta.dirname, 'ceremony/main.ts');
  writeFileSync(one.at('run.sh'), `exec '${process.execPath}' '${main}' '${command}'\n`);
  const shell = ['script', '-qec', `sh ${one.at('run.sh')}`, '/dev/null'];
  return (await answeredBy(shell, people, '', letter)).said;
}

describe('holders who type', () => {
  it('in lines, after one another; a word that is none is told by its number, and what fits is never shown', async () => {
    let found: readonly unknown[] = ['nobody looked'];
    const { code, said } = await answered([
      () => line(0, 0, 10),
      () => 'academic acid zzzzzz',
      () => line(0, 10, 20),
      // From the beginning again: what came so far is nowhere any more.
      () => '',
      (pid) => {
        found = searchMemory(pid, new Map([['a line', Buffer.from(line(0, 4, 10))]])).found;
        return line(0);
      },
      // The same envelope once more.
      () => line(0),
      () => line(1, 0, 32).concat(' zero'),
      () => line(1),
    ]);
    expect(said).toMatch(
      /10 of 33 words\. From word 11:\n.*word 13 is none of the list: type this line again, from word 11/,
    );
    expect(found).toEqual([]);
    expect(said).toMatch(/one share counts once/);
    expect(code).toBe(0);
    expect(steps()).toEqual(['rehearse begun', 'rehearse done']);
    expect(transcript()).toMatch(/"not taken","value":"[^"]*one share counts once/);
    for (const three of everyWord()) {
      expect(said).not.toContain(three);
      expect(transcript()).not.toContain(three);
    }
    expect(said).not.toContain('zzzzzz');
  });

  it('the second says stop: that stands in the transcript, with whose share was read', async () => {
    const { code, said } = await answered([() => line(0), () => 'stop']);
    expect(code).toBe(1);
    expect(said).toMatch(/stopped: 1 share was read, and nothing is proven/);
    expect(steps()).toEqual(['rehearse begun', 'rehearse failed']);
    expect(transcript()).toMatch(/"share","value":"share-\d+-group-1-1, brought by Aoi"/);
  });

  it.skipIf(!hasTerminal)(
    'nothing of what is typed is shown on a terminal, whatever keys are pressed',
    async () => {
      const said = await atTerminal(
        [
          () => line(0, 0, 12),
          // A letter that is taken back, and a line that is; then an arrow, and a key of seven bytes.
          () => `gone\u0015${line(0, 12, 33)}x\u007f`,
          () => `\u001b[A${line(1)}\u001b[15;5~`,
        ].map((keys) => () => `${keys()}\r`),
      );
      expect(said).toMatch(/12 of 33 words/);
      expect(steps()).toEqual(['rehearse begun', 'rehearse done']);
      for (const three of [...everyWord(), 'gone']) expect(said).not.toContain(three);
    },
  );

  it.skipIf(!hasTerminal)('somebody interrupts at a terminal', async () => {
    const said = await atTerminal([() => `${line(0, 0, 12)}\u0003`]);
    expect(said).toMatch(/stopped: 0 shares were read/);
    expect(steps()).toEqual(['rehearse begun', 'rehearse failed']);
  });
});

it('killed once enough came: the transcript is whole and says that it was begun, and nothing else was written', async () => {
  const before = readdirSync(one.at('signer'));
  const shares = { shares: [file('m1'), file('m2')] };
  const { code, signal } = one.run(asked(shares), '--die-at=write:before:2');
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  expect(steps()).toEqual(['rehearse begun']);
  expect(readdirSync(one.at('signer'))).toEqual(before);
  expect(await one.why(asked({ shares: [file('m1'), file('m2')] }))).toBe('done');
});

describe('who is there', () => {
  const of = (more: object) => one.why(asked({ shares: [file('m1'), file('m2')], ...more }));
  it.each([
    ['one person brings two', { holders: ['Aoi', 'Aoi'] }, /Aoi brings two: nobody keeps two shares/],
    ['nobody only looks', { present: ['Aoi', 'Ren'] }, /a witness must be there who brings nothing/],
    ['somebody who is not there', { holders: ['Aoi', 'Eve'] }, /Eve is not among those present/],
    ['a share that nobody brings', { holders: ['Aoi'] }, /2 are brought, and 1 people are named/],
  ])('%s: refused, before a share is read', async (_, more, why) => {
    expect(await of(more)).toMatch(why);
    expect(steps()).toEqual(['rehearse refused, unsigned']);
  });

  it('one person with backup and passphrase', async () => {
    const backup = { backup: one.at('backup'), passphrase: one.at('signer/passphrase') };
    expect(await one.why(asked({ ...backup, holders: ['Aoi'] }))).toMatch(/two people/);
    // The folder's own passphrase proves nothing of the copy.
    await one.hold({ step: 'back-up' });
    expect(await one.why(asked(backup))).toMatch(
      /is in the signer’s own folder: what is tried comes from where/,
    );
  });
});

describe('papers that lie together are found', () => {
  const apart = { althoughTogether: false };

  it('on the disk of the keys, and below the folder', async () => {
    expect(await one.why(asked({ shares: [file('m1')], holders: ['Aoi'], ...apart }))).toMatch(
      /is on a disk of this machine, where it stays/,
    );
    cpSync(file('m1'), one.at('signer/share.txt'));
    expect(await one.why(asked({ shares: [one.at('signer/share.txt')], holders: ['Aoi'] }))).toMatch(
      /in the signer’s own folder/,
    );
  });

  it.skipIf(elsewhere === null)('two on one medium', async () => {
    const [a, b] = ['a.txt', 'b.txt'].map((name) => join(elsewhere ?? '', name));
    cpSync(file('m1'), a ?? '');
    cpSync(file('m2'), b ?? '');
    expect(await one.why(asked({ shares: [a, b], ...apart }))).toMatch(
      /a\.txt, .*b\.txt: come on one medium: whoever has it has all of them/,
    );
    expect(steps()).toEqual(['rehearse refused, unsigned']);
    for (const name of [a, b]) rmSync(name ?? '');
  });

  it.skipIf(elsewhere === null)('where media are put in one after another', async () => {
    const slot = join(elsewhere ?? '', 'slot');
    const put = (...shares: readonly string[]) => {
      rmSync(slot, { recursive: true, force: true });
      mkdirSync(slot);
      for (const medium of shares) cpSync(file(medium), join(slot, readdirSync(one.at(medium))[0] ?? ''));
    };
    put();
    const { code, said } = await answered(
      [
        () => '1',
        () => (put('m1', 'm3'), '1'),
        () => (put('m3'), '1'),
        // Not exchanged.
        () => '2',
        () => (put('m2'), '2'),
      ],
      { from: slot, ...apart },
    );
    expect(said).toMatch(/no share is on this medium/);
    expect(said).toMatch(/2 papers lie together on this medium \(share-.*, share-.*\): whoever has it/);
    expect(said).toMatch(/take the medium before out, give it back, and put Ren’s in/);
    expect(code).toBe(0);
    expect(transcript()).toMatch(/"not taken","value":"[^"]*2 papers lie together/);
    expect(steps()).toEqual(['rehearse begun', 'rehearse done']);
  });
});

describe('nothing is left in memory', () => {
  const entropy = async () =>
    (await originOf(one.at('signer/keystore.json'), Buffer.from('correct horse'), null)).entropy;

  /** Shares and what they hold, while somebody is asked for the key from the paper: both are spent by then. */
  async function spent(pidOf: (pid: number) => number) {
    mkdirSync(one.at('clean'));
    const secret = await entropy();
    const needles = new Map([
      ...[0, 1].map((share) => [`share ${share + 1}`, Buffer.from(line(share, 4, 9))] as const),
      ...[0, 16].map((from) => [`what they hold, from ${from}`, secret.subarray(from, from + 16)] as const),
    ]);
    const seen = { found: ['nobody looked'] as readonly unknown[] };
    const last = (pid: number) => {
      seen.found = searchMemory(pidOf(pid), needles).found;
      return one.keys.chainKey;
    };
    return { seen, last };
  }

  it('of shares from files, once they are together', async () => {
    const { seen, last } = await spent((pid) => pid);
    const shares = [file('m1'), file('m2')];
    expect(await answered([last], { folder: one.at('clean'), shares })).toMatchObject({ code: 0 });
    expect(seen.found).toEqual([]);
    expect(one.files('clean')).toEqual([]);
  });

  it.skipIf(!hasTerminal)('of shares that were typed at a terminal, key by key', async () => {
    const { seen, last } = await spent((pid) =>
      Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()),
    );
    const enter = (keys: (pid: number) => string) => (pid: number) => `${keys(pid)}\r`;
    const people = [() => line(0), () => line(1), last].map(enter);
    const said = await atTerminal(people, { folder: one.at('clean') }, 1);
    expect(said).toMatch(/as the paper of the making has it/);
    expect(seen.found).toEqual([]);
  });

  it.each([
    ['it works', 'm2', 'done'],
    ['it fails', 'm1', /one share counts once/],
  ] as const)('%s', async (_, second, ends) => {
    let why = '';
    const made = await madeBy(async () => {
      why = await one.why(asked({ shares: [file('m1'), file(second)] }));
    });
    expect(why).toMatch(ends);
    const texts = words.map((share) => Buffer.from(share.slice(3).join(' ')));
    expect(made.length).toBeGreaterThan(0);
    expect(left(made, await entropy(), ...texts)).toBe(0);
  });
});
